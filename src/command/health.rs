//! `yimen health`.

use std::time::Duration;

use clap::Args;

use crate::command::output;

/// Options of `yimen health`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// The server's address.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let url = format!("{}/health/ready", options.url.trim_end_matches('/'));
    let client = reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?;
    let answer = client.get(&url).send().await?;
    let status = answer.status();
    output::line(answer.text().await?);
    anyhow::ensure!(status.is_success(), "not ready: {status}");
    Ok(())
}
