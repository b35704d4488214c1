//! Values written out, or given by variables in every way that a document and a request can share them.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::differential::generate::Generator;
use crate::differential::operation::{Literal, Variable};

/// A place that a variable may stand at.
pub(super) struct Position<'t> {
    type_name: &'t str,
    /// Whether the type there is non-null.
    is_required: bool,
    /// Whether the variable may not be given at all.
    may_be_absent: bool,
    /// Whether the variable may be given as null.
    may_be_null: bool,
    /// Another value of the type: a default that isn't used, or what another request gives.
    other: Option<Literal>,
}

impl<'t> Position<'t> {
    /// A place that takes neither null nor nothing.
    pub(super) fn required(type_name: &'t str) -> Self {
        Position { type_name, is_required: true, may_be_absent: false, may_be_null: false, other: None }
    }

    /// An argument that may be null and needn't be given.
    pub(super) fn optional(type_name: &'t str) -> Self {
        Position { is_required: false, may_be_absent: true, may_be_null: true, ..Self::required(type_name) }
    }

    /// An argument that must come to a value, though its type is nullable.
    pub(super) fn nullable(type_name: &'t str) -> Self {
        Position { is_required: false, ..Self::required(type_name) }
    }

    /// A place in a filter: a variable that isn't given leaves the condition out, and null is refused.
    pub(super) fn in_filter(type_name: &'t str) -> Self {
        Position { may_be_null: false, ..Self::optional(type_name) }
    }

    /// The same place with another value of its type.
    pub(super) fn or(self, other: Literal) -> Self {
        Position { other: Some(other), ..self }
    }
}

impl Generator<'_> {
    /// The value itself, or a variable that stands for it.
    pub(super) fn offer(&mut self, position: Position<'_>, value: Literal) -> Literal {
        let mut variables = BTreeSet::new();
        value.variables(&mut variables);
        if !variables.is_empty() || self.rng.chance(55) {
            return value;
        }
        // A list must be short enough for its place, and a number small enough.
        let may_share = position.type_name != "Int" && self.rng.chance(10);
        let shared = self.operation.variables.iter().find(|known| known.type_name == required(&position));
        match shared.filter(|_| may_share) {
            Some(known) => Literal::Variable(known.name.clone()),
            None => self.given(position, value),
        }
    }

    /// A new variable that stands for a value.
    fn given(&mut self, position: Position<'_>, value: Literal) -> Literal {
        let (plain, required) = (position.type_name.to_owned(), required(&position));
        let other = position.other.unwrap_or_else(|| value.clone());
        let (json, other_json) = (value.json(), other.json());
        let (type_name, default, given) = match self.rng.below(7) {
            0 => (plain, Some(value), None),
            1 => (required, Some(value), None),
            2 => (plain, Some(other), Some(json.clone())),
            3 => (required, Some(other), Some(json.clone())),
            4 if !position.is_required => (plain, None, Some(json.clone())),
            5 if position.may_be_absent => (plain, None, None),
            6 if position.may_be_null => (plain, None, Some(Json::Null)),
            _ => (required, None, Some(json.clone())),
        };
        let is_nullable = !type_name.ends_with('!');
        let mut others = vec![Some(json), Some(other_json.clone()), Some(other_json)];
        others.extend((default.is_some() || (position.may_be_absent && is_nullable)).then_some(None));
        others.extend((position.may_be_null && is_nullable).then_some(Some(Json::Null)));
        self.variable(type_name, default, given, others)
    }

    pub(super) fn variable(
        &mut self,
        type_name: String,
        default: Option<Literal>,
        given: Option<Json>,
        others: Vec<Option<Json>>,
    ) -> Literal {
        let name = self.name("v");
        self.operation.variables.push(Variable { name: name.clone(), type_name, default, given, others });
        Literal::Variable(name)
    }

    /// Some elements of a list that is written out, replaced by variables.
    pub(super) fn elements(&mut self, list: Literal, type_name: &str) -> Literal {
        let Literal::List(values) = list else { return list };
        let element = |value: Literal| {
            let stays = self.rng.chance(80);
            if stays { value } else { self.offer(Position::required(type_name), value) }
        };
        Literal::List(values.into_iter().map(element).collect())
    }

    /// A condition of a directive that comes to a value.
    pub(super) fn condition(&mut self, value: bool) -> Literal {
        let is_shared = |name: &str| self.operation.value(name) == Some(Json::Bool(value));
        let known = self.operation.variables.iter().filter(|variable| variable.type_name == "Boolean!");
        let known = known.map(|variable| variable.name.clone()).find(|name| is_shared(name));
        match known {
            Some(name) if self.rng.chance(30) => Literal::Variable(name),
            _ if self.rng.chance(40) => Literal::Boolean(value),
            _ => {
                let position = Position::required("Boolean").or(Literal::Boolean(!value));
                self.given(position, Literal::Boolean(value))
            }
        }
    }
}

fn required(position: &Position<'_>) -> String {
    format!("{}!", position.type_name)
}
