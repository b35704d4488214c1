//! No answer tells what is forbidden: random operations of random callers, under grants that were given clear,
//! given reduced, refused, revoked, that have ended, haven't begun, or are for others, are answered by the
//! gateway, and every answer is searched for values that a naive reading of the policy files and of the grants,
//! row by row, forbids. Values are unique to their cells, so that one is known wherever it stands in an answer.
//!
//! `YIMEN_FORBIDDEN_SEED` starts from another seed and `YIMEN_FORBIDDEN_CASES` asks another number of
//! operations; a failure prints the operation and the grants, cut down, with the seed that makes it again.

mod ask;
mod decision;
mod divisions;
mod fault;
mod grants;
mod marks;
mod run;
mod search;
mod stand;

use crate::forbidden::fault::Fault;
use crate::forbidden::run::{Covered, Run};

/// Operations of a run.
const CASES: u64 = 5_000;

/// The seed of a run for which none is named.
const SEED: u64 = 20_261_126;

/// Operations within which a fault must be noticed.
const FAULTY_CASES: u64 = 1_500;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

fn number(name: &str) -> Option<u64> {
    yimen::config::environment(name).map(|text| text.parse().unwrap())
}

#[test]
fn no_answer_tells_what_a_naive_reading_forbids() {
    let seed = number("YIMEN_FORBIDDEN_SEED").unwrap_or(SEED);
    let cases = number("YIMEN_FORBIDDEN_CASES").unwrap_or(CASES);
    let covered = runtime().block_on(async { Run::new(seed).await.all(cases, None).await });
    let Covered { answered, refused, told, opened, reduced, withheld } =
        covered.unwrap_or_else(|failure| panic!("seed {seed}:\n{failure}"));
    eprintln!(
        "{answered} answered, {refused} refused, {told} values, {opened} opened by grants, {reduced} reduced by them, {withheld} withheld"
    );
    // A run that opens nothing by grants and withholds nothing would prove nothing.
    assert!(refused < cases / 20, "{refused} of {cases} operations couldn't be run");
    if cases >= CASES {
        assert!(
            told > 8_000 && opened > 300 && reduced > 40 && withheld > 8_000,
            "{told} {opened} {reduced} {withheld}"
        );
    }
}

/// The same search, of a gateway that takes one kind of grant for more than it says.
#[test]
fn a_grant_that_is_taken_for_more_than_it_says_is_noticed() {
    runtime().block_on(async {
        let mut run = Run::new(SEED).await;
        for fault in Fault::ALL {
            let failure =
                run.all(FAULTY_CASES, Some(fault)).await.expect_err("a gateway at fault goes unnoticed");
            let blamed = failure.lines().filter(|line| line.starts_with("grant ")).count();
            assert_eq!(blamed, 1, "{fault:?}: the smallest case has one grant:\n{failure}");
        }
    });
}
