//! The catalogue as it is bundled, and what loading refuses.

mod bundled;
mod refusals;
