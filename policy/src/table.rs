//! The answers of the policies for one profile, as an array: a decision is a lookup.

use std::sync::{Arc, OnceLock};

use yimen_schema::{Catalogue, CoordinateId, Field, FieldDef, Mask, ResourceId, ShareClass};

use crate::cedar::Policies;
use crate::codes::Codes;
use crate::consents::Needs;
use crate::entities::Classed;
use crate::grants::Applied;
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

impl Profile {
    /// The same caller for another purpose.
    pub(crate) fn stating(&self, purpose: &str) -> Profile {
        Profile { purpose: purpose.to_owned(), ..self.clone() }
    }
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
    /// A grant opened it when grants could last be read.
    GrantsUnavailable,
    /// The stated case doesn't need it.
    NotInCase,
    /// The person's authorisation in a case is missing.
    NoConsent,
    /// No supervision task is stated.
    NoTask,
    /// The stated supervision task doesn't ask for it.
    NotInTask,
}

impl Reason {
    /// The value of `DenyReason` and of `errors[].extensions.reason`.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NotGranted => "NOT_GRANTED",
            Reason::Purpose => "PURPOSE",
            Reason::NotShared => "NOT_SHARED",
            Reason::GrantsUnavailable => "GRANTS_UNAVAILABLE",
            Reason::NotInCase => "NOT_IN_CASE",
            Reason::NoConsent => "NO_CONSENT",
            Reason::NoTask => "NO_TASK",
            Reason::NotInTask => "NOT_IN_TASK",
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
    classed: Arc<Classed>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) lookups: Vec<bool>,
    /// Whether this profile may read anything of a resource.
    pub(crate) readable: Vec<bool>,
    pub(crate) rows: Vec<RowScope>,
    pub(crate) reasons: Vec<OnceLock<Reason>>,
    /// Whether rows are those of one case's family.
    in_case: bool,
    fingerprint: u64,
    version: Arc<str>,
    grants: Vec<String>,
    needs: Needs,
}

/// What Cedar answers for one profile.
pub(crate) struct Decided {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) lookups: Vec<bool>,
    pub(crate) rows: Vec<RowScope>,
}

impl DecisionTable {
    pub(crate) fn new(
        policies: Arc<Policies>,
        profile: Profile,
        classed: Arc<Classed>,
        decided: Decided,
    ) -> Self {
        let Decided { mut decisions, lookups, rows } = decided;
        let readable = readable(policies.catalogue(), &decisions);
        decide_links(policies.catalogue(), &readable, &mut decisions);
        let reasons = decisions.iter().map(|_| OnceLock::new()).collect();
        let fingerprint = fingerprint(&policies, &decisions, &lookups, &rows);
        let version = policies.version().into();
        let grants = Vec::new();
        let needs = Needs::of(&policies.codes().consents, &profile);
        DecisionTable {
            policies,
            profile,
            classed,
            decisions,
            lookups,
            readable,
            rows,
            reasons,
            in_case: false,
            fingerprint,
            version,
            grants,
            needs,
        }
    }

    /// The same decisions, with the grants that they rest on.
    pub(crate) fn by(mut self, applied: &Applied) -> Self {
        if let Some(grants) = applied.version() {
            self.version = format!("{}+{grants}", self.version).into();
        }
        self.grants = applied.grants().iter().map(|grant| grant.id().to_owned()).collect();
        self
    }

    /// The same decisions, with the reason why these coordinates are withheld where they are.
    pub(crate) fn because(self, reason: Reason, ids: impl Iterator<Item = CoordinateId>) -> Self {
        for id in ids.filter(|id| self.decision(*id) == Decision::Deny) {
            self.reasons[id.0 as usize].get_or_init(|| reason);
        }
        self
    }

    /// Other decisions in the place of these, for rows of one case's family or for any.
    pub(crate) fn with(&self, decided: Decided, in_case: bool) -> Self {
        let mut table =
            DecisionTable::new(self.policies.clone(), self.profile.clone(), self.classed.clone(), decided);
        table.version = self.version.clone();
        table.grants = self.grants.clone();
        for (at, reason) in
            self.reasons.iter().enumerate().filter(|(at, _)| self.decisions[*at] == Decision::Deny)
        {
            if !matches!(self.field(at).def, FieldDef::Link(_)) {
                table.reasons[at] = reason.clone();
            }
        }
        table.in_case = in_case;
        table.fingerprint = table.fingerprint.rotate_left(u32::from(in_case));
        table
    }

    fn field(&self, at: usize) -> &Field {
        let coordinate = &self.catalogue().coordinates[at];
        &self.catalogue().resource(coordinate.resource).fields[coordinate.field]
    }

    /// Whether only rows of one case's family may be read.
    pub fn is_in_case(&self) -> bool {
        self.in_case
    }

    pub(crate) fn decided(&self) -> Decided {
        Decided { decisions: self.decisions.clone(), lookups: self.lookups.clone(), rows: self.rows.clone() }
    }

    /// The profile that these decisions are for.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The catalogue that the decisions speak of.
    pub fn catalogue(&self) -> &Catalogue {
        self.policies.catalogue()
    }

    /// The class of a coordinate for readers of the division and the day that these decisions are for.
    pub fn class(&self, id: CoordinateId) -> ShareClass {
        self.classed.class(id)
    }

    pub(crate) fn classed(&self) -> &Arc<Classed> {
        &self.classed
    }

    /// What is read with consent only.
    pub(crate) fn needs(&self) -> &Needs {
        &self.needs
    }

    /// The roles and purposes that the policies speak of.
    pub(crate) fn codes(&self) -> &Codes {
        self.policies.codes()
    }

    /// The version of the policies that made the decisions; where grants apply too, `+` and the version of
    /// these.
    pub fn policy_version(&self) -> &Arc<str> {
        &self.version
    }

    /// The names of the grants that made the decisions beside the policies.
    pub fn grants(&self) -> &[String] {
        &self.grants
    }

    /// Equal for tables that decide everything alike: what caches of plans are keyed by.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The decision about a coordinate; a link is clear where it leads to something readable.
    pub fn decision(&self, id: CoordinateId) -> Decision {
        self.decisions[id.0 as usize]
    }

    /// Which rows of a resource this profile reads.
    pub fn rows(&self, id: ResourceId) -> RowScope {
        self.rows[id.0 as usize]
    }

    /// Why a coordinate is withheld. Asked of the policies at the first refusal, then kept.
    pub fn reason(&self, id: CoordinateId) -> Reason {
        if matches!(self.decision(id), Decision::Mask(_)) {
            // What is answered reduced is withheld only from being searched on.
            return Reason::NotGranted;
        }
        let coordinate = self.catalogue().coordinate(id);
        let field = &self.catalogue().resource(coordinate.resource).fields[coordinate.field];
        let ask = || match &field.def {
            FieldDef::Link(link) => self.reason_of_all(link.target),
            FieldDef::Item(_) | FieldDef::Summary(_) => {
                self.policies.reason(&self.profile, &self.classed, id)
            }
        };
        *self.reasons[id.0 as usize].get_or_init(ask)
    }

    /// What a purpose is called in Chinese; the code itself where it isn't catalogued.
    pub fn purpose_text<'a>(&'a self, code: &'a str) -> &'a str {
        let mut purposes = self.policies.codes().purposes.iter();
        purposes.find(|purpose| purpose.code == code).map_or(code, |purpose| purpose.name.1.as_str())
    }

    /// Why nothing of a resource may be read: the reason that leaves most hope.
    pub(crate) fn reason_of_all(&self, id: ResourceId) -> Reason {
        let fields = self.catalogue().resource(id).fields.iter();
        let told = fields.filter(|field| !matches!(field.def, FieldDef::Link(_)));
        let reasons: Vec<Reason> = told.map(|field| self.reason(field.coordinate)).collect();
        let hopes = [
            Reason::GrantsUnavailable,
            Reason::NoConsent,
            Reason::NotInCase,
            Reason::NoTask,
            Reason::NotInTask,
            Reason::Purpose,
            Reason::NotGranted,
        ];
        let hope = hopes.into_iter().find(|reason| reasons.contains(reason));
        hope.unwrap_or(Reason::NotShared)
    }
}

/// A resource is readable where at least one of its items or summaries is; a way onward is not enough,
/// or whether a row exists could be told from a row of which nothing may be read.
fn readable(catalogue: &Catalogue, decisions: &[Decision]) -> Vec<bool> {
    let tells = |field: &Field| match field.def {
        FieldDef::Item(_) | FieldDef::Summary(_) => decisions[field.coordinate.0 as usize] != Decision::Deny,
        FieldDef::Link(_) => false,
    };
    catalogue.resources.iter().map(|resource| resource.fields.iter().any(tells)).collect()
}

/// A link may be followed where what it leads to is readable, whatever policies say of the link itself.
fn decide_links(catalogue: &Catalogue, readable: &[bool], decisions: &mut [Decision]) {
    for field in catalogue.resources.iter().flat_map(|resource| &resource.fields) {
        if let FieldDef::Link(link) = &field.def {
            let open = readable[link.target.0 as usize];
            decisions[field.coordinate.0 as usize] = if open { Decision::Clear } else { Decision::Deny };
        }
    }
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
