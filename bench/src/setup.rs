//! Configurations, keys and a token for the measured gateways, made in the data folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use yimen::auth::{DEMO_AUDIENCE, DEMO_ISSUER, Issuer, NewToken};
use yimen::clock::{Clock, SystemClock, hex, random};
use yimen::evidence::note::SigningKey;
use yimen_migration::ExchangeDatabase;

use crate::place::Place;
use crate::query::{DEPARTMENT, DIVISION, ROLE};
use crate::{county, database, hub, load};

/// Configuration files of the gateways.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// Over the five PostgreSQL databases.
    pub(crate) postgres: PathBuf,
    /// Over the five SQLite files.
    pub(crate) sqlite: PathBuf,
    /// The data folder.
    pub(crate) folder: PathBuf,
    /// A bearer token that is good for a day.
    pub(crate) token: String,
}

/// Makes what gateways need besides databases.
pub(crate) fn prepare(place: &Place) -> anyhow::Result<Setup> {
    let folder = place.folder()?;
    Issuer::at(&folder).create()?;
    let secret = folder.join("secret");
    if !secret.exists() {
        std::fs::write(&secret, hex(&random::<32>()))?;
    }
    let key = folder.join("evidence.key");
    if !key.exists() {
        std::fs::write(&key, SigningKey::generate("bench.invalid")?.secret())?;
    }
    let files = load::sqlite_folder(&folder)?;
    let hub = database::url(place, hub::DATABASE);
    let postgres =
        configure(&folder, "postgres", &hub, &|each| database::url(place, &county::name_of(each)))?;
    let sqlite = configure(&folder, "sqlite", "", &|each| {
        format!("sqlite://{}", files.join(format!("{}.db", each.name())).display())
    })?;
    Ok(Setup { postgres, sqlite, token: token(&folder, DIVISION)?, folder })
}

fn configure(
    folder: &Path,
    name: &str,
    hub: &str,
    url: &dyn Fn(ExchangeDatabase) -> String,
) -> anyhow::Result<PathBuf> {
    let mut text = format!(
        "[auth]\nissuers = [\"{DEMO_ISSUER}\"]\naudiences = [\"{DEMO_AUDIENCE}\"]\njwks = \"issuer/jwks.json\"\n\n\
         [secret]\nfile = \"secret\"\n\n[hub]\nurl = \"{hub}\"\n\n[evidence]\nkey = \"evidence.key\"\n"
    );
    for database in county::databases() {
        for department in database.departments() {
            let _ = write!(text, "\n[departments.{department}]\nurl = \"{}\"\n", url(database));
        }
    }
    let file = folder.join(format!("{name}.toml"));
    std::fs::write(&file, text)?;
    Ok(file)
}

/// A token of the measured caller for a division.
pub(crate) fn token(folder: &Path, division: &str) -> anyhow::Result<String> {
    let token = NewToken {
        subject: String::from("bench"),
        department: DEPARTMENT.to_owned(),
        role: ROLE.to_owned(),
        division: division.to_owned(),
        ttl_s: 86_400,
        citizen_id: None,
    };
    Issuer::at(folder).sign(&token, SystemClock.now())
}
