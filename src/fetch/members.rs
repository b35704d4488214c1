//! The members of a case's family about whom each section may be read.

use std::collections::HashMap;
use std::sync::Arc;

use crate::fetch::Texts;

/// Stands in for somebody who isn't a member, so that asking for them takes as long as for nobody.
const NOBODY: &str = "-";

/// Citizen numbers by section; a section that isn't named is one about which nobody's may be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    by_section: HashMap<String, Arc<Texts>>,
    none: Arc<Texts>,
}

impl Members {
    /// Members by section.
    pub fn new(by_section: HashMap<String, Arc<Texts>>) -> Self {
        Members { by_section, none: Arc::default() }
    }

    /// Those of a section.
    pub(crate) fn of(&self, section: &str) -> &Arc<Texts> {
        self.by_section.get(section).unwrap_or(&self.none)
    }

    /// The values of a look-up that name members. At a root, where a statement goes out for any value, one
    /// goes out for none too.
    pub(crate) fn among(&self, section: &str, keys: &Texts, at_root: bool) -> Texts {
        let members = self.of(section);
        let is_member = |key: &str| members.iter().any(|member| member == key);
        let kept: Texts = keys.iter().filter(|key| is_member(key)).collect();
        match kept.is_empty() && at_root && !keys.is_empty() {
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
        let members = Members::new(HashMap::from([(String::from("TAX"), texts(&["a", "b"]))]));
        let among = |section, keys: &[&str], at_root| {
            let kept = members.among(section, &texts(keys), at_root);
            kept.iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(among("TAX", &["a", "c", "b"], true), ["a", "b"]);
        assert_eq!(among("TAX", &["c"], true), [NOBODY]);
        assert!(among("TAX", &["c"], false).is_empty());
        assert_eq!(among("MEDICAL", &["a"], true), [NOBODY]);
        assert!(among("TAX", &[], true).is_empty());
    }
}
