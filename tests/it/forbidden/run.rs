//! A run: sets of grants, each asked about by many callers. What is told against the reference is cut down, the
//! operation first and then the grants, before it is shown.

use std::sync::Arc;

use futures::StreamExt;
use serde_json::Value as Json;

use crate::differential::generate;
use crate::differential::openings::Openings;
use crate::differential::operation::Operation;
use crate::differential::random::Random;
use crate::differential::resolve::Asking;
use crate::differential::shrink;
use crate::forbidden::ask::Ways;
use crate::forbidden::decision::{Asker, Reference, Row};
use crate::forbidden::fault::Fault;
use crate::forbidden::grants::{self, Ground, TODAY};
use crate::forbidden::marks::Marks;
use crate::forbidden::search::{Memory, Search, Seen};
use crate::forbidden::stand::{Answer, Stand, caller};

/// Cases under one set of grants, and the callers who ask each operation.
const EACH: u64 = 100;
const CALLERS: u64 = 10;

/// One operation in so many is made without regard to grants.
const ANY_KIND: u64 = 5;

/// Operations that are asked at once.
const AT_ONCE: usize = 4;

/// Everything that a run asks.
pub(crate) struct Run {
    stand: Arc<Stand>,
    marks: Arc<Marks>,
    reference: Arc<Reference>,
    ways: Ways,
    seed: u64,
}

/// What a run was good for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Covered {
    pub(crate) answered: u64,
    pub(crate) refused: u64,
    pub(crate) told: u64,
    pub(crate) opened: u64,
    pub(crate) reduced: u64,
    pub(crate) withheld: u64,
}

/// An operation whose answer tells what is forbidden.
struct Failure {
    set: u64,
    asker: Asker,
    operation: Operation,
    told: String,
}

impl Run {
    pub(crate) async fn new(seed: u64) -> Run {
        let stand = Stand::new(seed).await;
        let marks = Marks::of(stand.catalogue(), &stand.county.rows);
        assert!(marks.own() > 5_000, "{} values are their cell's own", marks.own());
        let reference = Reference::new(stand.county.catalogue.clone(), &grants::profiles(), TODAY);
        let ways = Ways::of(stand.catalogue());
        Run { stand: Arc::new(stand), marks: Arc::new(marks), reference: Arc::new(reference), ways, seed }
    }

    /// Asks so many operations of a gateway, which may be at fault.
    ///
    /// # Errors
    /// The smallest case in which something forbidden is told.
    pub(crate) async fn all(&mut self, cases: u64, fault: Option<Fault>) -> Result<Covered, String> {
        let mut covered = Covered::default();
        for set in 0..cases.div_ceil(EACH) {
            let mut rng = Random::new(self.seed.wrapping_mul(1_000_003).wrapping_add(set));
            let ground = Ground { catalogue: self.stand.catalogue(), reference: &self.reference };
            let rows = ground.rows(&mut rng);
            self.bring(&rows, fault).await;
            if let Err(failure) = self.set(set, &rows, &mut covered).await {
                return Err(self.tell(*failure, rows, fault).await);
            }
        }
        Ok(covered)
    }

    async fn bring(&self, rows: &[Row], fault: Option<Fault>) {
        match fault {
            Some(fault) => self.stand.grant(&fault.taken(rows)).await,
            None => self.stand.grant(rows).await,
        }
    }

    /// The operations under one set of grants, each asked by several callers.
    async fn set(&self, set: u64, rows: &[Row], covered: &mut Covered) -> Result<(), Box<Failure>> {
        let mut rng = Random::new(!self.seed.wrapping_mul(1_000_003).wrapping_add(set));
        for of_set in 0..EACH / CALLERS {
            // Most who ask are those whom the grants that are asked about mean.
            let meant = grants::asker(&mut rng);
            let operation = self.operation(of_set, &meant, rows, &mut rng);
            let asker = |at: u64| {
                let other = grants::asker(&mut rng);
                let profile = if at < CALLERS / 2 { meant.profile.clone() } else { other.profile };
                Asker { profile, division: other.division }
            };
            let askers: Vec<Asker> = (0..CALLERS).map(asker).collect();
            let each = |asker: Asker| {
                let operation = &operation;
                async move {
                    let found = self.ask(&asker, operation, rows).await;
                    let operation = operation.clone();
                    found.map_err(|told| Box::new(Failure { set, asker, operation, told }))
                }
            };
            let mut results = futures::stream::iter(askers).map(each).buffered(AT_ONCE);
            while let Some(result) = results.next().await {
                covered.add(result?);
            }
        }
        Ok(())
    }

    /// An operation that asks for what grants speak of and for something of the rest; one in so many is of any kind.
    fn operation(&self, of_set: u64, asker: &Asker, rows: &[Row], rng: &mut Random) -> Operation {
        let county = &self.stand.county;
        let rows: Vec<Row> =
            rows.iter().filter(|row| row.grant.department == asker.profile.department).cloned().collect();
        if of_set % ANY_KIND != ANY_KIND - 1 && !rows.is_empty() {
            return self.ways.operation(county, &rows, rng);
        }
        let table = self.stand.in_force.table(&asker.profile, &asker.division, TODAY.parse().unwrap());
        let asking = Asking { caller: caller(asker), table };
        let named =
            rows.iter().flat_map(|row| serde_json::from_str::<Vec<String>>(&row.grant.items).unwrap());
        let named: Vec<String> = named.collect();
        let openings = Openings::about(self.stand.catalogue(), &asking, &named, rng);
        let ground = generate::Ground { county, asking: &asking, openings: &openings };
        generate::operation(ground, rng.number())
    }

    /// What the answer to an operation tells.
    async fn ask(&self, asker: &Asker, operation: &Operation, rows: &[Row]) -> Result<Covered, String> {
        let (marks, reference, county) = (&self.marks, &self.reference, &self.stand.county);
        let memory = Memory::default();
        let search = Search { county, marks, reference, asker, rows, operation, memory };
        let (body, is_answered) = match self.stand.answer(asker, operation).await {
            Answer::Data(body) => (body, true),
            Answer::Refused(errors) => (format!("{{\"errors\":{errors}}}"), false),
        };
        let Seen { values, opened, reduced } = search.through(&body)?;
        Ok(Covered {
            answered: u64::from(is_answered),
            refused: u64::from(!is_answered),
            told: values,
            opened,
            reduced,
            withheld: body.matches("UNAUTHORIZED_FIELD_OR_TYPE").count() as u64,
        })
    }

    /// The smallest case that fails, as text.
    async fn tell(&self, mut failure: Failure, mut rows: Vec<Row>, fault: Option<Fault>) -> String {
        'smaller: loop {
            for candidate in shrink::smaller(&failure.operation) {
                if let Err(told) = self.ask(&failure.asker, &candidate, &rows).await {
                    (failure.operation, failure.told) = (candidate, told);
                    continue 'smaller;
                }
            }
            break;
        }
        let mut at = 0;
        while at < rows.len() {
            let mut fewer = rows.clone();
            fewer.remove(at);
            self.bring(&fewer, fault).await;
            match self.ask(&failure.asker, &failure.operation, &fewer).await {
                Err(told) => (rows, failure.told) = (fewer, told),
                Ok(_) => at += 1,
            }
        }
        let Failure { set, asker, operation, told } = failure;
        let message = operation.message();
        let grants: String =
            rows.iter().map(|row| format!("\ngrant {} {:?}", row.state, row.grant)).collect();
        format!(
            "seed {}, set {set}, asked by {:?} in {}:\n{}\nvariables {}{grants}\n{told}",
            self.seed,
            asker.profile,
            asker.division,
            message.document,
            Json::Object(message.given)
        )
    }
}

impl Covered {
    fn add(&mut self, more: Covered) {
        let Covered { answered, refused, told, opened, reduced, withheld } = more;
        self.answered += answered;
        self.refused += refused;
        self.told += told;
        self.opened += opened;
        self.reduced += reduced;
        self.withheld += withheld;
    }
}
