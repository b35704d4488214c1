//! The catalogue is the schema: SDL files in, a [`Catalogue`] out.
//!
//! Every shareable data item (政务数据目录数据项) is one field of one SDL type, with its owner,
//! sharing class, sensitivity, mask and column beside it. This crate reads those files, refuses
//! what is incomplete, and derives from the same text the GraphQL schema that clients see.
//! It never sees a database, a caller or a policy.
#![warn(missing_docs)]

mod args;
mod bundled;
mod catalogue;
mod error;
mod federation;
mod load;
pub mod name;
mod own;
mod public;
mod records;
mod visible;

pub use bundled::bundled_sources;
pub use catalogue::{
    Catalogue, Coordinate, CoordinateId, Direction, Field, FieldDef, Item, Level, Link, Mask, OrderTerm,
    Resource, ResourceId, Root, RootKind, Scalar, ShareClass, Summary, SummaryFn,
};
pub use error::{Error, Problem};
pub use federation::MAX_REPRESENTATIONS;
pub use load::{Source, load};
pub use own::{OwnField, RootType};
pub use public::FILTER_OPERATORS;
pub use visible::{Sight, View};
