//! One run of an export: part after part, from behind the last one that is whole.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::export::csv::{MARK, Table};
use crate::export::job::{Job, Part};
use crate::export::part::{Writing, tidy};
use crate::export::stop::Stop;
use crate::export::work::ahead::Ahead;
use crate::export::work::{LOOK, Worker, until};
use crate::export::{Asked, MANIFEST, SUMS};
use crate::gateway::{Entry, Exportable, Exporting, Lines, Many, PageRead, Paging, Reading, Request};
use crate::own::moment;
use crate::plan::{Invalid, code};

/// Works on a job until it is whole.
///
/// # Errors
/// What stopped it.
pub(super) async fn work(worker: &Worker, job: &Job) -> Result<(), Stop> {
    let gateway = &worker.app.gateway;
    let sealed = job.asked(worker.jobs.connection()).await?;
    let asked = Asked::open(&job.id, &sealed, gateway.seal()).ok_or_else(|| Stop::because(code::INTERNAL))?;
    let person = asked.people.first().map(String::as_str);
    let exportable = gateway.exportable(&asked.request(None), person).await?;
    if exportable.plan != job.plan {
        return Err(Stop::because(code::DECISIONS_CHANGED));
    }
    let taken = gateway.sources().snapshot(&exportable.departments, &*worker.clock).await;
    let (sources, as_of) = taken.map_err(|(department, error)| {
        tracing::warn!(department, %error, "department unavailable");
        Stop::because(code::DEPARTMENT_UNAVAILABLE)
    })?;
    worker.jobs.begun(job, &as_of, &moment(worker.clock.now())).await?;
    let request = asked.request(Some(Arc::new(Exporting { id: job.id.clone(), sources })));
    let table = (job.format == "CSV").then(|| Table::new(&exportable.root, &exportable.columns));
    let run = Arc::new(Run {
        worker: worker.clone(),
        job: job.clone(),
        request,
        table,
        decisions: AtomicU64::new(exportable.decisions),
        asked,
        exportable,
        kept: Mutex::new(Instant::now()),
        stop: Mutex::new(None),
        began: Instant::now(),
    });
    let mut ahead = Ahead::of(run.clone());
    let done = run.all(&mut ahead).await;
    // Departments were asked: what is under way goes on until its record is made.
    ahead.end().await;
    done
}

pub(super) struct Run {
    worker: Worker,
    job: Job,
    asked: Asked,
    exportable: Exportable,
    request: Request,
    table: Option<Table>,
    /// The decisions that were last found to allow all of it.
    decisions: AtomicU64,
    /// When the hub last heard of this run.
    kept: Mutex<Instant>,
    /// Why chunks under way were broken off.
    stop: Mutex<Option<Stop>>,
    began: Instant,
}

/// Where the next chunk begins.
struct Position {
    /// People, or rows of pages, before it.
    at: usize,
    /// The cursor of its page.
    cursor: Option<String>,
    is_over: bool,
}

/// What a chunk brought.
pub(super) struct Read {
    lines: String,
    entries: usize,
    record: String,
}

/// What a page brought, and the cursor of the next one.
struct Page {
    read: Read,
    next: Option<String>,
}

impl Read {
    /// How many people it is about.
    pub(super) fn entries(&self) -> usize {
        self.entries
    }
}

impl AsRef<Read> for Read {
    fn as_ref(&self) -> &Read {
        self
    }
}

impl AsRef<Read> for Page {
    fn as_ref(&self) -> &Read {
        &self.read
    }
}

impl Run {
    async fn all(&self, ahead: &mut Ahead) -> Result<(), Stop> {
        let parts = self.job.parts(self.worker.jobs.connection()).await?;
        let folder = self.worker.app.gateway.exports().folder().map(|folder| folder.join(&self.job.id));
        let folder = folder.ok_or_else(|| Stop::because(code::EXPORT_NOT_ENABLED))?;
        let whole = parts.iter().map(|part| part.name.as_str()).chain([MANIFEST, SUMS]);
        tidy(&folder, &whole.collect::<Vec<_>>())?;
        let mut number = parts.last().map_or(0, |part| part.number);
        let mut bytes = self.job.bytes;
        let at = usize::try_from(self.job.done).unwrap_or(0);
        let is_over = match self.exportable.reading {
            Reading::Keyed { .. } => at >= self.asked.people.len(),
            // A page behind which nothing follows has no cursor.
            Reading::Paged(_) => at > 0 && self.job.cursor.is_none(),
        };
        let mut position = Position { at, cursor: self.job.cursor.clone(), is_over };
        while !position.is_over {
            number += 1;
            let name = format!("part-{number:06}-{}.{}", self.job.run, self.job.format.to_lowercase());
            let first = position.at;
            let mut writing = Writing::begin(&folder, &name).await?;
            self.write((&mut writing, &mut position), ahead, bytes).await?;
            let mut part = Part {
                number,
                run: self.job.run,
                name,
                first: first as i64,
                entries: writing.entries,
                rows: writing.rows,
                bytes: writing.bytes,
                sha256: String::new(),
                records: writing.records.clone(),
            };
            if part.entries == 0 {
                break;
            }
            part.sha256 = writing.finish(&part.name).await?;
            if !self.worker.jobs.add(&self.job, &part, position.cursor.as_deref()).await? {
                return Err(Stop::Lost);
            }
            bytes += part.bytes;
            self.worker.tell(&self.job).await?;
        }
        Ok(())
    }

    /// Writes chunks into a part until it is full or nothing follows.
    async fn write(
        &self,
        (writing, position): (&mut Writing, &mut Position),
        ahead: &mut Ahead,
        before: i64,
    ) -> Result<(), Stop> {
        let bounds = self.worker.app.gateway.exports().bounds();
        let room = bounds.folder_bytes - self.worker.jobs.bytes().await?;
        let most = room.min(bounds.bytes - before);
        if let Some(table) = &self.table {
            if self.job.byte_order_mark {
                writing.put(MARK).await?;
            }
            writing.put(&table.head()).await?;
        }
        while !position.is_over && writing.entries < bounds.part_entries {
            match &self.exportable.reading {
                Reading::Keyed { .. } => {
                    let left = usize::try_from(bounds.part_entries - writing.entries).unwrap_or(1);
                    let read = ahead.next(position.at, position.at.saturating_add(left)).await?;
                    position.at += read.entries;
                    position.is_over = position.at >= self.asked.people.len();
                    self.put(writing, position.at, &read, most).await?;
                }
                Reading::Paged(paging) => {
                    let page = self.chunk(|| self.page(&*position, paging)).await?;
                    position.at += page.read.entries;
                    position.is_over = page.next.is_none();
                    position.cursor = page.next;
                    self.put(writing, position.at, &page.read, most).await?;
                }
            }
        }
        Ok(())
    }

    /// Writes what a chunk brought, where there is room for it.
    async fn put(&self, writing: &mut Writing, at: usize, read: &Read, most: i64) -> Result<(), Stop> {
        if at > self.worker.app.gateway.exports().bounds().rows {
            return Err(Stop::because(code::EXPORT_LIMIT));
        }
        writing.rows += self.rows(&read.lines);
        match &self.table {
            None => writing.put(read.lines.as_bytes()).await?,
            Some(table) => {
                let rows = table.rows(read.lines.as_bytes()).map_err(|_| Stop::because(code::INTERNAL))?;
                writing.put(&rows).await?;
            }
        }
        writing.entries += read.entries as i64;
        writing.records.push(read.record.clone());
        match writing.bytes > most {
            true => Err(Stop::because(code::EXPORT_LIMIT)),
            false => Ok(()),
        }
    }

    /// How many lines have a row.
    fn rows(&self, lines: &str) -> i64 {
        let key = serde_json::Value::from(self.exportable.root.as_str());
        let (row, none) = (format!("{{\"data\":{{{key}:"), format!("{{\"data\":{{{key}:null"));
        let is_row = |line: &&str| line.starts_with(&row) && !line.starts_with(&none);
        lines.lines().filter(is_row).count() as i64
    }

    /// Reads a chunk. Nothing is written of one for which a department didn't answer.
    async fn chunk<R, F>(&self, read: impl Fn() -> F) -> Result<R, Stop>
    where
        R: AsRef<Read>,
        F: Future<Output = Result<R, Stop>>,
    {
        self.may_go_on().await?;
        let place = self.worker.bounds.requests.clone().acquire_owned().await;
        let _place = place.map_err(|_| Stop::because(code::STOPPING))?;
        let read = loop {
            match read().await {
                // Nobody is kept waiting by an export that waits for its owner's quota.
                Err(Stop::After(wait)) => self.wait(wait).await?,
                read => break read?,
            }
        };
        // In the text of a value these quotes would be escaped.
        let unavailable = format!("\"code\":\"{}\"", code::DEPARTMENT_UNAVAILABLE);
        if read.as_ref().lines.contains(&unavailable) {
            return Err(Stop::because(code::DEPARTMENT_UNAVAILABLE));
        }
        Ok(read)
    }

    /// Waits as long as a quota says, and looks meanwhile whether it may go on.
    async fn wait(&self, wait: Duration) -> Result<(), Stop> {
        let end = Instant::now() + wait;
        while Instant::now() < end {
            tokio::time::sleep(LOOK).await;
            self.may_go_on().await?;
        }
        Ok(())
    }

    /// How many people are asked for, and how many of them a chunk and a part hold.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        let gateway = &self.worker.app.gateway;
        let part = usize::try_from(gateway.exports().bounds().part_entries).unwrap_or(usize::MAX);
        (self.asked.people.len(), gateway.bulk_chunk(), part.max(1))
    }

    /// Reads some of the people.
    pub(super) async fn read(&self, range: Range<usize>) -> Result<Read, Stop> {
        let Reading::Keyed { variable } = &self.exportable.reading else {
            return Err(Stop::because(code::INTERNAL));
        };
        self.chunk(|| self.people(range.clone(), variable)).await
    }

    async fn people(&self, range: Range<usize>, variable: &str) -> Result<Read, Stop> {
        let entry = |index: usize| {
            let mut variables = self.request.variables.clone();
            variables.insert(variable, self.asked.people[index].as_str().into());
            Entry { index, variables: Some(variables) }
        };
        let entries: Vec<Entry> = range.map(entry).collect();
        match self.worker.app.gateway.answer_many(&self.request, &entries, None, self.ended()).await {
            Many::Lines(Lines { text, answered, record }) => {
                Ok(Read { lines: text_of(text)?, entries: answered, record })
            }
            Many::OneByOne => Err(Stop::because(code::NOT_EXPORTABLE)),
            Many::End(invalid) => Err(self.why(invalid)),
        }
    }

    async fn page(&self, position: &Position, paging: &Paging) -> Result<Page, Stop> {
        let mut request = self.request.clone();
        if let Some(cursor) = &position.cursor {
            request.variables.insert(paging.after.as_str(), cursor.as_str().into());
        }
        let (gateway, root) = (&self.worker.app.gateway, self.exportable.root.as_str());
        let page = gateway.read_page(&request, (root, paging), position.at, self.ended()).await;
        let PageRead { lines, rows, next, record } = page.map_err(|invalid| self.why(invalid))?;
        Ok(Page { read: Read { lines: text_of(lines)?, entries: rows, record }, next })
    }

    /// Why a chunk wasn't read.
    fn why(&self, invalid: Invalid) -> Stop {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).clone();
        stop.unwrap_or_else(|| invalid.into())
    }

    /// Ready when the chunk under way must be broken off.
    async fn ended(&self) -> Invalid {
        let end = tokio::time::Instant::now() + self.worker.bounds.request_timeout;
        while tokio::time::Instant::now() < end {
            tokio::time::sleep(LOOK).await;
            if let Err(stop) = self.may_go_on().await {
                let invalid = stop.invalid();
                *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
                return invalid;
            }
        }
        Invalid::new(code::TIMEOUT, "a part of the export took too long")
    }

    /// Whether the job is still this run's, and all of it still allowed.
    async fn may_go_on(&self) -> Result<(), Stop> {
        if self.worker.bounds.stopping.has_begun() {
            return Err(Stop::because(code::STOPPING));
        }
        let longest = Duration::from_secs(self.worker.app.gateway.exports().bounds().longest_s);
        if self.began.elapsed() > longest {
            return Err(Stop::because(code::TIMEOUT));
        }
        let is_due = self.kept.lock().unwrap_or_else(PoisonError::into_inner).elapsed() >= LOOK;
        if is_due {
            if !self.worker.jobs.keep(&self.job, &until(self.worker.clock.now())).await? {
                return Err(Stop::Lost);
            }
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
        self.is_allowed().await
    }

    async fn is_allowed(&self) -> Result<(), Stop> {
        let app = self.worker.live.app();
        let gateway = &app.gateway;
        let now = gateway.decisions(&self.request).await?;
        if now == self.decisions.load(Ordering::Relaxed) {
            return Ok(());
        }
        let person = self.asked.people.first().map(String::as_str);
        let again = gateway.exportable(&self.asked.request(None), person).await;
        match again {
            // Something else changed.
            Ok(again) if again.plan == self.job.plan => {
                self.decisions.store(now, Ordering::Relaxed);
                Ok(())
            }
            Ok(again) => {
                let changed = changed(&self.exportable, &again);
                Err(Stop::Because(code::DECISIONS_CHANGED.to_owned(), changed))
            }
            Err(_) => Err(Stop::because(code::DECISIONS_CHANGED)),
        }
    }
}

/// Lines as the text that they are.
fn text_of(lines: Vec<u8>) -> Result<String, Stop> {
    String::from_utf8(lines).map_err(|_| Stop::because(code::INTERNAL))
}

/// The most changed decisions that are told.
const MAX_CHANGED: usize = 20;

/// Decisions that aren't what they were, as `Type.field: REASON`.
fn changed(before: &Exportable, now: &Exportable) -> Vec<String> {
    let changed = now.outcomes.iter().filter(|(coordinate, outcome)| {
        before.outcomes.get(*coordinate).is_some_and(|before| before != *outcome)
    });
    changed.take(MAX_CHANGED).map(|(coordinate, outcome)| format!("{coordinate}: {outcome}")).collect()
}
