//! Which reads rest on the person's authorisation (核对授权): a table beside the policies. What it names is
//! read in a case only, of people whose consent holds; it never opens anything. A department's own data need
//! none.

use yimen_schema::{Catalogue, Coordinate};

use crate::codes::Codes;
use crate::error::Problem;
use crate::table::{DecisionTable, Profile};

/// `policy/consents.csv`: departments, purposes and sections between `|`, or `*`; what becomes of a read
/// outside any case (`WITHHELD`, or `OPEN` where another basis carries it); and the clause.
const CONSENTS: &str = include_str!("../consents.csv");

/// What a profile needs consent for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    rows: Vec<Need>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Need {
    sections: Vec<&'static str>,
    outside_case: bool,
}

struct Row<'a> {
    line: usize,
    departments: Vec<&'a str>,
    purposes: Vec<&'a str>,
    sections: Vec<&'a str>,
    outside_case: &'a str,
    basis: &'a str,
}

fn rows(text: &str) -> impl Iterator<Item = Row<'_>> {
    let lines = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| {
        let mut columns = line.split(',').map(str::trim);
        let mut next = || columns.next().unwrap_or_default();
        Row {
            line: at + 1,
            departments: next().split('|').collect(),
            purposes: next().split('|').collect(),
            sections: next().split('|').collect(),
            outside_case: next(),
            basis: next(),
        }
    })
}

fn names(list: &[&str], name: &str) -> bool {
    list.iter().any(|known| *known == "*" || *known == name)
}

impl Needs {
    pub(crate) fn of(profile: &Profile) -> Needs {
        let is_for = |row: &Row<'_>| {
            names(&row.departments, &profile.department) && names(&row.purposes, &profile.purpose)
        };
        let need =
            |row: Row<'static>| Need { sections: row.sections, outside_case: row.outside_case != "OPEN" };
        Needs { rows: rows(CONSENTS).filter(is_for).map(need).collect() }
    }

    fn covers(&self, section: &str, outside_case: bool) -> bool {
        let mut rows = self.rows.iter();
        rows.any(|row| names(&row.sections, section) && (!outside_case || row.outside_case))
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
pub fn rests_on_consent(profile: &Profile, coordinate: &Coordinate) -> bool {
    *coordinate.owner != *profile.department && Needs::of(profile).covers(&coordinate.section, true)
}

/// The text, which belongs to the policies' version.
pub(crate) fn text() -> &'static str {
    CONSENTS
}

/// What is wrong with the table.
pub(crate) fn problems(catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    check(CONSENTS, catalogue, codes)
}

fn check(text: &str, catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    let department = |code: &str| catalogue.departments.iter().any(|known| known == code);
    let purpose = |code: &str| codes.purposes.iter().any(|known| known.code == code);
    let section = |code: &str| catalogue.resources.iter().any(|resource| *resource.section == *code);
    let mut problems = Vec::new();
    for row in rows(text) {
        let mut problem = |message: String| {
            let (file, subject) = (String::from("consents.csv"), format!("line {}", row.line));
            problems.push(Problem { file, subject, message });
        };
        let mut unknown = |what: &str, list: &[&str], is_known: &dyn Fn(&str) -> bool| {
            for code in list.iter().filter(|code| **code != "*" && !is_known(code)) {
                problem(format!("there is no {what} `{code}`"));
            }
        };
        unknown("department", &row.departments, &department);
        unknown("purpose", &row.purposes, &purpose);
        unknown("section", &row.sections, &section);
        unknown("outcome outside a case", &[row.outside_case], &|code| matches!(code, "OPEN" | "WITHHELD"));
        if row.basis.is_empty() {
            problem(String::from("a row needs the clause that it rests on"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(department: &str, purpose: &str) -> Needs {
        let role = String::from("REVIEWER");
        Needs::of(&Profile { department: department.into(), role, purpose: purpose.into() })
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
        let codes = Codes::bundled();
        assert_eq!(check(CONSENTS, &catalogue, &codes), Vec::new());
        for (row, told) in [
            ("ATLANTIS,*,*,OPEN,x", "department `ATLANTIS`"),
            ("*,WHIM,*,OPEN,x", "purpose `WHIM`"),
            ("*,*,NOTHING,OPEN,x", "section `NOTHING`"),
            ("*,*,*,,x", "outcome outside a case"),
            ("*,*,*,OPEN,", "clause"),
        ] {
            let problems = check(&format!("{CONSENTS}{row}\n"), &catalogue, &codes);
            assert!(problems.iter().any(|problem| problem.message.contains(told)), "{row}: {problems:?}");
        }
    }
}
