//! The grants in force, found by whom they are for. Days come as arguments: this crate has no clock.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use crate::cedar::Policies;
use crate::divisions::Divisions;
use crate::error::Problem;
use crate::grant::{Grant, GrantRow};
use crate::table::Profile;

/// All grants of a hub, by the profiles that they speak of.
#[derive(Debug, Default)]
pub struct Grants {
    /// In which divisions callers are; none where there are no grants.
    divisions: Option<Arc<Divisions>>,
    by_profile: HashMap<Profile, Vec<Arc<Grant>>>,
    all: Vec<Arc<Grant>>,
}

/// The grants that apply to one caller on one day.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    grants: Vec<Arc<Grant>>,
    name: AppliedName,
    until: Option<NaiveDate>,
}

/// What a set of grants is known by: SHA-256 of all that they say, or nothing where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppliedName(Option<[u8; 32]>);

impl Grants {
    /// Checks the rows of a hub. A row that isn't right is left out as a whole and told.
    pub fn read(policies: &Policies, rows: &[GrantRow]) -> (Grants, Vec<Problem>) {
        let divisions = Some(policies.codes().divisions().clone());
        let (mut grants, mut problems) = (Grants { divisions, ..Grants::default() }, Vec::new());
        let mut names = HashSet::new();
        for row in rows {
            match policies.check_grant(row) {
                Ok(_) if !names.insert(&row.id) => problems.push(Problem {
                    file: String::from("sharing_grant"),
                    subject: row.id.clone(),
                    message: String::from("a second grant of this name"),
                }),
                Ok(grant) => grants.add(Arc::new(grant)),
                Err(found) => problems.extend(found),
            }
        }
        // The same grants are the same set, in whatever order they are kept.
        grants.by_profile.values_mut().for_each(|grants| grants.sort_by(|a, b| a.id.cmp(&b.id)));
        (grants, problems)
    }

    fn add(&mut self, grant: Arc<Grant>) {
        for profile in grant.profiles() {
            self.by_profile.entry(profile).or_default().push(grant.clone());
        }
        self.all.push(grant);
    }

    /// Every grant.
    pub fn all(&self) -> &[Arc<Grant>] {
        &self.all
    }

    /// The grants that apply to callers of a profile and a 12-digit division on a day.
    pub fn applying(&self, profile: &Profile, division: &str, on: NaiveDate) -> Applied {
        let Some(meant) = self.by_profile.get(profile) else { return Applied::default() };
        let mut until = self.divisions.as_ref().and_then(|divisions| divisions.next_change(on));
        let mut grants = Vec::new();
        for grant in meant.iter().filter(|grant| self.is_meant(grant, division, on)) {
            let change =
                if grant.valid_from > on { Some(grant.valid_from) } else { grant.valid_until.succ_opt() };
            if let Some(change) = change.filter(|change| *change > on) {
                until = Some(until.map_or(change, |known| known.min(change)));
            }
            if grant.is_in_force(on) {
                grants.push(grant.clone());
            }
        }
        Applied { name: AppliedName::of(&grants), grants, until }
    }

    /// Whether callers of a division are among those whom a grant means. A grant for a division whose code has ended
    /// means nobody: its owner gave it to the officers who served that one, and not to whoever came after them.
    fn is_meant(&self, grant: &Grant, division: &str, on: NaiveDate) -> bool {
        let holds = |divisions: &Arc<Divisions>| {
            divisions.area(&grant.within, on).is_ok_and(|area| area.holds(division))
        };
        grant.within.is_empty() || self.divisions.as_ref().is_some_and(holds)
    }
}

impl Applied {
    /// The grants, in the order of their names.
    pub fn grants(&self) -> &[Arc<Grant>] {
        &self.grants
    }

    /// What the set is known by.
    pub fn name(&self) -> AppliedName {
        self.name
    }

    /// The first day on which another set may apply; `None` where none is in sight.
    pub fn until(&self) -> Option<NaiveDate> {
        self.until
    }

    /// The first eight bytes of the set's name in lower hex; `None` where no grant applies.
    pub fn version(&self) -> Option<String> {
        self.name.0.map(|name| name[..8].iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl AppliedName {
    fn of(grants: &[Arc<Grant>]) -> AppliedName {
        if grants.is_empty() {
            return AppliedName(None);
        }
        let mut digest = Sha256::new();
        grants.iter().for_each(|grant| digest.update(grant.digest));
        AppliedName(Some(digest.finalize().into()))
    }
}
