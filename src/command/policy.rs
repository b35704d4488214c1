//! `yimen policy`: what is granted, to whom, and by which rule.

use clap::{Args, Subcommand};
use yimen_policy::{Applied, Decision, Profile};

use crate::command::{ConfigFile, output};
use crate::start;

/// Options of `yimen policy`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check that the policies can come into force; exit 1 with every problem if not.
    Check(ConfigFile),
    /// Say what one caller may read of one field, and which rule says so.
    Explain(Explain),
}

#[derive(Debug, Args)]
struct Explain {
    #[command(flatten)]
    config: ConfigFile,
    /// The caller's department.
    #[arg(long)]
    department: String,
    /// The caller's role.
    #[arg(long)]
    role: String,
    /// The purpose.
    #[arg(long)]
    purpose: String,
    /// The field, such as Person.name.
    #[arg(long)]
    coordinate: String,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    match &options.action {
        Action::Check(config) => check(config),
        Action::Explain(explain) => explain.run(),
    }
}

fn check(config: &ConfigFile) -> anyhow::Result<()> {
    let config = config.read()?;
    let catalogue = start::catalogue(&config)?;
    let policies = start::policies(&config, catalogue.clone())?;
    for problem in policies.without_effect() {
        output::line(format!("without effect: {problem}"));
    }
    output::line(format!(
        "{} coordinates of {} types are covered; catalogue {} policies {}",
        catalogue.coordinates.len(),
        catalogue.resources.len(),
        &catalogue.version[..12],
        &policies.version()[..12],
    ));
    Ok(())
}

impl Explain {
    fn run(&self) -> anyhow::Result<()> {
        let config = self.config.read()?;
        let catalogue = start::catalogue(&config)?;
        let policies = start::policies(&config, catalogue.clone())?;
        anyhow::ensure!(
            catalogue.departments.contains(&self.department),
            "no department `{}`",
            self.department
        );
        anyhow::ensure!(policies.codes().has_role(&self.role), "no role `{}`", self.role);
        anyhow::ensure!(policies.codes().has_purpose(&self.purpose), "no purpose `{}`", self.purpose);
        let id = catalogue.coordinate_named(&self.coordinate);
        let id = id.ok_or_else(|| anyhow::anyhow!("no coordinate `{}` in the catalogue", self.coordinate))?;
        let profile = Profile {
            department: self.department.clone(),
            role: self.role.clone(),
            purpose: self.purpose.clone(),
        };
        let found = policies.explain(&profile, &Applied::default(), id);
        let coordinate = catalogue.coordinate(id);
        let outcome = match found.decision {
            Decision::Clear => String::from("CLEAR"),
            Decision::Mask(mask) => format!("MASK {mask}"),
            Decision::Deny => format!("DENY {}", found.reason.map_or("", |reason| reason.as_str())),
        };
        output::line(format!("{} → {outcome}", self.coordinate));
        output::line(format!(
            "  owner {}, section {}, class {}, level {}",
            coordinate.owner, coordinate.section, coordinate.class, coordinate.level
        ));
        output::line(format!("  rows: {:?}", found.rows));
        for (rule, basis) in &found.permitted_by {
            output::line(format!("  permitted by `{rule}` on the basis of {basis}"));
        }
        if found.permitted_by.is_empty() {
            output::line("  no policy of the owner permits it: what no policy grants is withheld");
        }
        Ok(())
    }
}
