//! The tables of the exchange database `union`: the trade unions' help for workers in difficulty.

pub mod hardship_event;
#[expect(clippy::module_inception, reason = "a module is named after its table")]
pub mod union_aid;
pub mod union_contact_card;
pub mod union_exit_evaluation;
pub mod union_file;
pub mod union_file_cause;
pub mod union_form;
pub mod union_measure;
pub mod union_membership;
pub mod union_visit;
pub mod worker_profile;
