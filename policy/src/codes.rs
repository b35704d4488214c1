//! The roles and purposes that a request can name, with their groups: two small tables beside the policies.

use std::collections::{BTreeSet, HashSet};

use crate::error::{Error, Problem};

/// A role that a token can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// The code in tokens and policies.
    pub code: String,
    /// The group that policies speak of.
    pub group: String,
    /// The name in plain words, English and Chinese.
    pub name: (String, String),
}

/// A purpose that a request can state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// The code in the header `Yimen-Purpose` and in policies.
    pub code: String,
    /// The group that policies speak of.
    pub group: String,
    /// The name in plain words, English and Chinese.
    pub name: (String, String),
    /// The clauses of the notices that the purpose rests on.
    pub basis: String,
    /// The departments that may state it.
    pub departments: Stated,
    /// Whether a request for it names a case.
    pub case: CaseRule,
    /// The sections and resources of the catalogue that it needs at most. What lies beyond is read by its owner
    /// alone, whatever a policy or a grant says; items that are shared without condition aren't meant.
    pub needs: BTreeSet<String>,
}

/// Who may state a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated {
    /// Every department.
    ByAll,
    /// These departments.
    By(Vec<String>),
}

/// Whether a request names a case (`Yimen-Case`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseRule {
    /// It must.
    Required,
    /// It may.
    Optional,
    /// There are no cases for this purpose.
    None,
}

/// All roles and purposes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codes {
    /// In the order of `roles.csv`.
    pub roles: Vec<Role>,
    /// In the order of `purposes.csv`.
    pub purposes: Vec<Purpose>,
    /// The file of purposes: its name and its text.
    pub(crate) file: (String, String),
}

/// The file of purposes that is built into the program.
const PURPOSES: &str = include_str!("../purposes.csv");

/// Its first line, which every such file has; several departments or needs stand between `|`.
const HEAD: &str = "code,group,name_en,name_zh,basis,departments,case,needs";

impl Codes {
    /// The tables that are built into the program.
    ///
    /// # Panics
    /// If they can't be read, which a test rules out.
    pub fn bundled() -> Codes {
        Codes::with_purposes("policy/purposes.csv", PURPOSES).expect("the bundled purposes can be read")
    }

    /// The roles that are built in, with purposes from a file of this name and text.
    ///
    /// # Errors
    /// Every line that can't be read.
    pub fn with_purposes(name: &str, text: &str) -> Result<Codes, Error> {
        let roles = rows(include_str!("../roles.csv")).map(|(_, row)| Role {
            code: row[0].clone(),
            group: row[1].clone(),
            name: (row[2].clone(), row[3].clone()),
        });
        let problem = |line: usize, message: &str| Problem {
            file: name.to_owned(),
            subject: format!("line {line}"),
            message: message.to_owned(),
        };
        let (mut purposes, mut problems) = (Vec::new(), Vec::new());
        if text.lines().next() != Some(HEAD) {
            problems.push(problem(1, &format!("the first line must be `{HEAD}`")));
        }
        let mut known = HashSet::new();
        for (line, row) in rows(text) {
            match purpose(&row) {
                Ok(purpose) if known.insert(purpose.code.clone()) => purposes.push(purpose),
                Ok(_) => problems.push(problem(line, "a second line for this purpose")),
                Err(message) => problems.push(problem(line, message)),
            }
        }
        if !problems.is_empty() {
            return Err(Error { problems });
        }
        Ok(Codes { roles: roles.collect(), purposes, file: (name.to_owned(), text.to_owned()) })
    }

    /// Whether a token may carry this role.
    pub fn has_role(&self, code: &str) -> bool {
        self.roles.iter().any(|role| role.code == code)
    }

    /// Whether there is such a purpose.
    pub fn has_purpose(&self, code: &str) -> bool {
        self.purpose(code).is_some()
    }

    /// The purpose of a code.
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.code == code)
    }

    /// The purposes that a department may state.
    pub fn stated_by<'a>(&'a self, department: &'a str) -> impl Iterator<Item = &'a Purpose> {
        self.purposes.iter().filter(move |purpose| purpose.is_stated_by(department))
    }
}

impl Purpose {
    /// Whether a department may state the purpose.
    pub fn is_stated_by(&self, department: &str) -> bool {
        match &self.departments {
            Stated::ByAll => true,
            Stated::By(departments) => departments.iter().any(|code| code == department),
        }
    }

    /// Whether the purpose needs a resource of a section.
    pub fn needs(&self, resource: &str, section: &str) -> bool {
        self.needs.contains(resource) || self.needs.contains(section)
    }
}

fn purpose(row: &[String]) -> Result<Purpose, &'static str> {
    let [code, group, name_en, name_zh, basis, departments, case, needs] = row else {
        return Err("a line has eight fields");
    };
    if [code, group, basis].iter().any(|field| field.trim().is_empty()) {
        return Err("code, group and basis must not be empty");
    }
    let words = |text: &str| {
        text.split('|').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let departments = match departments.as_str() {
        "*" => Stated::ByAll,
        "" => return Err("the departments must be named, or `*` for all"),
        list => Stated::By(words(list)),
    };
    let case = match case.as_str() {
        "REQUIRED" => CaseRule::Required,
        "OPTIONAL" => CaseRule::Optional,
        "NONE" => CaseRule::None,
        _ => return Err("the case must be `REQUIRED`, `OPTIONAL` or `NONE`"),
    };
    Ok(Purpose {
        code: code.clone(),
        group: group.clone(),
        name: (name_en.clone(), name_zh.clone()),
        basis: basis.clone(),
        departments,
        case,
        needs: words(needs).into_iter().collect(),
    })
}

/// Lines with their numbers. The tables hold no quoted fields, so that splitting at commas reads them whole.
fn rows(text: &str) -> impl Iterator<Item = (usize, Vec<String>)> {
    let lines = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| (index + 1, line.split(',').map(str::to_owned).collect()))
}
