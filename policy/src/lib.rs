//! Permission is a value: [`Policies`] ask Cedar once for a [`Profile`] and keep the answers as a
//! [`DecisionTable`]; only such a table makes a [`Permit`], and no read is built without one.
//!
//! This crate sees the catalogue and the policy files. It sees no database, no clock and no HTTP.
#![warn(missing_docs)]

mod bundled;
mod cedar;
mod check;
mod classes;
mod codes;
mod commands;
mod consents;
mod difference;
mod division;
mod divisions;
mod entities;
mod error;
mod grant;
mod grants;
mod narrow;
mod need;
mod permit;
mod table;
mod tables;
mod trace;

pub use bundled::bundled_sources;
pub use cedar::{Explanation, Policies, Source};
pub use classes::{Class, ClassLine, Classes, width};
pub use codes::{CaseRule, Codes, Purpose, Role, Stated};
pub use commands::{Allowed, Reach};
pub use consents::rests_on_consent;
pub use difference::{ANY, Difference, Touched, dated, differences};
pub use division::{Area, MAX_RANGES, Range, distance, is_code};
pub use divisions::{Divisions, MAX_CHANGES, MAX_DIVISIONS, NotInForce};
pub use entities::{Classed, ClassedName};
pub use error::{Error, Problem};
pub use grant::{Effect, Grant, GrantRow, MAX_BASIS, MAX_ID, MAX_ITEMS};
pub use grants::{Applied, AppliedName, Grants};
pub use narrow::is_public;
pub use permit::{Argument, Granted, Passage, Permit, RowScope};
pub use table::{Decision, DecisionTable, Profile, Reason};
pub use tables::{Table, Tables};
pub use trace::Tracing;
