//! What was aimed at, with what was reached. Records on disk have goals of their own (`evidence`), so
//! that each figure stands twice: without them, which is what the goal is about, and as the product is.

use std::fmt::Write as _;

use crate::gateway::Records;
use crate::measure::Figures;
use crate::query::Query;
use crate::report::{cell, over_pairs};
use crate::run::{Pair, Results};
use crate::served::Side;

/// One goal.
struct Goal {
    what: &'static str,
    /// Without records.
    reached: f64,
    /// With records.
    product: f64,
    bound: Bound,
    unit: &'static str,
}

enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    fn at_least(what: &'static str, of: impl Fn(Records) -> f64, bound: f64) -> Goal {
        Goal::new(what, of, Bound::AtLeast(bound), "")
    }

    fn at_most(what: &'static str, of: impl Fn(Records) -> f64, bound: f64, unit: &'static str) -> Goal {
        Goal::new(what, of, Bound::AtMost(bound), unit)
    }

    fn new(what: &'static str, of: impl Fn(Records) -> f64, bound: Bound, unit: &'static str) -> Goal {
        Goal { what, reached: of(Records::Nothing), product: of(Records::Hub), bound, unit }
    }

    fn row(&self) -> String {
        let Goal { what, reached, product, bound, unit } = self;
        let (sign, bound, is_met) = match bound {
            Bound::AtLeast(bound) => ('≥', bound, reached >= bound),
            Bound::AtMost(bound) => ('≤', bound, reached <= bound),
        };
        let met = if is_met { "yes" } else { "**no**" };
        format!("| {what} | {reached:.2}{unit} | {product:.2}{unit} | {sign} {bound}{unit} | {met} |")
    }
}

/// The table of goals.
pub(crate) fn write(results: &Results) -> String {
    let mut out =
        String::from("## Goals\n\n| what | reached | with records | goal | met |\n|---|---|---|---|---|\n");
    for goal in goals(results) {
        let _ = writeln!(out, "{}", goal.row());
    }
    out.push_str(
        "\nGoals are about the gateway without records, whose cost has goals of its own. Sharing statements saves \
         PostgreSQL about half of its work for Q1, which raises the gateway's part of what is left: the fifth row \
         holds the gateway against PostgreSQL's work for the same statements unshared, as `pgbench` runs them.\n",
    );
    out
}

fn of_pair(pair: &Pair, records: Records) -> &Figures {
    match records {
        Records::Hub => &pair.gateway,
        Records::Nothing => &pair.without,
    }
}

/// A figure that wasn't measured misses its goal.
fn goals(results: &Results) -> Vec<Goal> {
    let floor = |query| {
        move |records| over_pairs(results, query, |pair| of_pair(pair, records).per_s / pair.floor.per_s)
    };
    let cpu = |query| {
        move |records| {
            over_pairs(results, query, |pair| {
                of_pair(pair, records).gateway_ms / of_pair(pair, records).postgres_ms
            })
        }
    };
    let unshared = |records| {
        over_pairs(results, Query::Family, |pair| of_pair(pair, records).gateway_ms / pair.floor.postgres_ms)
    };
    let figure = |side, query, clients, of: fn(&Figures) -> f64| {
        cell(results, side, query, clients).map_or(f64::NAN, of)
    };
    let family_per_s = |side| figure(side, Query::Family, 64, |figures| figures.per_s);
    let most =
        |query| move |records| figure(Side::Postgres(records), query, 64, |figures| figures.memory.most);
    let micro = results.micro;
    let permit = |records| {
        let family_ms = figure(Side::Postgres(records), Query::Family, 64, |figures| figures.gateway_ms);
        100.0 * (micro.token_us + micro.found_us) / 1_000.0 / family_ms
    };
    let sqlite = |records| family_per_s(Side::Sqlite(records)) / family_per_s(Side::Postgres(records));
    let latency = |records| {
        let median = figure(Side::Postgres(records), Query::Family, 1, |figures| figures.median_ms);
        median / results.family_floor_ms
    };
    vec![
        Goal::at_least("Q1 at 64 clients ÷ the floor at its best", floor(Query::Family), 1.2),
        Goal::at_least("Q2 at 16 clients ÷ the floor at its best", floor(Query::Town), 1.0),
        Goal::at_least("Q3 at 4 clients ÷ the floor at its best", floor(Query::Roll), 1.0),
        Goal::at_most("Q1: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Family), 0.45, ""),
        Goal::at_most("Q1: gateway CPU ÷ PostgreSQL CPU of the floor", unshared, 0.45, ""),
        Goal::at_most("Q2: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Town), 0.30, ""),
        Goal::at_most("Q3: gateway CPU ÷ PostgreSQL CPU", cpu(Query::Roll), 0.20, ""),
        Goal::at_most("Q1 median latency with one client ÷ the floor's", latency, 1.5, ""),
        Goal::at_most("token and authorisation, of Q1's gateway CPU", permit, 2.0, " %"),
        Goal::at_most("plan that wasn't in the cache, CPU", |_| micro.made_us / 1_000.0, 0.5, " ms"),
        Goal::at_most("memory with 64 clients of Q1, at most", most(Query::Family), 64.0, " MiB"),
        Goal::at_most("memory with 64 clients of Q3, at most", most(Query::Roll), 128.0, " MiB"),
        Goal::at_least("Q1 at 64 clients: SQLite ÷ PostgreSQL", sqlite, 2.0),
    ]
}
