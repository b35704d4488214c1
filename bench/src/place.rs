//! Which county is measured, and where it is kept.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

/// The county and its place.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// How many people the county has.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(5_000..=2_000_000))]
    pub(crate) persons: u32,
    /// The seed that the county and the requests are drawn from.
    #[arg(long, default_value_t = 410_727)]
    pub(crate) seed: u64,
    /// The PostgreSQL server, on this machine, without a database.
    #[arg(long, default_value = "postgres://postgres@127.0.0.1:5432", value_parser = loopback)]
    pub(crate) url: String,
    /// The folder for SQLite files, keys and scripts.
    #[arg(long, value_name = "DIR", default_value = "target/yimen-bench")]
    pub(crate) data: PathBuf,
}

impl Place {
    /// The folder, made where it isn't there, by a name that holds in other processes too.
    pub(crate) fn folder(&self) -> anyhow::Result<PathBuf> {
        std::fs::create_dir_all(&self.data).with_context(|| format!("folder `{}`", self.data.display()))?;
        Ok(self.data.canonicalize()?)
    }
}

/// Processor time is read from `/proc`, and nothing here should ever load a foreign server.
fn loopback(url: &str) -> Result<String, String> {
    let config: tokio_postgres::Config = url.parse().map_err(|error| format!("{error}"))?;
    let is_loopback = |host: &tokio_postgres::config::Host| match host {
        tokio_postgres::config::Host::Tcp(name) => matches!(name.as_str(), "127.0.0.1" | "localhost" | "::1"),
        tokio_postgres::config::Host::Unix(_) => false,
    };
    let hosts = config.get_hosts();
    if hosts.is_empty() || !hosts.iter().all(is_loopback) {
        return Err(String::from("the server must be addressed by loopback"));
    }
    if config.get_dbname().is_some() {
        return Err(String::from("name no database: there are six"));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn only_loopback_is_measured() {
        assert!(loopback("postgres://postgres@127.0.0.1:5432").is_ok());
        assert!(loopback("postgres://postgres@10.0.0.1:5432").is_err());
        assert!(loopback("postgres://postgres@127.0.0.1:5432/postgres").is_err());
    }
}
