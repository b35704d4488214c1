//! Consent (核对授权): what each person of a case's family lets be read about them.
//!
//! Every adult consents for themselves, a separated spouse too; a guardian for a minor and for an adult
//! without capacity. Of a form the hub keeps its hash and not the form.

pub(crate) mod in_force;
mod record;
mod told;
mod withdraw;

pub(crate) use record::is_minor;

use crate::own::Handler;

/// The root fields of consents.
pub(crate) const HANDLERS: &[(&str, Handler)] = &[
    ("Query.consents", told::of_case),
    ("Mutation.recordConsent", record::record),
    ("Mutation.withdrawConsent", withdraw::withdraw),
];

/// There is no such consent for this caller.
pub(crate) const CONSENT_NOT_FOUND: &str = "CONSENT_NOT_FOUND";

/// Where the numbers of a consent are sealed for.
fn place(id: &str) -> String {
    format!("consent {id}")
}
