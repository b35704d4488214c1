//! Grants made at random never open more than a reading of their text by hand does, and never less.

use chrono::{Days, NaiveDate};
use yimen_policy::{Decision, GrantRow, Grants, Profile};
use yimen_schema::{CoordinateId, ShareClass};

use crate::world::{CATALOGUE, POLICIES, decide, name, open, profile, reached, table, telling};

/// Small numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const CALLERS: [(&str, &str, &str); 5] = [
    ("UNION", "HELP_CENTRE", "UNION_FILE_CHECK"),
    ("EDUCATION", "REVIEWER", "EDUCATION_AID"),
    ("TAX", "REVIEWER", "MLA_REVIEW"),
    ("FINANCE", "WINDOW_CLERK", "STATISTICS"),
    ("UNION", "ANALYST", "DATA_MATCHING"),
];

const DIVISIONS: [&str; 5] = ["", "410727000000", "410727100000", "410727100201", "410726000000"];

fn first_day() -> NaiveDate {
    "2026-03-01".parse().expect("a day")
}

/// A grant to one of the callers, or to nearly one, of items that one owner has.
fn row(numbers: &mut Numbers, at: usize) -> GrantRow {
    let (department, _, purpose) = numbers.pick(&CALLERS);
    let items: Vec<CoordinateId> = telling().collect();
    let first = numbers.pick(&items);
    let owner = CATALOGUE.coordinate(first).owner.to_string();
    let own: Vec<CoordinateId> =
        items.into_iter().filter(|id| *CATALOGUE.coordinate(*id).owner == *owner).collect();
    let names: Vec<String> =
        (0..=numbers.below(4)).map(|_| format!("\"{}\"", name(numbers.pick(&own)))).collect();
    let from = first_day() + Days::new(numbers.below(20) as u64);
    let until = from + Days::new(numbers.below(20) as u64);
    GrantRow {
        id: format!("g{at}"),
        owner,
        department: department.to_owned(),
        role: numbers.pick(&["CASEWORK", "MATCHING", "HELP_CENTRE", "REVIEWER", "ANALYST"]).to_owned(),
        purpose: purpose.to_owned(),
        division: numbers.pick(&DIVISIONS).to_owned(),
        items: format!("[{}]", names.join(",")),
        effect: numbers.pick(&["CLEAR", "CLEAR", "MASK"]).to_owned(),
        basis: "a test's own".to_owned(),
        valid_from: from.to_string(),
        valid_until: until.to_string(),
    }
}

/// Whether a row that was taken speaks of this caller today, read by hand.
fn speaks_of(row: &GrantRow, caller: &Profile, division: &str, on: NaiveDate) -> bool {
    let group = match caller.role.as_str() {
        "ANALYST" => "MATCHING",
        _ => "CASEWORK",
    };
    let on = on.to_string();
    let zeros = row.division.trim_end_matches('0');
    // The divisions of this test end their levels where their zeros begin, but for the town's.
    let within = if row.division == "410727100000" { "410727100" } else { zeros };
    caller.department == row.department
        && (row.role == caller.role || row.role == group)
        && caller.purpose == row.purpose
        && division.starts_with(within)
        && row.valid_from <= on
        && on <= row.valid_until
}

fn expected(base: Decision, id: CoordinateId, rows: &[&GrantRow], caller: &Profile) -> Decision {
    let coordinate = CATALOGUE.coordinate(id);
    let named = |row: &&&GrantRow| row.items.contains(&format!("\"{}\"", coordinate.name));
    let purpose = POLICIES.codes().purpose(&caller.purpose).expect("a purpose");
    let is_needed = coordinate.class == ShareClass::Unconditional
        || *coordinate.owner == *caller.department
        || purpose.needs(&reached(id).name, &reached(id).section);
    let opened = rows.iter().filter(named).filter(|_| is_needed);
    let effects: Vec<&str> = opened.map(|row| row.effect.as_str()).collect();
    match (base, coordinate.mask) {
        (Decision::Clear, _) => Decision::Clear,
        _ if effects.contains(&"CLEAR") => Decision::Clear,
        (Decision::Mask(mask), _) => Decision::Mask(mask),
        (_, Some(mask)) if effects.contains(&"MASK") => Decision::Mask(mask),
        _ => Decision::Deny,
    }
}

#[test]
fn random_grants_open_what_they_say_and_nothing_else() {
    let mut numbers = Numbers(2_026);
    let (mut cells, mut opened, mut refused) = (0, 0, 0);
    for _ in 0..600 {
        let rows: Vec<GrantRow> = (0..30).map(|at| row(&mut numbers, at)).collect();
        let (grants, problems) = Grants::read(&POLICIES, &rows);
        // Masks that an item doesn't have and items that are never shared refuse the whole grant.
        let is_refused = |row: &GrantRow| problems.iter().any(|problem| problem.subject == row.id);
        refused += rows.iter().filter(|row| is_refused(row)).count();
        let (department, role, purpose) = numbers.pick(&CALLERS);
        let caller = profile(department, role, purpose);
        let division = numbers.pick(&DIVISIONS[1..]);
        let on = first_day() + Days::new(numbers.below(40) as u64);
        let base = table(department, role, purpose);
        let decided = POLICIES.table_with(open(&base), &grants.applying(&caller, division, on));
        let taken = rows.iter().filter(|row| !is_refused(row));
        let speaking: Vec<&GrantRow> = taken.filter(|row| speaks_of(row, &caller, division, on)).collect();
        for id in telling() {
            let fits = expected(decide(&base, id), id, &speaking, &caller);
            assert_eq!(
                decided.decision(id),
                fits,
                "{} for {caller:?} in {division} on {on}: {speaking:?}",
                name(id)
            );
            cells += 1;
            opened += usize::from(fits != decide(&base, id));
        }
    }
    assert!(
        cells > 200_000 && opened > 100 && refused > 500,
        "{cells} cells, {opened} opened, {refused} refused"
    );
}
