//! What random operations of one caller ask for: all that is granted, and something of what is withheld,
//! or most operations of some callers would answer nothing.

use yimen_policy::Decision;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Root, RootKind};

use crate::differential::random::Random;
use crate::differential::resolve::Asking;

/// How many withheld coordinates are asked for.
const BAITS: usize = 60;

/// The coordinates and roots that may be asked for.
#[derive(Debug)]
pub(crate) struct Openings {
    asked: Vec<bool>,
    roots: Vec<String>,
}

impl Openings {
    pub(crate) fn of(catalogue: &Catalogue, asking: &Asking, rng: &mut Random) -> Openings {
        let is_closed = |id: &CoordinateId| asking.table.decision(*id) == Decision::Deny;
        let baits = rng.sample(catalogue.coordinate_ids().filter(is_closed).collect(), BAITS);
        let asked = catalogue.coordinate_ids().map(|id| !is_closed(&id) || baits.contains(&id)).collect();
        Openings { asked, roots: roots(catalogue, asking, rng) }
    }

    /// The same about few coordinates: those that are named, all links, and some of the others.
    pub(crate) fn about(
        catalogue: &Catalogue,
        asking: &Asking,
        named: &[String],
        rng: &mut Random,
    ) -> Openings {
        let mut is_asked = |id: CoordinateId| {
            let coordinate = catalogue.coordinate(id);
            let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
            matches!(def, FieldDef::Link(_)) || named.contains(&coordinate.name) || rng.chance(15)
        };
        let asked = catalogue.coordinate_ids().map(&mut is_asked).collect();
        Openings { asked, roots: roots(catalogue, asking, rng) }
    }

    /// Whether a field may be asked for, or lists be compared and ordered by it.
    pub(crate) fn may_ask(&self, id: CoordinateId) -> bool {
        self.asked[id.0 as usize]
    }

    /// The roots that may be asked for.
    pub(crate) fn roots(&self) -> &[String] {
        &self.roots
    }
}

/// Every root that answers, and one that doesn't.
fn roots(catalogue: &Catalogue, asking: &Asking, rng: &mut Random) -> Vec<String> {
    let is_open = |root: &Root| {
        let resource = catalogue.resource(root.resource);
        match root.kind {
            RootKind::One { by } | RootKind::Many { by, .. } => {
                asking.may_enter(resource) && asking.table.lookup(resource.fields[by].coordinate).is_ok()
            }
            RootKind::Page { .. } => asking.page_refusal(resource).is_none(),
        }
    };
    let mut roots: Vec<&Root> = catalogue.roots.values().collect();
    roots.sort_by(|a, b| a.name.cmp(&b.name));
    let (open, closed): (Vec<&Root>, Vec<&Root>) = roots.into_iter().partition(|root| is_open(root));
    open.into_iter().chain(rng.choose(&closed).copied()).map(|root| root.name.clone()).collect()
}
