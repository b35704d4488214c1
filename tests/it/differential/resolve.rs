//! What the reference's resolvers stand on: rows chosen, compared, ordered and counted one by one.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::{Map, Value as Json};
use yimen::auth::Caller;
use yimen_policy::{Decision, DecisionTable, RowScope};
use yimen_schema::{
    Catalogue, CoordinateId, Direction, FieldDef, Link, OrderTerm, Resource, ResourceId, Summary, SummaryFn,
};

use crate::differential::arguments::{Asked, Condition};
use crate::differential::rows::{Rows, Stored};

/// Who asks, for which purpose, and what is decided for them.
#[derive(Debug)]
pub(crate) struct Asking {
    pub(crate) caller: Arc<Caller>,
    pub(crate) table: Arc<DecisionTable>,
}

impl Asking {
    /// Whether anything of a resource may be read: an item or a summary, since links alone tell nothing.
    pub(crate) fn may_enter(&self, resource: &Resource) -> bool {
        let told = resource.fields.iter().filter(|field| !matches!(field.def, FieldDef::Link(_)));
        told.into_iter().any(|field| self.table.decision(field.coordinate) != Decision::Deny)
    }

    /// What a page of all rows is refused by: nothing may be read, or not where rows are.
    pub(crate) fn page_refusal(&self, resource: &Resource) -> Option<CoordinateId> {
        if !self.may_enter(resource) {
            return Some(resource.fields[resource.key].coordinate);
        }
        let division = resource.fields[resource.division?].coordinate;
        (self.table.decision(division) != Decision::Clear).then_some(division)
    }
}

/// The catalogue and its rows.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) rows: Rows,
}

impl County {
    /// Whether a caller's row scope holds a row.
    pub(crate) fn is_in_scope(&self, asking: &Asking, id: ResourceId, row: u32) -> bool {
        let division = self.catalogue.resource(id).division;
        match (asking.table.rows(id), division) {
            (RowScope::OwnDivision, Some(field)) => match self.rows.value(id, row, field) {
                Stored::Text(division) => lies_within(division, &asking.caller.division),
                _ => false,
            },
            (RowScope::Everywhere, _) | (RowScope::OwnDivision, None) => true,
        }
    }

    /// The row with a value in an item that identifies rows.
    pub(crate) fn one(&self, asking: &Asking, id: ResourceId, by: usize, value: &Json) -> Option<u32> {
        let scalar = &self.catalogue.resource(id).item(by).scalar;
        let found = self.rows.found(id, by, &Stored::of(scalar, value)?);
        found.iter().copied().find(|row| self.is_in_scope(asking, id, *row))
    }

    /// The rows of a page: all of the resource's, where nothing narrows them.
    pub(crate) fn all(&self, asking: &Asking, id: ResourceId, asked: &Asked) -> Vec<u32> {
        let all: Vec<u32> = (0..self.rows.count(id)).collect();
        self.chosen(asking, id, &all, &asked.conditions, &asked.order)
    }

    /// The rows behind a link, of which a caller may ask for fewer than its limit.
    pub(crate) fn linked(&self, asking: &Asking, link: &Link, from: &Stored, asked: &Asked) -> Vec<u32> {
        let found = self.rows.found(link.target, link.to, from);
        let mut rows = self.chosen(asking, link.target, found, &asked.conditions, &asked.order);
        rows.truncate(asked.first.unwrap_or(u64::from(link.limit)) as usize);
        rows
    }

    fn chosen(
        &self,
        asking: &Asking,
        id: ResourceId,
        rows: &[u32],
        conditions: &[Condition],
        order: &[OrderTerm],
    ) -> Vec<u32> {
        let resource = self.catalogue.resource(id);
        let is_chosen = |row: &u32| {
            let meets = |condition: &Condition| self.meets(id, *row, condition);
            self.is_in_scope(asking, id, *row) && conditions.iter().all(meets)
        };
        let mut chosen: Vec<u32> = rows.iter().copied().filter(is_chosen).collect();
        let order = if order.is_empty() { &resource.order } else { order };
        chosen.sort_by(|a, b| self.compare(id, resource, order, *a, *b));
        chosen
    }

    fn meets(&self, id: ResourceId, row: u32, condition: &Condition) -> bool {
        let Condition { field, operator, value } = condition;
        let stored = self.rows.value(id, row, *field);
        let scalar = &self.catalogue.resource(id).item(*field).scalar;
        if *stored == Stored::Null {
            return false;
        }
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        let is_met = |wanted: Stored| match operator.as_str() {
            "eq" | "in" => *stored == wanted,
            "gte" => *stored >= wanted,
            "lte" => *stored <= wanted,
            "within" => {
                matches!((stored, &wanted), (Stored::Text(code), Stored::Text(area)) if lies_within(code, area))
            }
            other => panic!("no operator `{other}`"),
        };
        values.iter().filter_map(|value| Stored::of(scalar, value)).any(is_met)
    }

    /// Rows that are equal in all terms are told apart by the key, the smaller first.
    fn compare(&self, id: ResourceId, resource: &Resource, order: &[OrderTerm], a: u32, b: u32) -> Ordering {
        let key = OrderTerm { field: resource.key, direction: Direction::Ascending };
        order.iter().chain([&key]).fold(Ordering::Equal, |so_far, term| {
            so_far.then_with(|| {
                let (a, b) = (self.rows.value(id, a, term.field), self.rows.value(id, b, term.field));
                match (a, b, term.direction) {
                    (Stored::Null, Stored::Null, _) => Ordering::Equal,
                    (Stored::Null, _, _) => Ordering::Greater,
                    (_, Stored::Null, _) => Ordering::Less,
                    (a, b, Direction::Ascending) => a.cmp(b),
                    (a, b, Direction::Descending) => b.cmp(a),
                }
            })
        })
    }

    /// The one value that a summary answers, with its type.
    pub(crate) fn summarised(&self, asking: &Asking, summary: &Summary, from: &Stored) -> Stored {
        let of = self.catalogue.resource(summary.of);
        let counts = |row: &u32| {
            let holds = |(field, constant): &(usize, String)| {
                let wanted = Stored::of(&of.item(*field).scalar, &Json::from(constant.as_str()));
                wanted.as_ref() == Some(self.rows.value(summary.of, *row, *field))
            };
            self.is_in_scope(asking, summary.of, *row) && summary.conditions.iter().all(holds)
        };
        let found = self.rows.found(summary.of, summary.to, from);
        let counted: Vec<u32> = found.iter().copied().filter(counts).collect();
        let values = || {
            let item = summary.item.unwrap();
            let values = counted.iter().map(move |row| self.rows.value(summary.of, *row, item));
            values.filter(|value| **value != Stored::Null)
        };
        match summary.function {
            SummaryFn::Exists => Stored::Int(i64::from(!counted.is_empty())),
            SummaryFn::Count => Stored::Int(counted.len() as i64),
            SummaryFn::Max => values().max().cloned().unwrap_or(Stored::Null),
            SummaryFn::Sum => values().cloned().reduce(sum).unwrap_or(Stored::Null),
        }
    }
}

fn sum(a: Stored, b: Stored) -> Stored {
    match (a, b) {
        (Stored::Int(a), Stored::Int(b)) => Stored::Int(a + b),
        (Stored::Number(a), Stored::Number(b)) => Stored::Number(a + b),
        other => panic!("{other:?} can't be summed up"),
    }
}

/// Whether a division is another or lies below it: the levels have 2, 4, 6, 9 and 12 digits, and
/// those that a code leaves open are zeros.
pub(crate) fn lies_within(code: &str, area: &str) -> bool {
    let level = [2, 4, 6, 9, 12].into_iter().find(|level| area[*level..].bytes().all(|digit| digit == b'0'));
    code.starts_with(&area[..level.unwrap()])
}

/// Arguments of a field as JSON, nulls left out.
pub(crate) fn arguments(args: &async_graphql::dynamic::ObjectAccessor<'_>) -> Map<String, Json> {
    let given =
        args.iter().map(|(name, value)| (name.to_string(), value.as_value().clone().into_json().unwrap()));
    given.filter(|(_, value)| !value.is_null()).collect()
}
