//! Databases on the server: made, told apart by a remark, dropped.

use anyhow::Context;
use tokio_postgres::{Client, NoTls};

use crate::place::Place;

/// What every database of this program is named by.
pub(crate) const PREFIX: &str = "yimen_bench_";

/// The database with the tables of all five, for the floor and for expected answers.
pub(crate) const ALL: &str = "yimen_bench_all";

/// The address of a database.
pub(crate) fn url(place: &Place, database: &str) -> String {
    format!("{}/{database}", place.url)
}

/// A connection to a database.
pub(crate) async fn connect(place: &Place, database: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(&url(place, database), NoTls)
        .await
        .with_context(|| format!("no connection to `{database}`"))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            crate::output::problem(format!("a connection ended: {error}"));
        }
    });
    Ok(client)
}

/// A connection for work on databases as such.
pub(crate) async fn administrator(place: &Place) -> anyhow::Result<Client> {
    connect(place, "postgres").await
}

/// Drops a database, with whoever is connected to it, and makes it anew.
pub(crate) async fn renew(administrator: &Client, database: &str) -> anyhow::Result<()> {
    drop_if_there(administrator, database).await?;
    Ok(administrator.batch_execute(&format!("CREATE DATABASE \"{database}\"")).await?)
}

/// Drops a database of this program.
pub(crate) async fn drop_if_there(administrator: &Client, database: &str) -> anyhow::Result<()> {
    anyhow::ensure!(database.starts_with(PREFIX), "`{database}` isn't a database of this program");
    Ok(administrator.batch_execute(&format!("DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE)")).await?)
}

/// What a database was remarked to hold; none where there is no such database, or no remark.
pub(crate) async fn remark(administrator: &Client, database: &str) -> anyhow::Result<Option<String>> {
    let sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1";
    let row = administrator.query_opt(sql, &[&database]).await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Remarks what a database holds, once all of it is there.
pub(crate) async fn set_remark(administrator: &Client, database: &str, remark: &str) -> anyhow::Result<()> {
    anyhow::ensure!(!remark.contains('\''), "a remark has no quotes");
    Ok(administrator.batch_execute(&format!("COMMENT ON DATABASE \"{database}\" IS '{remark}'")).await?)
}

/// Leaves a freshly filled database as one that has been in use: statistics, visibility map, no
/// dirty pages that a later run would pay for.
pub(crate) async fn settle(place: &Place, database: &str) -> anyhow::Result<()> {
    let client = connect(place, database).await?;
    client.batch_execute("VACUUM (ANALYZE)").await?;
    Ok(client.batch_execute("CHECKPOINT").await?)
}
