//! What the suite stands on: the county in memory, and a gateway over each kind of database.

use std::sync::Arc;

use yimen::auth::Caller;
use yimen::clock::SystemClock;
use yimen::config::{Config, Department};
use yimen::gateway::{Gateway, Setup};
use yimen::start;
use yimen_policy::{DecisionTable, Policies, Profile};
use yimen_schema::Catalogue;

use crate::differential::compare::{Bench, Watched};
use crate::differential::ledger::Ledger;
use crate::differential::openings::Openings;
use crate::differential::random::Random;
use crate::differential::reference;
use crate::differential::resolve::{Asking, County};
use crate::differential::rows::Rows;

/// Who asks: department, role, purpose and division; a department has one role and purpose here. The
/// last serves another county, and sees next to nothing of this one.
const CALLERS: [(&str, &str, &str, &str); 8] = [
    ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK", "410727000000"),
    ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410727000000"),
    ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE", "410727000000"),
    ("PUBLIC_SECURITY", "REVIEWER", "MLA_REVIEW", "410000000000"),
    ("HOUSING", "REVIEWER", "HOUSING_SECURITY", "410700000000"),
    ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW", "410727100000"),
    ("TOWNSHIP_GOV", "WINDOW_CLERK", "MLA_REVIEW", "410727102000"),
    ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "410726000000"),
];

/// A caller with what is worth asking on their behalf.
#[derive(Debug)]
pub(crate) struct Asker {
    pub(crate) asking: Arc<Asking>,
    pub(crate) openings: Openings,
}

/// What is known before there are rows.
pub(crate) struct Foundation {
    config: Config,
    pub(crate) catalogue: Arc<Catalogue>,
    policies: Arc<Policies>,
}

impl Foundation {
    /// The configuration may name more of a catalogue and more policies than the bundled ones.
    pub(crate) fn of(mut config: Config) -> Foundation {
        // Other tests may have the machine to themselves for a while; that is no difference.
        config.fetch.deadline_ms = 60_000;
        let catalogue = start::catalogue(&config).unwrap();
        let policies = start::policies(&config, catalogue.clone()).unwrap();
        Foundation { config, catalogue, policies }
    }
}

/// The county, its policies and the configuration of the gateways.
pub(crate) struct Ready {
    config: Config,
    policies: Arc<Policies>,
    county: Arc<County>,
}

impl Ready {
    /// Reads the county from SQLite files, of which `url` tells where a department's is.
    pub(crate) fn new(foundation: Foundation, url: &dyn Fn(&str) -> String) -> Ready {
        let Foundation { config, catalogue, policies } = foundation;
        let file = |department: &str| url(department).trim_start_matches("sqlite://").to_owned();
        let rows = Rows::load(&catalogue, &file);
        Ready { county: Arc::new(County { catalogue, rows }), config, policies }
    }

    /// Everything that an operation is asked of: the reference, and a gateway over each address.
    pub(crate) fn bench(&self, sqlite: &dyn Fn(&str) -> String, postgres: &dyn Fn(&str) -> String) -> Bench {
        let (sqlite, postgres) = (self.watched(sqlite), self.watched(postgres));
        Bench { county: self.county.clone(), reference: reference::schema(&self.county), sqlite, postgres }
    }

    fn watched(&self, url: &dyn Fn(&str) -> String) -> Watched {
        let ledger = Arc::new(Ledger::default());
        let mut config = self.config.clone();
        for resource in &self.county.catalogue.resources {
            let owner = resource.owner.to_string();
            config
                .departments
                .insert(owner, Department { url: url(&resource.owner), ..Department::default() });
        }
        let gateway = Gateway::new(Setup {
            policies: self.policies.clone(),
            sources: start::sources(&config, &self.county.catalogue).unwrap(),
            evidence: ledger.clone(),
            clock: SystemClock::shared(),
            limits: config.limits,
            row_limit: config.fetch.rows,
            bulk_requests: config.fetch.bulk_requests,
            secret: vec![7; 32],
        });
        Watched { gateway, ledger }
    }

    /// All callers; the seed decides what of the withheld they ask for.
    pub(crate) fn askers(&self, seed: u64) -> Vec<Asker> {
        let mut askers: Vec<Asker> = Vec::new();
        let mut rng = Random::new(seed);
        for (department, role, purpose, division) in CALLERS {
            let known = askers.iter().find(|asker| asker.asking.caller.department == department);
            let table = known.map(|asker| asker.asking.table.clone());
            let table = table.unwrap_or_else(|| self.table(department, role, purpose));
            let asking = Arc::new(Asking { caller: Arc::new(caller(department, role, division)), table });
            let openings = Openings::of(&self.county.catalogue, &asking, &mut rng);
            askers.push(Asker { asking, openings });
        }
        askers
    }

    /// One caller of the whole county.
    pub(crate) fn asking(&self, department: &str, role: &str, purpose: &str) -> Arc<Asking> {
        let caller = Arc::new(caller(department, role, "410727000000"));
        Arc::new(Asking { caller, table: self.table(department, role, purpose) })
    }

    fn table(&self, department: &str, role: &str, purpose: &str) -> Arc<DecisionTable> {
        let profile = Profile { department: department.into(), role: role.into(), purpose: purpose.into() };
        let table = self.policies.table(&profile);
        // Nobody here states a case.
        Arc::new(if table.needs_cases() { table.outside_case() } else { table })
    }
}

fn caller(department: &str, role: &str, division: &str) -> Caller {
    Caller {
        issuer: String::new(),
        subject: String::from("officer"),
        department: department.to_owned(),
        role: role.to_owned(),
        division: division.to_owned(),
        token_id: None,
        person: None,
    }
}
