//! The members of a case's family about whom each section of each department may be read.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fetch::Texts;

/// Stands in for somebody who isn't a member, so that asking for them takes as long as for nobody.
const NOBODY: &str = "-";

/// Citizen numbers by owner and section; about a section that isn't named nobody's may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    family: Arc<Texts>,
    by_section: HashMap<String, Arc<Texts>>,
    none: Arc<Texts>,
}

/// What a plan names the members of a section by.
pub(crate) fn key(owner: &str, section: &str) -> String {
    format!("{owner} {section}")
}

impl Members {
    /// A family of which nothing may be read yet.
    pub fn of_family(family: Arc<Texts>) -> Self {
        Members { family, ..Members::default() }
    }

    /// Those about whom a section of a department may be read.
    pub fn put(&mut self, owner: &str, section: &str, members: Arc<Texts>) {
        self.by_section.insert(key(owner, section), members);
    }

    /// Those of a key.
    pub(crate) fn of(&self, key: &str) -> &Arc<Texts> {
        self.by_section.get(key).unwrap_or(&self.none)
    }

    /// Whether somebody of the family is left out.
    pub(crate) fn lacks_some(&self, key: &str) -> bool {
        self.of(key).len() < self.family.len()
    }

    /// Whether somebody is one of those of a key.
    pub(crate) fn has(&self, key: &str, number: &str) -> bool {
        self.of(key).iter().any(|member| member == number)
    }

    /// The values of a look-up that name members. At a root, where a statement goes out for any value, one
    /// goes out for none too.
    pub(crate) fn among(&self, key: &str, values: &Texts, at_root: bool) -> Texts {
        let kept: Texts = values.iter().filter(|value| self.has(key, value)).collect();
        match kept.is_empty() && at_root && !values.is_empty() {
            true => [NOBODY].into_iter().collect(),
            false => kept,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_of_the_section_are_looked_up() {
        let texts = |texts: &[&str]| Arc::new(texts.iter().collect::<Texts>());
        let mut members = Members::of_family(texts(&["a", "b", "d"]));
        members.put("TAX", "TAX", texts(&["a", "b"]));
        let among = |key, values: &[&str], at_root| {
            let kept = members.among(key, &texts(values), at_root);
            kept.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(among("TAX TAX", &["a", "c", "b", "d"], true), ["a", "b"]);
        assert_eq!(among("TAX TAX", &["c"], true), [NOBODY]);
        assert!(among("TAX TAX", &["c"], false).is_empty());
        assert_eq!(among("TAX MEDICAL", &["a"], true), [NOBODY]);
        assert!(among("TAX TAX", &[], true).is_empty());
        assert!(members.lacks_some("TAX TAX") && !members.has("TAX TAX", "d"));
    }
}
