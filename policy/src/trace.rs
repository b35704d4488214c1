//! Who may ask who looked at whose data. Evidence belongs to no department, so that no department's
//! policy file can speak of it: a small table beside the policies does.

use crate::table::{DecisionTable, Reason};

/// The right to look into evidence; only a [`DecisionTable`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Tracing {
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// Of the caller's own person alone.
    Own,
    /// Of anybody.
    Anybody,
}

/// Role, purpose and reach; the last column is the legal basis, for people.
const TRACES: &str = include_str!("../traces.csv");

impl DecisionTable {
    /// The right to look into evidence.
    ///
    /// # Errors
    /// Why not.
    pub fn trace(&self) -> Result<Tracing, Reason> {
        let profile = self.profile();
        let mut reason = Reason::NotGranted;
        for row in TRACES.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>()) {
            let [role, purpose, reach, ..] = row.as_slice() else { continue };
            if *role != profile.role {
                continue;
            }
            if *purpose == profile.purpose {
                let reach = if *reach == "ANYBODY" { Reach::Anybody } else { Reach::Own };
                return Ok(Tracing { reach });
            }
            reason = Reason::Purpose;
        }
        Err(reason)
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
