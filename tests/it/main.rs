//! The gateway from outside: the real program over an invented county, by HTTP and command line.
#![expect(clippy::unwrap_used, reason = "a test that can't go on stops where it stands")]

mod support;

mod adversarial;
mod authentication;
mod bad_input;
mod batch;
mod catalogue;
mod clients;
mod commands;
mod config;
mod differential;
mod divisions;
mod evidence;
mod export;
mod federation;
mod forbidden;
mod grants;
mod hardening;
mod limits;
mod main_job;
mod matrix;
mod moved;
mod objection;
mod operations;
mod pages;
mod policy_tools;
mod pseudonym;
mod quota;
mod reload;
mod replicas;
mod search;
mod seventh_department;
mod shadow;
mod sharing;
mod slow_department;
mod snapshot;
mod subscriptions;
mod task;
mod tidy;
mod tls;
mod traces;
mod trusted;
mod unavailable;
mod visible;
mod websocket;
