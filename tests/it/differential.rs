//! The compiled reads held against async-graphql's own executor: random valid operations of several
//! callers give the same `data`, withhold the same fields, and give the same bytes from SQLite and
//! from PostgreSQL.
//!
//! `YIMEN_DIFFERENTIAL_SEED` starts from another seed and `YIMEN_DIFFERENTIAL_DOCUMENTS` asks another
//! number of documents; a failure prints the operation, cut down, with the seed that makes it again.

mod arguments;
mod awkward;
mod compare;
mod crowd;
pub(crate) mod databases;
pub(crate) mod expected;
pub(crate) mod generate;
pub(crate) mod ledger;
pub(crate) mod openings;
pub(crate) mod operation;
pub(crate) mod random;
mod reference;
mod regressions;
pub(crate) mod resolve;
pub(crate) mod rows;
mod run;
mod setup;
pub(crate) mod shrink;
pub(crate) mod value;
mod walk;

use std::sync::Arc;

use yimen::config::Config;

use crate::differential::databases::{Databases, Kind};
use crate::differential::run::Run;
use crate::differential::setup::{Foundation, Ready};

/// Documents of a run; each is asked three times.
const DOCUMENTS: u64 = 1_000;

/// The seed of a run for which none is named.
const SEED: u64 = 20_261_122;

#[test]
fn random_operations_are_answered_as_the_reference_answers_them() {
    let seed = number("YIMEN_DIFFERENTIAL_SEED").unwrap_or(SEED);
    let documents = number("YIMEN_DIFFERENTIAL_DOCUMENTS").unwrap_or(DOCUMENTS);
    // More threads than cores: the policies are asked for reasons where answers are written.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(6).enable_all().build().unwrap();
    let told = runtime.block_on(async {
        let databases = Databases::create().await;
        let sqlite = |department: &str| databases.url(Kind::Sqlite, department);
        let postgres = |department: &str| databases.url(Kind::Postgres, department);
        let foundation = Foundation::of(Config::read(None).unwrap());
        databases.worsen(&foundation.catalogue).await;
        let ready = Ready::new(foundation, &sqlite);
        let run = Run { bench: ready.bench(&sqlite, &postgres), askers: ready.askers(seed), seed };
        let told = Arc::new(run).all(documents).await;
        databases.drop_all().await;
        told
    });
    assert!(told.is_empty(), "seed {seed}:\n\n{}", told.join("\n\n"));
}

fn number(name: &str) -> Option<u64> {
    yimen::config::environment(name).map(|text| text.parse().unwrap())
}
