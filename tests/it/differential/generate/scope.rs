//! The fields of one place in the answer, wherever in the document they stand: two of one response
//! key have equal names and arguments, or they couldn't be merged.

use crate::differential::generate::Below;
use crate::differential::operation::{Field, Operation, Selection};

/// The response keys of one place.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) entries: Vec<Entry>,
}

/// One response key.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The field without its selections.
    pub(super) head: Field,
    pub(super) is_object: bool,
    /// What selections below it stand on; unknown where a fragment brought the field.
    pub(super) below: Option<Below>,
    pub(super) child: Scope,
}

impl Scope {
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.head.key() == key)
    }

    /// Takes selections in, if they can be merged with what is there.
    pub(super) fn admit(&mut self, operation: &Operation, selections: &[Selection]) -> bool {
        selections.iter().all(|selection| match selection {
            Selection::Field(field) => self.admit_field(operation, field),
            Selection::Inline { selections, .. } => self.admit(operation, selections),
            Selection::Spread { name, .. } => self.admit(operation, &operation.fragment(name).selections),
        })
    }

    fn admit_field(&mut self, operation: &Operation, field: &Field) -> bool {
        let known = self.entries.iter().position(|entry| entry.head.key() == field.key());
        let at = known.unwrap_or_else(|| {
            let head = Field { selections: Vec::new(), directives: Vec::new(), ..field.clone() };
            let is_object = !field.selections.is_empty();
            self.entries.push(Entry { head, is_object, below: None, child: Scope::default() });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[at];
        let is_same = entry.head.name == field.name && entry.head.arguments == field.arguments;
        is_same && entry.child.admit(operation, &field.selections)
    }
}
