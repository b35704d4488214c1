//! The loaded catalogue: resources, their fields, and the roots by which they are reached.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use apollo_compiler::Schema;
use apollo_compiler::validation::Valid;

use crate::own::OwnField;

/// The type whose rows are families.
const FAMILY: &str = "Household";

/// Index of a [`Resource`] in [`Catalogue::resources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(pub u32);

/// Index of a [`Coordinate`] in [`Catalogue::coordinates`]. Dense, so that a decision table is an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CoordinateId(pub u32);

/// Everything that may be shared, and the schema by which it is asked for.
#[derive(Debug)]
pub struct Catalogue {
    /// The resources in the order of their names.
    pub resources: Vec<Resource>,
    /// Every policy-bearing field: items, links and summaries.
    pub coordinates: Vec<Coordinate>,
    /// The root fields of `Query` that read resources.
    pub roots: HashMap<String, Root>,
    /// The root fields that the gateway answers itself, in the order of their files.
    pub own: Vec<OwnField>,
    /// The department codes, in the order of the SDL.
    pub departments: Vec<String>,
    /// What clients see, validated.
    pub public: Valid<Schema>,
    /// The text of [`Catalogue::public`], with descriptions.
    pub public_sdl: String,
    /// SHA-256 of the SDL files, in lower hex: what decisions and records name as the catalogue's version.
    pub version: String,
    pub(crate) by_name: HashMap<String, ResourceId>,
    pub(crate) by_coordinate: HashMap<String, CoordinateId>,
}

/// A shareable table of one department.
#[derive(Debug)]
pub struct Resource {
    /// The GraphQL type's name.
    pub name: String,
    /// The department that answers for the rows.
    pub owner: Arc<str>,
    /// The row of the baseline matrix.
    pub section: Arc<str>,
    /// The table in the owner's exchange database.
    pub table: String,
    /// The field that identifies a row: an index into [`Resource::fields`].
    pub key: usize,
    /// The field with the citizen number of the person the row is about.
    pub subject: Option<usize>,
    /// The field with the 12-digit division that row scopes are read from.
    pub division: Option<usize>,
    /// The field with the last day in the division, where rows are places at which the person lives or lived.
    pub lived_until: Option<usize>,
    /// The field that says when the fact was true.
    pub as_of: Option<usize>,
    /// The order of lists without `orderBy`; the key comes last, always.
    pub order: Vec<OrderTerm>,
    /// The fields in the order of the SDL.
    pub fields: Vec<Field>,
    pub(crate) by_field: HashMap<String, usize>,
}

/// One term of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderTerm {
    /// Index into [`Resource::fields`].
    pub field: usize,
    /// Which way.
    pub direction: Direction,
}

/// Which way a list is ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A policy-bearing field of a resource.
#[derive(Debug)]
pub struct Field {
    /// The GraphQL field's name.
    pub name: String,
    /// Its place in [`Catalogue::coordinates`].
    pub coordinate: CoordinateId,
    /// What it is.
    pub def: FieldDef,
}

/// What a field is.
#[derive(Debug)]
pub enum FieldDef {
    /// A column.
    Item(Item),
    /// A way to another resource.
    Link(Link),
    /// A number or a yes/no about another resource's rows.
    Summary(Summary),
}

/// A column of a resource.
#[derive(Debug)]
pub struct Item {
    /// The column's name.
    pub column: String,
    /// The type of its values.
    pub scalar: Scalar,
    /// How the value is reduced where only the reduced value is allowed.
    pub mask: Option<Mask>,
    /// Whether lists may be filtered by it.
    pub filter: bool,
    /// Whether lists may be ordered by it.
    pub sort: bool,
}

/// A way from one resource to another.
#[derive(Debug)]
pub struct Link {
    /// The resource that is reached.
    pub target: ResourceId,
    /// The field of this resource whose value is looked up.
    pub from: usize,
    /// The field of the target that is compared with it.
    pub to: usize,
    /// Whether the answer is a list.
    pub list: bool,
    /// The most rows for one parent.
    pub limit: u32,
    /// How many rows one parent has as a rule.
    pub expect: u32,
}

/// A number or a yes/no about another resource's rows.
#[derive(Debug)]
pub struct Summary {
    /// The resource that is counted.
    pub of: ResourceId,
    /// The field of this resource whose value is looked up.
    pub from: usize,
    /// The field of `of` that is compared with it.
    pub to: usize,
    /// What is computed.
    pub function: SummaryFn,
    /// The field of `of` that is summed up or maximised.
    pub item: Option<usize>,
    /// Fields of `of` and the constants they must equal.
    pub conditions: Vec<(usize, String)>,
    /// The type of the answer.
    pub scalar: Scalar,
}

/// What a summary computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SummaryFn {
    /// Whether there is such a row.
    Exists,
    /// How many rows there are.
    Count,
    /// The sum of an item.
    Sum,
    /// The highest value of an item.
    Max,
}

/// Everything about a policy-bearing field that a policy may ask.
#[derive(Debug)]
pub struct Coordinate {
    /// `Type.field`.
    pub name: String,
    /// The resource that the field stands on.
    pub resource: ResourceId,
    /// The index of the field in that resource.
    pub field: usize,
    /// The department that answers for the value: of a link or a summary, the owner of what is reached.
    pub owner: Arc<str>,
    /// The section of what is reached.
    pub section: Arc<str>,
    /// The sharing class; a link has the widest class, its target's items decide.
    pub class: ShareClass,
    /// The sensitivity.
    pub level: Level,
    /// The mask that the item may be reduced by.
    pub mask: Option<Mask>,
    /// The description, as the SDL says it.
    pub description: String,
    /// The code set of the values.
    pub codes: Option<String>,
    /// The unit of the values.
    pub unit: Option<String>,
    /// The data items of the requirements.
    pub refs: Vec<String>,
}

/// Sharing class (共享属性).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShareClass {
    /// 无条件共享.
    Unconditional,
    /// 有条件共享.
    Conditional,
    /// 不予共享.
    NotShared,
}

/// Sensitivity, from publishable to sensitive personal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Publishable.
    L1,
    /// Internal.
    L2,
    /// Personal.
    L3,
    /// Sensitive personal.
    L4,
}

/// How a value is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mask {
    /// First four and last four characters.
    CitizenId,
    /// First three and last four digits.
    Phone,
    /// First character.
    Name,
    /// Last four characters.
    Last4,
    /// The year of a date.
    Year,
    /// The band of an amount of money.
    Band,
    /// The county of a division, or an address up to its first digit.
    Address,
    /// A keyed pseudonym of a citizen number, another for each department.
    Pseudonym,
}

/// The type of an item's values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    /// GB 11643 citizen number.
    CitizenId,
    /// 12-digit division.
    Division,
    /// Opaque identifier.
    Id,
    /// Text.
    String,
    /// 32-bit integer.
    Int,
    /// Yes or no.
    Boolean,
    /// Yuan, two decimals.
    Money,
    /// Exact decimal.
    Decimal,
    /// Day.
    Date,
    /// Month.
    YearMonth,
    /// Moment.
    DateTime,
    /// A value of the named GraphQL enum.
    Enum(String),
}

/// A root field that reads a resource.
#[derive(Debug)]
pub struct Root {
    /// The field's name on `Query`.
    pub name: String,
    /// What it reads.
    pub resource: ResourceId,
    /// How.
    pub kind: RootKind,
}

/// How a root reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKind {
    /// One row by the value of a field.
    One {
        /// Index into [`Resource::fields`].
        by: usize,
    },
    /// Many rows by a list of values of a field.
    Many {
        /// Index into [`Resource::fields`].
        by: usize,
        /// The most values in one list.
        limit: u32,
    },
    /// A Relay connection.
    Page {
        /// The most rows in one page.
        limit: u32,
    },
}

impl Catalogue {
    /// The resource behind an index.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// The resource of a GraphQL type, if it is one.
    pub fn resource_named(&self, name: &str) -> Option<ResourceId> {
        self.by_name.get(name).copied()
    }

    /// The coordinate behind an index.
    pub fn coordinate(&self, id: CoordinateId) -> &Coordinate {
        &self.coordinates[id.0 as usize]
    }

    /// The coordinate written `Type.field`, if it is policy-bearing.
    pub fn coordinate_named(&self, name: &str) -> Option<CoordinateId> {
        self.by_coordinate.get(name).copied()
    }

    /// Of a figure over several people, the item that says who they are; `None` for every other coordinate. A
    /// summary on a person, on what is about one person or on a family is a fact about these.
    pub fn counts_people(&self, id: CoordinateId) -> Option<CoordinateId> {
        let coordinate = self.coordinate(id);
        let resource = self.resource(coordinate.resource);
        let FieldDef::Summary(summary) = &resource.fields[coordinate.field].def else { return None };
        let is_of_one = resource.subject.is_some() || resource.name == FAMILY;
        let of = self.resource(summary.of);
        of.subject.filter(|_| !is_of_one).map(|subject| of.fields[subject].coordinate)
    }

    /// Whether a coordinate is a citizen number, which may be answered as a pseudonym.
    pub fn has_pseudonym(&self, id: CoordinateId) -> bool {
        let coordinate = self.coordinate(id);
        let field = &self.resource(coordinate.resource).fields[coordinate.field];
        matches!(&field.def, FieldDef::Item(item) if Mask::Pseudonym.fits(&item.scalar))
    }

    /// All indexes of coordinates, in order.
    pub fn coordinate_ids(&self) -> impl Iterator<Item = CoordinateId> + use<> {
        (0..self.coordinates.len() as u32).map(CoordinateId)
    }

    /// All indexes of resources, in order.
    pub fn resource_ids(&self) -> impl Iterator<Item = ResourceId> + use<> {
        (0..self.resources.len() as u32).map(ResourceId)
    }

    /// The item behind a coordinate, where it is one.
    pub fn item(&self, id: CoordinateId) -> Option<&Item> {
        let coordinate = self.coordinate(id);
        match &self.resource(coordinate.resource).fields[coordinate.field].def {
            FieldDef::Item(item) => Some(item),
            FieldDef::Link(_) | FieldDef::Summary(_) => None,
        }
    }
}

impl Resource {
    /// The field of a name, with its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let index = *self.by_field.get(name)?;
        Some((index, &self.fields[index]))
    }

    /// The item at an index that is known to be one: key, subject, division, order, ends of links.
    ///
    /// # Panics
    /// If the field is a link or a summary; loading has ruled that out for the indexes named above.
    pub fn item(&self, index: usize) -> &Item {
        match &self.fields[index].def {
            FieldDef::Item(item) => item,
            FieldDef::Link(_) | FieldDef::Summary(_) => {
                panic!("`{}.{}` isn't an item", self.name, self.fields[index].name)
            }
        }
    }
}

impl Scalar {
    /// The GraphQL type's name.
    pub fn type_name(&self) -> &str {
        match self {
            Scalar::CitizenId => "CitizenId",
            Scalar::Division => "DivisionCode",
            Scalar::Id => "ID",
            Scalar::String => "String",
            Scalar::Int => "Int",
            Scalar::Boolean => "Boolean",
            Scalar::Money => "Money",
            Scalar::Decimal => "Decimal",
            Scalar::Date => "Date",
            Scalar::YearMonth => "YearMonth",
            Scalar::DateTime => "DateTime",
            Scalar::Enum(name) => name,
        }
    }
}

impl Mask {
    /// Whether values of a type can be reduced this way and still be values of that type.
    pub fn fits(self, scalar: &Scalar) -> bool {
        match self {
            Mask::CitizenId | Mask::Pseudonym => *scalar == Scalar::CitizenId,
            Mask::Phone | Mask::Name | Mask::Last4 => *scalar == Scalar::String,
            Mask::Year => *scalar == Scalar::Date,
            Mask::Band => *scalar == Scalar::Money,
            Mask::Address => matches!(scalar, Scalar::String | Scalar::Division),
        }
    }
}

/// Gives an enum of the SDL its Rust values: the text of each value, both ways.
macro_rules! sdl_enum {
    ($type:ident { $($variant:ident = $text:literal),+ $(,)? }) => {
        impl $type {
            /// The value as the SDL writes it.
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $text),+ }
            }

            /// What the SDL writes so.
            pub fn from_sdl(text: &str) -> Option<Self> {
                match text { $($text => Some($type::$variant),)+ _ => None }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

sdl_enum!(ShareClass { Unconditional = "UNCONDITIONAL", Conditional = "CONDITIONAL", NotShared = "NOT_SHARED" });
sdl_enum!(Level { L1 = "L1", L2 = "L2", L3 = "L3", L4 = "L4" });
sdl_enum!(Mask {
    CitizenId = "CITIZEN_ID",
    Phone = "PHONE",
    Name = "NAME",
    Last4 = "LAST4",
    Year = "YEAR",
    Band = "BAND",
    Address = "ADDRESS",
    Pseudonym = "PSEUDONYM",
});
sdl_enum!(SummaryFn { Exists = "EXISTS", Count = "COUNT", Sum = "SUM", Max = "MAX" });
