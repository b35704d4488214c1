//! The roles and purposes that a request can name, with their groups, and what else the tables beside the policies
//! say.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::classes::{self, ClassLine};
use crate::commands;
use crate::consents;
use crate::divisions::Divisions;
use crate::error::{Error, Problem};
use crate::tables::{Line, Table, Tables, lines, problem, words};
use crate::trace;

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

/// Whether a request names a case (`Yimen-Case`), the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Sharing classes for each region from a day.
    pub(crate) classes: Vec<ClassLine>,
    /// Who may ask which own root field.
    pub(crate) commands: Vec<commands::Row>,
    /// Who needs consent for what.
    pub(crate) consents: Vec<consents::Row>,
    /// The divisions, with their history.
    pub(crate) divisions: Arc<Divisions>,
    /// Who may look into evidence.
    pub(crate) traces: Vec<trace::Row>,
    /// The texts of all of it.
    pub(crate) tables: Tables,
}

/// The first line of `purposes.csv`; several departments or needs stand between `|`.
const PURPOSES: &str = "code,group,name_en,name_zh,basis,departments,case,needs";

/// The first line of `roles.csv`.
const ROLES: &str = "code,group,name_en,name_zh";

impl Codes {
    /// The tables that are built into the program.
    ///
    /// # Panics
    /// If they can't be read, which a test rules out.
    pub fn bundled() -> Codes {
        Codes::read(Tables::bundled()).expect("the bundled tables can be read")
    }

    /// The tables that are built in, with purposes from a file of this name and text.
    ///
    /// # Errors
    /// Every line that can't be read.
    pub fn with_purposes(name: &str, text: &str) -> Result<Codes, Error> {
        let table = Table { name: name.to_owned(), text: text.to_owned() };
        Codes::read(Tables::bundled().with("purposes.csv", table))
    }

    /// Reads every table. Whether codes that they name exist is asked where the policies are loaded.
    ///
    /// # Errors
    /// Every line that can't be read.
    pub fn read(tables: Tables) -> Result<Codes, Error> {
        let mut problems = Vec::new();
        let roles = kept(roles(&tables.roles), &mut problems);
        let purposes = kept(purposes(&tables.purposes), &mut problems);
        let classes = kept(classes::read(&tables.classes), &mut problems);
        let commands = kept(commands::read(&tables.commands), &mut problems);
        let consents = kept(consents::read(&tables.consents), &mut problems);
        let divisions = Divisions::read(&tables.divisions).map_err(|found| problems.extend(found)).ok();
        let traces = kept(trace::read(&tables.traces), &mut problems);
        match divisions {
            Some(divisions) if problems.is_empty() => {
                let divisions = Arc::new(divisions);
                Ok(Codes { roles, purposes, classes, commands, consents, divisions, traces, tables })
            }
            _ => Err(Error { problems }),
        }
    }

    /// The divisions, with their history.
    pub fn divisions(&self) -> &Arc<Divisions> {
        &self.divisions
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

/// What was read; problems are put to the others.
fn kept<T>(read: Result<Vec<T>, Vec<Problem>>, problems: &mut Vec<Problem>) -> Vec<T> {
    read.unwrap_or_else(|found| {
        problems.extend(found);
        Vec::new()
    })
}

fn roles(table: &Table) -> Result<Vec<Role>, Vec<Problem>> {
    let (mut roles, mut problems) = (Vec::<Role>::new(), Vec::new());
    for Line { number, fields: [code, group, name_en, name_zh] } in lines::<4>(table, ROLES)? {
        if code.is_empty() || group.is_empty() {
            problems.push(problem(table, number, "code and group must not be empty"));
        }
        if roles.iter().any(|known| known.code == code) {
            problems.push(problem(table, number, "a second line for this role"));
        }
        let name = (name_en.to_owned(), name_zh.to_owned());
        roles.push(Role { code: code.to_owned(), group: group.to_owned(), name });
    }
    if problems.is_empty() { Ok(roles) } else { Err(problems) }
}

fn purposes(table: &Table) -> Result<Vec<Purpose>, Vec<Problem>> {
    let (mut purposes, mut problems, mut known) = (Vec::new(), Vec::new(), HashSet::new());
    for Line { number, fields } in lines::<8>(table, PURPOSES)? {
        match purpose(fields) {
            Ok(purpose) if known.insert(purpose.code.clone()) => purposes.push(purpose),
            Ok(_) => problems.push(problem(table, number, "a second line for this purpose")),
            Err(message) => problems.push(problem(table, number, message)),
        }
    }
    if problems.is_empty() { Ok(purposes) } else { Err(problems) }
}

fn purpose(fields: [&str; 8]) -> Result<Purpose, &'static str> {
    let [code, group, name_en, name_zh, basis, departments, case, needs] = fields;
    if [code, group, basis].iter().any(|field| field.is_empty()) {
        return Err("code, group and basis must not be empty");
    }
    let departments = match departments {
        "*" => Stated::ByAll,
        "" => return Err("the departments must be named, or `*` for all"),
        list => Stated::By(words(list)),
    };
    Ok(Purpose {
        code: code.to_owned(),
        group: group.to_owned(),
        name: (name_en.to_owned(), name_zh.to_owned()),
        basis: basis.to_owned(),
        departments,
        case: CaseRule::of(case).ok_or("the case must be `REQUIRED`, `OPTIONAL` or `NONE`")?,
        needs: words(needs).into_iter().collect(),
    })
}

impl CaseRule {
    fn of(text: &str) -> Option<CaseRule> {
        let all = [CaseRule::Required, CaseRule::Optional, CaseRule::None];
        all.into_iter().find(|rule| rule.as_str() == text)
    }

    /// The word of the table.
    pub fn as_str(self) -> &'static str {
        match self {
            CaseRule::Required => "REQUIRED",
            CaseRule::Optional => "OPTIONAL",
            CaseRule::None => "NONE",
        }
    }
}
