//! What two versions of the policies decide differently, cell by cell.

mod beside;
pub mod dated;
mod files;
mod tables;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use yimen_schema::Mask;

use crate::cedar::Policies;
use crate::classes;
use crate::permit::RowScope;
use crate::table::{Decision, Profile};
pub use tables::Touched;

/// What stands for a department, a role or a purpose that a cell doesn't depend on.
pub const ANY: &str = "-";

/// A cell that two versions of the policies decide differently.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Difference {
    /// For whom; [`ANY`] where it is the same for all.
    pub profile: Profile,
    /// About what: a coordinate or an own root field; a resource, where it is about rows; a section, where it is
    /// about consent; a header, where it is about who may state a purpose and whether with a case; a division with a
    /// day, where it is about which codes it reaches from then on.
    pub about: String,
    /// What the old policies say: `DENY`, `MASK`, `PSEUDONYM` or `CLEAR`; `NO_LOOKUP` or `LOOKUP`; `OWN_DIVISION` or
    /// `EVERYWHERE`; of an own root field `NONE`, or its reach; of a section `CASE`, `CONSENT` or `OPEN`; of a
    /// purpose `FORBIDDEN` or `STATED`, and of its case `REQUIRED`, `OPTIONAL` or `NONE`; of a division its ranges of
    /// codes.
    pub from: String,
    /// What the new ones say.
    pub to: String,
    /// Whether the new ones open more.
    pub widens: bool,
}

/// One cell as a line of text.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { profile: Profile { department, role, purpose }, about, from, to, widens } = self;
        let word = if *widens { "widens " } else { "narrows" };
        write!(f, "{word} {department} {role} {purpose} {about}: {from} → {to}")
    }
}

impl Difference {
    /// The cell, where two versions say different things of it; each says a word and how much that opens.
    pub fn between<W: Ord>(
        profile: &Profile,
        about: &str,
        (from, before): (&str, W),
        (to, after): (&str, W),
    ) -> Option<Difference> {
        (from != to).then(|| Difference {
            profile: profile.clone(),
            about: about.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            // Neither of a mask and a pseudonym is less than the other: whoever changes one for the other says so.
            widens: after >= before,
        })
    }
}

/// The cells that differ between two versions over one catalogue. Links aren't among them: they are open where
/// something behind them is. Only owners whose files differ are asked, all of them about roles and purposes that
/// changed; tables beside the files are compared where they differ.
pub fn differences(old: &Arc<Policies>, new: &Arc<Policies>) -> Vec<Difference> {
    let mut found = files::differences(old, new);
    found.extend(beside::differences(old, new));
    let classes = classes::differences(new.catalogue(), old.classes(), new.classes());
    found.extend(classes.into_iter().map(|(cell, _)| cell));
    found.sort();
    found
}

/// A decision in a word, and how much it opens.
fn ranked(decision: Decision) -> (&'static str, u8) {
    match decision {
        Decision::Deny => ("DENY", 0),
        Decision::Mask(Mask::Pseudonym) => ("PSEUDONYM", 1),
        Decision::Mask(_) => ("MASK", 1),
        Decision::Clear => ("CLEAR", 2),
    }
}

fn looked_up(may: bool) -> (&'static str, u8) {
    if may { ("LOOKUP", 1) } else { ("NO_LOOKUP", 0) }
}

fn scoped(rows: RowScope) -> (&'static str, u8) {
    match rows {
        RowScope::OwnDivision => ("OWN_DIVISION", 0),
        RowScope::Everywhere => ("EVERYWHERE", 1),
    }
}

/// The codes of either version, in the order of their names.
fn either<'a, T: 'a>(old: &'a [T], new: &'a [T], code: impl Fn(&'a T) -> &'a str) -> Vec<&'a str> {
    let codes: BTreeSet<&str> = old.iter().chain(new).map(code).collect();
    codes.into_iter().collect()
}
