//! Jobs in the hub, their runs and the parts that are whole.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, QueryResult, TransactionTrait};
use serde_json::{Value, json};

use crate::evidence::{Hub, store};
use crate::fetch::AsOf;
use crate::own::moment;
use crate::plan::code;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Queued,
    Running,
    Stopped,
    Done,
    Cancelled,
    Purged,
}

impl State {
    /// The word in tables and answers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            State::Queued => "QUEUED",
            State::Running => "RUNNING",
            State::Stopped => "STOPPED",
            State::Done => "DONE",
            State::Cancelled => "CANCELLED",
            State::Purged => "PURGED",
        }
    }

    fn of(word: &str) -> State {
        use State::{Cancelled, Done, Purged, Queued, Running, Stopped};
        let all = [Queued, Running, Stopped, Done, Cancelled, Purged];
        all.into_iter().find(|state| state.as_str() == word).unwrap_or(Purged)
    }
}

/// A job, as it stands now: one whose process is gone has stopped.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) state: State,
    pub(crate) reason: Option<String>,
    pub(crate) changed: Vec<String>,
    pub(crate) run: i64,
    pub(crate) purpose: String,
    pub(crate) division: String,
    pub(crate) format: String,
    pub(crate) byte_order_mark: bool,
    pub(crate) document: String,
    pub(crate) plan: String,
    pub(crate) policies: String,
    pub(crate) catalogue: String,
    pub(crate) withheld: Value,
    pub(crate) total: Option<i64>,
    pub(crate) done: i64,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
    pub(crate) cursor: Option<String>,
    pub(crate) started_at: String,
    pub(crate) ended_at: Option<String>,
    pub(crate) kept_until: Option<String>,
}

const COLUMNS: &str = "id, state, reason, changed, run, leased_until, purpose, division, format, \
                       byte_order_mark, document, plan, policies, catalogue, withheld, total, done, rows_written, \
                       bytes, cursor, started_at, ended_at, kept_until";

/// A part that is whole.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) number: i64,
    pub(crate) run: i64,
    pub(crate) name: String,
    pub(crate) first: i64,
    pub(crate) entries: i64,
    pub(crate) rows: i64,
    pub(crate) bytes: i64,
    pub(crate) sha256: String,
    pub(crate) records: Vec<String>,
}

impl Job {
    fn of(row: &QueryResult, now: &str) -> Result<Job, DbErr> {
        let leased_until: Option<String> = row.try_get("", "leased_until")?;
        let mut job = Job {
            id: row.try_get("", "id")?,
            state: State::of(&row.try_get::<String>("", "state")?),
            reason: row.try_get("", "reason")?,
            changed: serde_json::from_str(&row.try_get::<String>("", "changed")?).unwrap_or_default(),
            run: row.try_get("", "run")?,
            purpose: row.try_get("", "purpose")?,
            division: row.try_get("", "division")?,
            format: row.try_get("", "format")?,
            byte_order_mark: row.try_get("", "byte_order_mark")?,
            document: row.try_get("", "document")?,
            plan: row.try_get("", "plan")?,
            policies: row.try_get("", "policies")?,
            catalogue: row.try_get("", "catalogue")?,
            withheld: serde_json::from_str(&row.try_get::<String>("", "withheld")?).unwrap_or_default(),
            total: row.try_get("", "total")?,
            done: row.try_get("", "done")?,
            rows: row.try_get("", "rows_written")?,
            bytes: row.try_get("", "bytes")?,
            cursor: row.try_get("", "cursor")?,
            started_at: row.try_get("", "started_at")?,
            ended_at: row.try_get("", "ended_at")?,
            kept_until: row.try_get("", "kept_until")?,
        };
        if job.state == State::Running && leased_until.is_none_or(|until| until.as_str() < now) {
            (job.state, job.reason) = (State::Stopped, Some(code::PROCESS_ENDED.to_owned()));
        }
        Ok(job)
    }

    /// A job of this owner.
    pub(crate) async fn find<C: ConnectionTrait>(
        on: &C,
        id: &str,
        owner: &str,
        now: &str,
    ) -> Result<Option<Job>, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM export_job WHERE id = $1 AND owner = $2");
        let rows = store::rows(on, &sql, vec![id.into(), owner.into()]).await?;
        rows.first().map(|row| Job::of(row, now)).transpose()
    }

    /// Whether its files are gone.
    pub(crate) fn is_purged(&self) -> bool {
        self.state == State::Purged
    }

    /// The job as it stands now.
    pub(crate) async fn read_again<C: ConnectionTrait>(&self, on: &C, now: &str) -> Result<Job, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM export_job WHERE id = $1");
        let rows = store::rows(on, &sql, vec![self.id.as_str().into()]).await?;
        rows.first().map_or_else(|| Ok(self.clone()), |row| Job::of(row, now))
    }

    /// The newest jobs of an owner.
    pub(crate) async fn newest<C: ConnectionTrait>(
        on: &C,
        owner: &str,
        first: i64,
        now: &str,
    ) -> Result<Vec<Job>, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM export_job WHERE owner = $1 ORDER BY seq DESC LIMIT $2");
        let rows = store::rows(on, &sql, vec![owner.into(), first.into()]).await?;
        rows.iter().map(|row| Job::of(row, now)).collect()
    }

    /// What is asked, as it was sealed.
    pub(crate) async fn asked<C: ConnectionTrait>(&self, on: &C) -> Result<Vec<u8>, DbErr> {
        let sql = "SELECT asked FROM export_job WHERE id = $1";
        let rows = store::rows(on, sql, vec![self.id.as_str().into()]).await?;
        rows.first().map_or_else(|| Ok(Vec::new()), |row| row.try_get("", "asked"))
    }

    /// The parts that are whole, in order.
    pub(crate) async fn parts<C: ConnectionTrait>(&self, on: &C) -> Result<Vec<Part>, DbErr> {
        let sql = "SELECT number, run, name, first, entries, rows_written, bytes, sha256, records \
                   FROM export_part WHERE job = $1 ORDER BY number";
        let part = |row: &QueryResult| {
            Ok(Part {
                number: row.try_get("", "number")?,
                run: row.try_get("", "run")?,
                name: row.try_get("", "name")?,
                first: row.try_get("", "first")?,
                entries: row.try_get("", "entries")?,
                rows: row.try_get("", "rows_written")?,
                bytes: row.try_get("", "bytes")?,
                sha256: row.try_get("", "sha256")?,
                records: serde_json::from_str(&row.try_get::<String>("", "records")?).unwrap_or_default(),
            })
        };
        store::rows(on, sql, vec![self.id.as_str().into()]).await?.iter().map(part).collect()
    }

    /// The runs, as clients see them.
    pub(crate) async fn runs<C: ConnectionTrait>(&self, on: &C) -> Result<Vec<Value>, DbErr> {
        let sql = "SELECT number, started_at, as_of FROM export_run WHERE job = $1 ORDER BY number";
        let run = |row: &QueryResult| {
            let as_of: Value = serde_json::from_str(&row.try_get::<String>("", "as_of")?).unwrap_or_default();
            Ok(json!({
                "number": row.try_get::<i64>("", "number")?,
                "startedAt": row.try_get::<String>("", "started_at")?,
                "asOf": as_of,
            }))
        };
        store::rows(on, sql, vec![self.id.as_str().into()]).await?.iter().map(run).collect()
    }
}

/// Jobs as whoever works on them changes them.
#[derive(Clone, Debug)]
pub(crate) struct Jobs {
    hub: Hub,
}

impl Jobs {
    pub(crate) fn new(hub: &Hub) -> Self {
        Jobs { hub: hub.clone() }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        self.hub.connection()
    }

    /// SQLite takes one writer at a time, who holds this.
    async fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match self.hub.backend() {
            DbBackend::Sqlite => Some(self.hub.turn().lock().await),
            _ => None,
        }
    }

    async fn run(&self, sql: &str, values: Vec<sea_orm::Value>) -> Result<u64, DbErr> {
        let _turn = self.turn().await;
        store::run(self.connection(), sql, values).await
    }

    /// Takes the job that has waited longest, for a run of its own; nobody else takes it then.
    pub(crate) async fn claim(&self, now: &str, until: &str) -> Result<Option<Job>, DbErr> {
        let sql = format!("SELECT {COLUMNS} FROM export_job WHERE state = 'QUEUED' ORDER BY seq LIMIT 1");
        let rows = store::rows(self.connection(), &sql, Vec::new()).await?;
        let Some(mut job) = rows.first().map(|row| Job::of(row, now)).transpose()? else { return Ok(None) };
        let sql = "UPDATE export_job SET state = 'RUNNING', run = run + 1, leased_until = $1 \
                   WHERE id = $2 AND run = $3 AND state = 'QUEUED'";
        let values = vec![until.into(), job.id.as_str().into(), job.run.into()];
        if self.run(sql, values).await? == 0 {
            return Ok(None);
        }
        job.run += 1;
        job.state = State::Running;
        Ok(Some(job))
    }

    /// Says as of when this run reads each department.
    pub(crate) async fn begun(&self, job: &Job, as_of: &[AsOf], now: &str) -> Result<(), DbErr> {
        let told = |as_of: &AsOf| json!({ "department": as_of.department, "at": moment(as_of.at), "position": as_of.position });
        let as_of = Value::Array(as_of.iter().map(told).collect()).to_string();
        let sql = "INSERT INTO export_run (job, number, started_at, as_of) VALUES ($1, $2, $3, $4)";
        let values = vec![job.id.as_str().into(), job.run.into(), now.into(), as_of.into()];
        self.run(sql, values).await.map(|_| ())
    }

    /// Keeps the job for a while longer. False where it isn't this run's any more.
    pub(crate) async fn keep(&self, job: &Job, until: &str) -> Result<bool, DbErr> {
        let sql = "UPDATE export_job SET leased_until = $1 WHERE id = $2 AND run = $3 AND state = 'RUNNING'";
        let values = vec![until.into(), job.id.as_str().into(), job.run.into()];
        Ok(self.run(sql, values).await? == 1)
    }

    /// Names a part that is whole, and where the next one begins. False where the job isn't this run's any
    /// more: then the part isn't one.
    pub(crate) async fn add(&self, job: &Job, part: &Part, cursor: Option<&str>) -> Result<bool, DbErr> {
        let _turn = self.turn().await;
        let transaction = self.connection().begin().await?;
        let sql = "UPDATE export_job SET done = done + $1, rows_written = rows_written + $2, bytes = bytes + $3, \
                   cursor = $4 WHERE id = $5 AND run = $6 AND state = 'RUNNING'";
        let values = vec![
            part.entries.into(),
            part.rows.into(),
            part.bytes.into(),
            cursor.map(str::to_owned).into(),
            job.id.as_str().into(),
            job.run.into(),
        ];
        if store::run(&transaction, sql, values).await? == 0 {
            return Ok(false);
        }
        let sql = "INSERT INTO export_part \
                   (job, number, run, name, first, entries, rows_written, bytes, sha256, records) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let values = vec![
            job.id.as_str().into(),
            part.number.into(),
            part.run.into(),
            part.name.as_str().into(),
            part.first.into(),
            part.entries.into(),
            part.rows.into(),
            part.bytes.into(),
            part.sha256.as_str().into(),
            json!(part.records).to_string().into(),
        ];
        store::run(&transaction, sql, values).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Ends a run: whole, or stopped for a reason.
    pub(crate) async fn end(
        &self,
        job: &Job,
        stopped: Option<(&str, &[String])>,
        (now, kept_until): (&str, &str),
    ) -> Result<(), DbErr> {
        let (state, reason, changed) = match stopped {
            None => ("DONE", None, String::from("[]")),
            Some((reason, changed)) => ("STOPPED", Some(reason.to_owned()), json!(changed).to_string()),
        };
        let sql = "UPDATE export_job SET state = $1, reason = $2, changed = $3, ended_at = $4, kept_until = $5, \
                   leased_until = NULL WHERE id = $6 AND run = $7 AND state = 'RUNNING'";
        let values = vec![
            state.into(),
            reason.into(),
            changed.into(),
            now.into(),
            kept_until.into(),
            job.id.as_str().into(),
            job.run.into(),
        ];
        self.run(sql, values).await.map(|_| ())
    }

    /// Jobs whose files are past their term. One whose process is gone has the term of its start.
    pub(crate) async fn past(&self, now: &str, begun_before: &str) -> Result<Vec<String>, DbErr> {
        let sql = "SELECT id FROM export_job WHERE (state IN ('DONE', 'STOPPED', 'CANCELLED') AND kept_until < $1) \
                   OR (state = 'RUNNING' AND leased_until < $1 AND started_at < $2) ORDER BY seq LIMIT 100";
        let rows = store::rows(self.connection(), sql, vec![now.into(), begun_before.into()]).await?;
        rows.iter().map(|row| row.try_get("", "id")).collect()
    }

    /// Forgets what a job asked and its parts, whose files are gone.
    pub(crate) async fn purged(&self, id: &str, now: &str) -> Result<(), DbErr> {
        let _turn = self.turn().await;
        let transaction = self.connection().begin().await?;
        purged(&transaction, id, now).await?;
        transaction.commit().await
    }

    /// Bytes of all parts that are kept.
    pub(crate) async fn bytes(&self) -> Result<i64, DbErr> {
        bytes(self.connection()).await
    }
}

/// Bytes of all parts that are kept.
pub(crate) async fn bytes<C: ConnectionTrait>(on: &C) -> Result<i64, DbErr> {
    let sql =
        "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) AS bytes FROM export_job WHERE state <> 'PURGED'";
    store::rows(on, sql, Vec::new()).await?.first().map_or(Ok(0), |row| row.try_get("", "bytes"))
}

/// Forgets what a job asked and its parts.
pub(crate) async fn purged<C: ConnectionTrait>(on: &C, id: &str, now: &str) -> Result<(), DbErr> {
    let sql = "UPDATE export_job SET state = 'PURGED', asked = $1, cursor = NULL, kept_until = $2, leased_until = NULL \
               WHERE id = $3";
    store::run(on, sql, vec![Vec::<u8>::new().into(), now.into(), id.into()]).await?;
    store::run(on, "DELETE FROM export_part WHERE job = $1", vec![id.into()]).await.map(|_| ())
}
