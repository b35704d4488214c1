//! Random operations: valid, within the documented limits, and full of what makes executors differ.

mod arguments;
mod filter;
mod fits;
mod scope;
mod values;
mod variables;

use yimen_schema::{FieldDef, ResourceId, RootKind};

use crate::differential::expected::Expected;
use crate::differential::openings::Openings;
use crate::differential::operation::{Directive, Field, Fragment, Operation, Selection};
use crate::differential::random::Random;
use crate::differential::resolve::{Asking, County};
use arguments::Arguments;
use scope::{Entry, Scope};

/// What operations are made from.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) county: &'a County,
    pub(crate) asking: &'a Asking,
    pub(crate) openings: &'a Openings,
}

/// An operation for a caller: equal seeds give equal operations.
pub(crate) fn operation(ground: Ground<'_>, seed: u64) -> Operation {
    let mut rng = Random::new(seed);
    loop {
        let operation = Generator::new(ground, Random::new(rng.number())).operation();
        let is_whole = !Expected::of(&ground.county.catalogue, ground.asking, &operation).has_empty_object;
        if is_whole && fits::fits(&operation) {
            return operation;
        }
    }
}

/// Where selections stand.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Query,
    Viewer,
    Access,
    Resource(ResourceId),
    Connection(ResourceId),
    Edge(ResourceId),
    PageInfo,
}

/// What the selections below a field stand on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Below {
    place: Place,
    /// How many levels of objects may follow.
    depth: u32,
    /// How many rows there may be.
    rows: u64,
}

/// A fragment that may be spread again.
struct Spreadable {
    name: String,
    place: Place,
    /// The levels and values that it may bring for each row.
    depth: u32,
    weight: u64,
}

/// The most values that an answer should have, roughly.
const VALUES: u64 = 3_000;

/// The most rows that a list below other rows should have, roughly.
const ROWS: u64 = 600;

struct Generator<'a> {
    ground: Ground<'a>,
    rng: Random,
    operation: Operation,
    spreadable: Vec<Spreadable>,
    /// Roughly how many values the answer has so far.
    values: u64,
    names: u32,
    /// How many fragments stand around what is being made.
    nesting: u32,
}

impl<'a> Generator<'a> {
    fn new(ground: Ground<'a>, rng: Random) -> Self {
        let operation = Operation::default();
        Generator { ground, rng, operation, spreadable: Vec::new(), values: 0, names: 0, nesting: 0 }
    }

    fn operation(mut self) -> Operation {
        if self.rng.chance(40) {
            self.operation.name = Some(String::from("Run"));
            self.operation.has_sibling = self.rng.chance(30);
        }
        let depth = self.rng.one_of(&[1, 2, 2, 3, 3, 4, 5]);
        let below = Below { place: Place::Query, depth, rows: 1 };
        self.operation.selections = self.selections(below, &mut Scope::default());
        self.operation
    }

    /// A name that nothing in the operation has.
    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn selections(&mut self, below: Below, scope: &mut Scope) -> Vec<Selection> {
        let most = if below.place == Place::Query { 4 } else { 6 };
        let count = 1 + self.rng.below(most);
        let mut selections: Vec<Selection> = (0..count).map(|_| self.selection(below, scope)).collect();
        // The first stays, so that few sets of selections are empty once directives have been asked.
        selections[0].directives_mut().clear();
        selections
    }

    fn selection(&mut self, below: Below, scope: &mut Scope) -> Selection {
        let roll = self.rng.below(100);
        let fragment = match roll {
            0..8 if self.nesting < 3 => Some(self.inline(below, scope)),
            8..16 if self.nesting < 3 => Some(self.fragment(below, scope)),
            16..24 => self.spread_again(below, scope),
            24..36 => self.again(scope),
            _ => None,
        };
        fragment.unwrap_or_else(|| self.fresh(below, scope))
    }

    fn directives(&mut self) -> Vec<Directive> {
        let count = self.rng.one_of(&[0, 0, 0, 0, 0, 0, 0, 1, 1, 2]);
        let names = if self.rng.chance(50) { ["skip", "include"] } else { ["include", "skip"] };
        let directive = |name| {
            // What is asked for should mostly be answered.
            let value = self.rng.chance(75) == (name == "include");
            Directive { name, condition: self.condition(value) }
        };
        names.into_iter().take(count).map(directive).collect()
    }

    fn inline(&mut self, below: Below, scope: &mut Scope) -> Selection {
        let on = self.rng.chance(50).then(|| self.type_name(below.place));
        self.nesting += 1;
        let selections = self.selections(below, scope);
        self.nesting -= 1;
        Selection::Inline { on, directives: self.directives(), selections }
    }

    fn fragment(&mut self, below: Below, scope: &mut Scope) -> Selection {
        let (name, before) = (self.name("F"), self.values);
        self.nesting += 1;
        let selections = self.selections(below, scope);
        self.nesting -= 1;
        let on = self.type_name(below.place);
        self.operation.fragments.push(Fragment { name: name.clone(), on, selections });
        let weight = (self.values - before).div_ceil(below.rows.max(1));
        self.spreadable.push(Spreadable {
            name: name.clone(),
            place: below.place,
            depth: below.depth,
            weight,
        });
        Selection::Spread { name, directives: self.directives() }
    }

    /// A fragment that stands elsewhere too, where no field of it collides.
    fn spread_again(&mut self, below: Below, scope: &mut Scope) -> Option<Selection> {
        let fits = |known: &&Spreadable| {
            known.place == below.place && known.depth <= below.depth && known.weight * below.rows <= ROWS
        };
        let known: Vec<&Spreadable> = self.spreadable.iter().filter(fits).collect();
        let known = self.rng.choose(&known)?;
        let (name, weight) = (known.name.clone(), known.weight);
        let mut with = scope.clone();
        if !with.admit(&self.operation, &self.operation.fragment(&name).selections) {
            return None;
        }
        *scope = with;
        self.values += weight * below.rows;
        Some(Selection::Spread { name, directives: self.directives() })
    }

    /// A field that is already there, with the same arguments and other selections.
    fn again(&mut self, scope: &mut Scope) -> Option<Selection> {
        if scope.entries.is_empty() {
            return None;
        }
        let at = self.rng.below(scope.entries.len());
        let entry = &mut scope.entries[at];
        let field = Field { directives: self.directives(), ..entry.head.clone() };
        self.filled(field, entry)
    }

    /// The field with selections below it; `None` where nothing is known of what they would stand on.
    fn filled(&mut self, mut field: Field, entry: &mut Entry) -> Option<Selection> {
        match (entry.is_object, entry.below) {
            (true, None) => return None,
            (true, Some(below)) => field.selections = self.selections(below, &mut entry.child),
            (false, _) => {}
        }
        Some(Selection::Field(field))
    }

    fn fresh(&mut self, below: Below, scope: &mut Scope) -> Selection {
        self.values += below.rows;
        let (name, arguments, inner) = self.field(below);
        let alias = self.alias(&name, below.place, scope);
        let head = Field { alias, name, arguments, directives: Vec::new(), selections: Vec::new() };
        let mut entry = Entry { head, is_object: inner.is_some(), below: inner, child: Scope::default() };
        let field = Field { directives: self.directives(), ..entry.head.clone() };
        let selection = self.filled(field, &mut entry);
        scope.entries.push(entry);
        selection.unwrap()
    }

    /// A response key of its own: the field's name, or an alias, which may be another field's name.
    fn alias(&mut self, name: &str, place: Place, scope: &Scope) -> Option<String> {
        if !scope.has(name) && self.rng.chance(85) {
            return None;
        }
        if let Place::Resource(id) = place {
            let fields = &self.ground.county.catalogue.resource(id).fields;
            let other = &fields[self.rng.below(fields.len())].name;
            if !scope.has(other) && self.rng.chance(30) {
                return Some(other.clone());
            }
        }
        Some(self.name("a"))
    }

    /// A field of a place: its name, its arguments, and what lies below it.
    fn field(&mut self, below: Below) -> (String, Arguments, Option<Below>) {
        let plain = |name: &str| (name.to_owned(), Vec::new(), None);
        let inner = |name: &str, place| (name.to_owned(), Vec::new(), Some(Below { place, ..below }));
        if self.rng.chance(6) {
            return plain("__typename");
        }
        let mut one_of = |names: &[&'static str]| self.rng.one_of(names);
        match below.place {
            Place::Query => self.root(below.depth),
            Place::PageInfo => plain(one_of(&["hasNextPage", "hasPreviousPage"])),
            Place::Access => plain(one_of(&["coordinate", "decision", "mask", "reason"])),
            Place::Edge(id) => inner("node", Place::Resource(id)),
            Place::Connection(id) => match one_of(&["nodes", "edges", "nodes", "edges", "pageInfo"]) {
                "nodes" => inner("nodes", Place::Resource(id)),
                "edges" => inner("edges", Place::Edge(id)),
                other => {
                    (other.to_owned(), Vec::new(), Some(Below { place: Place::PageInfo, depth: 0, rows: 1 }))
                }
            },
            Place::Viewer => match one_of(&["department", "role", "purpose", "division", "access"]) {
                "access" => self.access(),
                other => plain(other),
            },
            Place::Resource(id) => self.row_field(id, below),
        }
    }

    fn root(&mut self, depth: u32) -> (String, Arguments, Option<Below>) {
        let county = self.ground.county;
        let common = ["viewer", "person", "person", "persons", "persons", "household", "unionFile"];
        let any = self.ground.openings.roots();
        let name = match self.rng.chance(50) {
            true => self.rng.one_of(&common),
            false => self.rng.choose(any).map_or("viewer", String::as_str),
        };
        if !any.iter().any(|known| known == name) {
            return (
                String::from("viewer"),
                Vec::new(),
                Some(Below { place: Place::Viewer, depth: 0, rows: 1 }),
            );
        }
        let root = &county.catalogue.roots[name];
        let (arguments, rows, place) = match root.kind {
            RootKind::One { by } => (vec![self.key(root.resource, by)], 1, Place::Resource(root.resource)),
            RootKind::Many { by, .. } => {
                let (name, keys, rows) = self.keys(root.resource, by);
                (vec![(name, keys)], rows, Place::Resource(root.resource))
            }
            RootKind::Page { limit } => {
                let (mut arguments, rows) = self.list(root.resource, limit, limit.min(50), 1);
                self.no_cursor(&mut arguments);
                (arguments, rows, Place::Connection(root.resource))
            }
        };
        (name.to_owned(), arguments, Some(Below { place, depth, rows }))
    }

    fn row_field(&mut self, id: ResourceId, below: Below) -> (String, Arguments, Option<Below>) {
        let county = self.ground.county;
        let resource = county.catalogue.resource(id);
        let may_nest = below.depth > 0 && below.rows <= ROWS && self.values < VALUES;
        let wants_link = may_nest && self.rng.chance(45);
        let openings = self.ground.openings;
        let fits = |field: &&yimen_schema::Field| {
            matches!(field.def, FieldDef::Link(_)) == wants_link && openings.may_ask(field.coordinate)
        };
        let fields: Vec<&yimen_schema::Field> = resource.fields.iter().filter(fits).collect();
        let Some(field) = self.rng.choose(&fields) else {
            return (String::from("__typename"), Vec::new(), None);
        };
        let FieldDef::Link(link) = &field.def else { return (field.name.clone(), Vec::new(), None) };
        let (arguments, rows) = match link.list {
            true => self.list(link.target, link.limit, link.limit, below.rows),
            false => (Vec::new(), 1),
        };
        // Lists are rarely full.
        let rows = below.rows * rows.min(u64::from(link.expect) * 3);
        let below = Below { place: Place::Resource(link.target), depth: below.depth - 1, rows };
        (field.name.clone(), arguments, Some(below))
    }

    fn type_name(&self, place: Place) -> String {
        let name = |id| &self.ground.county.catalogue.resource(id).name;
        match place {
            Place::Query => String::from("Query"),
            Place::Viewer => String::from("Viewer"),
            Place::Access => String::from("Access"),
            Place::PageInfo => String::from("PageInfo"),
            Place::Resource(id) => name(id).clone(),
            Place::Connection(id) => format!("{}Connection", name(id)),
            Place::Edge(id) => format!("{}Edge", name(id)),
        }
    }
}
