//! The tables of the five bundled exchange databases (前置库), one SeaORM entity for each.
//!
//! A department shares what it has copied into its exchange database; which of that may be read, and by
//! whom, is said in the catalogue (`schema/`), never here. The entities are what programs that *fill* an
//! exchange database write through: the invented county, imports, tests. The gateway reads the same
//! tables by statements that it compiles from the catalogue.
//!
//! The modules are the databases and their tables: the entity of table `mla_award` in database
//! `household` is [`household::mla_award`]. The trade unions' database is `union`, a word that Rust, SQL
//! and GraphQL have taken, so that its module is [`union_aid`].
//!
//! Every column may be empty but the key, because a department may not know everything that the
//! catalogue can say. Codes and values of GraphQL enums, months (`2026-03`) and identifiers are text;
//! money has two decimals, other amounts four.

pub mod education;
pub mod household;
pub mod housing;
pub mod social_insurance;
mod tables;
pub mod union_aid;
