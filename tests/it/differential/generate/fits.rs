//! The documented limits of an operation, counted the plain way.

use crate::differential::operation::{Operation, Selection};

/// What an operation has once its fragments are written out.
#[derive(Default)]
struct Size {
    fields: usize,
    aliases: usize,
    levels: usize,
}

/// Whether an operation keeps within the documented limits.
pub(super) fn fits(operation: &Operation) -> bool {
    let mut size = Size::default();
    size.selections(operation, &operation.selections, 1);
    let roots = count(operation, &operation.selections);
    let Size { fields, aliases, levels } = size;
    fields < 1_000 && aliases <= 30 && levels <= 12 && roots <= 20 && tokens(&operation.document()) < 1_900
}

impl Size {
    fn selections(&mut self, operation: &Operation, selections: &[Selection], level: usize) {
        for selection in selections {
            self.fields += 1;
            match selection {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.alias.is_some());
                    self.levels = self.levels.max(level);
                    self.selections(operation, &field.selections, level + 1);
                }
                Selection::Inline { selections, .. } => self.selections(operation, selections, level),
                Selection::Spread { name, .. } => {
                    self.selections(operation, &operation.fragment(name).selections, level);
                }
            }
        }
    }
}

fn count(operation: &Operation, selections: &[Selection]) -> usize {
    let fields = selections.iter().map(|selection| match selection {
        Selection::Field(_) => 1,
        Selection::Inline { selections, .. } => count(operation, selections),
        Selection::Spread { name, .. } => count(operation, &operation.fragment(name).selections),
    });
    fields.sum()
}

/// Words, marks, and the spaces between them, all of which the parser counts.
fn tokens(text: &str) -> usize {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let marks = text.chars().filter(|letter| !is_word(*letter) && !letter.is_whitespace()).count();
    let words = text.split(|letter| !is_word(letter)).filter(|word| !word.is_empty()).count();
    marks + words + text.split_whitespace().count()
}
