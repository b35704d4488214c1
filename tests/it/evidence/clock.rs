//! A clock that jumps back changes what records say, and nothing of their order.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use yimen::clock::{Clock, SystemClock};
use yimen::evidence::note::SigningKey;
use yimen::evidence::{
    Evidence, Hub, Kind, Ledger, LedgerOptions, Log, LogOptions, People, PersonKeys, Record,
};

/// Goes back an hour every time that it is asked.
#[derive(Debug)]
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 - self.0.fetch_add(3_600, Ordering::Relaxed), 0).unwrap()
    }

    fn id(&self) -> String {
        SystemClock.id()
    }
}

fn record(clock: &dyn Clock, keys: &PersonKeys) -> Record {
    let at = clock.now();
    let text = at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
    Record {
        kind: Kind::Query,
        id: clock.id(),
        started_at: text.clone(),
        ended_at: text,
        subject: String::from("officer"),
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
        coordinates: Box::default(),
        departments: Vec::new(),
        people: People::seal(&keys.of(chrono::Datelike::year(&at)), ["11010519491231002X"]),
        catalogue: "c".into(),
        policies: "p".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_keep_their_order_when_the_clock_jumps_back() {
    let own = tempfile::tempdir().unwrap();
    let file = own.path().join("hub.db");
    let hub = Hub::migrate(&crate::evidence::url(&file)).await.unwrap();
    let clock: Arc<dyn Clock> = Arc::new(Backwards(AtomicI64::new(0)));
    let key = SigningKey::generate("clock").unwrap();
    let log = Log::new(LogOptions { hub: hub.clone(), key, witnesses: Vec::new(), clock: clock.clone() });
    let options = LedgerOptions { lanes: 2, deadline: Duration::from_secs(5) };
    let ledger = Ledger::start(&hub, options).unwrap();
    let keys = PersonKeys::new(&[1; 32], 0);
    let mut names = Vec::new();
    for at in 0..10 {
        let record = record(clock.as_ref(), &keys);
        names.push(record.id.clone());
        ledger.append(record).await.unwrap();
        if at % 3 == 0 {
            log.integrate_all().await.unwrap();
        }
    }
    assert_eq!(log.integrate_all().await.unwrap().size, 10);
    let found: Vec<String> = crate::support::hub::entries(&file)
        .iter()
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, names);
    let times: Vec<String> = crate::support::hub::entries(&file)
        .iter()
        .map(|entry| entry["endedAt"].as_str().unwrap().to_owned())
        .collect();
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
}
