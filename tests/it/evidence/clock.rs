//! Records of other times, made through the library with a clock of the test's own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Datelike, Months, SecondsFormat, Utc};
use tempfile::TempDir;
use yimen::clock::{Clock, SystemClock};
use yimen::evidence::note::SigningKey;
use yimen::evidence::{
    Evidence, Hub, Kept, Kind, Ledger, LedgerOptions, Log, LogOptions, People, PersonKeys, Record, SealKey,
};

use crate::support::county;

/// A moment.
#[derive(Clone, Copy)]
pub(crate) struct At(DateTime<Utc>);

impl At {
    pub(crate) fn now() -> At {
        At(SystemClock.now())
    }

    pub(crate) fn years_ago(years: u32) -> At {
        At(SystemClock.now().checked_sub_months(Months::new(12 * years)).unwrap())
    }

    /// The month in China.
    pub(crate) fn month(self) -> String {
        (self.0 + chrono::Duration::hours(8)).format("%Y-%m").to_string()
    }

    pub(crate) fn year(self) -> i32 {
        self.0.year()
    }

    fn text(self) -> String {
        self.0.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

/// Tells what it was set to.
#[derive(Debug)]
struct Set(Mutex<DateTime<Utc>>);

impl Clock for Set {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn id(&self) -> String {
        SystemClock.id()
    }
}

pub(crate) fn record(at: At, keys: &PersonKeys) -> Record {
    Record {
        kind: Kind::Query,
        id: SystemClock.id(),
        started_at: at.text(),
        ended_at: at.text(),
        subject: String::from("officer"),
        issuer: String::new(),
        department: String::from("UNION"),
        role: String::from("HELP_CENTRE"),
        division: String::from("410727000000"),
        purpose: String::from("UNION_FILE_CHECK"),
        basis: "".into(),
        case: None,
        exchange: Vec::new(),
        document: "0".into(),
        operation: None,
        note: None,
        coordinates: None,
        departments: Vec::new(),
        people: People::seal(&keys.of(at.0.year()), ["11010519491231002X"]),
        catalogue: "c".into(),
        policies: "p".into(),
    }
}

/// The county's seal.
pub(crate) fn seal() -> SealKey {
    SealKey::new(&std::fs::read(county().join("secret")).unwrap())
}

/// A log of the county's key and seal over a hub.
pub(crate) fn options(hub: &Hub, clock: Arc<dyn Clock>) -> LogOptions {
    let key = std::fs::read_to_string(county().join("evidence.key")).unwrap();
    LogOptions {
        hub: hub.clone(),
        key: SigningKey::parse(&key).unwrap(),
        seal: seal(),
        kept: Kept::default(),
        witnesses: Vec::new(),
        clock,
        patience: Duration::from_secs(60),
        wait: Duration::from_secs(10),
    }
}

/// The way into a hub.
pub(crate) fn ledger(hub: &Hub) -> Ledger {
    let options = LedgerOptions { lanes: 2, deadline: Duration::from_secs(5), seal: seal() };
    Ledger::start(hub, options).unwrap()
}

/// A hub with a record of each of these kinds and notes.
pub(crate) fn noted(records: &[(Kind, Option<&str>)]) -> (TempDir, PathBuf) {
    let own = TempDir::new().unwrap();
    let file = own.path().join("hub.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::migrate(&crate::evidence::url(&file)).await.unwrap();
        let (log, ledger) = (Log::new(options(&hub, SystemClock::shared())), ledger(&hub));
        let keys = PersonKeys::new(&[1; 32], 0);
        for (kind, note) in records {
            let record = Record { kind: *kind, note: note.map(str::to_owned), ..record(At::now(), &keys) };
            ledger.append(record).await.unwrap();
        }
        log.integrate_all().await.unwrap();
    });
    (own, file)
}

/// A hub with so many records of one time, in whatever order they came.
pub(crate) fn many(at: At, count: usize) -> (TempDir, PathBuf) {
    let own = TempDir::new().unwrap();
    let file = own.path().join("hub.db");
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::migrate(&crate::evidence::url(&file)).await.unwrap();
        let clock = Arc::new(Set(Mutex::new(at.0)));
        let (log, ledger, keys) =
            (Log::new(options(&hub, clock)), ledger(&hub), PersonKeys::new(&[1; 32], 0));
        let appends = (0..count).map(|_| ledger.append(record(at, &keys)));
        futures::future::join_all(appends).await.into_iter().for_each(|appended| appended.unwrap());
        assert_eq!(log.integrate_all().await.unwrap(), count as u64);
    });
    (own, file)
}

/// Erases a person through the library, and gives the digests that they were found by.
pub(crate) fn erase(file: &Path, number: &str) -> Vec<Vec<u8>> {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let hub = Hub::open(&crate::evidence::url(file)).await.unwrap();
        let log = Log::new(options(&hub, SystemClock::shared()));
        let keys = PersonKeys::new(&[1; 32], 0);
        let digests = log.digests(&keys, number).await.unwrap();
        let erasable = log.erasable(&keys, number).await.unwrap();
        assert!(log.erase(log.turn().await.unwrap(), &erasable).await.unwrap() > 0);
        digests
    })
}

async fn fill(hub: &Path, times: &[At]) -> Vec<String> {
    let hub = Hub::migrate(&crate::evidence::url(hub)).await.unwrap();
    let clock = Arc::new(Set(Mutex::new(SystemClock.now())));
    let log = Log::new(options(&hub, clock.clone()));
    let ledger = ledger(&hub);
    let keys = PersonKeys::new(&[1; 32], 0);
    let mut names = Vec::new();
    for (number, at) in times.iter().enumerate() {
        *clock.0.lock().unwrap() = at.0;
        let record = record(*at, &keys);
        names.push(record.id.clone());
        ledger.append(record).await.unwrap();
        // Rounds of a few records, of which most begin and end within a bundle.
        if number % 7 == 0 {
            log.integrate_all().await.unwrap();
        }
    }
    assert_eq!(log.integrate_all().await.unwrap(), times.len() as u64);
    names
}

/// A hub with a record of each of these times, signed by the county's key.
pub(crate) fn filled(times: &[At]) -> (TempDir, PathBuf) {
    let own = TempDir::new().unwrap();
    let hub = own.path().join("hub.db");
    tokio::runtime::Runtime::new().unwrap().block_on(fill(&hub, times));
    (own, hub)
}

#[tokio::test(flavor = "multi_thread")]
async fn records_keep_their_order_when_the_clock_jumps_back() {
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("hub.db");
    let times: Vec<At> = (0..10).map(|back| At(SystemClock.now() - chrono::Duration::hours(back))).collect();
    let names = fill(&file, &times).await;
    let entries = crate::support::hub::entries(&file);
    let column =
        |name: &str| entries.iter().map(|entry| entry[name].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(column("id"), names);
    assert!(column("endedAt").windows(2).all(|pair| pair[0] > pair[1]));
    crate::evidence::verifies(&crate::evidence::url(&file));
}
