//! Filters, whose parts may each come from a variable, down to one value of a list.

use yimen_schema::{FILTER_OPERATORS, FieldDef, ResourceId};

use crate::differential::generate::Generator;
use crate::differential::generate::variables::Position;
use crate::differential::operation::Literal;

impl Generator<'_> {
    /// A filter on a resource, where it has any and chance wants one.
    pub(super) fn filter(&mut self, id: ResourceId) -> Option<Literal> {
        let resource = self.ground.county.catalogue.resource(id);
        let openings = self.ground.openings;
        let filtered = (0..resource.fields.len()).filter(|at| {
            let field = &resource.fields[*at];
            matches!(&field.def, FieldDef::Item(item) if item.filter) && openings.may_ask(field.coordinate)
        });
        let mut filtered: Vec<usize> = filtered.collect();
        if filtered.is_empty() || self.rng.chance(55) {
            return None;
        }
        // A whole filter by one variable holds none inside it.
        let is_whole = self.rng.chance(25);
        let value = self.conditions(id, &mut filtered, is_whole);
        if !is_whole {
            return Some(value);
        }
        let other = self.conditions(id, &mut filtered, true);
        let type_name = format!("{}Filter", resource.name);
        Some(self.offer(Position::optional(&type_name).or(other), value))
    }

    fn conditions(&mut self, id: ResourceId, filtered: &mut [usize], is_constant: bool) -> Literal {
        self.rng.shuffle(filtered);
        let count = self.rng.one_of(&[0, 1, 1, 1, 1, 2, 2, 3]);
        let condition = |field: &usize| (self.item(id, *field).0, self.condition_on(id, *field, is_constant));
        Literal::Object(filtered.iter().take(count).map(condition).collect())
    }

    /// The operators on one item: written out, or by a variable where no greater part is one.
    fn condition_on(&mut self, id: ResourceId, field: usize, is_constant: bool) -> Literal {
        if is_constant || self.rng.chance(80) {
            return self.operators(id, field, is_constant);
        }
        let (value, other) = (self.operators(id, field, true), self.operators(id, field, true));
        let type_name = format!("{}Filter", self.item(id, field).1.type_name());
        self.offer(Position::in_filter(&type_name).or(other), value)
    }

    fn operators(&mut self, id: ResourceId, field: usize, is_constant: bool) -> Literal {
        let (_, scalar) = self.item(id, field);
        let known = FILTER_OPERATORS.iter().find(|(name, _)| *name == scalar.type_name());
        let mut operators = known.map_or(vec!["eq", "in"], |(_, operators)| operators.to_vec());
        self.rng.shuffle(&mut operators);
        let count = self.rng.one_of(&[0, 1, 1, 1, 1, 1, 1, 2]);
        let operator = |operator: &str| {
            let value = self.operand(id, field, operator, scalar.type_name(), is_constant);
            (operator.to_owned(), value)
        };
        Literal::Object(operators.into_iter().take(count).map(operator).collect())
    }

    fn operand(
        &mut self,
        id: ResourceId,
        field: usize,
        operator: &str,
        type_name: &str,
        is_constant: bool,
    ) -> Literal {
        if operator != "in" {
            let (value, other) = (self.value(id, field), self.value(id, field));
            return if is_constant {
                value
            } else {
                self.offer(Position::in_filter(type_name).or(other), value)
            };
        }
        let (values, other) = (self.values(id, field), self.values(id, field));
        if is_constant {
            return values;
        }
        let list = format!("[{type_name}!]");
        let offered = self.offer(Position::in_filter(&list).or(other), values);
        self.elements(offered, type_name)
    }

    fn values(&mut self, id: ResourceId, field: usize) -> Literal {
        match self.rng.up_to(4) {
            // One value stands for a list of one.
            1 if self.rng.chance(20) => self.value(id, field),
            count => Literal::List((0..count).map(|_| self.value(id, field)).collect()),
        }
    }
}
