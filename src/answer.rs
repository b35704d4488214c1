//! Rows to JSON: the answer is written straight from the rows, masks last.

mod dispute;
mod error;
mod mask;
mod pseudonym;
mod scalar;
mod sections;
mod write;

pub use dispute::Disputed;
pub use error::{request_error, unavailable, withheld};
pub use mask::masked;
pub use pseudonym::{PseudonymKeys, Pseudonyms};
pub(crate) use sections::Sections;
pub(crate) use write::write_behind;
pub use write::{Answer, Asked, Parts, write};
