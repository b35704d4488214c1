//! The arguments of a list as a request gives them, once variables are replaced. What was not given,
//! and what was given as null, is left out.

use serde_json::{Map, Value as Json};
use yimen_schema::{CoordinateId, Direction, OrderTerm, Resource};

/// What a list is asked for.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) first: Option<u64>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<OrderTerm>,
    /// The items that conditions and order name, whether or not there is anything to compare.
    pub(crate) named: Vec<CoordinateId>,
}

/// A condition on one field.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) field: usize,
    pub(crate) operator: String,
    pub(crate) value: Json,
}

impl Asked {
    /// Reads the arguments of a list of this resource.
    pub(crate) fn of(resource: &Resource, arguments: &Map<String, Json>) -> Asked {
        let mut asked = Asked { first: arguments.get("first").and_then(Json::as_u64), ..Asked::default() };
        if let Some(Json::Object(filter)) = arguments.get("filter") {
            asked.filter(resource, filter);
        }
        match arguments.get("orderBy") {
            Some(Json::Array(terms)) => terms.iter().for_each(|term| asked.order(resource, term)),
            Some(term) => asked.order(resource, term),
            None => {}
        }
        asked
    }

    fn filter(&mut self, resource: &Resource, filter: &Map<String, Json>) {
        for (name, operators) in filter {
            let Json::Object(operators) = operators else { continue };
            let (index, field) = resource.field(name).unwrap();
            self.named.push(field.coordinate);
            let given = operators.iter().filter(|(_, value)| !value.is_null());
            self.conditions.extend(given.map(|(operator, value)| Condition {
                field: index,
                operator: operator.clone(),
                value: value.clone(),
            }));
        }
    }

    fn order(&mut self, resource: &Resource, term: &Json) {
        let Some(text) = term.as_str() else { return };
        let (name, direction) = match text.strip_suffix("_DESC") {
            Some(name) => (name, Direction::Descending),
            None => (text.strip_suffix("_ASC").unwrap(), Direction::Ascending),
        };
        let is_named =
            |field: &yimen_schema::Field| yimen_schema::name::upper_snake_case(&field.name) == name;
        let index = resource.fields.iter().position(is_named).unwrap();
        self.named.push(resource.fields[index].coordinate);
        // Only the first term of an item says anything: rows that differ in it are ordered by it.
        self.order.push(OrderTerm { field: index, direction });
    }
}
