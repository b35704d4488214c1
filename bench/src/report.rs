//! The report: goals first, then every figure, then how they were come by.

mod goals;

use std::fmt::Write as _;

use yimen::clock::{Clock, SystemClock};

use crate::gateway::Records;
use crate::machine;
use crate::measure::Figures;
use crate::query::Query;
use crate::run::{Cell, FloorCell, Options, Pair, Results};
use crate::served::Side;
use crate::statistics::median;

/// The whole report.
pub(crate) fn write(options: &Options, results: &Results) -> String {
    let mut out = String::from("# Measured\n\n");
    let _ = writeln!(
        out,
        "`cargo run --release -p yimen-bench -- run --persons {} --seconds {} --pairs {}`, {}.\n\n\
         {}, PostgreSQL {} with its defaults, an invented county of {} people in five databases. Clients, gateway \
         and PostgreSQL share the machine; all speak over loopback. Ratios hold within one run; absolute figures \
         are this machine's. Other work took {:.0} % of the processors meanwhile; \
         above 5 %, measure again.\n",
        options.place.persons,
        options.seconds,
        options.pairs,
        SystemClock.now().format("%Y-%m-%d"),
        machine::describe(),
        results.postgres,
        options.place.persons,
        100.0 * results.others,
    );
    out.push_str(&goals::write(results));
    asked(&mut out, results);
    servers(&mut out, results);
    floors(&mut out, results);
    pairs(&mut out, results);
    micro(&mut out, results);
    out.push_str(HOW);
    out
}

/// The floor's best number of clients for a query.
pub(crate) fn best(floors: &[FloorCell], query: Query) -> &FloorCell {
    let of_query = floors.iter().filter(|cell| cell.query == query);
    let best = of_query.max_by(|a, b| a.seen.per_s.total_cmp(&b.seen.per_s));
    best.unwrap_or_else(|| unreachable!("every query has a floor"))
}

/// The figures of one side, query and number of clients; none where answers were wrong.
fn cell(results: &Results, side: Side, query: Query, clients: usize) -> Option<&Figures> {
    let is_it = |cell: &&Cell| (cell.side, cell.query, cell.clients) == (side, query, clients);
    results.cells.iter().find(is_it).map(|cell| &cell.figures)
}

/// The median over the pairs of a query.
fn over_pairs(results: &Results, query: Query, value: impl Fn(&Pair) -> f64) -> f64 {
    let values: Vec<f64> = results.pairs.iter().filter(|pair| pair.query == query).map(value).collect();
    median(&values)
}

fn asked(out: &mut String, results: &Results) {
    out.push_str("\n## What is asked\n\n| query | statements | different requests | bytes of an answer |\n|---|---|---|---|\n");
    for asked in &results.asked {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            asked.query.title(),
            asked.statements,
            asked.picks,
            asked.bytes
        );
    }
}

fn servers(out: &mut String, results: &Results) {
    out.push_str(
        "\n## Servers\n\nProcessor time is milliseconds for each request; memory is MiB when the window closed, how \
         much of it isn't mapped files, and the most since the process began.\n\n\
         | server | query | clients | requests/s | median ms | p99 ms | gateway CPU | PostgreSQL CPU | memory | own | most |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for Cell { side, query, clients, figures } in &results.cells {
        let Figures { per_s, median_ms, p99_ms, gateway_ms, postgres_ms, memory, compared: _ } = figures;
        let _ = writeln!(
            out,
            "| {} | {} | {clients} | {per_s:.0} | {median_ms:.2} | {p99_ms:.2} | {gateway_ms:.3} | {postgres_ms:.3} \
             | {:.0} | {:.0} | {:.0} |",
            side_name(*side),
            query.name(),
            memory.now,
            memory.own,
            memory.most
        );
    }
    let compared: u64 = results.cells.iter().map(|cell| cell.figures.compared).sum();
    let _ =
        writeln!(out, "\n{compared} of these answers were compared as a whole, all others by their marks.");
}

fn side_name(side: Side) -> &'static str {
    match side {
        Side::Postgres(Records::Hub) => "PostgreSQL",
        Side::Postgres(Records::Nothing) => "PostgreSQL, no records",
        Side::Sqlite(Records::Hub) => "SQLite",
        Side::Sqlite(Records::Nothing) => "SQLite, no records",
        Side::Decided(_) => "PostgreSQL, other decisions",
        Side::Constant(_) => "constant body",
    }
}

fn floors(out: &mut String, results: &Results) {
    out.push_str("\n## Floor\n\n| query | clients | transactions/s | PostgreSQL CPU |\n|---|---|---|---|\n");
    for FloorCell { query, clients, seen } in &results.floors {
        let _ =
            writeln!(out, "| {} | {clients} | {:.0} | {:.3} |", query.name(), seen.per_s, seen.postgres_ms);
    }
    let _ = writeln!(out, "\nThe family check's median with one client: {:.2} ms.", results.family_floor_ms);
}

fn pairs(out: &mut String, results: &Results) {
    out.push_str(
        "\n## In turns\n\nGateway, gateway without records, floor at its best number of clients, again and again.\n\n\
         | query | requests/s | without records | floor | ÷ floor | records cost | gateway CPU | PostgreSQL CPU \
         | floor's PostgreSQL CPU |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for Pair { query, gateway, without, floor } in &results.pairs {
        let _ = writeln!(
            out,
            "| {} | {:.0} | {:.0} | {:.0} | {:.2} | {:.0} % | {:.3} | {:.3} | {:.3} |",
            query.name(),
            gateway.per_s,
            without.per_s,
            floor.per_s,
            gateway.per_s / floor.per_s,
            100.0 * (1.0 - gateway.per_s / without.per_s),
            gateway.gateway_ms,
            gateway.postgres_ms,
            floor.postgres_ms,
        );
    }
    for query in Query::ALL {
        let ratio = over_pairs(results, query, |pair| pair.gateway.per_s / pair.floor.per_s);
        let records =
            over_pairs(results, query, |pair| 100.0 * (1.0 - pair.gateway.per_s / pair.without.per_s));
        let _ = writeln!(
            out,
            "| **{}, median** | | | | **{ratio:.2}** | **{records:.0} %** | | | |",
            query.name()
        );
    }
}

fn micro(out: &mut String, results: &Results) {
    let micro = results.micro;
    let _ = writeln!(
        out,
        "\n## Small costs of the family check\n\nProcessor time on one thread.\n\n| what | µs |\n|---|---|\n\
         | token that was verified before | {:.2} |\n\
         | document, variables, decisions and plan found as they were made before | {:.2} |\n\
         | document that was never seen: parsed, validated, compiled | {:.0} |",
        micro.token_us, micro.found_us, micro.made_us
    );
}

const HOW: &str = "
## How

- Closed loop: each client sends its next request when the last one is answered and checked. Requests are drawn at \
random by a seed. Every answer's status, first key, number of rows and absence of errors are checked; a sample is \
compared as a whole with what the databases say when they are asked in another way.
- Everything is on: bearer token, authorisation, evidence on disk before the first byte leaves. The gateway without \
records exists in this program only.
- The floor is `pgbench -M prepared` with the plan's own statements, in the gateway's own session settings, one after \
the other, at the best of 8, 16 and 64 clients. `pgbench` speaks to one database, so the tables that are read are \
copied into one with their indexes. It can't chain rows, so the lists that statements look up are known beforehand: \
for a family they come with the first statement's row, which costs the floor one more index lookup in about fifty; \
for pages and rolls a statement before the first fetches them. `pgbench` then sends them as the gateway must.
- The constant body is answered by the same listener and clients: what HTTP alone costs.
- Processor time is what `/proc` counts for the gateway and for all processes of the PostgreSQL cluster.
";
