//! Arguments of roots and lists.

use yimen_schema::name::upper_snake_case;
use yimen_schema::{FieldDef, ResourceId, Scalar};

use crate::differential::generate::variables::Position;
use crate::differential::generate::{Below, Generator, Place, ROWS};
use crate::differential::operation::Literal;

/// Arguments with their names.
pub(super) type Arguments = Vec<(String, Literal)>;

/// So many values are asked of databases in another way than few.
const MANY: u64 = 260;

impl Generator<'_> {
    /// The argument of a root that reads one row.
    pub(super) fn key(&mut self, id: ResourceId, by: usize) -> (String, Literal) {
        let (name, scalar) = self.item(id, by);
        let (value, other) = (self.key_value(id, by, &scalar), self.key_value(id, by, &scalar));
        (name, self.offer(Position::required(scalar.type_name()).or(other), value))
    }

    /// The argument of a root that reads many rows, with their number.
    pub(super) fn keys(&mut self, id: ResourceId, by: usize) -> (String, Literal, u64) {
        let (name, scalar) = self.item(id, by);
        let name = format!("{name}s");
        let list = format!("[{}!]", scalar.type_name());
        if self.rng.chance(4) {
            let values: Vec<Literal> = (0..MANY).map(|_| self.key_value(id, by, &scalar)).collect();
            let other = Literal::List(values[..values.len() / 2].to_vec()).json();
            let given = Some(Literal::List(values).json());
            return (name, self.variable(format!("{list}!"), None, given, vec![Some(other)]), MANY);
        }
        let count = self.rng.up_to(6);
        let mut values: Vec<Literal> = (0..count).map(|_| self.key_value(id, by, &scalar)).collect();
        let twice = self.rng.choose(&values).cloned();
        let other = Literal::List(Vec::from_iter(twice.clone()));
        values.extend(twice);
        let rows = values.len() as u64;
        let value = match self.rng.chance(10) && !values.is_empty() {
            // One value stands for a list of one.
            true => values.remove(0),
            false => Literal::List(values),
        };
        let offered = self.offer(Position::required(&list).or(other), value);
        (name, self.elements(offered, scalar.type_name()), rows)
    }

    /// The name and the type of an item.
    pub(super) fn item(&self, id: ResourceId, at: usize) -> (String, Scalar) {
        let resource = self.ground.county.catalogue.resource(id);
        (resource.fields[at].name.clone(), resource.item(at).scalar.clone())
    }

    fn key_value(&mut self, id: ResourceId, by: usize, scalar: &Scalar) -> Literal {
        if *scalar == Scalar::CitizenId { self.citizen_number() } else { self.value(id, by) }
    }

    /// `after` as clients write it for a first page.
    pub(super) fn no_cursor(&mut self, arguments: &mut Arguments) {
        let value = match self.rng.below(10) {
            0 => Literal::Null,
            1 | 2 => {
                self.variable(String::from("String"), None, None, vec![None, Some(Literal::Null.json())])
            }
            _ => return,
        };
        arguments.push((String::from("after"), value));
    }

    /// The arguments of a list, and how many rows it may have for each parent.
    pub(super) fn list(
        &mut self,
        id: ResourceId,
        limit: u32,
        default: u32,
        parents: u64,
    ) -> (Arguments, u64) {
        let mut arguments = Vec::new();
        arguments.extend(self.filter(id).map(|filter| (String::from("filter"), filter)));
        arguments.extend(self.order_by(id).map(|order| (String::from("orderBy"), order)));
        let (first, rows) = self.first(limit, default, parents);
        arguments.extend(first.map(|first| (String::from("first"), first)));
        self.rng.shuffle(&mut arguments);
        (arguments, rows)
    }

    fn first(&mut self, limit: u32, default: u32, parents: u64) -> (Option<Literal>, u64) {
        let may_be_missing = u64::from(default) * parents <= ROWS;
        if may_be_missing && self.rng.chance(40) {
            return (None, u64::from(default));
        }
        let most = if may_be_missing && self.rng.chance(20) { limit } else { limit.min(8) };
        let (count, other) = (self.rng.up_to(most), self.rng.up_to(limit.min(8)));
        let position = if may_be_missing { Position::optional("Int") } else { Position::nullable("Int") };
        let first = self.offer(position.or(Literal::Int(other.into())), Literal::Int(count.into()));
        let rows = self.operation.resolve(&first).and_then(|value| value.as_u64());
        (Some(first), rows.unwrap_or(u64::from(default)).max(u64::from(other)))
    }

    fn order_by(&mut self, id: ResourceId) -> Option<Literal> {
        let resource = self.ground.county.catalogue.resource(id);
        let openings = self.ground.openings;
        let sorted = resource.fields.iter().filter(|field| {
            matches!(&field.def, FieldDef::Item(item) if item.sort) && openings.may_ask(field.coordinate)
        });
        let sorted: Vec<String> = sorted.map(|field| upper_snake_case(&field.name)).collect();
        if sorted.is_empty() || self.rng.chance(60) {
            return None;
        }
        let order = format!("{}Order", resource.name);
        let list = format!("[{order}!]");
        let (value, other) = (self.terms(&sorted), self.terms(&sorted));
        let offered = self.offer(Position::optional(&list).or(other), value);
        Some(self.elements(offered, &order))
    }

    fn terms(&mut self, sorted: &[String]) -> Literal {
        let count = self.rng.one_of(&[0, 1, 1, 1, 2, 3]);
        let term = |_| {
            let direction = self.rng.one_of(&["ASC", "DESC"]);
            Literal::Enum(format!("{}_{direction}", sorted[self.rng.below(sorted.len())]))
        };
        let mut terms: Vec<Literal> = (0..count).map(term).collect();
        match count == 1 && self.rng.chance(20) {
            true => terms.remove(0),
            false => Literal::List(terms),
        }
    }

    /// The decisions about the caller, of one type or of all.
    pub(super) fn access(&mut self) -> (String, Arguments, Option<Below>) {
        let resources = &self.ground.county.catalogue.resources;
        let nothing = Literal::Text(String::from("Nothing"));
        let of_type = match self.rng.below(20) {
            0 => None,
            1 => Some(nothing.clone()),
            _ => Some(Literal::Text(resources[self.rng.below(resources.len())].name.clone())),
        };
        let of_type = of_type.map(|of_type| {
            let offered = self.offer(Position::optional("String").or(nothing), of_type);
            (String::from("type"), offered)
        });
        let below = Below { place: Place::Access, depth: 0, rows: 20 };
        (String::from("access"), Vec::from_iter(of_type), Some(below))
    }
}
