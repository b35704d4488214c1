//! Yimen (一门): one door for the family, every department behind it.
//!
//! A GraphQL gateway that reads a family across departments' databases, each field cleared, masked
//! or withheld by the policy of the department that owns it. `docs/architecture.md` tells the way
//! of a read; the modules below stand in that order.

pub mod answer;
mod area;
pub mod auth;
mod authority;
pub mod calendar;
mod case;
pub mod catalogue;
pub mod clock;
pub mod command;
pub mod config;
mod consent;
pub mod deadline;
pub mod evidence;
pub mod export;
pub mod fetch;
pub mod gateway;
pub mod heartbeat;
pub mod http;
pub mod objection;
pub mod own;
pub mod plan;
pub mod postgres;
pub mod quota;
pub mod replicas;
pub mod retention;
pub mod shadow;
pub mod sharing;
pub mod start;
pub mod subscription;
mod task;
pub mod telemetry;
pub mod trusted;
