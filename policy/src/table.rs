//! The answers of the policies for one profile, as an array: a decision is a lookup.

use std::sync::{Arc, OnceLock};

use yimen_schema::{Catalogue, CoordinateId, Mask, ResourceId};

use crate::cedar::Policies;
use crate::permit::RowScope;

/// What a decision depends on, apart from rows.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Profile {
    /// The caller's department.
    pub department: String,
    /// The caller's role.
    pub role: String,
    /// The purpose of the request.
    pub purpose: String,
}

/// How a coordinate is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// As it stands.
    Clear,
    /// Reduced.
    Mask(Mask),
    /// Withheld.
    Deny,
}

/// Why a coordinate is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// No policy of the owner grants it.
    NotGranted,
    /// A policy grants it for another purpose.
    Purpose,
    /// The item is never shared outside its owner.
    NotShared,
}

impl Reason {
    /// The value of `DenyReason` and of `errors[].extensions.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NotGranted => "NOT_GRANTED",
            Reason::Purpose => "PURPOSE",
            Reason::NotShared => "NOT_SHARED",
        }
    }
}

impl Decision {
    /// The value of the enum `Decision`.
    pub fn as_str(self) -> &'static str {
        match self {
            Decision::Clear => "CLEAR",
            Decision::Mask(_) => "MASK",
            Decision::Deny => "DENY",
        }
    }
}

/// The decisions of one profile under one version of the policies.
#[derive(Debug)]
pub struct DecisionTable {
    policies: Arc<Policies>,
    profile: Profile,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) lookups: Vec<bool>,
    /// Whether a link leads to anything that this profile may read.
    pub(crate) passages: Vec<bool>,
    pub(crate) rows: Vec<RowScope>,
    reasons: Vec<OnceLock<Reason>>,
    fingerprint: u64,
}

impl DecisionTable {
    pub(crate) fn new(
        policies: Arc<Policies>,
        profile: Profile,
        decisions: Vec<Decision>,
        lookups: Vec<bool>,
        rows: Vec<RowScope>,
    ) -> Self {
        let passages = passages(policies.catalogue(), &decisions);
        let reasons = decisions.iter().map(|_| OnceLock::new()).collect();
        let fingerprint = fingerprint(&policies, &decisions, &lookups, &rows);
        DecisionTable { policies, profile, decisions, lookups, passages, rows, reasons, fingerprint }
    }

    /// The profile that these decisions are for.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The catalogue that the decisions speak of.
    pub fn catalogue(&self) -> &Catalogue {
        self.policies.catalogue()
    }

    /// The version of the policies that made the decisions.
    pub fn policy_version(&self) -> &str {
        self.policies.version()
    }

    /// Equal for tables that decide everything alike: what caches of plans are keyed by.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The decision about a coordinate; a link is clear where it leads to anything readable.
    pub fn decision(&self, id: CoordinateId) -> Decision {
        let at = id.0 as usize;
        if self.passages[at] { Decision::Clear } else { self.decisions[at] }
    }

    /// Which rows of a resource this profile reads.
    pub fn rows(&self, id: ResourceId) -> RowScope {
        self.rows[id.0 as usize]
    }

    /// Why a coordinate is withheld. Asked of the policies at the first refusal, then kept.
    pub fn reason(&self, id: CoordinateId) -> Reason {
        *self.reasons[id.0 as usize].get_or_init(|| self.policies.reason(&self.profile, id))
    }
}

/// A link may be followed where at least one item or summary behind it may be read.
fn passages(catalogue: &Catalogue, decisions: &[Decision]) -> Vec<bool> {
    use yimen_schema::FieldDef;
    let readable: Vec<bool> = catalogue
        .resources
        .iter()
        .map(|resource| {
            let items = resource.fields.iter().filter(|f| matches!(f.def, FieldDef::Item(_)));
            items.into_iter().any(|f| decisions[f.coordinate.0 as usize] != Decision::Deny)
        })
        .collect();
    let fields = catalogue.resources.iter().flat_map(|resource| &resource.fields);
    let mut passages = vec![false; catalogue.coordinates.len()];
    for field in fields {
        if let FieldDef::Link(link) = &field.def {
            passages[field.coordinate.0 as usize] = readable[link.target.0 as usize];
        }
    }
    passages
}

fn fingerprint(policies: &Policies, decisions: &[Decision], lookups: &[bool], rows: &[RowScope]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    policies.catalogue().version.hash(&mut hasher);
    policies.version().hash(&mut hasher);
    decisions.hash(&mut hasher);
    lookups.hash(&mut hasher);
    rows.hash(&mut hasher);
    hasher.finish()
}
