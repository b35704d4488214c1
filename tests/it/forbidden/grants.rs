//! Grants at random: given, given reduced, refused, revoked, ended, not yet begun, for another region, role,
//! department or purpose, and some that name what isn't their owner's to grant.

use yimen_policy::{GrantRow, Profile};
use yimen_schema::{Catalogue, CoordinateId, ShareClass};

use crate::differential::random::Random;
use crate::forbidden::decision::{Asker, Reference, Row, Told, telling};

/// The day on which everything is asked.
pub(crate) const TODAY: &str = "2026-03-15";

/// A day after all others.
pub(crate) const LAST_DAY: &str = "2027-12-31";

/// Who asks: department, role and purpose.
const CALLERS: [(&str, &str, &str); 9] = [
    ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
    ("TAX", "REVIEWER", "MLA_REVIEW"),
    ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW"),
    ("TOWNSHIP_GOV", "WINDOW_CLERK", "TEMPORARY_ASSISTANCE"),
    ("HOUSING", "REVIEWER", "HOUSING_SECURITY"),
    ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
    ("HRSS", "REVIEWER", "EMPLOYMENT_ASSISTANCE"),
    ("FINANCE", "WINDOW_CLERK", "MLA_REVIEW"),
    ("CIVIL_AFFAIRS", "ANALYST", "DATA_MATCHING"),
];

/// Where callers serve: a county, two towns of it, a village, their city, and another county.
const DIVISIONS: [&str; 7] = [
    "410727000000",
    "410727000000",
    "410727100000",
    "410727102000",
    "410727100201",
    "410700000000",
    "410726000000",
];

/// The profiles of all callers.
pub(crate) fn profiles() -> Vec<Profile> {
    let owned = str::to_owned;
    let profile = |(department, role, purpose)| Profile {
        department: owned(department),
        role: owned(role),
        purpose: owned(purpose),
    };
    CALLERS.into_iter().map(profile).collect()
}

/// A caller.
pub(crate) fn asker(rng: &mut Random) -> Asker {
    let profile = profiles().swap_remove(rng.below(CALLERS.len()));
    Asker { profile, division: rng.one_of(&DIVISIONS).to_owned() }
}

/// What grants are made from.
pub(crate) struct Ground<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) reference: &'a Reference,
}

impl Ground<'_> {
    /// A set of grants.
    pub(crate) fn rows(&self, rng: &mut Random) -> Vec<Row> {
        (0..30).map(|at| self.row(rng, at)).collect()
    }

    fn row(&self, rng: &mut Random, at: usize) -> Row {
        let at_caller = rng.below(CALLERS.len());
        let ((department, role, purpose), meant) = (CALLERS[at_caller], &profiles()[at_caller]);
        let effect = rng.one_of(&["CLEAR", "CLEAR", "MASK"]);
        let (owner, items) = self.items(rng, meant, effect);
        let (valid_from, valid_until) = term(rng);
        let group = match role {
            "ANALYST" => "MATCHING",
            _ => "CASEWORK",
        };
        let nearly = |rng: &mut Random, real: &str, others: &[&str]| match rng.chance(10) {
            true => rng.one_of(others).to_owned(),
            false => real.to_owned(),
        };
        let grant = GrantRow {
            id: format!("2026-{at:04}"),
            owner,
            department: nearly(rng, department, &["FINANCE", "TAX", "UNION"]),
            role: nearly(rng, rng.clone().one_of(&[role, group]), &["AUDITOR", "WINDOW_CLERK", "ANALYST"]),
            purpose: nearly(rng, purpose, &["STATISTICS", "MEDICAL_ASSISTANCE", "MLA_REVIEW"]),
            division: if rng.chance(50) { String::new() } else { rng.one_of(&DIVISIONS).to_owned() },
            items: serde_json::to_string(&items).unwrap(),
            effect: effect.to_owned(),
            basis: "a test's own".to_owned(),
            valid_from,
            valid_until,
        };
        let state = rng.one_of(&["IN_FORCE", "IN_FORCE", "IN_FORCE", "IN_FORCE", "REVOKED", "REFUSED"]);
        Row { grant, state: state.to_owned(), meant_for: purpose.to_owned() }
    }

    /// Items of one owner that the caller couldn't read whole; now and then one that can't be granted.
    fn items(&self, rng: &mut Random, profile: &Profile, effect: &str) -> (String, Vec<String>) {
        let fits = |id: &CoordinateId| {
            let least = if effect == "CLEAR" { Told::Whole } else { Told::Reduced };
            self.reference.may_be_granted(profile, *id)
                && self.reference.by_files(profile, *id) < least
                && (effect == "CLEAR" || self.catalogue.coordinate(*id).mask.is_some())
        };
        let fitting: Vec<CoordinateId> = telling(self.catalogue).filter(fits).collect();
        let all: Vec<CoordinateId> = telling(self.catalogue).collect();
        let first = rng.choose(&fitting).copied().unwrap_or(all[0]);
        let owner = self.catalogue.coordinate(first).owner.clone();
        let own: Vec<CoordinateId> =
            fitting.into_iter().filter(|id| self.catalogue.coordinate(*id).owner == owner).collect();
        let mut items = vec![first];
        items.extend((0..rng.below(6)).filter_map(|_| rng.choose(&own)).copied());
        if rng.chance(8) {
            let wrong = |id: &CoordinateId| {
                let coordinate = self.catalogue.coordinate(*id);
                coordinate.class == ShareClass::NotShared || coordinate.owner != owner
            };
            items.extend(rng.choose(&all.into_iter().filter(wrong).collect::<Vec<_>>()));
        }
        let name = |id: CoordinateId| self.catalogue.coordinate(id).name.clone();
        (owner.to_string(), items.into_iter().map(name).collect())
    }
}

/// The first and the last day of a term that holds today, that ended, or that hasn't begun.
fn term(rng: &mut Random) -> (String, String) {
    let (from, until) = match rng.below(10) {
        0..5 => ("2026-01-01", LAST_DAY),
        5 => (TODAY, LAST_DAY),
        6 => ("2026-01-01", TODAY),
        7 => ("2026-01-01", "2026-03-14"),
        8 => ("2025-01-01", "2026-03-01"),
        _ => ("2026-03-16", LAST_DAY),
    };
    (from.to_owned(), until.to_owned())
}
