//! Requests for sharing over real hubs, with a clock of the test's own.

mod classes;
mod deadline;
mod request;
mod retention;
mod served;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use yimen::clock::SystemClock;
use yimen::deadline::Deadlines;
use yimen::evidence::Hub;
use yimen::sharing::{
    Actor, Asked, Automatic, Effect, Listed, RequestFilter, Sharing, SharingOptions, Sight,
};
use yimen_policy::{Codes, Policies, Table, Tables};

use crate::support::postgres::Database;

/// A desk over a hub of the test's own.
struct Desk {
    sharing: Sharing,
    hub: Hub,
    now: DateTime<Utc>,
    runtime: Runtime,
    _kept: Kept,
}

/// What goes with the desk.
enum Kept {
    Folder(#[expect(dead_code, reason = "goes when it is dropped")] TempDir),
    Database(#[expect(dead_code, reason = "goes when it is dropped")] Database),
}

/// Runs a test over SQLite and over PostgreSQL.
fn on_both(what: &str, test: impl Fn(&mut Desk)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("hub.db").display());
    test(&mut Desk::over(&url, Kept::Folder(folder)));
    let database = Database::new(what);
    let url = database.url();
    test(&mut Desk::over(&url, Kept::Database(database)));
}

impl Desk {
    fn over(url: &str, kept: Kept) -> Desk {
        let runtime = Runtime::new().unwrap();
        let hub = runtime.block_on(Hub::migrate(url)).unwrap();
        let catalogue = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        let sources = yimen_policy::bundled_sources();
        let policies = Policies::load(Arc::new(catalogue), Codes::bundled(), &sources).unwrap();
        let sharing = Sharing {
            policies,
            deadlines: Deadlines::bundled().unwrap(),
            automatic: Automatic::bundled().unwrap(),
            options: SharingOptions {
                coordinator: String::from("COUNTY_GOV"),
                conformity_check: false,
                longest_days: 1_096,
            },
        };
        let mut desk = Desk { sharing, hub, now: DateTime::UNIX_EPOCH, runtime, _kept: kept };
        // A Monday.
        desk.set("2026-03-02T10:00:00+08:00");
        desk
    }

    /// The same with a table of classes.
    fn classed(&mut self, lines: &str) {
        let text = format!("scope,region,class,basis,certainty,valid_from\n{lines}");
        let table = Table { name: String::from("classes.csv"), text };
        let codes = Codes::read(Tables::bundled().with("classes.csv", table)).unwrap();
        let catalogue = self.sharing.policies.shared_catalogue();
        self.sharing.policies = Policies::load(catalogue, codes, &yimen_policy::bundled_sources()).unwrap();
    }

    fn set(&mut self, moment: &str) {
        self.now = moment.parse().unwrap();
    }

    fn actor<'a>(&self, department: &'a str) -> Actor<'a> {
        Actor { subject: "officer-7", department, division: "410727000000", at: self.now }
    }

    /// Everything that everybody sees.
    fn all(&self) -> Vec<Listed> {
        self.listed(&Sight::All, &RequestFilter::default())
    }

    fn listed(&self, sight: &Sight, filter: &RequestFilter) -> Vec<Listed> {
        let list = self.sharing.list(self.hub.connection(), sight, filter, (100, self.now));
        self.runtime.block_on(list).unwrap()
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// What the housing department asks.
fn asked(items: &[&str]) -> Asked {
    Asked {
        items: items.iter().map(ToString::to_string).collect(),
        purpose: String::from("HOUSING_SECURITY"),
        basis: String::from("004 四(七)"),
        role: String::from("REVIEWER"),
        division: String::from("410727000000"),
        until: day("2026-12-31"),
        effect: Effect::Clear,
        scene: String::from("review of applications for public rental housing"),
        promise: true,
    }
}

/// The machine's names for new things.
const NAMES: SystemClock = SystemClock;
