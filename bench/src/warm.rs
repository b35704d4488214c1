//! Brings what is read into the system's page cache, so that whoever is measured first doesn't pay
//! for the disk. It stays beyond PostgreSQL's own buffers either way.

use std::path::Path;

use anyhow::Context;

use crate::database::{ALL, connect};
use crate::place::Place;
use crate::{county, load, mirror, output};

/// Reads the measured tables with their indexes in PostgreSQL, and the SQLite files.
pub(crate) async fn warm(place: &Place) -> anyhow::Result<()> {
    databases(place).await?;
    for database in county::databases() {
        let folder = load::sqlite_folder(&place.folder()?)?;
        read(&folder.join(format!("{}.db", database.name())))?;
    }
    Ok(())
}

/// Reads the measured tables with their indexes in PostgreSQL.
pub(crate) async fn databases(place: &Place) -> anyhow::Result<()> {
    output::line("Reading everything once.");
    for (database, tables) in mirror::tables(place).await? {
        let tables: Vec<String> = tables.into_iter().collect();
        postgres(place, &database, &tables).await?;
        postgres(place, ALL, &tables).await?;
    }
    Ok(())
}

/// Tables and the first columns of their indexes.
const INDEXES: &str = "SELECT c.relname::text, a.attname::text
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY($1) ORDER BY 1, 2";

async fn postgres(place: &Place, database: &str, tables: &[String]) -> anyhow::Result<()> {
    let client = connect(place, database).await?;
    for row in client.query(INDEXES, &[&tables]).await? {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        client.batch_execute(&format!("SELECT count(*) FROM \"{table}\"")).await?;
        let ordered =
            format!("SELECT count(*) FROM (SELECT FROM \"{table}\" ORDER BY \"{column}\" OFFSET 0) t");
        client
            .batch_execute(&format!("SET enable_seqscan = off; SET enable_sort = off; {ordered}; RESET ALL"))
            .await?;
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<()> {
    let mut opened = std::fs::File::open(file).with_context(|| format!("`{}`", file.display()))?;
    std::io::copy(&mut opened, &mut std::io::sink())?;
    Ok(())
}
