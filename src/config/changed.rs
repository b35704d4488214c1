//! What differs between two readings of the configuration, by keys; values stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use figment::value::{Dict, Value};

/// Every key with its value as text.
#[derive(Clone, Debug, Default)]
pub(super) struct Keys(BTreeMap<String, String>);

/// What takes effect when the configuration is read again. Everything else is looked at when the process starts:
/// sockets, connections, files that hold keys.
const AT_ONCE: [&str; 9] = [
    "auth.",
    "catalogue.folders",
    "documents.",
    "fetch.bulk_chunk",
    "fetch.bulk_requests",
    "fetch.rows",
    "limits.",
    "policy.",
    "sharing.",
];

/// Whether a key takes effect when the configuration is read again.
pub(super) fn is_at_once(key: &str) -> bool {
    AT_ONCE.iter().any(|at_once| key.starts_with(at_once))
}

impl Keys {
    pub(super) fn of(values: &Dict) -> Self {
        let mut keys = BTreeMap::new();
        walk("", values, &mut keys);
        Keys(keys)
    }

    /// The keys that differ and don't take effect before the process starts again.
    pub(super) fn at_start(&self, other: &Keys) -> Vec<String> {
        let keys: BTreeSet<&String> = self.0.keys().chain(other.0.keys()).collect();
        let differs = |key: &&String| self.0.get(*key) != other.0.get(*key);
        keys.into_iter().filter(differs).filter(|key| !is_at_once(key)).cloned().collect()
    }
}

fn walk(prefix: &str, values: &Dict, keys: &mut BTreeMap<String, String>) {
    for (name, value) in values {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Dict(_, below) => walk(&key, below, keys),
            other => {
                keys.insert(key, plain(other));
            }
        }
    }
}

/// A value without the place that it was read from.
fn plain(value: &Value) -> String {
    match value {
        Value::Array(_, values) => values.iter().map(plain).collect::<Vec<_>>().join("\n"),
        Value::String(_, text) => text.clone(),
        other => {
            other.to_num().map_or_else(|| format!("{:?}", other.to_bool()), |number| format!("{number:?}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;
    use crate::config::{Config, DEFAULTS};

    fn keys(text: &str) -> Keys {
        Keys::of(&Figment::from(Toml::string(text)).extract().unwrap())
    }

    #[test]
    fn keys_that_wait_for_the_next_start_are_named() {
        let before =
            keys("[limits]\ntokens = 1\n[server]\nlisten = \"a\"\n[departments.UNION]\nurl = \"x\"\n");
        let after = keys(
            "[limits]\ntokens = 2\n[server]\nlisten = \"b\"\nrequests = 3\n[departments.TAX]\nurl = \"x\"\n",
        );
        let waiting = ["departments.TAX.url", "departments.UNION.url", "server.listen", "server.requests"];
        assert_eq!(before.at_start(&after), waiting);
        assert_eq!(before.at_start(&before), [""; 0]);
    }

    #[test]
    fn what_takes_effect_at_once_is_there() {
        let known = keys(DEFAULTS);
        for key in AT_ONCE {
            assert!(known.0.keys().any(|known| known.starts_with(key)), "{key}");
        }
        assert!(Config::read(None).unwrap().waiting(&Config::read(None).unwrap()).is_empty());
    }
}
