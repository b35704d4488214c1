//! A failing operation cut down, one selection, argument or directive at a time, while it still fails.

use crate::differential::operation::{Directive, Field, Literal, Operation, Selection};

/// Everything that can be taken out of an operation, each alone. What is left is valid: a set of
/// selections is never emptied, and an argument that must be given is never dropped.
pub(crate) fn smaller(operation: &Operation) -> Vec<Operation> {
    let mut candidates = Vec::new();
    let mut at = 0;
    loop {
        let mut cut = Cut { left: at, is_done: false };
        let mut candidate = operation.clone();
        cut.selections(&mut candidate.selections);
        for fragment in &mut candidate.fragments {
            cut.selections(&mut fragment.selections);
        }
        if !cut.is_done {
            break;
        }
        candidates.push(candidate);
        at += 1;
    }
    if operation.has_sibling || operation.name.is_some() {
        candidates.push(Operation { name: None, has_sibling: false, ..operation.clone() });
    }
    candidates
}

/// Takes one thing out: the one before which `left` others were passed.
struct Cut {
    left: usize,
    is_done: bool,
}

impl Cut {
    fn is_here(&mut self) -> bool {
        let is_here = !self.is_done && self.left == 0;
        if is_here {
            self.is_done = true;
        } else {
            self.left = self.left.saturating_sub(1);
        }
        is_here
    }

    fn selections(&mut self, selections: &mut Vec<Selection>) {
        if selections.len() > 1 {
            let doomed = (0..selections.len()).find(|_| self.is_here());
            if let Some(doomed) = doomed {
                selections.remove(doomed);
                return;
            }
        }
        for selection in selections {
            if self.is_done {
                return;
            }
            match selection {
                Selection::Field(field) => self.field(field),
                Selection::Inline { directives, selections, .. } => {
                    self.directives(directives);
                    self.selections(selections);
                }
                Selection::Spread { directives, .. } => self.directives(directives),
            }
        }
    }

    fn field(&mut self, field: &mut Field) {
        self.directives(&mut field.directives);
        let is_optional = |name: &str| matches!(name, "first" | "filter" | "orderBy" | "after" | "type");
        let doomed =
            (0..field.arguments.len()).find(|at| is_optional(&field.arguments[*at].0) && self.is_here());
        if let Some(doomed) = doomed {
            field.arguments.remove(doomed);
        }
        field.arguments.iter_mut().for_each(|(_, value)| self.literal(value));
        self.selections(&mut field.selections);
    }

    fn directives(&mut self, directives: &mut Vec<Directive>) {
        let doomed = (0..directives.len()).find(|_| self.is_here());
        if let Some(doomed) = doomed {
            directives.remove(doomed);
        }
    }

    fn literal(&mut self, literal: &mut Literal) {
        let length = match literal {
            Literal::List(values) => values.len(),
            Literal::Object(entries) => entries.len(),
            _ => return,
        };
        let doomed = if length > 1 { (0..length).find(|_| self.is_here()) } else { None };
        match (literal, doomed) {
            (Literal::List(values), Some(doomed)) => drop(values.remove(doomed)),
            (Literal::Object(entries), Some(doomed)) => drop(entries.remove(doomed)),
            (Literal::List(values), None) => values.iter_mut().for_each(|value| self.literal(value)),
            (Literal::Object(entries), None) => entries.iter_mut().for_each(|(_, value)| self.literal(value)),
            _ => {}
        }
    }
}
