//! Cases (案件): a family, a purpose, and what is asked of which department.
//!
//! A citizen number of a member stands in the hub sealed, and beside it as a digest to find it by.

mod change;
pub(crate) mod limit;
mod open;
mod read;
pub(crate) mod store;

pub(crate) use store::has_member;

use crate::own::Handler;

/// The root fields of cases.
pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("Query.case", read::one),
    ("Query.cases", read::page),
    ("Mutation.openCase", open::open),
    ("Mutation.answerItem", change::answer),
    ("Mutation.closeCase", change::close),
];

/// The codes of refusals.
mod code {
    pub(crate) use crate::plan::code::CASE_NOT_FOUND;

    /// A case of this number is there already.
    pub(crate) const CASE_EXISTS: &str = "CASE_EXISTS";
    /// The case has no such open item for this caller.
    pub(crate) const CASE_ITEM_NOT_OPEN: &str = "CASE_ITEM_NOT_OPEN";
    /// Somebody changed it meanwhile.
    pub(crate) const STALE_VERSION: &str = "STALE_VERSION";
}
