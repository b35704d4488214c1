//! What is wrong with a catalogue, and where: file, line and coordinate of every problem.

use std::fmt;

/// One thing that keeps a catalogue from being loaded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The SDL file, as it was named to [`crate::load`].
    pub file: String,
    /// The line in that file, counted from 1; 0 where the problem has no line.
    pub line: usize,
    /// The type or field that is meant, such as `UnionFile.status`; empty where there is none.
    pub coordinate: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.coordinate.is_empty() {
            write!(f, "`{}`: ", self.coordinate)?;
        }
        f.write_str(&self.message)
    }
}

/// A catalogue that can't be loaded. All problems are reported at once, in file order.
#[derive(Debug, thiserror::Error)]
#[error("the catalogue can't be loaded:\n{}", lines(.problems))]
pub struct Error {
    /// At least one problem.
    pub problems: Vec<Problem>,
}

fn lines(problems: &[Problem]) -> String {
    let shown: Vec<String> = problems.iter().map(|p| format!("  {p}")).collect();
    shown.join("\n")
}
