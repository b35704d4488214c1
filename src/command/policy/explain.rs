//! `yimen policy explain`: one decision in one sentence, with the rule and the clause that it rests on.

use chrono::NaiveDate;
use clap::Args;
use yimen_policy::{
    Applied, Class, Decision, Explanation, Policies, Profile, Reason, RowScope, rests_on_consent,
};
use yimen_schema::CoordinateId;

use crate::calendar::china_day;
use crate::clock::{Clock, SystemClock};
use crate::command::{ConfigFile, output};
use crate::config::Config;
use crate::start;

/// Options of `yimen policy explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
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
    /// Read the grants of the hub too.
    #[arg(long)]
    grants: bool,
    /// The 12-digit division of the caller, which classes and grants may be limited to.
    #[arg(long, default_value = "000000000000")]
    division: String,
    /// The day, for classes and grants; today without it.
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
}

impl Explain {
    pub(crate) async fn run(&self) -> anyhow::Result<()> {
        let config = self.config.read()?;
        let catalogue = start::catalogue(&config)?;
        let policies = start::policies(&config, catalogue.clone())?;
        let known = catalogue.departments.contains(&self.department);
        anyhow::ensure!(known, "no department `{}`", self.department);
        anyhow::ensure!(policies.codes().has_role(&self.role), "no role `{}`", self.role);
        anyhow::ensure!(policies.codes().has_purpose(&self.purpose), "no purpose `{}`", self.purpose);
        let id = catalogue.coordinate_named(&self.coordinate);
        let id = id.ok_or_else(|| anyhow::anyhow!("no coordinate `{}` in the catalogue", self.coordinate))?;
        let applied = self.applied(&config, &policies).await?;
        let on = self.day();
        let classed = policies.classed(&self.division, on);
        let (found, coordinate) =
            (policies.explain(&self.profile(), (&classed, &applied), id), catalogue.coordinate(id));
        output::line(format!("{} → {}", self.coordinate, outcome(&found)));
        output::line(format!("  {}", self.sentence(&found)));
        if found.decision != Decision::Deny && rests_on_consent(policies.codes(), &self.profile(), coordinate)
        {
            output::line("  It is read in a case only, of people whose consent holds (policy/consents.csv).");
        }
        output::line(format!(
            "  owner {}, section {}, level {}",
            coordinate.owner, coordinate.section, coordinate.level
        ));
        self.classes(&policies, id);
        Ok(())
    }

    fn profile(&self) -> Profile {
        Profile {
            department: self.department.clone(),
            role: self.role.clone(),
            purpose: self.purpose.clone(),
        }
    }

    fn day(&self) -> NaiveDate {
        self.on.unwrap_or_else(|| china_day(SystemClock.now()))
    }

    /// The class in force, and the line that says so.
    fn classes(&self, policies: &Policies, id: CoordinateId) {
        let (classes, on) = (policies.classes(), self.day());
        let Class { class, line } = classes.find(id, &self.division, on);
        let own = policies.catalogue().coordinate(id).class;
        let said = line.map_or_else(|| class.to_string(), ToString::to_string);
        output::line(format!("  class {said}; the catalogue says {own} (policy/classes.csv)"));
        if let Some((day, Class { line: Some(line), .. })) = classes.next(id, &self.division, on) {
            output::line(format!("  from {day} class {line}"));
        }
    }

    async fn applied(&self, config: &Config, policies: &std::sync::Arc<Policies>) -> anyhow::Result<Applied> {
        if !self.grants {
            return Ok(Applied::default());
        }
        let on = self.day();
        let grants = start::read_grants(config, policies, on).await?;
        Ok(grants.applying(&self.profile(), &self.division, on))
    }

    /// The decision, its rule and its clause.
    fn sentence(&self, found: &Explanation) -> String {
        let who = format!("{} as {} for {}", self.department, self.role, self.purpose);
        let rules: Vec<String> = found
            .permitted_by
            .iter()
            .map(|(rule, basis)| format!("`{rule}` on the basis of {basis}"))
            .collect();
        let rows = match found.rows {
            RowScope::Everywhere => "rows of every division",
            RowScope::OwnDivision => "rows of the own division",
        };
        match (&found.decision, found.reason, &found.through) {
            (Decision::Deny, reason, _) => format!("{who} is refused it: {}.", self.why(found, reason)),
            (_, _, Some(behind)) => {
                format!(
                    "{who} may follow it, because {behind} behind it is permitted by {}.",
                    rules.join(", ")
                )
            }
            (Decision::Clear, ..) => {
                format!("{who} reads it as it stands, {rows}, permitted by {}.", rules.join(", "))
            }
            (Decision::Mask(mask), ..) => {
                format!("{who} reads it reduced ({mask}), {rows}, permitted by {}.", rules.join(", "))
            }
        }
    }

    fn why(&self, found: &Explanation, reason: Option<Reason>) -> String {
        match reason {
            _ if found.is_beyond_need => {
                format!(
                    "a policy permits it, but {} needs nothing of its section (policy/purposes.csv)",
                    self.purpose
                )
            }
            Some(Reason::NotShared) => String::from("it is never shared outside its owner"),
            Some(Reason::Purpose) => String::from("a policy of the owner permits it for another purpose"),
            _ => String::from("no policy of the owner permits it: what no policy grants is withheld"),
        }
    }
}

fn outcome(found: &Explanation) -> String {
    match found.decision {
        Decision::Clear => String::from("CLEAR"),
        Decision::Mask(mask) => format!("MASK {mask}"),
        Decision::Deny => format!("DENY {}", found.reason.map_or("", |reason| reason.as_str())),
    }
}
