//! A run: random documents, each asked with several sets of values by several callers, then walks from
//! page to page. What fails is cut down before it is told.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt;
use serde_json::{Map, Value as Json};

use crate::differential::compare::{Bench, Covered};
use crate::differential::expected::Expected;
use crate::differential::generate::{self, Ground};
use crate::differential::operation::Operation;
use crate::differential::random::Random;
use crate::differential::setup::Asker;
use crate::differential::shrink;
use crate::differential::walk::Walk;

/// Connections that are walked from end to end.
const WALKS: u64 = 16;

/// How many failures are cut down and shown.
const SHOWN: usize = 3;

/// Documents that are asked at once.
const AT_ONCE: usize = 4;

/// Everything that a run asks, and on whose behalf.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) bench: Bench,
    pub(crate) askers: Vec<Asker>,
    pub(crate) seed: u64,
}

/// An operation that is answered differently.
#[derive(Clone, Debug)]
struct Failure {
    at: u64,
    asker: usize,
    /// Who asked the same document before, and with which values.
    before: Vec<(usize, Map<String, Json>)>,
    operation: Operation,
    difference: String,
}

impl Run {
    /// Runs this many documents and tells what was answered differently.
    pub(crate) async fn all(self: &Arc<Self>, documents: u64) -> Vec<String> {
        let (mut covered, mut failures) = (Vec::new(), Vec::new());
        let each = |at| {
            let run = self.clone();
            async move { tokio::spawn(async move { run.thrice(at).await }).await.unwrap() }
        };
        let mut results = futures::stream::iter(0..documents).map(each).buffer_unordered(AT_ONCE);
        while let Some(result) = results.next().await {
            match result {
                Ok(those) => covered.extend(those),
                Err(failure) => failures.push(failure),
            }
        }
        let mut told = Vec::new();
        if !failures.is_empty() {
            failures.sort_by_key(|failure| failure.at);
            told.push(format!("{} of {documents} documents are answered differently", failures.len()));
        }
        for failure in failures.into_iter().take(SHOWN) {
            told.push(self.tell(failure).await);
        }
        told.extend(self.walks().await);
        told.extend(self.crowd().await.into_iter().take(SHOWN));
        if told.is_empty() {
            let left = self.bench.sqlite.ledger.left() + self.bench.postgres.ledger.left();
            told.extend((left > 0).then(|| format!("{left} records belong to no answer")));
            told.extend(self.worth(&covered, documents));
        }
        told
    }

    /// Callers take turns; the last, who sees next to nothing, has every fortieth.
    fn asker(&self, at: u64) -> usize {
        let last = self.askers.len() - 1;
        if at % 40 == 39 { last } else { (at % last as u64) as usize }
    }

    /// One document asked three times: with other values by somebody with equal decisions, who shares
    /// its plan, and then by anybody, who must not.
    async fn thrice(&self, at: u64) -> Result<Vec<Covered>, Failure> {
        let seed = self.seed.wrapping_mul(1_000_003).wrapping_add(at);
        let mut rng = Random::new(!seed);
        let first = self.asker(at);
        let operation = generate::operation(self.ground(first), seed);
        let equals = |other: &usize| {
            let (a, b) = (&self.askers[first].asking.table, &self.askers[*other].asking.table);
            Arc::ptr_eq(a, b)
        };
        let equals: Vec<usize> = (0..self.askers.len()).filter(equals).collect();
        let askers = [first, rng.one_of(&equals), rng.below(self.askers.len())];
        let varied = [operation.clone(), operation.varied(&mut rng), operation.varied(&mut rng)];
        let (mut covered, mut before) = (Vec::new(), Vec::new());
        for (asker, operation) in askers.into_iter().zip(varied) {
            if self.expected(asker, &operation).has_empty_object {
                continue;
            }
            let given = operation.message().given;
            match self.bench.compare(&self.askers[asker].asking, &operation).await {
                Ok(what) => covered.push(what),
                Err(difference) => return Err(Failure { at, asker, before, operation, difference }),
            }
            before.push((asker, given));
        }
        Ok(covered)
    }

    fn ground(&self, asker: usize) -> Ground<'_> {
        let Asker { asking, openings } = &self.askers[asker];
        Ground { county: &self.bench.county, asking, openings }
    }

    fn expected(&self, asker: usize, operation: &Operation) -> Expected {
        Expected::of(&self.bench.county.catalogue, &self.askers[asker].asking, operation)
    }

    /// How an operation fails, if it does, after the same document was asked by others and otherwise.
    async fn failing(&self, failure: &Failure, operation: &Operation) -> Option<String> {
        if self.expected(failure.asker, operation).has_empty_object {
            return None;
        }
        for (asker, given) in &failure.before {
            // Only what it leaves behind is wanted.
            let _ = self.bench.compare(&self.askers[*asker].asking, &operation.with(given)).await;
        }
        self.bench.compare(&self.askers[failure.asker].asking, operation).await.err()
    }

    /// The failure with the smallest operation that fails in the same way.
    async fn tell(&self, mut failure: Failure) -> String {
        let kind = |difference: &str| difference.split(['(', '"', '…']).next().map(without_numbers);
        'smaller: loop {
            for candidate in shrink::smaller(&failure.operation) {
                let found = self.failing(&failure, &candidate).await;
                if let Some(found) = found.filter(|found| kind(found) == kind(&failure.difference)) {
                    (failure.operation, failure.difference) = (candidate, found);
                    continue 'smaller;
                }
            }
            break;
        }
        let Failure { at, asker, before, operation, difference } = failure;
        let asking = &self.askers[asker].asking;
        let (profile, message) = (asking.table.profile(), operation.message());
        let earlier = |(asker, given): (usize, Map<String, Json>)| {
            format!("\nafter {} with {}", self.askers[asker].asking.caller.department, Json::Object(given))
        };
        let before: String = before.into_iter().map(earlier).collect();
        format!(
            "document {at}, asked by {} {} for {} in {}:\n{}\nvariables {}{before}\n{difference}",
            profile.department,
            profile.role,
            profile.purpose,
            asking.caller.division,
            message.document,
            Json::Object(message.given),
        )
    }

    async fn walks(&self) -> Vec<String> {
        let mut rng = Random::new(self.seed);
        let mut told = Vec::new();
        for at in 0..WALKS {
            let Asker { asking, openings } = &self.askers[self.asker(at)];
            let walk = Walk::random(&self.bench, asking, openings, &mut rng);
            if let Err(difference) = walk.compare(&self.bench, asking).await {
                told.push(format!("{walk:?}, asked by {}: {difference}", asking.caller.department));
            }
        }
        told
    }

    /// Operations that ask for little prove little: what this run lacks, where it is a long one.
    fn worth(&self, covered: &[Covered], documents: u64) -> Option<String> {
        let of_all = |test: &dyn Fn(&Covered) -> bool| covered.iter().filter(|covered| test(covered)).count();
        let granted: BTreeSet<_> = covered.iter().flat_map(|covered| &covered.granted).collect();
        let (telling, withheld) =
            (of_all(&|covered| covered.values > 5), of_all(&|covered| covered.withheld > 0));
        let coordinates = self.bench.county.catalogue.coordinates.len();
        let told = format!(
            "{} operations, {telling} with more than five values, {withheld} with something withheld; \
             {} of {coordinates} coordinates answered; {} bytes on average",
            covered.len(),
            granted.len(),
            covered.iter().map(|covered| covered.bytes).sum::<usize>() / covered.len().max(1),
        );
        eprintln!("{told}");
        let is_enough = covered.len() >= 2_000
            && telling * 5 > covered.len() * 2
            && withheld * 10 > covered.len()
            && granted.len() * 10 > coordinates * 8;
        (documents >= 1_000 && !is_enough).then_some(told)
    }
}

fn without_numbers(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}
