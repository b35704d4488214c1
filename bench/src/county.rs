//! The invented county: the one place that knows how its databases are written.

use std::path::Path;

use chrono::NaiveDate;
use yimen_county::{Options, Progress, Urls};
use yimen_migration::ExchangeDatabase;

use crate::database::PREFIX;
use crate::output;
use crate::place::Place;

/// The five exchange databases.
pub(crate) fn databases() -> [ExchangeDatabase; 5] {
    ExchangeDatabase::ALL
}

/// The name of an exchange database on the PostgreSQL server.
pub(crate) fn name_of(database: ExchangeDatabase) -> String {
    format!("{PREFIX}{}", database.name())
}

/// What tells this county from any other.
pub(crate) fn remark(place: &Place) -> String {
    format!("county of {} people, seed {}, seen on {}", place.persons, place.seed, as_of())
}

/// Writes the county into five empty PostgreSQL databases.
pub(crate) async fn write_postgres(place: &Place) -> anyhow::Result<()> {
    write(place, &urls(|database| crate::database::url(place, &name_of(database)))).await
}

/// Writes the county into five SQLite files.
pub(crate) async fn write_sqlite(place: &Place, folder: &Path) -> anyhow::Result<()> {
    let url = |database: ExchangeDatabase| {
        format!("sqlite://{}?mode=rwc", folder.join(format!("{}.db", database.name())).display())
    };
    write(place, &urls(url)).await
}

fn urls(url: impl Fn(ExchangeDatabase) -> String) -> Urls {
    Urls {
        household: url(ExchangeDatabase::Household),
        social_insurance: url(ExchangeDatabase::SocialInsurance),
        housing: url(ExchangeDatabase::Housing),
        education: url(ExchangeDatabase::Education),
        union: url(ExchangeDatabase::UnionAid),
    }
}

/// The day on which the county is looked at.
fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default()
}

async fn write(place: &Place, urls: &Urls) -> anyhow::Result<()> {
    let options = Options { persons: place.persons, seed: place.seed, as_of: as_of() };
    let mut told = 0;
    let mut progress = |progress: Progress| {
        let tenth = u64::from(progress.persons) * 10 / u64::from(place.persons);
        if tenth > told {
            told = tenth;
            output::line(format!("  {} of {} people", progress.persons, place.persons));
        }
    };
    let counts = yimen_county::write(&options, urls, &mut progress).await?;
    output::line(format!("  {} rows", counts.rows));
    Ok(())
}
