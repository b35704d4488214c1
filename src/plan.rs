//! Documents to plans: parse, validate, normalise, ask for permits, and build one statement for
//! each department and level. A plan holds no caller and no values; it is cached and shared.

mod arguments;
mod collect;
mod compile;
mod cursor;
mod document;
mod draft;
mod entities;
mod error;
mod input;
mod key;
mod keyed;
mod limits;
mod lists;
mod own;
mod records;
mod shape;
mod sql;

pub(crate) use arguments::{MAX_IN, variable_value};
pub use compile::{Context, compile};
pub use cursor::CursorKey;
pub use document::{Document, Documents};
pub use entities::{Entities, EntityType, Representations};
pub use error::{Invalid, code};
pub(crate) use input::is_citizen_number;
pub use input::{citizen_number, names_a_person, normalise};
pub use key::{PlanKey, plan_key};
pub(crate) use keyed::Keyed;
pub use limits::Limits;
pub use own::Own;
pub use records::{Picked, Records, RecordsAsked};
pub use sql::{Dialect, Widths};

use std::sync::Arc;

use yimen_policy::{Decision, Granted, Permit, Reason};
use yimen_schema::{CoordinateId, RootType, Scalar};

use crate::plan::lists::Lists;

/// A compiled operation.
#[derive(Debug)]
pub struct Plan {
    /// The root fields in the order of the answer.
    pub roots: Vec<Root>,
    /// The statements, parents before children.
    pub fetches: Vec<Fetch>,
    /// Fields that are withheld, one for each query path.
    pub withheld: Vec<Withheld>,
    /// What the operation touches, with the decision on each; what evidence is made from.
    pub outcomes: Vec<(CoordinateId, Decision)>,
    /// What roots look rows up by, granted or not.
    pub lookups: Vec<CoordinateId>,
    /// Rows that the operation reads as a rule, apart from those of `@many` roots.
    pub cost: u64,
    /// The outcomes as records have them.
    pub(crate) lists: Lists,
}

impl Plan {
    /// The own root field by which this plan changes something; there is at most one.
    pub fn change(&self) -> Option<&Own> {
        self.roots.iter().find_map(|root| match &root.field {
            RootField::Own(own) if own.field.on == RootType::Mutation => Some(own),
            _ => None,
        })
    }
}

/// A field that is withheld.
#[derive(Debug)]
pub struct Withheld {
    /// Response keys from the root, without list indexes.
    pub path: Vec<String>,
    /// The coordinate that was refused. Why is the caller's own: two profiles can share this plan
    /// and be refused for different reasons.
    pub coordinate: CoordinateId,
    /// Why, where it isn't a matter of the caller's decisions.
    pub reason: Option<Reason>,
}

/// A root field of the answer.
#[derive(Debug)]
pub struct Root {
    /// The response key, as it is written into the answer: `"people":`.
    pub key: Arc<str>,
    /// What is answered.
    pub field: RootField,
}

/// What a root field answers.
#[derive(Debug)]
pub enum RootField {
    /// `Query` or `Mutation`.
    Typename(&'static str),
    /// Withheld.
    Null,
    /// One row or `null`.
    One {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// How the row is written.
        object: Object,
    },
    /// One entry for each value of the argument, in its order.
    Many {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// How a row is written.
        object: Object,
        /// Rows that one value costs as a rule.
        cost_each: u64,
    },
    /// One entry for each representation, in its order.
    Entities(Entities),
    /// A connection.
    Page(Page),
    /// Who asks.
    Viewer(Vec<ViewerField>),
    /// Records of evidence.
    Records(Records),
    /// What the gateway answers itself.
    Own(Own),
    /// The schema as a subgraph's: each response key, and whether it asks for the text or for the type's name.
    Service(Vec<(Arc<str>, bool)>),
    /// `__schema` or `__type`, answered by the schema's own executor under this response key.
    Introspection(String),
}

/// A connection in the answer.
#[derive(Debug)]
pub struct Page {
    /// Index into [`Plan::fetches`].
    pub fetch: usize,
    /// The most rows; one more is read to know whether rows follow.
    pub first: usize,
    /// Whether a cursor was given.
    pub after: bool,
    /// Where the values of a cursor stand in a row, in the order of the statement.
    pub cursor: Vec<usize>,
    /// What the cursors of this connection are bound to.
    pub scope: Arc<str>,
    /// The fields in the order of the answer.
    pub fields: Vec<(Arc<str>, PageField)>,
}

/// A field of a connection.
#[derive(Debug)]
pub enum PageField {
    /// A name that is always the same.
    Typename(Arc<str>),
    /// The rows with their cursors.
    Edges(Vec<(Arc<str>, EdgeField)>),
    /// The rows.
    Nodes(Object),
    /// Where the page stands.
    PageInfo(Vec<(Arc<str>, PageInfoField)>),
}

/// A field of an edge.
#[derive(Debug)]
pub enum EdgeField {
    /// A name that is always the same.
    Typename(Arc<str>),
    /// The row.
    Node(Object),
    /// The row's cursor.
    Cursor,
}

/// A field of `PageInfo`.
#[derive(Clone, Copy, Debug)]
pub enum PageInfoField {
    /// `PageInfo`.
    Typename,
    /// Whether rows follow.
    HasNextPage,
    /// Whether a cursor was given.
    HasPreviousPage,
    /// The cursor of the first row.
    StartCursor,
    /// The cursor of the last row.
    EndCursor,
}

/// A field of `Viewer`.
#[derive(Debug)]
pub struct ViewerField {
    /// The response key, as it is written into the answer.
    pub key: Arc<str>,
    /// What is answered.
    pub value: ViewerValue,
}

/// What a field of `Viewer` answers.
#[derive(Debug)]
pub enum ViewerValue {
    /// `Viewer`.
    Typename,
    /// The caller's department.
    Department,
    /// The caller's role.
    Role,
    /// The caller's division.
    Division,
    /// The request's purpose.
    Purpose,
    /// The decisions, of one type or of all.
    Access {
        /// The type whose coordinates are listed.
        of_type: Option<String>,
        /// The fields of each entry: response key and name.
        fields: Vec<(Arc<str>, String)>,
    },
}

/// How one row is written.
#[derive(Debug, Default)]
pub struct Object {
    /// The fields in the order of the answer: response key and value.
    pub fields: Vec<(Arc<str>, Value)>,
}

/// What one field of a row answers.
#[derive(Debug)]
pub enum Value {
    /// A name that is always the same.
    Typename(Arc<str>),
    /// Withheld.
    Null,
    /// A column of the row.
    Leaf {
        /// The column's place in the statement.
        slot: usize,
        /// The type of the value.
        scalar: Scalar,
        /// The right to answer it.
        granted: Granted,
    },
    /// The row behind a link, or the rows.
    Link {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// The column whose value is looked up.
        slot: usize,
        /// Whether the answer is a list.
        list: bool,
        /// How a row is written.
        object: Object,
    },
    /// A column of the one row that a summary answers for this row.
    Summary {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// The column whose value is looked up.
        slot: usize,
        /// The column of the summary's own row.
        value: usize,
        /// The type of the value.
        scalar: Scalar,
        /// What is answered where there is no row.
        default: &'static str,
        /// The right to answer it.
        granted: Granted,
    },
}

/// One statement of a plan.
#[derive(Debug)]
pub struct Fetch {
    /// The right to read these rows.
    pub permit: Permit,
    /// The department that is asked.
    pub department: Arc<str>,
    /// The type that is read.
    pub resource: Arc<str>,
    /// The values to look up.
    pub keys: Keys,
    /// The statement.
    pub sql: Arc<str>,
    /// Its parameters in order.
    pub binds: Vec<Bind>,
    /// The types of its columns.
    pub columns: Vec<Scalar>,
    /// The column that parents are found by.
    pub key_slot: Option<usize>,
    /// The column with the citizen number of the person that a row is about.
    pub subject_slot: Option<usize>,
    /// The column with the division of a row, where rows from outside the caller's own may come.
    pub division_slot: Option<usize>,
    /// In a case the key of the members about whom rows may be read; none for rows about nobody.
    pub family: Option<Arc<str>>,
    /// In a case the column with the day on which a row was true, where the caller may read it.
    pub as_of_slot: Option<usize>,
    /// Whether the values that are looked up must be those members.
    pub by_member: bool,
    /// In a case, of the register of people: the column with the divisions where a person who lives here lived before,
    /// between commas.
    pub former_slot: Option<usize>,
    /// Response keys from the root, without list indexes.
    pub path: Vec<String>,
}

/// Where the values that a statement looks up come from.
#[derive(Clone, Debug)]
pub enum Keys {
    /// A page looks nothing up.
    None,
    /// The argument of a root.
    Argument {
        /// One parameter, or one for each value of a list in the document.
        values: Vec<Bind>,
        /// The most values.
        limit: usize,
    },
    /// The keys of one type's representations.
    Representations {
        /// All of them.
        all: Representations,
        /// The number of the type.
        of: usize,
    },
    /// A column of another statement's rows.
    Parent {
        /// Index into [`Plan::fetches`].
        fetch: usize,
        /// The column with the values.
        slot: usize,
    },
}

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Bind {
    /// The distinct values to look up.
    Keys,
    /// The first code of one range of the caller's own; the last range stands for those that there aren't.
    DivisionLow(usize),
    /// The first code behind that range.
    DivisionHigh(usize),
    /// A number of rows.
    Rows(i64),
    /// A value written in the document.
    Literal(Input),
    /// A value of a variable.
    Variable(VariablePath),
    /// A list, each of whose values is written in the document or comes from a variable.
    Values(Vec<Bind>),
    /// The first code of one range of the division that a filter names, as of the caller's own.
    WithinLow(usize, Box<Bind>),
    /// The first code behind that range.
    WithinHigh(usize, Box<Bind>),
    /// The value of the cursor at this place.
    Cursor(usize),
    /// The members of the case's family of this key.
    Members(Arc<str>),
    /// The day on which the stated case was opened; none where none is stated.
    CaseOpened,
    /// Today, in China.
    Today,
    /// Who of the rows above moved here, each with where they lived: `number division`.
    Moved,
}

/// A value on its way into a statement, already checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// One value, as text that the statement casts.
    Text(String),
    /// A list of values.
    List(Vec<String>),
}

/// A variable, or a place inside one.
#[derive(Clone, Debug, PartialEq)]
pub struct VariablePath {
    /// The variable's name.
    pub name: String,
    /// Keys of input objects below it.
    pub path: Vec<String>,
    /// The type of the value, by which it is checked.
    pub scalar: Scalar,
    /// Whether a list is asked for; else it must be one value, which types of our own don't say.
    pub list: bool,
    /// How messages name the argument.
    pub argument: String,
}
