//! `evidence`: how fast records become durable beside what the disk can do, how long a million of
//! them take to verify, and what they cost answers.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use yimen::clock::{Clock, SystemClock};
use yimen::evidence::note::SigningKey;
use yimen::evidence::source::HubSource;
use yimen::evidence::verify::verify;
use yimen::evidence::{
    CoordinateOutcome, Coordinates, DepartmentOutcome, Evidence, Hub, Kept, Kind, Ledger, LedgerOptions, Log,
    LogOptions, People, PersonKeys, Record, SealKey, index_check,
};

use crate::run::{Options as RunOptions, records};
use crate::{database, hub, load, many_threads, one_thread, output};

/// What is measured.
#[derive(Debug, Args)]
// The flattened options are named alike, and clap names groups of arguments by their types.
#[group(id = "evidence")]
pub(crate) struct Options {
    #[command(flatten)]
    run: RunOptions,
    /// What to measure, one after the other.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["append", "verify", "cost"])]
    what: Vec<What>,
    /// Records of the log that is verified.
    #[arg(long, default_value_t = 1_000_000)]
    records: u64,
}

/// A measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Appending at 256 appenders.
    Append,
    /// Filling the log that is verified, unless it is there.
    Fill,
    /// Verifying a log.
    Verify,
    /// The family check with and without records.
    Cost,
}

/// Who appends at once.
const APPENDERS: usize = 256;

/// Lanes, as the product has them.
const LANES: usize = 3;

/// How long a record may take here.
const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let place = &options.run.place;
    for what in &options.what {
        match what {
            What::Append => {
                let window = Duration::from_secs(options.run.seconds);
                let folder = place.folder()?;
                floor(&folder, window)?;
                many_threads()?.block_on(async {
                    hub::make(&database::administrator(place).await?).await?;
                    append("PostgreSQL", &database::url(place, hub::DATABASE), window).await?;
                    let own = tempfile::Builder::new().prefix("append-").tempdir_in(&folder)?;
                    append("SQLite", &format!("sqlite://{}", own.path().join("hub.db").display()), window)
                        .await
                })?;
            }
            What::Fill => many_threads()?.block_on(fill(&log_file(&place.folder()?), options.records))?,
            What::Verify => many_threads()?.block_on(timed(&log_file(&place.folder()?), options.records))?,
            What::Cost => {
                many_threads()?.block_on(load::databases(place))?;
                one_thread()?.block_on(records(&options.run))?;
            }
        }
    }
    Ok(())
}

/// What the disk can do: appending a page and flushing it, again and again.
fn floor(folder: &Path, window: Duration) -> anyhow::Result<()> {
    let mut file = File::create(folder.join("floor"))?;
    let (page, started, mut flushes) = ([7u8; 4_096], Instant::now(), 0u32);
    while started.elapsed() < window {
        file.write_all(&page)?;
        file.sync_data()?;
        flushes += 1;
    }
    std::fs::remove_file(folder.join("floor"))?;
    let per_s = f64::from(flushes) / started.elapsed().as_secs_f64();
    output::line(format!("floor: {per_s:.0} flushes/s of the disk, {:.3} ms each", 1_000.0 / per_s));
    Ok(())
}

async fn append(name: &str, url: &str, window: Duration) -> anyhow::Result<()> {
    let hub = hub::renew_at(url).await?;
    let log = Arc::new(log(&hub)?);
    let ledger =
        Arc::new(Ledger::start(&hub, LedgerOptions { lanes: LANES, deadline: DEADLINE, seal: seal() })?);
    let growing =
        tokio::spawn(log.clone().keep_integrating(ledger.committed(), Duration::from_millis(1_000)));
    let (appended, keys) = (Arc::new(AtomicU64::new(0)), Arc::new(PersonKeys::new(&[1; 32], 0)));
    let (started, batches) = (Instant::now(), ledger.batches());
    let until = started + window;
    let appenders = (0..APPENDERS).map(|_| {
        let (ledger, appended, keys) = (ledger.clone(), appended.clone(), keys.clone());
        tokio::spawn(async move {
            while Instant::now() < until {
                ledger.append(record(&keys, SystemClock.now())).await?;
                appended.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        })
    });
    for appender in appenders.collect::<Vec<_>>() {
        appender.await??;
    }
    let (seconds, batches) = (started.elapsed().as_secs_f64(), ledger.batches() - batches);
    let appended = appended.load(Ordering::Relaxed);
    output::line(format!(
        "{name}: {:.0} records/s at {APPENDERS} appenders, {:.0} commits/s of {:.0} records, {:.1} MB/s of entries",
        appended as f64 / seconds,
        batches as f64 / seconds,
        appended as f64 / batches.max(1) as f64,
        appended as f64 * entry_bytes(&keys) / seconds / 1e6
    ));
    let (started, before) = (Instant::now(), size(&log).await?);
    while size(&log).await? < appended {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    growing.abort();
    let (left, seconds) = (appended.saturating_sub(before), started.elapsed().as_secs_f64());
    output::line(format!(
        "{name}: {before} had places in the log by then, {left} were left: {:.0} records/s",
        left as f64 / seconds
    ));
    Ok(())
}

/// Records that the newest head counts.
async fn size(log: &Log) -> anyhow::Result<u64> {
    let note = log.checkpoint().await?;
    Ok(note.and_then(|note| note.lines().nth(1)?.parse().ok()).unwrap_or(0))
}

fn entry_bytes(keys: &PersonKeys) -> f64 {
    serde_json::to_string(&record(keys, SystemClock.now())).unwrap_or_default().len() as f64
}

fn log(hub: &Hub) -> anyhow::Result<Log> {
    let key = SigningKey::generate("bench.invalid")?;
    Ok(Log::new(options(hub, key)))
}

/// A log of the bench's own, by whatever secret.
fn options(hub: &Hub, key: SigningKey) -> LogOptions {
    LogOptions {
        hub: hub.clone(),
        key,
        seal: seal(),
        kept: Kept::default(),
        witnesses: Vec::new(),
        clock: SystemClock::shared(),
        patience: Duration::from_secs(60),
        wait: DEADLINE,
    }
}

fn seal() -> SealKey {
    SealKey::new(&[1; 32])
}

fn log_file(folder: &Path) -> PathBuf {
    folder.join("log.db")
}

/// Where the key of the log that is verified stands.
fn key_file(file: &Path) -> PathBuf {
    file.with_extension("key")
}

/// Fills a log through the product's own steps; this isn't timed.
async fn fill(file: &Path, records: u64) -> anyhow::Result<()> {
    let hub = Hub::migrate(&format!("sqlite://{}", file.display())).await?;
    if !key_file(file).exists() {
        std::fs::write(key_file(file), SigningKey::generate("bench.invalid")?.secret())?;
    }
    let key = SigningKey::parse(&std::fs::read_to_string(key_file(file))?)?;
    let log = Log::new(options(&hub, key));
    let ledger = Ledger::start(&hub, LedgerOptions { lanes: 1, deadline: DEADLINE, seal: seal() })?;
    let keys = PersonKeys::new(&[1; 32], 0);
    loop {
        let size = log.integrate_all().await?;
        if size >= records {
            return Ok(());
        }
        let more = (records - size).min(4_096);
        let at = SystemClock.now();
        let appends = (0..more).map(|_| ledger.append(record(&keys, at)));
        futures::future::try_join_all(appends).await?;
    }
}

async fn timed(file: &Path, records: u64) -> anyhow::Result<()> {
    let key =
        std::fs::read_to_string(key_file(file)).context("`--what fill` makes the log that is verified")?;
    let key = SigningKey::parse(&key)?;
    let hub = Hub::open(&format!("sqlite://{}", file.display())).await?;
    let source = HubSource { hub: hub.clone(), waiting_since: DateTime::<Utc>::MIN_UTC };
    let started = Instant::now();
    let report = verify(Arc::new(source), key.public(), None).await?;
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(report.problems.is_empty() && report.size >= records, "the log isn't what was filled");
    output::line(format!("verified {} records in {seconds:.1} s", report.size));
    let started = Instant::now();
    let problems = index_check::check(&hub, report.size).await?;
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(problems.is_empty(), "the log is searched by something else than it says");
    output::line(format!("held what they are searched by against them in {seconds:.1} s"));
    Ok(())
}

/// The list of a plan, which its records share.
static LIST: LazyLock<Arc<Coordinates>> = LazyLock::new(|| {
    let outcomes = (0..60).map(|at| CoordinateOutcome {
        coordinate: format!("SocialInsuranceEnrolment.item{at}"),
        decision: String::from("CLEAR"),
        reason: None,
    });
    Arc::new(Coordinates::new(outcomes))
});

/// A record of the family check's size: eight statements, four people, sixty coordinates.
fn record(keys: &PersonKeys, at: DateTime<Utc>) -> Record {
    let moment = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    let departments =
        ["PUBLIC_SECURITY", "CIVIL_AFFAIRS", "CIVIL_AFFAIRS", "HRSS", "HOUSING", "EDUCATION", "UNION"];
    let outcome = |department: &&str| DepartmentOutcome {
        department: Arc::from(*department),
        resource: "SocialInsuranceEnrolment".into(),
        state: "OK".into(),
        rows: 4,
        outside: 0,
        distance: 0,
    };
    let people = ["11010519491231002X", "110105194912310038", "110105194912310046", "110105194912310054"];
    Record {
        kind: Kind::Query,
        id: SystemClock.id(),
        started_at: moment.clone(),
        ended_at: moment,
        subject: String::from("officer"),
        issuer: String::from("https://issuer.bench.invalid"),
        department: String::from("UNION"),
        role: String::from("HELP_CENTRE"),
        division: String::from("410727000000"),
        purpose: String::from("UNION_FILE_CHECK"),
        basis: "003 四(一); 003 四(二)6".into(),
        case: Some(String::from("2026-410727-001234")),
        exchange: Vec::new(),
        document: "0".repeat(64).into(),
        operation: None,
        note: None,
        coordinates: Some(LIST.clone()),
        departments: departments.iter().map(outcome).collect(),
        people: People::seal(&keys.of(chrono::Datelike::year(&at)), people),
        catalogue: "0".repeat(64).into(),
        policies: "0".repeat(64).into(),
    }
}
