//! `load` and `drop`: the county in five PostgreSQL databases, a sixth with the tables that the
//! measured statements read, and five SQLite files. What is there already is left alone.

use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio_postgres::Client;

use crate::database::{ALL, administrator, drop_if_there, remark, renew, set_remark, settle};
use crate::place::Place;
use crate::{county, hub, mirror, output};

/// Makes what isn't there yet.
pub(crate) async fn load(place: &Place) -> anyhow::Result<()> {
    databases(place).await?;
    sqlite(place).await
}

/// Makes the databases on the server that aren't there yet.
pub(crate) async fn databases(place: &Place) -> anyhow::Result<()> {
    let administrator = administrator(place).await?;
    postgres(place, &administrator).await?;
    mirror::load(place, &administrator).await?;
    hub::make(&administrator).await
}

/// Drops every database of this program and the folder's SQLite files.
pub(crate) async fn drop_all(place: &Place) -> anyhow::Result<()> {
    let administrator = administrator(place).await?;
    for database in county::databases() {
        drop_if_there(&administrator, &county::name_of(database)).await?;
    }
    drop_if_there(&administrator, ALL).await?;
    drop_if_there(&administrator, hub::DATABASE).await?;
    remove_sqlite(&sqlite_folder(&place.folder()?)?)?;
    output::line("Dropped.");
    Ok(())
}

/// Where the SQLite files are.
pub(crate) fn sqlite_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    let folder = folder.join("sqlite");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

async fn postgres(place: &Place, administrator: &Client) -> anyhow::Result<()> {
    let wanted = county::remark(place);
    let names: Vec<String> = county::databases().into_iter().map(county::name_of).collect();
    let mut missing = 0;
    for name in &names {
        let found = remark(administrator, name).await?;
        missing += usize::from(found.as_deref() != Some(wanted.as_str()));
    }
    if missing == 0 {
        output::line("PostgreSQL holds this county.");
        return Ok(());
    }
    output::line(format!("Writing the {wanted} into PostgreSQL."));
    let started = Instant::now();
    for name in &names {
        renew(administrator, name).await?;
    }
    county::write_postgres(place).await?;
    for name in &names {
        settle(place, name).await?;
        set_remark(administrator, name, &wanted).await?;
    }
    output::line(format!("  {:.0} s", started.elapsed().as_secs_f64()));
    Ok(())
}

async fn sqlite(place: &Place) -> anyhow::Result<()> {
    let folder = sqlite_folder(&place.folder()?)?;
    let (made, wanted) = (folder.join("county.txt"), county::remark(place));
    if std::fs::read_to_string(&made).is_ok_and(|found| found == wanted) {
        output::line("SQLite holds this county.");
        return Ok(());
    }
    output::line(format!("Writing the {wanted} into SQLite."));
    let started = Instant::now();
    remove_sqlite(&folder)?;
    county::write_sqlite(place, &folder).await?;
    std::fs::write(made, wanted)?;
    output::line(format!("  {:.0} s", started.elapsed().as_secs_f64()));
    Ok(())
}

fn remove_sqlite(folder: &Path) -> anyhow::Result<()> {
    let endings = ["db", "db-wal", "db-shm"];
    let files = county::databases()
        .into_iter()
        .flat_map(|database| endings.map(|ending| folder.join(format!("{}.{ending}", database.name()))));
    for file in files.chain([folder.join("county.txt")]) {
        if file.exists() {
            std::fs::remove_file(file)?;
        }
    }
    Ok(())
}
