//! Databases whose values cross a network in the clear.

use crate::config::Config;
use crate::postgres::Address;

/// The keys of addresses by which a server other than this machine is connected to without TLS.
///
/// # Errors
/// An address that can't be read, by its key.
pub fn exposed(config: &Config) -> anyhow::Result<Vec<String>> {
    let departments = config.departments.iter();
    let departments =
        departments.map(|(code, department)| (format!("departments.{code}.url"), department.url.as_str()));
    let all = departments.chain([(String::from("hub.url"), config.hub.url.as_str())]);
    let mut exposed = Vec::new();
    for (key, url) in all.filter(|(_, url)| url.starts_with("postgres")) {
        let address = Address::read(url).map_err(|error| error.context(format!("`{key}`")))?;
        if address.is_exposed() {
            exposed.push(key);
        }
    }
    exposed.sort();
    Ok(exposed)
}
