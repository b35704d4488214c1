//! `yimen demo`: an invented county, an issuer of its own, and a gateway over both.

mod check;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use chrono::NaiveDate;
use clap::Args;
use yimen_county::{Progress, Sample, Urls};
use yimen_migration::ExchangeDatabase;

use crate::auth::{DEMO_AUDIENCE, DEMO_ISSUER, Issuer, NewToken, write_private};
use crate::clock::{Clock, SystemClock, hex, random};
use crate::command::{output, serve};
use crate::config::Config;
use crate::evidence::Hub;
use crate::evidence::note::SigningKey;
use crate::start::Base;

/// Options of `yimen demo`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// How many people the county has.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(100..=2_000_000))]
    persons: u32,
    /// The seed that the county is drawn from: equal seeds give equal counties.
    #[arg(long, default_value_t = 410_727)]
    seed: u64,
    /// The folder for databases, keys and records.
    #[arg(long, value_name = "DIR", default_value = "yimen-data")]
    data: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Make the county and stop, without serving.
    #[arg(long)]
    only_data: bool,
}

/// The day on which the invented county is looked at.
fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default()
}

pub(crate) async fn run(options: &Options) -> anyhow::Result<()> {
    let county = yimen_county::Options { persons: options.persons, seed: options.seed, as_of: as_of() };
    prepare(options, &county).await?;
    if options.only_data {
        return Ok(());
    }
    let file = options.data.join("yimen.toml");
    let read = move || Config::read(Some(&file));
    let config = read()?;
    let listener = serve::listen(&config).await?;
    let (base, app) = Base::begin(&config).await?;
    let sample = yimen_county::sample(&county)?;
    if let Some(family) = &sample.union {
        check::open(&app.gateway, family, SystemClock.now()).await?;
    }
    print_welcome(&options.data, &listener.local_addr()?.to_string(), &sample)?;
    serve::serve_app(listener, &config, (base, app), read).await
}

/// Makes what isn't there yet; a folder that is complete is used as it is.
async fn prepare(options: &Options, county: &yimen_county::Options) -> anyhow::Result<()> {
    std::fs::create_dir_all(&options.data).with_context(|| format!("folder `{}`", options.data.display()))?;
    let made = options.data.join("county.txt");
    let wanted = format!("persons {}\nseed {}\n", county.persons, county.seed);
    match std::fs::read_to_string(&made) {
        Ok(found) if found == wanted => {
            output::line(format!("Using the county in `{}`.", options.data.display()))
        }
        Ok(found) => anyhow::bail!(
            "`{}` holds another county ({}); choose another --data, or delete that folder",
            options.data.display(),
            found.trim().replace('\n', ", ")
        ),
        Err(_) => {
            generate(&options.data, county).await?;
            std::fs::write(&made, wanted)?;
        }
    }
    Issuer::at(&options.data).create()?;
    let secret = options.data.join("secret");
    if !secret.exists() {
        std::fs::write(&secret, hex(&random::<32>()))?;
    }
    evidence_key(&options.data)?;
    Hub::migrate(&format!("sqlite://{}", options.data.join("hub.db").display())).await?.close().await?;
    let (file, text) = (options.data.join("yimen.toml"), configuration(&options.listen));
    // Whoever reads it meanwhile must not find it half written.
    if std::fs::read_to_string(&file).ok().as_deref() != Some(&text) {
        std::fs::write(&file, text)?;
    }
    Ok(())
}

/// The key of the demonstration's log, and beside it the one that others verify with.
fn evidence_key(data: &Path) -> anyhow::Result<()> {
    let (secret, public) = (data.join("evidence.key"), data.join("evidence.pub"));
    // The log in the folder can be gone on with by its own key only: what is there is never replaced.
    let key = match std::fs::read_to_string(&secret) {
        Ok(text) => SigningKey::parse(&text).with_context(|| format!("`{}`", secret.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = SigningKey::generate("demo.yimen.invalid/evidence")?;
            write_private(&secret, key.secret().as_bytes())?;
            key
        }
        Err(error) => return Err(error).with_context(|| format!("`{}`", secret.display())),
    };
    if !public.exists() {
        std::fs::write(public, format!("{}\n", key.public()))?;
    }
    Ok(())
}

/// Databases that an interrupted run left half full are made anew: nothing but the demonstration
/// writes these files.
async fn generate(data: &Path, county: &yimen_county::Options) -> anyhow::Result<()> {
    for database in ExchangeDatabase::ALL {
        for ending in ["db", "db-wal", "db-shm"] {
            let file = data.join(format!("{}.{ending}", database.name()));
            if file.exists() {
                std::fs::remove_file(&file)?;
            }
        }
    }
    let started = Instant::now();
    output::line(format!("Making an invented county of {} people in `{}`.", county.persons, data.display()));
    let mut told = 0;
    let mut progress = |progress: Progress| {
        let tenth = progress.persons * 10 / county.persons.max(1);
        if tenth > told {
            told = tenth;
            output::line(format!("  {} of {} people", progress.persons, county.persons));
        }
    };
    let counts = yimen_county::write(county, &urls(data), &mut progress).await?;
    output::line(format!("  {} rows in {:.1} s", counts.rows, started.elapsed().as_secs_f64()));
    Ok(())
}

fn urls(data: &Path) -> Urls {
    let url = |database: ExchangeDatabase| {
        format!("sqlite://{}?mode=rwc", data.join(format!("{}.db", database.name())).display())
    };
    Urls {
        household: url(ExchangeDatabase::Household),
        social_insurance: url(ExchangeDatabase::SocialInsurance),
        housing: url(ExchangeDatabase::Housing),
        education: url(ExchangeDatabase::Education),
        union: url(ExchangeDatabase::UnionAid),
    }
}

fn configuration(listen: &str) -> String {
    let mut text = format!(
        "# Written by `yimen demo`. Everybody in these databases is invented.\n\n\
         [server]\nlisten = \"{listen}\"\n\n\
         [auth]\nissuers = [\"{DEMO_ISSUER}\"]\naudiences = [\"{DEMO_AUDIENCE}\"]\njwks = \"issuer/jwks.json\"\n\n\
         [secret]\nfile = \"secret\"\n\n\
         [hub]\nurl = \"sqlite://hub.db\"\n\n\
         [evidence]\nkey = \"evidence.key\"\n\n\
         [export]\nfolder = \"exports\"\n"
    );
    for database in ExchangeDatabase::ALL {
        for department in database.departments() {
            let _ = write!(text, "\n[departments.{department}]\nurl = \"sqlite://{}.db\"\n", database.name());
        }
    }
    text
}

/// The query of the main job: one family across the five departments.
const FAMILY: &str = include_str!("../../examples/family.graphql");

/// The case that whoever follows the demonstration opens.
const CASE: &str = "DEMO-1";

/// The name of the officer of every token.
const OFFICER: &str = "demo-officer";

/// The county, which every token is for.
const DIVISION: &str = "410727000000";

/// What opens it: of the family's query it asks for registration, social insurance and houses.
fn opening(citizen_id: &str) -> serde_json::Value {
    let items = [
        ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION"),
        ("HRSS", "SOCIAL_INSURANCE"),
        ("REAL_ESTATE_REGISTRY", "REAL_ESTATE"),
    ];
    let item = |(department, section)| serde_json::json!({ "department": department, "section": section });
    let input = serde_json::json!({
        "caseNo": CASE,
        "purpose": "MLA_REVIEW",
        "division": DIVISION,
        "applicant": citizen_id,
        "items": items.map(item),
    });
    let query = "mutation($input: OpenCase!) { openCase(input: $input) { caseNo status items { section } } }";
    serde_json::json!({ "query": query, "variables": { "input": input } })
}

fn token(data: &Path, department: &str, role: &str) -> anyhow::Result<String> {
    let token = NewToken {
        subject: String::from(OFFICER),
        department: department.to_owned(),
        role: role.to_owned(),
        division: String::from(DIVISION),
        ttl_s: 8 * 3_600,
        citizen_id: None,
    };
    Issuer::at(data).sign(&token, SystemClock.now())
}

fn curl(address: &str, headers: &str, body: &serde_json::Value) {
    output::line(format!(
        "curl -s http://{address}/graphql -H 'Content-Type: application/json' \\\n  {headers} \\\n  -d '{body}'\n"
    ));
}

fn print_welcome(data: &Path, address: &str, sample: &Sample) -> anyhow::Result<()> {
    let citizen_id = sample.union.as_ref().map_or("", |family| family.citizen_id.as_str());
    output::line(format!("\nGateway: http://{address}/graphql   explorer: http://{address}/explorer\n"));
    let query = FAMILY
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .map(str::trim)
        .collect::<Vec<_>>()
        .join(" ");
    let family = serde_json::json!({ "query": query, "variables": { "citizenId": citizen_id } });
    let in_case = format!(" -H 'Yimen-Case: {}'", check::CASE);
    for (department, role, purpose, case, what) in [
        (
            "UNION",
            "HELP_CENTRE",
            check::PURPOSE,
            in_case.as_str(),
            "the union help centre checks a worker's file, in a case in which each of the family consents",
        ),
        ("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW", "", "civil affairs reviews a minimum living allowance"),
        ("HOUSING", "REVIEWER", "HOUSING_SECURITY", "", "housing reviews an application"),
    ] {
        let token = token(data, department, role)?;
        output::line(format!("# {what} ({department}, good for eight hours)"));
        let headers = format!("-H 'Yimen-Purpose: {purpose}' -H 'Authorization: Bearer {token}'{case}");
        curl(address, &headers, &family);
    }
    let headers = format!(
        "-H 'Yimen-Purpose: MLA_REVIEW' -H 'Authorization: Bearer {}'",
        token(data, "CIVIL_AFFAIRS", "REVIEWER")?
    );
    output::line(
        "# civil affairs opens a case for that person, and reads what its items ask for, of nobody else",
    );
    curl(address, &headers, &opening(citizen_id));
    curl(address, &format!("{headers} -H 'Yimen-Case: {CASE}'"), &family);
    output::line(format!(
        "More tokens: yimen token --data {} --department UNION --role HELP_CENTRE --division 410727000000",
        data.display()
    ));
    output::line("Stop with Ctrl-C.\n");
    Ok(())
}
