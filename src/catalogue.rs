//! The catalogue at work (政务数据目录): told to departments, with its terms, its changes and its gaps.
//! What is shared and how sensitive it is stands in the SDL (the crate `schema`).

mod history;
mod measure;
mod own;
mod terms;

pub use history::{Changed, compare};
pub use measure::{LEAST_ROWS, Measured, measurable, measure, take_turn};
pub(crate) use own::HANDLERS;
pub use terms::{Term, Terms};
