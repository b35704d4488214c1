//! From a configuration to a gateway: everything is read and checked before the first request.

mod again;
mod approval;
mod approved;
mod exposed;
mod measuring;
mod secret;
mod sharing;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use chrono::NaiveDate;
use tokio::sync::watch;
use yimen_policy::{Codes, Divisions, Grants, Policies, Table, Tables};
use yimen_schema::{Catalogue, FieldDef, Resource};

use crate::auth::{Authenticator, AuthenticatorOptions, KeySet, KeySource};
use crate::clock::SystemClock;
use crate::config::{Config, Department, Fetch};
use crate::config::{Evidence as EvidenceConfig, Grants as GrantsConfig};
use crate::evidence::act::{self, Act};
use crate::evidence::note::{SigningKey, VerifyingKey};
use crate::evidence::{Hub, Kept, Kind, Ledger, LedgerOptions, Log, LogOptions, People, PersonKeys, SealKey};
use crate::export::Exports;
use crate::fetch::{BreakerOptions, Database, Postgres, PostgresOptions, Shared, Source, Sources, Sqlite};
use crate::gateway::{Gateway, Setup};
use crate::heartbeat::Heartbeat;
use crate::http::{App, Tls};
use crate::objection::AnyOpen;
use crate::quota::{Quotas, Rule, Rules};
use crate::replicas::{self, Replicas};
use crate::shadow::Shadow;
use crate::sharing::{InForce, Watch, WatchOptions};
use crate::trusted::Trusted;
pub(crate) use again::Again;
pub(crate) use approval::{approvals, lacking};
use approved::approved;
pub(crate) use approved::check_classes;
pub use exposed::exposed;
pub(crate) use measuring::Measuring;
use secret::pseudonym_keys;
pub(crate) use secret::secret;
pub use sharing::{Passes, dated_differences, deadlines, sharing, terms};

/// Loads the bundled catalogue and the configuration's own SDL files.
///
/// # Errors
/// Every problem with file, line and coordinate.
pub fn catalogue(config: &Config) -> anyhow::Result<Arc<Catalogue>> {
    let mut sources = yimen_schema::bundled_sources();
    for folder in &config.catalogue.folders {
        for (name, text) in files(folder, "graphql")? {
            sources.push(yimen_schema::Source { name, text });
        }
    }
    Ok(Arc::new(yimen_schema::load(&sources)?))
}

/// Loads the bundled policies and the configuration's own; a file of the same name takes the place
/// of the bundled one, and so do the tables beside them.
///
/// # Errors
/// Every problem with file and policy.
pub fn policies(config: &Config, catalogue: Arc<Catalogue>) -> anyhow::Result<Arc<Policies>> {
    let policies = policies_of(&config.policy.folders, catalogue)?;
    check_classes(&policies, &config.policy.approved)?;
    Ok(policies)
}

/// The policies that are tried beside those in force, where the configuration names any.
///
/// # Errors
/// Every problem with file and policy.
pub fn shadow_policies(config: &Config, catalogue: Arc<Catalogue>) -> anyhow::Result<Option<Arc<Policies>>> {
    let folder = &config.policy.shadow;
    if folder.as_os_str().is_empty() {
        return Ok(None);
    }
    let folders: Vec<PathBuf> = config.policy.folders.iter().chain([folder]).cloned().collect();
    policies_of(&folders, catalogue).map(Some).context("`policy.shadow`")
}

/// The same with the files of these folders in the place of the configuration's.
///
/// # Errors
/// Every problem with file and policy.
pub fn policies_of(folders: &[PathBuf], catalogue: Arc<Catalogue>) -> anyhow::Result<Arc<Policies>> {
    let (codes, sources) = policy_files(folders)?;
    Ok(Policies::load(catalogue, codes, &sources)?)
}

/// The same of policies that were in force over an earlier catalogue, to be compared with.
///
/// # Errors
/// Every file that can't be read.
pub fn earlier_policies_of(folders: &[PathBuf], catalogue: Arc<Catalogue>) -> anyhow::Result<Arc<Policies>> {
    let (codes, sources) = policy_files(folders)?;
    Ok(Policies::earlier(catalogue, codes, &sources)?)
}

fn policy_files(folders: &[PathBuf]) -> anyhow::Result<(Codes, Vec<yimen_policy::Source>)> {
    let mut sources = yimen_policy::bundled_sources();
    let mut tables = Tables::bundled();
    for folder in folders {
        for (name, text) in files(folder, "cedar")? {
            let stem = name.rsplit('/').next().unwrap_or_default().to_owned();
            sources.retain(|source| source.name.rsplit('/').next() != Some(stem.as_str()));
            sources.push(yimen_policy::Source { name, text });
        }
        for file in Tables::NAMES {
            let path = folder.join(file);
            if path.is_file() {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(&path).with_context(|| format!("file `{name}`"))?;
                tables = tables.with(file, Table { name, text });
            }
        }
    }
    Ok((Codes::read(tables)?, sources))
}

/// The divisions with their history, without the policies beside them.
///
/// # Errors
/// Every line that is wrong.
pub fn divisions(config: &Config) -> anyhow::Result<Arc<Divisions>> {
    Ok(policy_files(&config.policy.folders)?.0.divisions().clone())
}

/// The files of a folder with one ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> anyhow::Result<Vec<(String, String)>> {
    let listed = std::fs::read_dir(folder).with_context(|| format!("folder `{}`", folder.display()))?;
    let mut files = Vec::new();
    for entry in listed {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("file `{}`", path.display()))?;
            files.push((path.display().to_string(), text));
        }
    }
    files.sort();
    Ok(files)
}

/// The departments' databases, connected to when they are first asked.
///
/// # Errors
/// A department that doesn't exist, or a connection string of no known kind.
pub fn sources(config: &Config, catalogue: &Catalogue) -> anyhow::Result<Sources> {
    let mut sources = Sources::new();
    let mut by_url: HashMap<&str, (&Department, Arc<Source>)> = HashMap::new();
    for (department, entry) in &config.departments {
        let known = catalogue.departments.contains(department);
        anyhow::ensure!(known, "`departments.{department}`: no such department in the catalogue");
        let source = match by_url.get(entry.url.as_str()) {
            Some((first, source)) => {
                let is_same = *first == entry;
                anyhow::ensure!(
                    is_same,
                    "`departments.{department}`: another has this database, by other bounds"
                );
                source.clone()
            }
            None => {
                let source =
                    source(config, entry).with_context(|| format!("`departments.{department}.url`"))?;
                Arc::new(source)
            }
        };
        by_url.insert(&entry.url, (entry, source.clone()));
        sources.insert(department.clone(), source);
    }
    Ok(sources)
}

fn source(config: &Config, department: &Department) -> anyhow::Result<Source> {
    let fetch = &config.fetch;
    let options = BreakerOptions {
        requests: department.requests.unwrap_or(fetch.requests),
        failures: fetch.breaker_failures,
        pause: Duration::from_millis(fetch.breaker_pause_ms),
    };
    Ok(Source::new(database(fetch, department)?, options))
}

fn database(fetch: &Fetch, department: &Department) -> anyhow::Result<Database> {
    let url = department.url.as_str();
    let deadline = department.deadline_ms.map_or(fetch.deadline(), Duration::from_millis);
    if let Some(path) = url.strip_prefix("sqlite://") {
        return Ok(Database::Sqlite(Sqlite::new(Path::new(path), deadline)));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        let options = PostgresOptions {
            lanes: department.lanes.unwrap_or(fetch.lanes),
            bulk_lanes: department.bulk_lanes.unwrap_or(fetch.bulk_lanes),
            deadline,
        };
        return Ok(Database::Postgres(Shared::new(Postgres::new(url, &options)?)));
    }
    anyhow::bail!("must begin with `postgres://` or `sqlite://`")
}

/// Asks every configured department for no rows of each of its tables, so that a database of the
/// wrong shape is found before a caller finds it. A database that is down now may come up later.
///
/// # Errors
/// The tables and columns that don't fit, all at once.
pub async fn check_shapes(catalogue: &Catalogue, sources: &Sources) -> anyhow::Result<()> {
    let mut problems = Vec::new();
    for resource in &catalogue.resources {
        let Some(source) = sources.get(&resource.owner) else { continue };
        if source.ping().await.is_err() {
            tracing::warn!(department = &*resource.owner, "the department's database doesn't answer yet");
            continue;
        }
        if let Err(error) = source.text_rows(&shape_of(resource)).await {
            problems.push(format!("`{}` of {}: {error}", resource.table, resource.owner));
        }
    }
    anyhow::ensure!(
        problems.is_empty(),
        "databases don't have the shape that the catalogue says:\n  {}",
        problems.join("\n  ")
    );
    Ok(())
}

fn shape_of(resource: &Resource) -> String {
    let columns = resource.fields.iter().filter_map(|field| match &field.def {
        FieldDef::Item(item) => Some(format!("t.\"{}\"", item.column)),
        FieldDef::Link(_) | FieldDef::Summary(_) => None,
    });
    let columns: Vec<String> = columns.collect();
    // Qualified names: SQLite takes an unknown name in quotes for a text.
    format!("SELECT {} FROM \"{}\" AS t WHERE 1 = 0", columns.join(", "), resource.table)
}

/// Everything that a server reads from files, checked; no database is asked.
///
/// # Errors
/// The first file that can't be read or doesn't fit, with what is wrong.
pub fn check_files(config: &Config) -> anyhow::Result<()> {
    let catalogue = catalogue(config)?;
    let policies = policies(config, catalogue.clone())?;
    shadow_policies(config, catalogue.clone())?;
    sources(config, &catalogue)?;
    Hub::check(&config.hub.url)?;
    sharing(config, &policies)?;
    terms(config, &catalogue)?;
    secret(&config.secret.file)?;
    signing_key(&config.evidence.key)?;
    witness_keys(&config.evidence.witnesses).context("`evidence.witnesses`")?;
    Tls::open(&config.server.tls)?;
    Trusted::open(&config.documents, None)?;
    Replicas::check(&config.redis)?;
    Ok(())
}

/// What decides: read from files alone.
#[derive(Debug)]
struct Decided {
    catalogue: Arc<Catalogue>,
    policies: Arc<Policies>,
    /// Those that are tried beside them.
    tried: Option<Arc<Policies>>,
    /// What the policies were made from.
    files: (Codes, Vec<yimen_policy::Source>),
}

impl Decided {
    fn read(config: &Config) -> anyhow::Result<Self> {
        let catalogue = catalogue(config)?;
        let files = policy_files(&config.policy.folders)?;
        let policies = Policies::load(catalogue.clone(), files.0.clone(), &files.1)?;
        check_classes(&policies, &config.policy.approved)?;
        let tried = shadow_policies(config, catalogue.clone())?;
        Ok(Decided { catalogue, policies, tried, files })
    }

    fn versions(&self) -> (String, String) {
        (self.catalogue.version.clone(), self.policies.version().to_owned())
    }
}

/// The decisions in force, and those that are tried beside them.
type Deciding = (Arc<InForce>, Option<Arc<Shadow>>);

/// What lives as long as the process does, whatever is read again.
#[derive(Debug)]
pub struct Base {
    config: Config,
    /// What the policies in force were made from.
    files: (Codes, Vec<yimen_policy::Source>),
    log: Arc<Log>,
    ledger: Arc<Ledger>,
    sources: Sources,
    heartbeat: Arc<Heartbeat>,
    any_open: Arc<AnyOpen>,
    quotas: Arc<Quotas>,
    replicas: Option<Arc<Replicas>>,
    secret: Vec<u8>,
    passes: watch::Sender<Passes>,
}

/// Everything that a server needs, checked.
///
/// # Errors
/// The first step that failed, with what is wrong.
pub async fn app(config: &Config) -> anyhow::Result<App> {
    Ok(Base::begin(config).await?.1)
}

impl Base {
    /// Everything that a server needs, checked: what stays, and what may be read again.
    ///
    /// # Errors
    /// The first step that failed, with what is wrong.
    pub async fn begin(config: &Config) -> anyhow::Result<(Base, App)> {
        // Before anything is written: what is wrong with the configuration leaves no trace.
        let quotas = quotas(config)?;
        let measuring = Measuring::new(config);
        Tls::open(&config.server.tls)?;
        Replicas::check(&config.redis)?;
        let decided = Decided::read(config)?;
        let sources = sources(config, &decided.catalogue)?;
        check_shapes(&decided.catalogue, &sources).await?;
        let secret = secret(&config.secret.file)?;
        let log = Arc::new(log(config).await?);
        let ledger = Arc::new(ledger(config, &log)?);
        let replicas = Replicas::open(&config.redis, &secret).await?;
        let quotas = Arc::new(quotas.with_tally(replicas.as_deref().map(Replicas::tally)));
        let passes = Passes {
            log: log.clone(),
            evidence: ledger.clone(),
            deadlines: deadlines(config)?,
            catalogue: decided.catalogue.clone(),
            versions: decided.versions(),
        };
        let pause = Duration::from_millis(config.fetch.heartbeat_ms);
        let heartbeat = Heartbeat::start(&sources, pause, SystemClock::shared());
        if let Some(replicas) = &replicas {
            replicas::carry(replicas, &heartbeat);
        }
        let (passes, any_open) = (watch::Sender::new(passes), Arc::default());
        let base = Base {
            config: config.clone(),
            files: decided.files.clone(),
            log,
            ledger,
            sources,
            heartbeat,
            any_open,
            quotas,
            replicas,
            secret,
            passes,
        };
        let app = base.app(config, decided, None).await?;
        sharing::begin(config, base.any_open.clone(), &base.passes);
        measuring.begin(base.passes.subscribe());
        Ok((base, app))
    }

    /// The log of evidence.
    pub fn log(&self) -> &Arc<Log> {
        &self.log
    }

    /// An app over what stays; the decisions are those in force where nothing of them changed.
    async fn app(
        &self,
        config: &Config,
        decided: Decided,
        deciding: Option<Deciding>,
    ) -> anyhow::Result<App> {
        let Decided { catalogue, policies, tried, .. } = decided;
        let authenticator = authenticator(config, &catalogue, policies.codes()).await?;
        let (sharing, terms) = (sharing(config, &policies)?, terms(config, &catalogue)?);
        let shared = self.replicas.as_ref().map(|replicas| replicas.documents());
        let trusted = Arc::new(Trusted::open(&config.documents, shared)?);
        let exports = Exports::open(&self.config.export, trusted.clone())?;
        let pseudonyms = pseudonym_keys(&self.config, &self.secret)?;
        let (grants, shadow) = match deciding {
            Some(deciding) => deciding,
            None => grants(config, &policies, tried).await?,
        };
        // After all that may be wrong with what was read, and before anything is decided by it.
        self.tell_in_force(&policies, "in force").await?;
        sharing::tell_changes(&self.log, &policies).await?;
        let gateway = Gateway::new(Setup {
            policies,
            sources: self.sources.clone(),
            evidence: self.ledger.clone(),
            clock: SystemClock::shared(),
            limits: config.limits.clone(),
            row_limit: config.fetch.rows,
            bulk_requests: config.fetch.bulk_requests,
            secret: self.secret.clone(),
        });
        let people = PersonKeys::new(&self.secret, self.config.evidence.person_key_generation);
        let gateway = gateway.with_person_keys(people).with_log(self.log.clone()).with_grants(grants);
        let gateway =
            gateway.with_pseudonyms(pseudonyms).with_quotas(self.quotas.clone()).with_shadow(shadow);
        let gateway = gateway.with_sharing(sharing, terms).with_exports(exports);
        let gateway = gateway.with_any_open(self.any_open.clone()).with_bulk_chunk(config.fetch.bulk_chunk);
        tell_unfit(&gateway, &trusted);
        let (log, heartbeat) = (self.log.clone(), self.heartbeat.clone());
        let replicas = self.replicas.clone();
        Ok(App { gateway, authenticator, log, heartbeat, trusted, replicas })
    }

    /// Records by which catalogue and policies this process decides, before it decides anything by them.
    async fn tell_in_force(&self, policies: &Policies, note: &str) -> anyhow::Result<()> {
        let versions = (policies.catalogue().version.as_str(), policies.version());
        let (note, people) = (note.to_owned(), People::default());
        let act = Act { kind: Kind::Policies, officer: "yimen serve", note, people, versions };
        act::record(&*self.ledger, act, &self.log).await?;
        Ok(())
    }
}

/// The quotas of callers, none of which refuses what `limits.cost` lets pass.
fn quotas(config: &Config) -> anyhow::Result<Quotas> {
    check_bursts(&config.quota, config.limits.cost)?;
    Quotas::new(&config.quota)
}

fn check_bursts(quota: &Rules, least: u64) -> anyhow::Result<()> {
    let is_small = |rule: &Rule| u64::from(rule.burst.get()) < least;
    anyhow::ensure!(
        !quota.rules.iter().any(is_small),
        "`quota.rules`: a `burst` must not be less than `limits.cost`, {least}"
    );
    Ok(())
}

/// A manifest may be older than the schema; its documents that still fit are run.
fn tell_unfit(gateway: &Gateway, trusted: &Trusted) {
    for (id, text) in trusted.documents() {
        if let Err(invalid) = gateway.check_document(text) {
            tracing::warn!(id, code = invalid.code(), "a document of a manifest doesn't fit the schema");
        }
    }
}

/// The decisions in force, with the grants of the hub, which are looked at from here on; and those that are tried
/// beside them, with the same grants.
async fn grants(
    config: &Config,
    policies: &Arc<Policies>,
    tried: Option<Arc<Policies>>,
) -> anyhow::Result<(Arc<InForce>, Option<Arc<Shadow>>)> {
    let mut watch = watched(config, policies).await?;
    let in_force = watch.in_force();
    let mut shadow = None;
    if let Some(tried) = tried {
        let beside = Arc::new(InForce::new(tried, Duration::from_millis(config.grants.stale_ms)));
        watch = watch.with_tried(beside.clone());
        let hub = Hub::open(&config.hub.url).await?;
        let made = Arc::new(Shadow::new(beside, in_force.clone(), hub, SystemClock::shared()));
        let (_, version) = made.versions();
        tracing::info!(version, "policies are tried beside those in force");
        tokio::spawn(made.clone().keep_settling());
        shadow = Some(made);
    }
    watch.look().await.context("grants can't be read from the hub `hub.url`")?;
    tokio::spawn(watch.keep_looking());
    Ok((in_force, shadow))
}

/// The grants that the hub has for a day and later ones, for a command.
///
/// # Errors
/// A hub that can't be reached, or more grants than the bound.
pub async fn read_grants(config: &Config, policies: &Arc<Policies>, on: NaiveDate) -> anyhow::Result<Grants> {
    watched(config, policies).await?.grants(on).await.context("grants can't be read from the hub `hub.url`")
}

async fn watched(config: &Config, policies: &Arc<Policies>) -> anyhow::Result<Watch> {
    let GrantsConfig { pause_ms, stale_ms, most } = config.grants;
    let in_force = Arc::new(InForce::new(policies.clone(), Duration::from_millis(stale_ms)));
    let options = WatchOptions {
        pause: Duration::from_millis(pause_ms),
        deadline: Duration::from_millis(stale_ms / 2),
        most,
    };
    let hub = Hub::open(&config.hub.url).await?;
    Ok(Watch::new(hub, in_force, SystemClock::shared(), options))
}

/// The keys of people's digests.
///
/// # Errors
/// A secret that can't be read.
pub fn person_keys(config: &Config) -> anyhow::Result<PersonKeys> {
    Ok(PersonKeys::new(&secret(&config.secret.file)?, config.evidence.person_key_generation))
}

/// The log of evidence in the hub, whose tables must be there and go on from what was signed here.
///
/// # Errors
/// A hub that can't be reached, lacks migrations or went back, or a key that can't be read.
pub async fn log(config: &Config) -> anyhow::Result<Log> {
    let log = log_with(config, kept(config)?).await?;
    log.is_whole().await?;
    log.has_the_secret().await?;
    Ok(log)
}

/// The log, with a head that it must go on from.
///
/// # Errors
/// A hub that can't be reached or lacks migrations, or a key that can't be read.
pub async fn log_with(config: &Config, kept: Kept) -> anyhow::Result<Log> {
    let hub = Hub::open(&config.hub.url).await?;
    hub.is_migrated().await?;
    let EvidenceConfig { key, witnesses, turn_wait_ms, .. } = &config.evidence;
    Ok(Log::new(LogOptions {
        hub,
        key: signing_key(key)?,
        seal: SealKey::new(&secret(&config.secret.file)?),
        kept,
        witnesses: witness_keys(witnesses).context("`evidence.witnesses`")?,
        clock: SystemClock::shared(),
        patience: TURN_PATIENCE,
        wait: Duration::from_millis(*turn_wait_ms),
    }))
}

/// How long whoever has a turn at the log may do nothing, or one statement take.
const TURN_PATIENCE: Duration = Duration::from_secs(60);

fn witness_keys(keys: &[String]) -> anyhow::Result<Vec<VerifyingKey>> {
    let read = |text: &String| {
        let key = VerifyingKey::parse(text)?;
        anyhow::ensure!(key.is_witness(), "the key of `{}` isn't a witness's (type 0x04)", key.name);
        Ok(key)
    };
    keys.iter().map(read).collect()
}

/// The newest head that was signed here.
///
/// # Errors
/// A file that isn't one, or a folder that takes none.
pub fn kept(config: &Config) -> anyhow::Result<Kept> {
    let EvidenceConfig { key, head, .. } = &config.evidence;
    let signer = signing_key(key)?;
    let mut beside = key.as_os_str().to_owned();
    beside.push(".head");
    let file = if head.as_os_str().is_empty() { beside.into() } else { head.clone() };
    Kept::open(file, signer.public())
}

fn signing_key(file: &Path) -> anyhow::Result<SigningKey> {
    anyhow::ensure!(
        !file.as_os_str().is_empty(),
        "`evidence.key` must name a file with the log's key; `yimen evidence new-key` makes one"
    );
    let named = || format!("`evidence.key` `{}`", file.display());
    let text = std::fs::read_to_string(file).with_context(named)?;
    SigningKey::parse(&text).with_context(named)
}

/// The way into the log alone, for a command that acts on it.
///
/// # Errors
/// Where it can't be started.
pub fn ledger_alone(config: &Config, log: &Log) -> anyhow::Result<Ledger> {
    let deadline = Duration::from_millis(config.evidence.deadline_ms);
    let seal = SealKey::new(&secret(&config.secret.file)?);
    Ledger::start(log.hub(), LedgerOptions { lanes: 1, deadline, seal })
}

/// The way into the log, with whatever lets the log grow started.
fn ledger(config: &Config, log: &Arc<Log>) -> anyhow::Result<Ledger> {
    let EvidenceConfig { lanes, deadline_ms, integrate_ms, .. } = config.evidence;
    let deadline = Duration::from_millis(deadline_ms);
    let seal = SealKey::new(&secret(&config.secret.file)?);
    let ledger = Ledger::start(log.hub(), LedgerOptions { lanes, deadline, seal })?;
    let pause = Duration::from_millis(integrate_ms);
    tokio::spawn(log.clone().keep_integrating(ledger.committed(), pause));
    Ok(ledger)
}

async fn authenticator(
    config: &Config,
    catalogue: &Catalogue,
    codes: &Codes,
) -> anyhow::Result<Authenticator> {
    let auth = &config.auth;
    anyhow::ensure!(!auth.jwks.is_empty(), "`auth.jwks` must name a JWKS: a file or an address");
    anyhow::ensure!(!auth.issuers.is_empty(), "`auth.issuers` must name at least one issuer");
    anyhow::ensure!(!auth.audiences.is_empty(), "`auth.audiences` must name at least one audience");
    let keys = KeySet::open(KeySource::parse(&auth.jwks)).await;
    let keys = keys.map_err(|error| anyhow::anyhow!("`auth.jwks`: {error}"))?;
    keys.keep_fresh();
    let options = AuthenticatorOptions {
        issuers: auth.issuers.clone(),
        audiences: auth.audiences.clone(),
        leeway_s: auth.leeway_s,
    };
    Ok(Authenticator::new(options, keys, SystemClock::shared(), catalogue.departments.clone(), codes.clone()))
}
