//! What is granted without the owner's answer, because its class says so: dated data for each region.

use anyhow::Context;
use chrono::NaiveDate;
use yimen_policy::Difference;
use yimen_policy::dated::{self, Place};
use yimen_schema::ShareClass;

/// The rules, as `policy/sharing.csv` has them.
#[derive(Clone, Debug)]
pub struct Automatic(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    class: String,
    region: String,
    grants: bool,
    basis: String,
    valid_from: NaiveDate,
}

impl Automatic {
    /// The rules that are built into the program.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn bundled() -> anyhow::Result<Automatic> {
        Automatic::parse(include_str!("../../policy/sharing.csv"))
    }

    /// Reads lines of `class,region,decision,basis,certainty,valid_from`; decision is GRANT, or ASK where the
    /// owner answers nevertheless.
    ///
    /// # Errors
    /// A line that can't be read, or that would grant an item of another class than UNCONDITIONAL.
    pub fn parse(text: &str) -> anyhow::Result<Automatic> {
        let lines = text.lines().enumerate().skip(1);
        let rules = lines
            .map(|(number, line)| rule(line).with_context(|| format!("sharing.csv, line {}", number + 1)));
        Ok(Automatic(rules.collect::<anyhow::Result<_>>()?))
    }

    /// The basis on which an item of a class is granted at once in a division; `None` where its owner answers.
    pub fn basis(&self, class: ShareClass, division: &str, on: NaiveDate) -> Option<&str> {
        let rule = self.nearest(class.as_str(), division, on);
        rule.filter(|rule| rule.grants).map(|rule| rule.basis.as_str())
    }

    fn nearest(&self, class: &str, division: &str, on: NaiveDate) -> Option<&Rule> {
        let fits =
            |rule: &&Rule| rule.class == class && division.starts_with(&rule.region) && rule.valid_from <= on;
        self.0.iter().filter(fits).max_by_key(|rule| (rule.region.len(), rule.valid_from))
    }

    /// Where other rules grant what these don't, or the other way about.
    pub fn differences(&self, new: &Automatic) -> Vec<Difference> {
        let place = |rule: &Rule| -> Place { (rule.class.clone(), rule.region.clone(), rule.valid_from) };
        let places: Vec<Place> = self.0.iter().chain(&new.0).map(place).collect();
        let said = |rules: &Automatic, class: &str, region: &str, on| {
            let grants = rules.nearest(class, region, on).is_some_and(|rule| rule.grants);
            (String::from(if grants { "GRANT" } else { "ASK" }), grants)
        };
        let before = |class: &str, region: &str, on| said(self, class, region, on);
        let after = |class: &str, region: &str, on| said(new, class, region, on);
        let found = dated::differences("sharing.csv", &places, before, after);
        found.into_iter().map(|(cell, _)| cell).collect()
    }
}

fn rule(line: &str) -> anyhow::Result<Rule> {
    let fields: Vec<&str> = line.split(',').collect();
    let [class, region, decision, basis, _certainty, valid_from] = fields.as_slice() else {
        anyhow::bail!("needs class, region, decision, basis, certainty and valid_from");
    };
    // No data file may share what its owner must decide about.
    anyhow::ensure!(*class == "UNCONDITIONAL", "only items of class UNCONDITIONAL can be granted by rule");
    anyhow::ensure!(matches!(*decision, "GRANT" | "ASK"), "`{decision}` is none of GRANT, ASK");
    anyhow::ensure!(!basis.is_empty(), "needs a basis");
    Ok(Rule {
        class: (*class).to_owned(),
        region: (*region).to_owned(),
        grants: *decision == "GRANT",
        basis: (*basis).to_owned(),
        valid_from: valid_from.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unconditional_items_are_granted_by_rule() {
        let rules = Automatic::bundled().unwrap();
        let basis = |class, on: &str| rules.basis(class, "410727000000", on.parse().unwrap());
        assert!(basis(ShareClass::Unconditional, "2026-01-01").is_some());
        assert_eq!(basis(ShareClass::Unconditional, "2025-07-31"), None);
        assert_eq!(basis(ShareClass::Conditional, "2026-01-01"), None);
        assert_eq!(basis(ShareClass::NotShared, "2026-01-01"), None);
        let head = "class,region,decision,basis,certainty,valid_from\n";
        assert!(Automatic::parse(&format!("{head}CONDITIONAL,,GRANT,n,UNVERIFIED,2025-01-01")).is_err());
        let more =
            "UNCONDITIONAL,,GRANT,n,UNVERIFIED,2025-01-01\nUNCONDITIONAL,41,ASK,n,UNVERIFIED,2025-01-01";
        let rules = Automatic::parse(&format!("{head}{more}")).unwrap();
        let on = "2026-01-01".parse().unwrap();
        assert_eq!(rules.basis(ShareClass::Unconditional, "410727000000", on), None);
        assert_eq!(rules.basis(ShareClass::Unconditional, "110000000000", on), Some("n"));
    }
}
