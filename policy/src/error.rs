//! What is wrong with a set of policies.

use std::fmt;

/// One thing that keeps policies from coming into force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The policy file, or the SDL coordinate's owner's missing one.
    pub file: String,
    /// The policy's `@id`, or the coordinate that isn't covered; empty where there is none.
    pub subject: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if !self.subject.is_empty() {
            write!(f, "`{}`: ", self.subject)?;
        }
        f.write_str(&self.message)
    }
}

/// Policies that can't come into force; every problem at once.
#[derive(Debug, thiserror::Error)]
#[error("the policies can't come into force:\n{}", lines(.problems))]
pub struct Error {
    /// At least one problem.
    pub problems: Vec<Problem>,
}

fn lines(problems: &[Problem]) -> String {
    let shown: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    shown.join("\n")
}
