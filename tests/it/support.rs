//! What every test here stands on: one county, and a server of the test's own over it.

pub(crate) mod client;
pub(crate) mod county;
pub(crate) mod day;
pub(crate) mod hub;
pub(crate) mod postgres;
pub(crate) mod proxy;
pub(crate) mod redis;
pub(crate) mod server;
pub(crate) mod slow;
pub(crate) mod socket;
pub(crate) mod ways;

pub(crate) use client::{Answer, Client};
pub(crate) use county::{county, yimen};
pub(crate) use server::Server;
