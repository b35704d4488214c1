//! The configuration: compiled-in defaults, one file, environment variables, in that order.

mod bounds;
mod changed;
mod reference;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use chrono::NaiveDate;
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use serde::Deserialize;

use crate::evidence::anomaly::Thresholds;
use crate::plan::Limits;
use crate::postgres;
use crate::quota::Rules;
use crate::trusted::Mode;
use changed::Keys;
pub use reference::reference;

/// The defaults, which are also the documentation of every key.
pub const DEFAULTS: &str = include_str!("config.default.toml");

/// The whole configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The listener and its bounds.
    pub server: Server,
    /// The listener for operators.
    pub operations: Operations,
    /// Where traces go.
    pub telemetry: Telemetry,
    /// Whose tokens are taken.
    pub auth: Auth,
    /// SDL files beside the bundled ones.
    pub catalogue: Catalogue,
    /// Policy files beside the bundled ones.
    pub policy: Policy,
    /// Bounds of documents and operations.
    pub limits: Limits,
    /// Documents that requests name.
    pub documents: Documents,
    /// How departments are asked.
    pub fetch: Fetch,
    /// What the gateway itself keeps.
    pub hub: Hub,
    /// How records are kept.
    pub evidence: Evidence,
    /// What stands out in records.
    pub anomalies: Thresholds,
    /// How grants are watched.
    pub grants: Grants,
    /// Requests for sharing, objections and their deadlines.
    pub sharing: Sharing,
    /// Exports.
    pub export: Export,
    /// How much callers may ask for in a time.
    pub quota: Rules,
    /// The secret of this installation.
    pub secret: Secret,
    /// What replicas share.
    pub redis: Redis,
    /// The departments' databases.
    pub departments: BTreeMap<String, Department>,
    /// Every key as it was read.
    #[serde(skip)]
    keys: Keys,
}

/// The listener and its bounds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address and port.
    pub listen: String,
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Bytes of a batch's body.
    pub batch_bytes: usize,
    /// Entries of a batch.
    pub batch_entries: usize,
    /// Batches at once.
    pub batches: usize,
    /// Bytes of a head.
    pub head_bytes: usize,
    /// Lines of a head.
    pub head_lines: usize,
    /// Milliseconds for a head.
    pub head_timeout_ms: u64,
    /// Milliseconds for a body.
    pub body_timeout_ms: u64,
    /// Milliseconds for a request.
    pub request_timeout_ms: u64,
    /// Milliseconds in which a client must take something of what is sent to it.
    pub unread_timeout_ms: u64,
    /// Connections at once.
    pub connections: usize,
    /// Requests at once.
    pub requests: usize,
    /// Subscriptions at once.
    pub subscriptions: usize,
    /// Those of one caller.
    pub subscriptions_per_caller: usize,
    /// WebSocket connections at once.
    pub websockets: usize,
    /// Those of one caller.
    pub websockets_per_caller: usize,
    /// Operations of a WebSocket connection at once.
    pub websocket_operations: usize,
    /// Milliseconds until a WebSocket connection's caller must be known.
    pub websocket_init_ms: u64,
    /// Milliseconds between two pings of a WebSocket connection.
    pub websocket_ping_ms: u64,
    /// Milliseconds that a WebSocket connection may have nothing under way.
    pub websocket_idle_ms: u64,
    /// Web pages that may open WebSocket connections besides the gateway's own.
    pub origins: Vec<String>,
    /// Milliseconds for requests in flight at the end.
    pub grace_ms: u64,
    /// TLS.
    pub tls: Tls,
}

/// TLS of the listener. Paths are empty where there is none.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The certificate with its chain, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM.
    pub key: PathBuf,
    /// The authority that clients' certificates must come from, in PEM.
    pub client_authority: PathBuf,
}

/// The listener for operators.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operations {
    /// Address and port; empty where there is none.
    pub listen: String,
}

/// Where traces go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// The collector's address; empty where there is none.
    pub collector: String,
    /// The share of operations that are traced.
    pub sample: f64,
}

/// Whose tokens are taken.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Trusted issuers.
    pub issuers: Vec<String>,
    /// Our own names.
    pub audiences: Vec<String>,
    /// File or address of the keys.
    pub jwks: String,
    /// Seconds by which clocks may differ.
    pub leeway_s: i64,
}

/// SDL files beside the bundled ones, and how often items are counted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The folders; later ones come after earlier ones.
    pub folders: Vec<PathBuf>,
    /// Hours between two counts of a department's items; zero where none are made by themselves.
    pub measure_hours: u32,
    /// Milliseconds that one table may take to count.
    pub measure_deadline_ms: u64,
}

/// Policy files and the tables beside them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The folders of those in force.
    pub folders: Vec<PathBuf>,
    /// A folder with those that are tried beside them; empty for none.
    pub shadow: PathBuf,
    /// A file of approvals, for policies that are read again; empty for none.
    pub approved: PathBuf,
}

/// Documents that requests name.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// A folder with manifests.
    pub folder: PathBuf,
    /// Which documents may run.
    pub mode: Mode,
    /// Whether clients may register documents.
    pub automatic: bool,
    /// Bytes of registered documents kept in the process.
    pub automatic_bytes: u64,
    /// Seconds that they are kept.
    pub automatic_ttl_s: u64,
}

/// How departments are asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Rows of one statement.
    pub rows: usize,
    /// Milliseconds of one statement.
    pub deadline_ms: u64,
    /// Connections for small statements.
    pub lanes: usize,
    /// Connections for statements with many values.
    pub bulk_lanes: usize,
    /// Requests that wait for one database at once.
    pub requests: usize,
    /// Failures one after another after which a database isn't asked.
    pub breaker_failures: u32,
    /// Milliseconds until one request asks it again.
    pub breaker_pause_ms: u64,
    /// Requests for many values at once.
    pub bulk_requests: usize,
    /// Entries of a batch that are answered together.
    pub bulk_chunk: usize,
    /// Milliseconds between two questions whether a department answers.
    pub heartbeat_ms: u64,
}

/// What the gateway itself keeps.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// The connection string.
    pub url: String,
}

/// How records are kept.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// A file with the key that the log is signed with.
    pub key: PathBuf,
    /// A file for the newest head that this process signed; empty for one beside the key.
    pub head: PathBuf,
    /// Batches of records under way at once.
    pub lanes: usize,
    /// Milliseconds for a record to become durable.
    pub deadline_ms: u64,
    /// Milliseconds between two signed heads.
    pub integrate_ms: u64,
    /// Milliseconds that a command waits for its turn at the log.
    pub turn_wait_ms: u64,
    /// Milliseconds after which a record without a place in the log is a fault.
    pub grace_ms: u64,
    /// Years that records are kept.
    pub retention_years: u32,
    /// The generation of the keys of people's digests.
    pub person_key_generation: u32,
    /// The keys of witnesses.
    pub witnesses: Vec<String>,
}

/// How grants are watched.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// Milliseconds between two looks.
    pub pause_ms: u64,
    /// Milliseconds without a look after which grants don't count.
    pub stale_ms: u64,
    /// Grants in force.
    pub most: usize,
}

/// Requests for sharing, objections and their deadlines.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    /// The department that co-ordinates sharing.
    pub coordinator: String,
    /// Whether the coordinator looks at every request before its owner does.
    pub conformity_check: bool,
    /// The most days that a grant may be asked for.
    pub longest_days: u32,
    /// Milliseconds between two passes over deadlines.
    pub remind_ms: u64,
    /// Years that closed requests, objections and changes of the catalogue are kept.
    pub retention_years: u32,
    /// Milliseconds after which another process's objection is known here.
    pub look_ms: u64,
}

/// Exports: their folder and their bounds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// The folder; empty where there are none.
    pub folder: PathBuf,
    /// People of one export.
    pub people: usize,
    /// Rows of one export of pages.
    pub rows: usize,
    /// Bytes of one export.
    pub bytes: i64,
    /// Bytes of all exports.
    pub folder_bytes: i64,
    /// Exports that are kept.
    pub jobs: i64,
    /// Exports of one caller under way.
    pub jobs_per_caller: i64,
    /// Exports that this process works on at once.
    pub running: usize,
    /// People or rows of one part.
    pub part_entries: i64,
    /// Hours that files are kept.
    pub kept_hours: i64,
    /// Seconds of one run.
    pub longest_s: u64,
}

/// The secret of this installation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// A file with it.
    pub file: PathBuf,
    /// The days from which new keys of pseudonyms hold.
    pub pseudonym_keys: Vec<NaiveDate>,
}

/// Where replicas share what none of them needs to keep.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// The address, with the password; empty where each replica is for itself.
    pub url: String,
    /// The authority of its certificate, in PEM.
    pub authority: PathBuf,
    /// What all names begin with.
    pub prefix: String,
    /// Milliseconds that a request waits for it.
    pub timeout_ms: u64,
    /// Milliseconds until it is tried again.
    pub pause_ms: u64,
}

/// A department's database, and what is otherwise for it than `fetch` says.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// The connection string.
    pub url: String,
    /// Milliseconds of one statement.
    pub deadline_ms: Option<u64>,
    /// Connections for small statements.
    pub lanes: Option<usize>,
    /// Connections for statements with many values.
    pub bulk_lanes: Option<usize>,
    /// Requests that wait for it at once.
    pub requests: Option<usize>,
}

impl Config {
    /// Reads the defaults, a file where one is named, and the environment.
    ///
    /// Paths in a file are meant from the file's own folder.
    ///
    /// # Errors
    /// A key that doesn't exist, has the wrong type or is out of its bounds, with its name.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Config> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            anyhow::ensure!(file.is_file(), "no configuration file `{}`", file.display());
            figment = figment.merge(Toml::file(file));
        }
        figment =
            figment.merge(Env::prefixed("YIMEN__").map(|key| key_of(key.as_str()).into()).lowercase(false));
        let mut config: Config = figment.extract().context("the configuration can't be read")?;
        let values = figment.extract()?;
        bounds::check(&values)?;
        config.keys = Keys::of(&values);
        if let Some(folder) = file.and_then(Path::parent) {
            config.set_base(folder);
        }
        Ok(config)
    }

    /// The keys of another reading that differ and wait for the next start of the process.
    pub fn waiting(&self, other: &Config) -> Vec<String> {
        self.keys.at_start(&other.keys)
    }

    fn set_base(&mut self, base: &Path) {
        let within = |path: &mut PathBuf| {
            if !path.as_os_str().is_empty() {
                *path = base.join(&*path);
            }
        };
        within(&mut self.server.tls.certificate);
        within(&mut self.server.tls.key);
        within(&mut self.server.tls.client_authority);
        within(&mut self.evidence.key);
        within(&mut self.evidence.head);
        within(&mut self.secret.file);
        within(&mut self.redis.authority);
        within(&mut self.documents.folder);
        within(&mut self.export.folder);
        within(&mut self.policy.shadow);
        within(&mut self.policy.approved);
        self.catalogue.folders.iter_mut().chain(&mut self.policy.folders).for_each(within);
        if !self.auth.jwks.is_empty() && !self.auth.jwks.contains("://") {
            self.auth.jwks = base.join(&self.auth.jwks).display().to_string();
        }
        let departments = self.departments.values_mut().map(|department| &mut department.url);
        for url in departments.chain([&mut self.hub.url]) {
            if let Some(path) = url.strip_prefix("sqlite://") {
                *url = format!("sqlite://{}", base.join(path).display());
            } else {
                *url = postgres::within(url, base);
            }
        }
    }
}

/// `DEPARTMENTS__UNION__URL` as `departments.UNION.url`: keys are small, department codes are not.
fn key_of(variable: &str) -> String {
    let parts: Vec<&str> = variable.split("__").collect();
    let is_code = |at: usize| at == 1 && parts[0].eq_ignore_ascii_case("departments");
    let part =
        |(at, part): (usize, &&str)| if is_code(at) { (*part).to_owned() } else { part.to_ascii_lowercase() };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
}

impl Fetch {
    /// How long one statement may take.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

/// An environment variable that commands read apart from the configuration, such as `RUST_LOG`.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_whole() {
        let config = Config::read(None).unwrap();
        assert_eq!(config.server.listen, "127.0.0.1:8080");
        assert!(config.departments.is_empty());
    }

    #[test]
    fn a_variable_names_a_key_and_keeps_a_departments_code() {
        assert_eq!(key_of("SERVER__LISTEN"), "server.listen");
        assert_eq!(key_of("DEPARTMENTS__REAL_ESTATE_REGISTRY__URL"), "departments.REAL_ESTATE_REGISTRY.url");
    }

    #[test]
    fn an_unknown_key_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("yimen.toml");
        std::fs::write(&file, "[auth]\nenabled = false\n").unwrap();
        let error = format!("{:#}", Config::read(Some(&file)).unwrap_err());
        assert!(error.contains("enabled"), "{error}");
    }
}
