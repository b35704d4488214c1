//! Operations that ask for what grants speak of: some people, and a way from them to each type that is named.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use yimen_schema::{Catalogue, FieldDef, ResourceId};

use crate::differential::operation::{Field, Literal, Operation, Selection};
use crate::differential::random::Random;
use crate::differential::resolve::County;
use crate::forbidden::decision::Row;

/// People of one operation.
const PEOPLE: usize = 12;

/// Types of one operation.
const TYPES: usize = 4;

/// Links on the way to a type.
const LINKS: usize = 3;

/// The links from a person to every type that can be reached by few.
pub(crate) struct Ways(HashMap<ResourceId, Vec<String>>);

impl Ways {
    pub(crate) fn of(catalogue: &Catalogue) -> Ways {
        let person = catalogue.resource_named("Person").unwrap();
        let mut ways = HashMap::from([(person, Vec::new())]);
        let mut queue = VecDeque::from([person]);
        while let Some(id) = queue.pop_front() {
            let way: Vec<String> = ways[&id].clone();
            for field in catalogue.resource(id).fields.iter().filter(|_| way.len() < LINKS) {
                let FieldDef::Link(link) = &field.def else { continue };
                if let Entry::Vacant(new) = ways.entry(link.target) {
                    new.insert([way.clone(), vec![field.name.clone()]].concat());
                    queue.push_back(link.target);
                }
            }
        }
        Ways(ways)
    }

    /// An operation about some people, with items that grants name and others beside them.
    pub(crate) fn operation(&self, county: &County, rows: &[Row], rng: &mut Random) -> Operation {
        let named = self.named(county, rows);
        let types: Vec<ResourceId> =
            named.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>().into_iter().collect();
        let types = rng.sample(types, TYPES);
        let each = |(at, id): (usize, &ResourceId)| {
            let fields = &county.catalogue.resource(*id).fields;
            let told = fields.iter().filter(|field| !matches!(field.def, FieldDef::Link(_)));
            let wanted = told.filter(|field| named.contains(&(*id, field.name.clone())) || rng.chance(20));
            let mut selections: Vec<Selection> =
                wanted.map(|field| Selection::Field(plain(&field.name, None))).collect();
            for (depth, link) in self.0[id].iter().enumerate().rev() {
                // Two ways may begin alike and go on otherwise: each goes by a name of its own.
                let alias = (depth == 0).then(|| format!("w{at}"));
                selections = vec![Selection::Field(Field { selections, ..plain(link, alias) })];
            }
            selections
        };
        let selections: Vec<Selection> = types.iter().enumerate().flat_map(each).collect();
        let people = Literal::List(people(county, &types, rng).into_iter().map(Literal::Text).collect());
        let arguments = vec![(String::from("citizenIds"), people)];
        let root = Field { arguments, selections, ..plain("persons", None) };
        Operation { selections: vec![Selection::Field(root)], ..Operation::default() }
    }

    /// The items that grants name of types that there is a way to.
    fn named(&self, county: &County, rows: &[Row]) -> BTreeSet<(ResourceId, String)> {
        let names =
            rows.iter().flat_map(|row| serde_json::from_str::<Vec<String>>(&row.grant.items).unwrap());
        let place = |name: String| {
            let coordinate = county.catalogue.coordinate(county.catalogue.coordinate_named(&name)?);
            let field = &county.catalogue.resource(coordinate.resource).fields[coordinate.field];
            self.0.contains_key(&coordinate.resource).then(|| (coordinate.resource, field.name.clone()))
        };
        names.filter_map(place).collect()
    }
}

/// People whom some row of these types is about, and a few others.
fn people(county: &County, types: &[ResourceId], rng: &mut Random) -> Vec<String> {
    let person = county.catalogue.resource_named("Person").unwrap();
    let mut people = Vec::new();
    for (id, most) in types.iter().map(|id| (*id, PEOPLE / TYPES)).chain([(person, PEOPLE)]) {
        let Some(subject) = county.catalogue.resource(id).subject else { continue };
        let numbers = (0..county.rows.count(id)).filter_map(|row| county.rows.value(id, row, subject).text());
        let numbers: BTreeSet<String> = numbers.map(str::to_owned).collect();
        people.extend(rng.sample(numbers.into_iter().collect(), most));
    }
    people.truncate(PEOPLE);
    people
}

fn plain(name: &str, alias: Option<String>) -> Field {
    let (arguments, directives, selections) = (Vec::new(), Vec::new(), Vec::new());
    Field { alias, name: name.to_owned(), arguments, directives, selections }
}
