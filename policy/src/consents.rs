//! Which reads rest on the person's authorisation (核对授权): a table beside the policies. What it names is
//! read in a case only, of people whose consent holds; it never opens anything. A department's own data need
//! none.

use yimen_schema::{Catalogue, Coordinate};

use crate::codes::Codes;
use crate::error::Problem;
use crate::table::{DecisionTable, Profile};
use crate::tables::{Line, Table, lines, name, problem, words};

/// The first line of `consents.csv`: departments, purposes and sections between `|`, or `*`; what becomes of a
/// read outside any case (`WITHHELD`, or `OPEN` where another basis carries it); and the clause.
const HEAD: &str = "departments,purposes,sections,outside_case,basis";

/// What a profile needs consent for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    rows: Vec<Need>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Need {
    sections: Vec<String>,
    outside_case: bool,
}

/// Who needs consent for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    line: usize,
    departments: Vec<String>,
    purposes: Vec<String>,
    need: Need,
}

/// Reads the table.
///
/// # Errors
/// Every line that can't be read.
pub(crate) fn read(table: &Table) -> Result<Vec<Row>, Vec<Problem>> {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for Line { number, fields } in lines::<5>(table, HEAD)? {
        let [departments, purposes, sections, outside_case, basis] = fields;
        if !matches!(outside_case, "OPEN" | "WITHHELD") {
            let message = format!("there is no outcome outside a case `{outside_case}`");
            problems.push(problem(table, number, message));
        }
        if [departments, purposes, sections].iter().any(|list| words(list).is_empty()) {
            let message = "departments, purposes and sections must be named, or `*` for all";
            problems.push(problem(table, number, message));
        }
        if basis.is_empty() {
            problems.push(problem(table, number, "a row needs the clause that it rests on"));
        }
        rows.push(Row {
            line: number,
            departments: words(departments),
            purposes: words(purposes),
            need: Need { sections: words(sections), outside_case: outside_case != "OPEN" },
        });
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

impl Needs {
    pub(crate) fn of(rows: &[Row], profile: &Profile) -> Needs {
        let is_for =
            |row: &&Row| name(&row.departments, &profile.department) && name(&row.purposes, &profile.purpose);
        Needs { rows: rows.iter().filter(is_for).map(|row| row.need.clone()).collect() }
    }

    pub(crate) fn covers(&self, section: &str, outside_case: bool) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| name(&row.sections, section) && (!outside_case || row.outside_case))
    }
}

impl DecisionTable {
    /// Whether anything of another department needs the person's consent.
    pub fn needs_consents(&self) -> bool {
        !self.needs().rows.is_empty()
    }

    /// Whether anything is withheld where no case is stated.
    pub fn needs_cases(&self) -> bool {
        self.needs().rows.iter().any(|row| row.outside_case)
    }

    /// Whether a section of another department is read in a case with the person's consent only.
    pub fn needs_consent(&self, owner: &str, section: &str) -> bool {
        owner != self.profile().department && self.needs().covers(section, false)
    }

    /// Whether a coordinate is withheld where no case is stated, for nobody's consent can be known.
    pub fn needs_case(&self, coordinate: &Coordinate) -> bool {
        *coordinate.owner != *self.profile().department && self.needs().covers(&coordinate.section, true)
    }
}

/// Whether a profile reads a coordinate in a case only, with the person's consent.
pub fn rests_on_consent(codes: &Codes, profile: &Profile, coordinate: &Coordinate) -> bool {
    let needs = Needs::of(&codes.consents, profile);
    *coordinate.owner != *profile.department && needs.covers(&coordinate.section, true)
}

/// What is wrong with the table: codes that don't exist.
pub(crate) fn problems(catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    let department = |code: &str| catalogue.departments.iter().any(|known| known == code);
    let purpose = |code: &str| codes.purposes.iter().any(|known| known.code == code);
    let section = |code: &str| catalogue.resources.iter().any(|resource| *resource.section == *code);
    let mut problems = Vec::new();
    for row in &codes.consents {
        let mut unknown = |what: &str, list: &[String], is_known: &dyn Fn(&str) -> bool| {
            for code in list.iter().filter(|code| *code != "*" && !is_known(code)) {
                let message = format!("there is no {what} `{code}`");
                problems.push(problem(&codes.tables.consents, row.line, message));
            }
        };
        unknown("department", &row.departments, &department);
        unknown("purpose", &row.purposes, &purpose);
        unknown("section", &row.need.sections, &section);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::Tables;

    fn needs(department: &str, purpose: &str) -> Needs {
        let role = String::from("REVIEWER");
        let codes = Codes::bundled();
        Needs::of(&codes.consents, &Profile { department: department.into(), role, purpose: purpose.into() })
    }

    #[test]
    fn the_union_always_needs_consent_and_a_government_department_for_verification_alone() {
        assert!(needs("UNION", "UNION_FILE_CHECK").covers("TAX", false));
        assert!(needs("UNION", "UNION_FILE_CHECK").covers("TAX", true));
        assert!(needs("UNION_HELP_CENTRE", "STATISTICS").covers("HOUSEHOLD_REGISTRATION", false));
        assert!(needs("CIVIL_AFFAIRS", "ECONOMIC_VERIFICATION").covers("TAX", true));
        assert_eq!(needs("CIVIL_AFFAIRS", "MLA_REVIEW"), Needs::default());
    }

    #[test]
    fn a_table_that_names_what_does_not_exist_is_refused() {
        let catalogue = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        let bundled = Tables::bundled().consents.text;
        let check = |text: String| {
            let table = Table { name: String::from("consents.csv"), text };
            let codes = Codes::read(Tables::bundled().with("consents.csv", table));
            codes.map_or_else(|error| error.problems, |codes| problems(&catalogue, &codes))
        };
        assert_eq!(check(bundled.clone()), Vec::new());
        for (row, told) in [
            ("ATLANTIS,*,*,OPEN,x", "department `ATLANTIS`"),
            ("*,WHIM,*,OPEN,x", "purpose `WHIM`"),
            ("*,*,NOTHING,OPEN,x", "section `NOTHING`"),
            ("*,*,*,,x", "outcome outside a case"),
            ("*,*,*,OPEN,", "clause"),
            (",*,*,OPEN,x", "must be named"),
        ] {
            let problems = check(format!("{bundled}{row}\n"));
            assert!(problems.iter().any(|problem| problem.message.contains(told)), "{row}: {problems:?}");
        }
    }
}
