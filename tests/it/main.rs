//! The gateway from outside: the real program over an invented county, by HTTP and command line.

mod support;

mod authentication;
mod bad_input;
mod main_job;
mod matrix;
mod pages;
mod seventh_department;
mod snapshot;
mod tidy;
mod unavailable;
