//! What was aimed at, with what was reached.

use std::fmt::Write as _;

use crate::gateway::Records;
use crate::measure::Figures;
use crate::query::Query;
use crate::report::{PRODUCT, cell, over_pairs};
use crate::run::Results;
use crate::served::Side;

/// One goal.
struct Goal {
    what: &'static str,
    reached: f64,
    bound: Bound,
    unit: &'static str,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn at_least(what: &'static str, reached: f64, bound: f64) -> Goal {
        Goal { what, reached, bound: Bound::AtLeast(bound), unit: "" }
    }

    fn at_most(what: &'static str, reached: f64, bound: f64, unit: &'static str) -> Goal {
        Goal { what, reached, bound: Bound::AtMost(bound), unit }
    }

    fn row(&self) -> String {
        let (sign, bound, is_met) = match self.bound {
            Bound::AtLeast(bound) => ('≥', bound, self.reached >= bound),
            Bound::AtMost(bound) => ('≤', bound, self.reached <= bound),
        };
        let met = if is_met { "yes" } else { "**no**" };
        format!("| {} | {:.2}{} | {sign} {bound}{} | {met} |", self.what, self.reached, self.unit, self.unit)
    }
}

/// The table of goals.
pub(crate) fn write(results: &Results) -> String {
    let mut out = String::from("## Goals\n\n| what | reached | goal | met |\n|---|---|---|---|\n");
    for goal in goals(results) {
        let _ = writeln!(out, "{}", goal.row());
    }
    out
}

/// A figure that wasn't measured misses its goal.
fn goals(results: &Results) -> Vec<Goal> {
    let floor = |query| over_pairs(results, query, |pair| pair.gateway.per_s / pair.floor.per_s);
    let cpu = |query| over_pairs(results, query, |pair| pair.gateway.gateway_ms / pair.gateway.postgres_ms);
    let figure = |side, query, clients, of: fn(&Figures) -> f64| {
        cell(results, side, query, clients).map_or(f64::NAN, of)
    };
    let family_per_s = |side| figure(side, Query::Family, 64, |figures| figures.per_s);
    let most = |query| figure(PRODUCT, query, 64, |figures| figures.memory.most);
    let latency_ms = figure(PRODUCT, Query::Family, 1, |figures| figures.median_ms);
    let family_ms = figure(PRODUCT, Query::Family, 64, |figures| figures.gateway_ms);
    let micro = results.micro;
    let permit = 100.0 * (micro.token_us + micro.found_us) / 1_000.0 / family_ms;
    let sqlite = family_per_s(Side::Sqlite(Records::Journal)) / family_per_s(PRODUCT);
    let latency = latency_ms / results.family_floor_ms;
    vec![
        Goal::at_least("Q1 at 64 clients ÷ the floor at its best", floor(Query::Family), 1.2),
        Goal::at_least("Q2 at 16 clients ÷ the floor at its best", floor(Query::Town), 1.0),
        Goal::at_least("Q3 at 4 clients ÷ the floor at its best", floor(Query::Roll), 1.0),
        Goal::at_most("Q1: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Family), 0.45, ""),
        Goal::at_most("Q2: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Town), 0.30, ""),
        Goal::at_most("Q3: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Roll), 0.20, ""),
        Goal::at_most("Q1 median latency with one client ÷ the floor's", latency, 1.5, ""),
        Goal::at_most("token and authorisation, of Q1's gateway CPU", permit, 2.0, " %"),
        Goal::at_most("plan that wasn't in the cache, CPU", micro.made_us / 1_000.0, 0.5, " ms"),
        Goal::at_most("memory with 64 clients of Q1, at most", most(Query::Family), 64.0, " MiB"),
        Goal::at_most("memory with 64 clients of Q3, at most", most(Query::Roll), 128.0, " MiB"),
        Goal::at_least("Q1 at 64 clients: SQLite ÷ PostgreSQL", sqlite, 2.0),
    ]
}
