//! Who may ask who looked at whose data. Evidence belongs to no department, so that no department's
//! policy file can speak of it: a small table beside the policies does.

use crate::codes::Codes;
use crate::error::Problem;
use crate::table::{DecisionTable, Reason};
use crate::tables::{Line, Table, lines, problem};

/// The right to look into evidence; only a [`DecisionTable`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Tracing {
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Of the caller's own person alone.
    Own,
    /// Of anybody.
    Anybody,
}

/// The first line of `traces.csv`.
const HEAD: &str = "role,purpose,reach,basis";

/// Who may look, and how far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    line: usize,
    role: String,
    purpose: String,
    reach: Reach,
}

/// Reads the table.
///
/// # Errors
/// Every line that can't be read.
pub(crate) fn read(table: &Table) -> Result<Vec<Row>, Vec<Problem>> {
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for Line { number, fields: [role, purpose, reach, basis] } in lines::<4>(table, HEAD)? {
        if basis.is_empty() {
            problems.push(problem(table, number, "a row needs the clause that it rests on"));
        }
        let reach = match reach {
            "OWN" => Reach::Own,
            "ANYBODY" => Reach::Anybody,
            other => {
                problems.push(problem(table, number, format!("there is no reach `{other}`")));
                continue;
            }
        };
        rows.push(Row { line: number, role: role.to_owned(), purpose: purpose.to_owned(), reach });
    }
    if problems.is_empty() { Ok(rows) } else { Err(problems) }
}

/// What is wrong with the table: codes that don't exist.
pub(crate) fn problems(codes: &Codes) -> Vec<Problem> {
    let unknown = |row: &Row| {
        let role = (!codes.has_role(&row.role)).then(|| format!("there is no role `{}`", row.role));
        let purpose = !codes.has_purpose(&row.purpose);
        let purpose = purpose.then(|| format!("there is no purpose `{}`", row.purpose));
        let told = move |message| problem(&codes.tables.traces, row.line, message);
        role.into_iter().chain(purpose).map(told).collect::<Vec<_>>()
    };
    codes.traces.iter().flat_map(unknown).collect()
}

/// How far a role may look for a purpose.
///
/// # Errors
/// Why it may not at all.
pub(crate) fn reach(codes: &Codes, role: &str, purpose: &str) -> Result<Reach, Reason> {
    let mut own = codes.traces.iter().filter(|row| row.role == role).peekable();
    let reason = if own.peek().is_some() { Reason::Purpose } else { Reason::NotGranted };
    own.find(|row| row.purpose == purpose).map(|row| row.reach).ok_or(reason)
}

impl DecisionTable {
    /// The right to look into evidence.
    ///
    /// # Errors
    /// Why not.
    pub fn trace(&self) -> Result<Tracing, Reason> {
        let profile = self.profile();
        Ok(Tracing { reach: reach(self.codes(), &profile.role, &profile.purpose)? })
    }
}

impl Tracing {
    /// Whether a person's records may be told, to a caller who is this person, if any.
    ///
    /// # Errors
    /// Why not.
    pub fn of(self, person: &str, own: Option<&str>) -> Result<(), Reason> {
        match self.reach {
            Reach::Anybody => Ok(()),
            Reach::Own if own == Some(person) => Ok(()),
            Reach::Own => Err(Reason::NotGranted),
        }
    }

    /// Whether officers are named, covert inspections told, and records searched by more than a person.
    pub fn is_whole(self) -> bool {
        self.reach == Reach::Anybody
    }
}
