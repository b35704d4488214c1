//! Who may ask which own root field: what the gateway answers itself belongs to no department, so that no
//! department's policy file can speak of it. A small table beside the policies does, and what it doesn't
//! name nobody may ask.

use yimen_schema::Catalogue;

use crate::codes::Codes;
use crate::error::Problem;
use crate::table::{DecisionTable, Profile, Reason};

/// `policy/commands.csv`: field, role, departments, purposes, reach and legal basis. A role or a purpose may
/// be a group; several departments or purposes stand between `|`; `*` is any of them.
const COMMANDS: &str = include_str!("../commands.csv");

/// The right to ask an own root field; only a [`DecisionTable`] makes one.
#[derive(Clone, Debug)]
pub struct Allowed {
    reach: Reach,
    field: String,
}

/// Which objects a caller may see and change through an own root field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the caller's own person.
    Own,
    /// Those of the caller's department, in the caller's division.
    Department,
    /// Those of every department, in the caller's division.
    Division,
}

impl Allowed {
    /// Which objects.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// The root field.
    pub fn field(&self) -> &str {
        &self.field
    }
}

struct Row<'a> {
    line: usize,
    field: &'a str,
    role: &'a str,
    departments: Vec<&'a str>,
    purposes: Vec<&'a str>,
    reach: &'a str,
    basis: &'a str,
}

fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    let lines = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| {
        let mut columns = line.split(',').map(str::trim);
        let mut next = || columns.next().unwrap_or_default();
        Row {
            line: at + 1,
            field: next(),
            role: next(),
            departments: next().split('|').collect(),
            purposes: next().split('|').collect(),
            reach: next(),
            basis: next(),
        }
    })
}

fn reach(text: &str) -> Option<Reach> {
    match text {
        "OWN" => Some(Reach::Own),
        "DEPARTMENT" => Some(Reach::Department),
        "DIVISION" => Some(Reach::Division),
        _ => None,
    }
}

impl Row<'_> {
    fn is_for_caller(&self, codes: &Codes, profile: &Profile) -> bool {
        let group = codes.roles.iter().find(|role| role.code == profile.role).map(|role| role.group.as_str());
        let is_role = self.role == profile.role || Some(self.role) == group;
        let is_department = self.departments.iter().any(|code| *code == "*" || *code == profile.department);
        is_role && is_department
    }

    fn is_for_purpose(&self, codes: &Codes, purpose: &str) -> bool {
        let group = codes.purposes.iter().find(|known| known.code == purpose).map(|p| p.group.as_str());
        self.purposes.iter().any(|code| *code == "*" || *code == purpose || Some(*code) == group)
    }
}

impl DecisionTable {
    /// The right to ask an own root field, named by its coordinate.
    ///
    /// # Errors
    /// Why not: no row for this department and role, or one for another purpose.
    pub fn may(&self, coordinate: &str) -> Result<Allowed, Reason> {
        may(COMMANDS, self.codes(), self.profile(), coordinate)
    }
}

fn may(text: &str, codes: &Codes, profile: &Profile, coordinate: &str) -> Result<Allowed, Reason> {
    let mut reason = Reason::NotGranted;
    for row in rows(text).filter(|row| row.field == coordinate && row.is_for_caller(codes, profile)) {
        let Some(reach) = reach(row.reach) else { continue };
        if row.is_for_purpose(codes, &profile.purpose) {
            return Ok(Allowed { reach, field: coordinate.to_owned() });
        }
        reason = Reason::Purpose;
    }
    Err(reason)
}

/// What is wrong with the table: a field that doesn't exist or that no row covers, an unknown code, a row
/// without a basis.
pub(crate) fn problems(catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    check(COMMANDS, catalogue, codes)
}

/// The text, which belongs to the policies' version.
pub(crate) fn text() -> &'static str {
    COMMANDS
}

fn check(text: &str, catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    let own: Vec<String> = catalogue.own.iter().map(|field| field.coordinate()).collect();
    let mut problems = Vec::new();
    let mut problem = |subject: &str, message: String| {
        let file = String::from("commands.csv");
        problems.push(Problem { file, subject: subject.to_owned(), message });
    };
    for row in rows(text) {
        for message in row_problems(&row, &own, catalogue, codes) {
            problem(row.field, format!("line {}: {message}", row.line));
        }
    }
    for coordinate in own.iter().filter(|coordinate| !rows(text).any(|row| row.field == **coordinate)) {
        problem(coordinate, String::from("no row says who may ask this root field"));
    }
    problems
}

fn row_problems(row: &Row<'_>, own: &[String], catalogue: &Catalogue, codes: &Codes) -> Vec<String> {
    let mut messages = Vec::new();
    let mut unknown = |what: &str, name: &str| messages.push(format!("there is no {what} `{name}`"));
    if !own.iter().any(|known| known == row.field) {
        unknown("own root field", row.field);
    }
    if !codes.roles.iter().any(|role| role.code == row.role || role.group == row.role) {
        unknown("role", row.role);
    }
    for code in row.departments.iter().filter(|code| **code != "*") {
        if !catalogue.departments.iter().any(|known| known == code) {
            unknown("department", code);
        }
    }
    for code in row.purposes.iter().filter(|code| **code != "*") {
        if !codes.purposes.iter().any(|known| known.code == **code || known.group == **code) {
            unknown("purpose", code);
        }
    }
    if reach(row.reach).is_none() {
        unknown("reach", row.reach);
    }
    if row.basis.is_empty() {
        messages.push(String::from("a row needs the clause that it rests on"));
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "field,role,departments,purposes,reach,basis\n";

    fn profile(department: &str, role: &str, purpose: &str) -> Profile {
        Profile { department: department.into(), role: role.into(), purpose: purpose.into() }
    }

    #[test]
    fn a_row_allows_what_it_names_and_nothing_beside_it() {
        let table = format!("{HEAD}Query.case,CASEWORK,UNION|HRSS,CASEWORK,DEPARTMENT,000 1\n");
        let codes = Codes::bundled();
        let may = |department, role, purpose, field| {
            may(&table, &codes, &profile(department, role, purpose), field).map(|allowed| allowed.reach())
        };
        assert_eq!(may("UNION", "REVIEWER", "MLA_REVIEW", "Query.case"), Ok(Reach::Department));
        assert_eq!(may("UNION", "REVIEWER", "STATISTICS", "Query.case"), Err(Reason::Purpose));
        assert_eq!(may("HOUSING", "REVIEWER", "MLA_REVIEW", "Query.case"), Err(Reason::NotGranted));
        assert_eq!(may("UNION", "AUDITOR", "MLA_REVIEW", "Query.case"), Err(Reason::NotGranted));
        assert_eq!(may("UNION", "REVIEWER", "MLA_REVIEW", "Mutation.case"), Err(Reason::NotGranted));
    }

    #[test]
    fn a_table_that_names_what_does_not_exist_is_refused() {
        let catalogue = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        let codes = Codes::bundled();
        assert_eq!(check(COMMANDS, &catalogue, &codes), Vec::new());
        for (row, told) in [
            ("Query.nothing,REVIEWER,*,*,OWN,x", "own root field `Query.nothing`"),
            ("Query.case,NOBODY,*,*,OWN,x", "role `NOBODY`"),
            ("Query.case,REVIEWER,UNION|ATLANTIS,*,OWN,x", "department `ATLANTIS`"),
            ("Query.case,REVIEWER,*,WHIM,OWN,x", "purpose `WHIM`"),
            ("Query.case,REVIEWER,*,*,ALL,x", "reach `ALL`"),
            ("Query.case,REVIEWER,*,*,OWN,", "clause"),
        ] {
            let problems = check(&format!("{COMMANDS}{row}\n"), &catalogue, &codes);
            assert!(problems.iter().any(|problem| problem.message.contains(told)), "{row}: {problems:?}");
        }
        let none = check(HEAD, &catalogue, &codes);
        assert_eq!(none.len(), catalogue.own.len(), "each own root field needs a row: {none:?}");
    }
}
