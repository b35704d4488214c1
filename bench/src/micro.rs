//! Small costs, measured alone: what every request pays for its token and its permits, and what the
//! first request of a document pays for its plan.

use yimen::config::Config;
use yimen::http::App;

use crate::gateway::{Decisions, Records, app, request};
use crate::machine::own_cpu_ns;
use crate::query::Query;
use crate::setup::Setup;

/// Microseconds of processor time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Micro {
    /// A token that was verified before.
    pub(crate) token_us: f64,
    /// Document, variables, decisions and plan found as they were made before.
    pub(crate) found_us: f64,
    /// A document that was never seen: parse, validate, compile.
    pub(crate) made_us: f64,
}

/// How often what is found is found, and what is made is made.
const FOUND: u32 = 100_000;
const MADE: u32 = 2_000;

/// Measures the family check's small costs on this thread.
pub(crate) async fn micro(setup: &Setup) -> anyhow::Result<Micro> {
    let App { gateway, authenticator, .. } =
        app(&Config::read(Some(&setup.postgres))?, Records::Nothing, Decisions::Policies).await?;
    let header = format!("Bearer {}", setup.token);
    let known = request(Query::Family, Query::Family.document());
    gateway.plan(&known).await.map_err(|_| anyhow::anyhow!("the family check has no plan"))?;

    let started = own_cpu_ns()?;
    for _ in 0..FOUND {
        let caller = authenticator.caller(Some(&header)).await;
        caller.map_err(|refused| anyhow::anyhow!("the token was refused: {refused:?}"))?;
    }
    let token_us = each_us(started, FOUND)?;

    let started = own_cpu_ns()?;
    for _ in 0..FOUND {
        std::hint::black_box(gateway.plan(&known).await.is_ok());
    }
    let found_us = each_us(started, FOUND)?;

    let fresh =
        (0..MADE).map(|number| request(Query::Family, &format!("{}# {number}", Query::Family.document())));
    let fresh: Vec<_> = fresh.collect();
    let started = own_cpu_ns()?;
    for request in &fresh {
        std::hint::black_box(gateway.plan(request).await.is_ok());
    }
    Ok(Micro { token_us, found_us, made_us: each_us(started, MADE)? })
}

fn each_us(started: u64, count: u32) -> anyhow::Result<f64> {
    Ok((own_cpu_ns()? - started) as f64 / 1_000.0 / f64::from(count))
}
