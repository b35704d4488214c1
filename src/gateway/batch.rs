//! Many requests that differ by one value, answered by one run of their plan: each gets, byte for byte, what
//! it would get alone, but for the decision that errors name. They share a record.

use std::panic::AssertUnwindSafe;
use std::sync::OnceLock;

use apollo_compiler::request::coerce_variable_values;
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use chrono::{DateTime, Utc};
use futures::FutureExt;
use tokio::sync::{SemaphorePermit, oneshot};

use crate::answer::{Parts, Pseudonyms, request_error, write_behind};
use crate::calendar::china_day;
use crate::fetch::{Outcome, Sent, Texts, asked_for};
use crate::gateway::dispute::concerning;
use crate::gateway::people::people;
use crate::gateway::progress::{Begun, Progress};
use crate::gateway::record::{Made, record};
use crate::gateway::within::broken;
use crate::gateway::{
    Answered, Cost, Disputes, Gateway, Prepared, Recorded, Reply, Request, bad_input, check_repeated,
    operation,
};
use crate::plan::{Invalid, Keyed, code, plan_key};
use crate::telemetry::trace;

/// The entries of a chunk where no configuration says otherwise.
pub(super) const CHUNK: usize = 800;

/// Chunks of a batch or an export that are read at once: while one waits for its record, or for its turn to be told or
/// written, departments look up the others.
pub(crate) const CHUNKS_AT_ONCE: usize = 3;

/// The most entries of a chunk: as many as one request may ask for by number.
pub(super) const MAX_CHUNK: usize = 5_000;

/// Bytes of a line, about: a chunk's lines grow into one buffer.
const LINE: usize = 512;

/// One entry of a batch.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Its place in the batch, from 0.
    pub(crate) index: usize,
    /// Its variables; `None` where it isn't an object.
    pub(crate) variables: Option<JsonMap>,
}

/// What became of some entries.
#[derive(Debug)]
pub(crate) enum Many {
    /// The lines of some of them.
    Lines(Lines),
    /// They can't be answered together.
    OneByOne,
    /// None of them is answered, nor what comes behind them.
    End(Invalid),
}

/// Lines of entries that were answered.
#[derive(Debug)]
pub(crate) struct Lines {
    /// A line for each entry.
    pub(crate) text: Vec<u8>,
    /// How many of the entries, from the first on.
    pub(crate) answered: usize,
    /// The record that stands for them.
    pub(crate) record: String,
}

/// Entries that one run answers.
struct Chunk<'a> {
    entries: &'a [Entry],
    /// Of each entry, its value for the root, if there is a root, or what is wrong with it.
    values: Vec<Result<Option<String>, Invalid>>,
    /// The statement of the root.
    root: usize,
}

impl Chunk<'_> {
    /// The first so many entries alone.
    fn cut(&mut self, count: usize) {
        let count = count.min(self.entries.len());
        self.entries = &self.entries[..count];
        self.values.truncate(count);
    }
}

/// What departments answered to a chunk.
struct Read<'a> {
    chunk: Chunk<'a>,
    outcomes: Vec<Outcome>,
    /// The people that it asks for by name.
    asked: Vec<String>,
    cost: Cost,
}

/// What the lines of a chunk are written with beside their rows.
struct Told<'a> {
    disputes: &'a Disputes,
    pseudonyms: &'a Pseudonyms<'a>,
    id: &'a str,
}

/// What was worked out for some entries.
enum Worked<'a> {
    /// An answer, for the first so many of them.
    Answered(Box<Answered<'a>>, usize),
    /// None of them can be run, each for a reason of its own.
    Unfit(Vec<Invalid>),
    OneByOne,
}

impl Gateway {
    /// Whether a request may come with a list of variables, before there is any. Gives the decisions.
    ///
    /// # Errors
    /// The refusal, with its record.
    pub(crate) async fn may_batch(&self, request: &Request) -> Result<u64, Reply> {
        let (started_at, progress) = (self.clock.now(), Progress::default());
        match self.begin_batch(request, &progress).await {
            Ok(decisions) => Ok(decisions),
            Err(invalid) => Err(self.refuse(request, &progress, invalid, started_at).await),
        }
    }

    async fn begin_batch(&self, request: &Request, progress: &Progress) -> Result<u64, Invalid> {
        let document = self.documents.get(&request.query)?;
        progress.read(&document);
        check_repeated(request, &document)?;
        let found = document.executable.operations.get(request.operation.as_deref());
        if found.is_ok_and(|operation| !operation.is_query()) {
            let message = "only queries are answered in a batch";
            return Err(Invalid::new(code::BATCHING_NOT_ENABLED, message));
        }
        operation(&document, request)?;
        self.decisions(request).await
    }

    /// The decisions for a caller, a purpose and a case now, by which a change of them is noticed.
    ///
    /// # Errors
    /// Where they can't be computed, or the case is closed.
    pub(crate) async fn decisions(&self, request: &Request) -> Result<u64, Invalid> {
        let table = self.table(request).await?;
        let area = self.area(&request.caller.division)?;
        let within = self.within((request, &area), &table).await?;
        Ok(self.narrowed(&table, &within).fingerprint())
    }

    /// Answers entries of a batch together, if they can be; `request` is theirs without its variables, or with
    /// those that all of them share. None of them is answered where `end` comes before their rows. `charged` is
    /// dropped once they are paid for, or won't be.
    pub(crate) async fn answer_many(
        &self,
        request: &Request,
        entries: &[Entry],
        charged: Option<oneshot::Sender<()>>,
        end: impl Future<Output = Invalid>,
    ) -> Many {
        trace::operation(request.trace.as_deref(), self.traced(request), async {
            let many = self.many_until(request, entries, charged, end).await;
            match &many {
                Many::Lines(lines) => trace::ended("lines", Some(&lines.record)),
                Many::OneByOne => trace::ended("one_by_one", None),
                Many::End(_) => trace::ended("ended", None),
            }
            many
        })
        .await
    }

    async fn many_until(
        &self,
        request: &Request,
        entries: &[Entry],
        charged: Option<oneshot::Sender<()>>,
        end: impl Future<Output = Invalid>,
    ) -> Many {
        let (started_at, progress, filled) = (self.clock.now(), Progress::default(), OnceLock::new());
        let work = self.run_many((request, &filled), entries, charged, (started_at, &progress));
        let work = AssertUnwindSafe(work).catch_unwind();
        let worked = tokio::select! {
            biased;
            worked = work => worked,
            why = end => {
                self.refuse(request, &progress, why.clone(), started_at).await;
                return Many::End(why);
            }
        };
        match worked.unwrap_or_else(|_| Err(broken())) {
            Ok(Worked::OneByOne) => Many::OneByOne,
            Ok(Worked::Answered(answered, count)) => {
                let reply = match self.give(*answered).await {
                    Some(reply) => reply,
                    None => self.refuse(request, &progress, broken(), started_at).await,
                };
                lines(reply, &entries[..count], None)
            }
            Ok(Worked::Unfit(each)) => {
                let first = each.first().cloned().unwrap_or_else(no_object);
                let reply = self.refuse(request, &progress, first, started_at).await;
                lines(reply, entries, Some(&each))
            }
            // Nothing is wrong with the entries: they can be sent again.
            Err(invalid) if invalid.code() == code::RATE_LIMITED => {
                self.refuse(request, &progress, invalid.clone(), started_at).await;
                Many::End(invalid)
            }
            Err(invalid) => {
                let reply = self.refuse(request, &progress, invalid, started_at).await;
                lines(reply, entries, None)
            }
        }
    }

    /// Everything but the record's way to the hub and the lines, which are written meanwhile. `filled` is where the
    /// request with the variables of one of the entries is kept.
    async fn run_many<'a>(
        &'a self,
        (request, filled): (&Request, &'a OnceLock<Request>),
        entries: &'a [Entry],
        charged: Option<oneshot::Sender<()>>,
        (started_at, progress): (DateTime<Utc>, &Progress),
    ) -> Result<Worked<'a>, Invalid> {
        let document = self.documents.get(&request.query)?;
        progress.read(&document);
        // The semaphore is never closed.
        let turn = self.bulk.acquire().await.ok();
        let wanted = operation(&document, request)?;
        let coerced: Vec<Result<Valid<JsonMap>, Invalid>> = entries
            .iter()
            .map(|entry| {
                let variables = entry.variables.as_ref().ok_or_else(no_object)?;
                coerce_variable_values(&self.catalogue.public, wanted, variables)
                    .map_err(|error| bad_input(&error))
            })
            .collect();
        let fits = entries.iter().zip(&coerced).find(|(_, coerced)| coerced.is_ok());
        let Some(variables) = fits.and_then(|(entry, _)| entry.variables.clone()) else {
            return Ok(Worked::Unfit(coerced.into_iter().filter_map(Result::err).collect()));
        };
        let request = filled.get_or_init(|| Request { variables, ..request.clone() });
        let prepared = match self.prepare(request, document.clone()).await {
            Ok(prepared) => prepared,
            // What is wrong with the operation is wrong for all that could be read.
            Err(invalid) if coerced.iter().any(Result::is_err) => {
                let each =
                    coerced.into_iter().map(|coerced| coerced.err().unwrap_or_else(|| invalid.clone()));
                return Ok(Worked::Unfit(each.collect()));
            }
            Err(invalid) => return Err(invalid),
        };
        let Some(chunk) = self.chunk(&prepared, entries, coerced) else { return Ok(Worked::OneByOne) };
        if chunk.values.iter().all(Result::is_err) {
            return Ok(Worked::Unfit(chunk.values.into_iter().filter_map(Result::err).collect()));
        }
        let read = self.chunked(&prepared, chunk, charged, progress).await?;
        let count = read.chunk.entries.len();
        self.count_shadow(&prepared, count);
        Ok(Worked::Answered(Box::new(self.written((prepared, turn), read, started_at).await?), count))
    }

    /// The entries as one chunk, where they differ by their value for the root alone.
    fn chunk<'a>(
        &self,
        prepared: &Prepared<'_>,
        entries: &'a [Entry],
        coerced: Vec<Result<Valid<JsonMap>, Invalid>>,
    ) -> Option<Chunk<'a>> {
        let Prepared { request, document, variables, table, plan, widths, .. } = prepared;
        let keyed = plan.keyed()?;
        let key = |variables: &Valid<JsonMap>| {
            let decided = (table.fingerprint(), *widths);
            plan_key(document, request.operation.as_deref(), decided, variables)
        };
        let own = key(variables);
        let alike = |other: &Valid<JsonMap>| {
            let same = match keyed {
                Keyed::By { variable, .. } => differ_only_by(variable, variables, other),
                Keyed::Withheld => true,
            };
            same && key(other) == own
        };
        if !coerced.iter().filter_map(|coerced| coerced.as_ref().ok()).all(alike) {
            return None;
        }
        let value = |coerced: Result<Valid<JsonMap>, Invalid>| match keyed {
            Keyed::By { fetch, .. } => {
                let variables = coerced?;
                Ok(asked_for(&plan.fetches[fetch].keys, &variables)?.pop())
            }
            Keyed::Withheld => coerced.map(|_| None),
        };
        let root = match keyed {
            Keyed::By { fetch, .. } => fetch,
            Keyed::Withheld => 0,
        };
        Some(Chunk { entries, values: coerced.into_iter().map(value).collect(), root })
    }

    /// Runs the plan for as many entries of a chunk as its bounds let.
    async fn chunked<'a>(
        &self,
        prepared: &Prepared<'_>,
        mut chunk: Chunk<'a>,
        charged: Option<oneshot::Sender<()>>,
        progress: &Progress,
    ) -> Result<Read<'a>, Invalid> {
        let Prepared { plan, table, .. } = prepared;
        let run = self.run_of(prepared);
        // As many as one request for many values could ask for.
        let affordable = self.documents.limits().cost / plan.cost.max(1);
        chunk.cut(usize::try_from(affordable).unwrap_or(usize::MAX).max(1));
        let cost = plan.cost.saturating_mul(chunk.entries.len() as u64);
        let cost = self.charge_many(prepared.request, table, cost).await?;
        drop(charged);
        loop {
            let values: Vec<&str> = chunk.values.iter().filter_map(value_of).collect();
            let ready = match plan.fetches.is_empty() {
                true => run.ready()?,
                false => run.ready_for(chunk.root, distinct(values))?,
            };
            let asked = ready.people();
            let begun = progress.begin(Begun {
                plan: plan.clone(),
                table: table.clone(),
                people: asked.clone(),
                sent: Sent::none(plan.fetches.len()),
            });
            let outcomes = ready.all(&begun.sent).await;
            // What is too much together may be little enough for fewer.
            if begun.sent.had_too_many() && chunk.entries.len() > 1 {
                chunk.cut(chunk.entries.len() / 2);
                continue;
            }
            return Ok(Read { chunk, outcomes, asked, cost });
        }
    }

    /// What was read, with its record; the lines are left until that is on its way to the hub.
    async fn written<'a>(
        &'a self,
        (prepared, turn): (Prepared<'a>, Option<SemaphorePermit<'a>>),
        Read { chunk, outcomes, asked, cost }: Read<'a>,
        started_at: DateTime<Utc>,
    ) -> Result<Answered<'a>, Invalid> {
        let Prepared { request, document, table, plan, .. } = &prepared;
        let (id, ended_at) = (self.clock.id(), self.clock.now());
        let mut record = record(Made {
            id: &id,
            request,
            document,
            operation: prepared.operation()?,
            plan,
            outcomes: &outcomes,
            area: &prepared.area,
            traced: &[],
            table,
            people: people(&self.people, plan, &outcomes, (&asked, &[]), ended_at),
            basis: self.bases.get(&table.profile().purpose).cloned().unwrap_or_default(),
            started_at,
            ended_at,
            versions: &self.versions,
        });
        record.note = Some(note(&chunk, request));
        let disputes = self.disputes(plan, &outcomes).await;
        let table = table.clone();
        let body = move || {
            let _turn = turn;
            self.lines(&prepared, &chunk, &outcomes, (&disputes, &id, ended_at))
        };
        Ok(Answered { record: Recorded::Not(Box::new(record)), body: Box::new(body), cost, table })
    }

    /// The lines of a chunk.
    fn lines(
        &self,
        prepared: &Prepared<'_>,
        chunk: &Chunk<'_>,
        outcomes: &[Outcome],
        (disputes, id, ended_at): (&Disputes, &str, DateTime<Utc>),
    ) -> Vec<u8> {
        let run = self.run_of(prepared);
        let pseudonyms = self.pseudonyms.of(&prepared.table.profile().department, china_day(ended_at));
        let told = |disputes| Told { disputes, pseudonyms: &pseudonyms, id };
        let is_plain = prepared.limit.is_none()
            && matches!(disputes, Disputes::None)
            && outcomes.iter().all(|outcome| matches!(outcome, Outcome::Rows(_)));
        let mut body = Vec::with_capacity(chunk.entries.len() * LINE);
        for (entry, value) in chunk.entries.iter().zip(&chunk.values) {
            body = match value {
                // All that an answer tells then is values, which are found from the root's row on.
                Ok(Some(value)) if is_plain => {
                    self.one((body, prepared), (outcomes, Some(value)), &told(disputes))
                }
                Ok(Some(value)) => {
                    let own = run.part(outcomes, chunk.root, value);
                    self.one((body, prepared), (&own, None), &told(disputes))
                }
                Ok(None) => self.one((body, prepared), (&[], None), &told(&Disputes::None)),
                Err(invalid) => {
                    body.extend_from_slice(&request_error(invalid));
                    body
                }
            };
            end_line(&mut body, entry.index);
        }
        body
    }

    /// The answer of one entry behind those before it: from its own outcomes, or from those of its chunk with the
    /// value that its root looks up.
    fn one(
        &self,
        (before, prepared): (Vec<u8>, &Prepared<'_>),
        (outcomes, value): (&[Outcome], Option<&str>),
        told: &Told<'_>,
    ) -> Vec<u8> {
        let Prepared { request, table, plan, .. } = prepared;
        let sections = prepared.limit.as_ref().map(|limit| self.sections(prepared, limit, outcomes));
        let parts = Parts {
            plan,
            outcomes,
            value,
            asked: &[],
            introspection: None,
            service: None,
            traced: &[],
            members: prepared.members.as_deref(),
            sections: sections.as_deref(),
            catalogue: &self.catalogue,
            table,
            caller: &request.caller,
            cursors: &prepared.cursors,
            // Plans with pages aren't answered together.
            scopes: &[],
            pseudonyms: told.pseudonyms,
            decision_id: told.id,
            names_record: request.names_record,
            disputes: concerning(told.disputes, plan, outcomes),
        };
        write_behind(&parts, before).body
    }
}

/// Whether two sets of variables are equal but for one of them.
fn differ_only_by(variable: &str, one: &JsonMap, other: &JsonMap) -> bool {
    one.len() == other.len()
        && one.iter().all(|(name, value)| match other.get(name) {
            Some(theirs) => name.as_str() == variable || theirs == value,
            None => false,
        })
}

fn value_of(value: &Result<Option<String>, Invalid>) -> Option<&str> {
    value.as_ref().ok()?.as_deref()
}

fn distinct(mut values: Vec<&str>) -> Texts {
    values.sort_unstable();
    values.dedup();
    values.into_iter().collect()
}

/// What the record of a chunk says of it.
fn note(chunk: &Chunk<'_>, request: &Request) -> String {
    let from = chunk.entries.first().map_or(0, |entry| entry.index);
    let refused = chunk.values.iter().filter(|value| value.is_err()).count();
    let what =
        request.export.as_ref().map_or_else(|| "batch".into(), |export| format!("export {}", export.id));
    format!("{what}: {} entries from {from}, {refused} of them not run", chunk.entries.len())
}

fn no_object() -> Invalid {
    Invalid::new(code::BAD_USER_INPUT, "an entry of `variables` must be an object")
}

/// The lines of a reply to some entries; where they weren't run, the error of each, or of all.
fn lines(reply: Reply, entries: &[Entry], each: Option<&[Invalid]>) -> Many {
    match reply {
        Reply::Data { body: text, id: record, .. } => {
            Many::Lines(Lines { text, answered: entries.len(), record })
        }
        Reply::Invalid { invalid, id: record } => {
            let mut body = Vec::new();
            for (at, entry) in entries.iter().enumerate() {
                let own = each.and_then(|each| each.get(at)).unwrap_or(&invalid);
                put_line(&mut body, &request_error(own), entry.index);
            }
            Many::Lines(Lines { text: body, answered: entries.len(), record })
        }
        Reply::TooLate { .. } => Many::End(Invalid::new(code::TIMEOUT, "a part of the batch took too long")),
        Reply::NoEvidence => {
            let message = "evidence can't be written, so nothing more is answered";
            Many::End(Invalid::new(code::EVIDENCE_UNAVAILABLE, message))
        }
    }
}

/// Puts an answer with the place of its entry: a JSON object that isn't empty, on a line of its own.
pub(crate) fn put_line(lines: &mut Vec<u8>, answer: &[u8], index: usize) {
    lines.extend_from_slice(answer);
    end_line(lines, index);
}

/// Gives the answer that was written last the place of its entry, and ends its line.
fn end_line(lines: &mut Vec<u8>, index: usize) {
    lines.pop_if(|last| *last == b'}');
    lines.extend_from_slice(b",\"variableIndex\":");
    lines.extend_from_slice(itoa::Buffer::new().format(index).as_bytes());
    lines.extend_from_slice(b"}\n");
}
