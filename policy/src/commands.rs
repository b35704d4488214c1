//! Who may ask which own root field: what the gateway answers itself belongs to no department, so that no
//! department's policy file can speak of it. A small table beside the policies does, and what it doesn't
//! name nobody may ask.

use yimen_schema::Catalogue;

use crate::codes::Codes;
use crate::error::Problem;
use crate::table::{DecisionTable, Profile, Reason};
use crate::tables::{Line, Table, lines, name, problem, words};

/// The first line of `commands.csv`. A role or a purpose may be a group; several departments or purposes stand
/// between `|`; `*` is any of them.
const HEAD: &str = "field,role,departments,purposes,reach,basis";

/// The right to ask an own root field; only a [`DecisionTable`] makes one.
#[derive(Clone, Debug)]
pub struct Allowed {
    reach: Reach,
    field: String,
}

/// Which objects a caller may see and change through an own root field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

/// Whom a line of the table lets ask a field, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    line: usize,
    field: String,
    role: String,
    departments: Vec<String>,
    purposes: Vec<String>,
    reach: Reach,
}

/// Reads the table.
///
/// # Errors
/// Every line that can't be read.
pub(crate) fn read(table: &Table) -> Result<Vec<Row>, Vec<Problem>> {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for Line { number, fields } in lines::<6>(table, HEAD)? {
        let [field, role, departments, purposes, reach, basis] = fields;
        let Some(reach) = Reach::of(reach) else {
            problems.push(problem(table, number, format!("there is no reach `{reach}`")));
            continue;
        };
        if [departments, purposes].iter().any(|list| words(list).is_empty()) {
            problems.push(problem(table, number, "departments and purposes must be named, or `*` for all"));
        }
        if basis.is_empty() {
            problems.push(problem(table, number, "a row needs the clause that it rests on"));
        }
        rows.push(Row {
            line: number,
            field: field.to_owned(),
            role: role.to_owned(),
            departments: words(departments),
            purposes: words(purposes),
            reach,
        });
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

impl Reach {
    fn of(text: &str) -> Option<Reach> {
        [Reach::Own, Reach::Department, Reach::Division].into_iter().find(|reach| reach.as_str() == text)
    }

    /// The word of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Reach::Own => "OWN",
            Reach::Department => "DEPARTMENT",
            Reach::Division => "DIVISION",
        }
    }
}

impl Row {
    fn is_for_caller(&self, codes: &Codes, profile: &Profile) -> bool {
        let group = codes.roles.iter().find(|role| role.code == profile.role).map(|role| role.group.as_str());
        let is_role = self.role == profile.role || Some(self.role.as_str()) == group;
        is_role && name(&self.departments, &profile.department)
    }

    fn is_for_purpose(&self, codes: &Codes, purpose: &str) -> bool {
        let group = codes.purposes.iter().find(|known| known.code == purpose).map(|p| p.group.as_str());
        name(&self.purposes, purpose) || group.is_some_and(|group| name(&self.purposes, group))
    }
}

impl DecisionTable {
    /// The right to ask an own root field, named by its coordinate.
    ///
    /// # Errors
    /// Why not: no row for this department and role, or one for another purpose.
    pub fn may(&self, coordinate: &str) -> Result<Allowed, Reason> {
        let codes = self.codes();
        may(&codes.commands, codes, self.profile(), coordinate)
    }
}

pub(crate) fn may(
    rows: &[Row],
    codes: &Codes,
    profile: &Profile,
    coordinate: &str,
) -> Result<Allowed, Reason> {
    let mut reason = Reason::NotGranted;
    for row in rows.iter().filter(|row| row.field == coordinate && row.is_for_caller(codes, profile)) {
        if row.is_for_purpose(codes, &profile.purpose) {
            return Ok(Allowed { reach: row.reach, field: coordinate.to_owned() });
        }
        reason = Reason::Purpose;
    }
    Err(reason)
}

/// What is wrong with the table: a field that doesn't exist or that no row covers, an unknown code.
pub(crate) fn problems(catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    let table = &codes.tables.commands;
    let own: Vec<String> = catalogue.own.iter().map(|field| field.coordinate()).collect();
    let mut problems = Vec::new();
    for row in &codes.commands {
        let unknown = unknown(row, &own, catalogue, codes);
        problems.extend(unknown.into_iter().map(|message| problem(table, row.line, message)));
    }
    for coordinate in own.iter().filter(|own| !codes.commands.iter().any(|row| row.field == **own)) {
        let message = String::from("no row says who may ask this root field");
        problems.push(Problem { file: table.name.clone(), subject: coordinate.clone(), message });
    }
    problems
}

fn unknown(row: &Row, own: &[String], catalogue: &Catalogue, codes: &Codes) -> Vec<String> {
    let mut messages = Vec::new();
    let mut unknown = |what: &str, name: &str| messages.push(format!("there is no {what} `{name}`"));
    if !own.contains(&row.field) {
        unknown("own root field", &row.field);
    }
    if !codes.roles.iter().any(|role| role.code == row.role || role.group == row.role) {
        unknown("role", &row.role);
    }
    for code in row.departments.iter().filter(|code| *code != "*" && !catalogue.departments.contains(code)) {
        unknown("department", code);
    }
    let is_purpose = |code: &String| {
        code == "*" || codes.purposes.iter().any(|known| known.code == *code || known.group == *code)
    };
    for code in row.purposes.iter().filter(|code| !is_purpose(code)) {
        unknown("purpose", code);
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::tables::Tables;

    fn table(lines: &str) -> Table {
        Table { name: String::from("commands.csv"), text: format!("{HEAD}\n{lines}") }
    }

    fn profile(department: &str, role: &str, purpose: &str) -> Profile {
        Profile { department: department.into(), role: role.into(), purpose: purpose.into() }
    }

    #[test]
    fn a_row_allows_what_it_names_and_nothing_beside_it() {
        let rows = read(&table("Query.case,CASEWORK,UNION|HRSS,CASEWORK,DEPARTMENT,000 1\n")).unwrap();
        let codes = Codes::bundled();
        let may = |department, role, purpose, field| {
            may(&rows, &codes, &profile(department, role, purpose), field).map(|allowed| allowed.reach())
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
        let bundled = Tables::bundled().commands.text;
        let check = |text: String| {
            let table = Table { name: String::from("commands.csv"), text };
            let codes = Codes::read(Tables::bundled().with("commands.csv", table));
            codes.map_or_else(|error| error.problems, |codes| problems(&catalogue, &codes))
        };
        assert_eq!(check(bundled.clone()), Vec::new());
        for (row, told) in [
            ("Query.nothing,REVIEWER,*,*,OWN,x", "own root field `Query.nothing`"),
            ("Query.case,NOBODY,*,*,OWN,x", "role `NOBODY`"),
            ("Query.case,REVIEWER,UNION|ATLANTIS,*,OWN,x", "department `ATLANTIS`"),
            ("Query.case,REVIEWER,*,WHIM,OWN,x", "purpose `WHIM`"),
            ("Query.case,REVIEWER,*,*,ALL,x", "reach `ALL`"),
            ("Query.case,REVIEWER,*,*,OWN,", "clause"),
            ("Query.case,REVIEWER,,*,OWN,x", "must be named"),
            ("Query.case,REVIEWER,*,*,OWN", "6 fields"),
        ] {
            let problems = check(format!("{bundled}{row}\n"));
            assert!(problems.iter().any(|problem| problem.message.contains(told)), "{row}: {problems:?}");
        }
        let none = check(format!("{HEAD}\n"));
        assert_eq!(none.len(), catalogue.own.len(), "each own root field needs a row: {none:?}");
    }
}
