//! The measured gateway's hub: empty at the start of every process, so that none works off another's log.

use anyhow::Context;
use tokio_postgres::{Client, NoTls};
use yimen::evidence::Hub;

use crate::database::{PREFIX, remark, renew, set_remark};

/// The hub's database on the server.
pub(crate) const DATABASE: &str = "yimen_bench_hub";

/// Makes the database unless it is there.
pub(crate) async fn make(administrator: &Client) -> anyhow::Result<()> {
    if remark(administrator, DATABASE).await?.is_none() {
        renew(administrator, DATABASE).await?;
        set_remark(administrator, DATABASE, "hub").await?;
    }
    Ok(())
}

/// An empty hub at an address.
pub(crate) async fn renew_at(url: &str) -> anyhow::Result<Hub> {
    if url.starts_with("postgres") {
        anyhow::ensure!(url.contains(PREFIX), "the hub isn't a database of this program");
        let (client, connection) =
            tokio_postgres::connect(url, NoTls).await.context("no connection to the hub")?;
        let connection = tokio::spawn(connection);
        client.batch_execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await?;
        drop(client);
        connection.await??;
    }
    Hub::migrate(url).await
}
