//! What random operations of one profile ask for. Asking why something is withheld costs the policies
//! far more than withholding it, so that of what is withheld only a few coordinates are asked for.

use std::collections::BTreeSet;

use yimen_policy::Decision;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Link, Resource, Root, RootKind};

use crate::differential::random::Random;
use crate::differential::resolve::Asking;

/// How many withheld items and summaries are asked for.
const BAITS: usize = 40;

/// From how many withheld links the one that is asked for is chosen: that which leads to the fewest
/// fields, since the reasons of all of them are looked up.
const LINKS: usize = 1;

/// The coordinates that may be asked for.
#[derive(Debug)]
pub(crate) struct Openings {
    asked: Vec<bool>,
    roots: Vec<String>,
    /// A type whose withheld coordinates may be asked for their reasons.
    pub(crate) explained: String,
}

impl Openings {
    pub(crate) fn of(catalogue: &Catalogue, asking: &Asking, rng: &mut Random) -> Openings {
        let is_closed = |id: &CoordinateId| asking.table.decision(*id) == Decision::Deny;
        let closed = catalogue.coordinate_ids().filter(is_closed);
        let (items, links): (Vec<_>, Vec<_>) = closed.partition(|id| link_of(catalogue, *id).is_none());
        let baits = rng.sample(items, BAITS).into_iter();
        let links = rng.sample(links, LINKS).into_iter();
        let link = links.min_by_key(|id| told(catalogue, *id));
        let baits: BTreeSet<CoordinateId> = baits.chain(link).collect();
        let asked = catalogue.coordinate_ids().map(|id| !is_closed(&id) || baits.contains(&id)).collect();
        let (explained, roots) = (explained(catalogue, &is_closed, rng), roots(catalogue, asking, rng));
        Openings { asked, explained, roots }
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

fn link_of(catalogue: &Catalogue, id: CoordinateId) -> Option<&Link> {
    let coordinate = catalogue.coordinate(id);
    match &catalogue.resource(coordinate.resource).fields[coordinate.field].def {
        FieldDef::Link(link) => Some(link),
        FieldDef::Item(_) | FieldDef::Summary(_) => None,
    }
}

/// How many fields lie behind a link.
fn told(catalogue: &Catalogue, id: CoordinateId) -> usize {
    link_of(catalogue, id).map_or(0, |link| catalogue.resource(link.target).fields.len())
}

/// A type of which few coordinates would have to be explained.
fn explained(catalogue: &Catalogue, is_closed: &dyn Fn(&CoordinateId) -> bool, rng: &mut Random) -> String {
    let is_cheap = |resource: &&Resource| {
        let closed = resource.fields.iter().filter(|field| is_closed(&field.coordinate));
        closed.clone().count() <= 2 && closed.into_iter().all(|field| !matches!(field.def, FieldDef::Link(_)))
    };
    let cheap: Vec<&Resource> = catalogue.resources.iter().filter(is_cheap).collect();
    rng.choose(&cheap).map_or_else(String::new, |resource| resource.name.clone())
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
