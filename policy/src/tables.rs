//! The tables beside the policy files, as texts, and the one reader of their shape.

use crate::error::Problem;

/// A table: how messages name it, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// How messages name it.
    pub name: String,
    /// A head, and lines of as many fields between commas; no field is quoted.
    pub text: String,
}

/// The tables that decide beside the policy files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    pub(crate) classes: Table,
    pub(crate) commands: Table,
    pub(crate) consents: Table,
    pub(crate) divisions: Table,
    pub(crate) purposes: Table,
    pub(crate) roles: Table,
    pub(crate) traces: Table,
}

impl Tables {
    /// The names of their files.
    pub const NAMES: [&'static str; 7] = [
        "classes.csv",
        "commands.csv",
        "consents.csv",
        "divisions.csv",
        "purposes.csv",
        "roles.csv",
        "traces.csv",
    ];

    /// The tables that are built into the program.
    pub fn bundled() -> Tables {
        let table = |name: &str, text: &str| Table { name: format!("policy/{name}"), text: text.to_owned() };
        Tables {
            classes: table("classes.csv", include_str!("../classes.csv")),
            commands: table("commands.csv", include_str!("../commands.csv")),
            consents: table("consents.csv", include_str!("../consents.csv")),
            divisions: table("divisions.csv", include_str!("../divisions.csv")),
            purposes: table("purposes.csv", include_str!("../purposes.csv")),
            roles: table("roles.csv", include_str!("../roles.csv")),
            traces: table("traces.csv", include_str!("../traces.csv")),
        }
    }

    /// The same with a table in the place of the one whose file is called `file`, one of [`Tables::NAMES`];
    /// any other name changes nothing.
    pub fn with(mut self, file: &str, table: Table) -> Tables {
        match file {
            "classes.csv" => self.classes = table,
            "commands.csv" => self.commands = table,
            "consents.csv" => self.consents = table,
            "divisions.csv" => self.divisions = table,
            "purposes.csv" => self.purposes = table,
            "roles.csv" => self.roles = table,
            "traces.csv" => self.traces = table,
            _ => {}
        }
        self
    }

    /// Each with the name of its file.
    pub(crate) fn each(&self) -> [(&'static str, &Table); 7] {
        let Tables { classes, commands, consents, divisions, purposes, roles, traces } = self;
        let tables = [classes, commands, consents, divisions, purposes, roles, traces];
        let mut tables = tables.into_iter();
        Tables::NAMES.map(|name| (name, tables.next().expect("as many tables as names")))
    }
}

/// A line of a table, with its number in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a, const FIELDS: usize> {
    pub(crate) number: usize,
    pub(crate) fields: [&'a str; FIELDS],
}

/// What is wrong with a line.
pub(crate) fn problem(table: &Table, line: usize, message: impl Into<String>) -> Problem {
    Problem { file: table.name.clone(), subject: format!("line {line}"), message: message.into() }
}

/// The lines of a table whose first line is `head`, without blanks around their fields.
///
/// # Errors
/// Another head, or lines with more or fewer fields than it.
pub(crate) fn lines<'a, const FIELDS: usize>(
    table: &'a Table,
    head: &str,
) -> Result<Vec<Line<'a, FIELDS>>, Vec<Problem>> {
    let (mut lines, mut problems) = (Vec::new(), Vec::new());
    if table.text.lines().next() != Some(head) {
        problems.push(problem(table, 1, format!("the first line must be `{head}`")));
    }
    for (at, text) in table.text.lines().enumerate().skip(1).filter(|(_, text)| !text.trim().is_empty()) {
        let fields: Vec<&str> = text.split(',').map(str::trim).collect();
        match <[&str; FIELDS]>::try_from(fields) {
            Ok(fields) => lines.push(Line { number: at + 1, fields }),
            Err(_) => problems.push(problem(table, at + 1, format!("a line has {FIELDS} fields"))),
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(problems) }
}

/// The words of a field between `|`.
pub(crate) fn words(field: &str) -> Vec<String> {
    field.split('|').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether words name a code; `*` names every one.
pub(crate) fn name(words: &[String], code: &str) -> bool {
    words.iter().any(|word| word == "*" || word == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        Table { name: String::from("some.csv"), text: text.to_owned() }
    }

    #[test]
    fn every_line_has_the_fields_of_the_head() {
        let good = table("a,b\n 1 ,2\n\n3,\n");
        let fields: Vec<_> =
            lines::<2>(&good, "a,b").unwrap().iter().map(|line| (line.number, line.fields)).collect();
        assert_eq!(fields, [(2, ["1", "2"]), (4, ["3", ""])]);
        let problems = lines::<2>(&table("a,c\n1\n1,2,3\n"), "a,b").unwrap_err();
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "some.csv: `line 1`: the first line must be `a,b`",
                "some.csv: `line 2`: a line has 2 fields",
                "some.csv: `line 3`: a line has 2 fields",
            ]
        );
    }

    #[test]
    fn every_table_has_its_file() {
        for (file, table) in Tables::bundled().each() {
            assert_eq!(table.name, format!("policy/{file}"));
            let other = Table { name: String::from("other"), text: String::new() };
            let changed = Tables::bundled().with(file, other);
            assert_eq!(changed.each().iter().filter(|(_, table)| table.name == "other").count(), 1);
        }
    }
}
