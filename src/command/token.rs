//! `yimen token`: tokens of the demonstration's own issuer.

use std::path::PathBuf;

use clap::Args;
use yimen_policy::Codes;

use crate::auth::{Issuer, NewToken};
use crate::clock::{Clock, SystemClock};
use crate::command::output;

/// Options of `yimen token`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The demonstration's data folder.
    #[arg(long, value_name = "DIR", default_value = "yimen-data")]
    data: PathBuf,
    /// The department's code, such as UNION.
    #[arg(long)]
    department: String,
    /// The role's code, such as HELP_CENTRE.
    #[arg(long)]
    role: String,
    /// The 12-digit division that the caller serves.
    #[arg(long)]
    division: String,
    /// The person or program.
    #[arg(long, default_value = "demo-officer")]
    subject: String,
    /// Seconds for which the token is good.
    #[arg(long, default_value_t = 3_600, value_parser = clap::value_parser!(i64).range(1..=86_400))]
    ttl: i64,
    /// The citizen number of the person whom a portal's token is for.
    #[arg(long)]
    citizen_id: Option<String>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    check(options)?;
    let token = NewToken {
        subject: options.subject.clone(),
        department: options.department.clone(),
        role: options.role.clone(),
        division: options.division.clone(),
        ttl_s: options.ttl,
        citizen_id: options.citizen_id.clone(),
    };
    output::line(Issuer::at(&options.data).sign(&token, SystemClock.now())?);
    Ok(())
}

/// A token that no gateway would take isn't minted.
fn check(options: &Options) -> anyhow::Result<()> {
    let codes = Codes::bundled();
    let roles: Vec<&str> = codes.roles.iter().map(|role| role.code.as_str()).collect();
    anyhow::ensure!(
        codes.has_role(&options.role),
        "no role `{}`; there are {}",
        options.role,
        roles.join(", ")
    );
    let is_code = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    anyhow::ensure!(is_code(&options.department), "`{}` is no department code", options.department);
    let is_division = options.division.len() == 12 && options.division.bytes().all(|b| b.is_ascii_digit());
    anyhow::ensure!(is_division, "`--division` must be 12 digits, such as 410727000000");
    Ok(())
}
