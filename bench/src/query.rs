//! The three questions that are measured, and who asks them.

/// The caller whose permits cover every field that is asked for.
pub(crate) const DEPARTMENT: &str = "CIVIL_AFFAIRS";
/// The caller's role.
pub(crate) const ROLE: &str = "REVIEWER";
/// The purpose of every request.
pub(crate) const PURPOSE: &str = "MLA_REVIEW";
/// The caller's division: the whole county.
pub(crate) const DIVISION: &str = "410727000000";
/// The first code behind the caller's divisions.
pub(crate) const BEHIND_DIVISION: &str = "410728";

/// A measured query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Query {
    /// Q1: one family across the departments.
    Family,
    /// Q2: the first fifty households of a town.
    Town,
    /// Q3: twelve fields of two thousand people.
    Roll,
}

/// What an answer is recognised by without parsing it.
pub(crate) struct Marks {
    /// The text before the first key of the answer.
    pub(crate) opening: &'static str,
    /// A text that each of the answer's rows has once.
    pub(crate) each: &'static str,
}

impl Query {
    /// All of them.
    pub(crate) const ALL: [Query; 3] = [Query::Family, Query::Town, Query::Roll];

    /// How reports and tables name it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Query::Family => "family",
            Query::Town => "town",
            Query::Roll => "roll",
        }
    }

    /// What it asks, for the report.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Query::Family => "Q1 family check",
            Query::Town => "Q2 fifty households of a town",
            Query::Roll => "Q3 two thousand people, twelve fields",
        }
    }

    /// The document.
    pub(crate) fn document(self) -> &'static str {
        match self {
            Query::Family => include_str!("../queries/family.graphql"),
            Query::Town => include_str!("../queries/town.graphql"),
            Query::Roll => include_str!("../queries/roll.graphql"),
        }
    }

    /// A statement for the mirror that gives expected answers by another way.
    pub(crate) fn expected_sql(self) -> &'static str {
        match self {
            Query::Family => include_str!("../queries/family.sql"),
            Query::Town => include_str!("../queries/town.sql"),
            Query::Roll => include_str!("../queries/roll.sql"),
        }
    }

    /// Its only variable.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Query::Family => "citizenId",
            Query::Town => "division",
            Query::Roll => "citizenIds",
        }
    }

    /// How many clients its goal is measured at.
    pub(crate) fn clients(self) -> usize {
        match self {
            Query::Family => 64,
            Query::Town => 16,
            Query::Roll => 4,
        }
    }

    /// The texts that every answer is checked for.
    pub(crate) fn marks(self) -> Marks {
        match self {
            Query::Family => {
                Marks { opening: r#"{"data":{"person":{"citizenId":""#, each: r#""household":"# }
            }
            Query::Town => {
                Marks { opening: r#"{"data":{"households":{"nodes":[{"id":""#, each: r#""memberCount":"# }
            }
            Query::Roll => {
                Marks { opening: r#"{"data":{"persons":[{"citizenId":""#, each: r#""vitalStatus":"# }
            }
        }
    }
}
