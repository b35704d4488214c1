//! Requests for sharing (共享申请): who asks which owner for what, how it is answered, and what comes into
//! force. Nothing here reads a department's data.
//!
//! A request belongs to one owner; what a department asks of several at once is split. Every change of a
//! request names the version that it was decided on, so that nobody answers what they haven't seen, and
//! happens in the caller's transaction, together with the grant that it makes or ends.

mod act;
mod ask;
mod automatic;
mod grant;
mod in_force;
mod list;
mod own;
mod refused;
mod request;
mod standing;
mod state;
mod watch;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use yimen_policy::Policies;

use crate::calendar::china_day;
use crate::deadline::Deadlines;

pub use act::{Answered, Decision};
pub use ask::{Asked, Made, Standing};
pub use automatic::Automatic;
pub use in_force::InForce;
pub use list::{Listed, RequestFilter, Sight};
pub(crate) use own::HANDLERS;
pub(crate) use refused::text;
pub use refused::{Refused, code};
pub use request::{Effect, Request};
pub(crate) use request::{not_found, stale};
pub use state::{Event, State};
pub use watch::{Watch, WatchOptions};

/// The desk at which requests for sharing are handled.
#[derive(Debug)]
pub struct Sharing {
    /// What may be asked for, in which roles and for which purposes.
    pub policies: Arc<Policies>,
    /// Terms and calendar.
    pub deadlines: Deadlines,
    /// What is granted without the owner's answer.
    pub automatic: Automatic,
    /// Who decides what.
    pub options: SharingOptions,
}

impl Sharing {
    /// The desk with the tables that are built into the program.
    ///
    /// # Errors
    /// A table that can't be read.
    pub fn bundled(policies: Arc<Policies>) -> anyhow::Result<Sharing> {
        Ok(Sharing {
            policies,
            deadlines: Deadlines::bundled()?,
            automatic: Automatic::bundled()?,
            options: SharingOptions::default(),
        })
    }
}

/// Who decides what, and bounds.
#[derive(Clone, Debug)]
pub struct SharingOptions {
    /// The department that co-ordinates sharing (政务数据共享主管部门).
    pub coordinator: String,
    /// Whether the coordinator looks at every request before its owner does (符合性审查).
    pub conformity_check: bool,
    /// The most days that a grant may be asked for.
    pub longest_days: u32,
}

impl Default for SharingOptions {
    fn default() -> Self {
        let coordinator = String::from("COUNTY_GOV");
        SharingOptions { coordinator, conformity_check: false, longest_days: 1_096 }
    }
}

/// Who acts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// The person or program.
    pub subject: &'a str,
    /// Their department.
    pub department: &'a str,
    /// The division that they serve.
    pub division: &'a str,
    /// Now.
    pub at: DateTime<Utc>,
}

impl Actor<'_> {
    pub(crate) fn today(&self) -> NaiveDate {
        china_day(self.at)
    }
}
