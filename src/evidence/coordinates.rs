//! What became of every coordinate of an operation: lists that many records share, named by what they say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::clock::hex;
use crate::evidence::merkle::hash;

/// The outcome of one coordinate: `CLEAR`, `MASK` or `DENY`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoordinateOutcome {
    /// `Type.field`.
    pub coordinate: String,
    /// What was decided.
    pub decision: String,
    /// Why, where it was withheld.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// A list of coordinates with their outcomes, in the short form of its entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcomes {
    /// Answered as they stand.
    #[serde(rename = "CLEAR", default, skip_serializing_if = "Vec::is_empty")]
    pub clear: Vec<String>,
    /// Answered reduced.
    #[serde(rename = "MASK", default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// Withheld, by reason.
    #[serde(rename = "DENY", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub denied: BTreeMap<String, Vec<String>>,
}

impl Outcomes {
    /// The short form of a list.
    pub fn of(list: impl IntoIterator<Item = CoordinateOutcome>) -> Self {
        let mut outcomes = Outcomes::default();
        for CoordinateOutcome { coordinate, decision, reason } in list {
            match decision.as_str() {
                "CLEAR" => outcomes.clear.push(coordinate),
                "MASK" => outcomes.masked.push(coordinate),
                _ => outcomes.denied.entry(reason.unwrap_or_default()).or_default().push(coordinate),
            }
        }
        outcomes
    }

    /// The long form again.
    pub fn list(self) -> Vec<CoordinateOutcome> {
        let outcome = |decision: &str, reason: Option<&str>, coordinate| CoordinateOutcome {
            coordinate,
            decision: decision.to_owned(),
            reason: reason.map(str::to_owned),
        };
        let mut list: Vec<_> = self.clear.into_iter().map(|c| outcome("CLEAR", None, c)).collect();
        list.extend(self.masked.into_iter().map(|c| outcome("MASK", None, c)));
        for (reason, coordinates) in self.denied {
            list.extend(coordinates.into_iter().map(|c| outcome("DENY", Some(&reason), c)));
        }
        list
    }
}

/// A list of coordinates on its way into entries: written and named once, however many records have it.
#[derive(Debug)]
pub struct Coordinates {
    outcomes: Outcomes,
    name: String,
}

impl Coordinates {
    /// The list of some outcomes.
    pub fn new(outcomes: impl IntoIterator<Item = CoordinateOutcome>) -> Self {
        let outcomes = Outcomes::of(outcomes);
        // Texts alone, which are always written.
        let name = list_name(&serde_json::to_string(&outcomes).unwrap_or_default());
        Coordinates { outcomes, name }
    }

    /// What became of each.
    pub fn outcomes(&self) -> &Outcomes {
        &self.outcomes
    }

    /// What records name the list by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it lists nothing.
    pub fn is_empty(&self) -> bool {
        self.outcomes == Outcomes::default()
    }
}

/// The name of a list of coordinates: the hash of its short form, as the hub keeps it. Whoever has both
/// sees whether the one belongs to the other.
pub(crate) fn list_name(outcomes: &str) -> String {
    hex(&hash(&[outcomes.as_bytes()])[..16])
}
