//! The bounds of every number: how small it may be, so that no slip of a key cuts everybody off, and how large where
//! more would bound nothing.

use std::fmt;

use figment::value::{Dict, Value};

/// The bounds of a key, both of which may be set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    key: &'static str,
    least: i128,
    most: Option<i128>,
}

const fn from(key: &'static str, least: i128) -> Bound {
    Bound { key, least, most: None }
}

const fn between(key: &'static str, least: i128, most: i128) -> Bound {
    Bound { key, least, most: Some(most) }
}

/// Every number of the defaults but `telemetry.sample`, which is a share; a test keeps it so.
///
/// Times are at least what a healthy client, department or hub takes on a slow network. What may be none, such as
/// subscriptions, begins at zero.
const BOUNDS: [Bound; 74] = [
    from("server.body_bytes", 1_024),
    from("server.batch_bytes", 1_024),
    from("server.batch_entries", 1),
    from("server.batches", 0),
    from("server.head_bytes", 8_192),
    from("server.head_lines", 16),
    from("server.head_timeout_ms", 100),
    from("server.body_timeout_ms", 100),
    from("server.request_timeout_ms", 100),
    from("server.unread_timeout_ms", 1_000),
    from("server.connections", 1),
    from("server.requests", 1),
    from("server.subscriptions", 0),
    from("server.subscriptions_per_caller", 0),
    from("server.websockets", 0),
    from("server.websockets_per_caller", 0),
    from("server.websocket_operations", 1),
    from("server.websocket_init_ms", 100),
    from("server.websocket_ping_ms", 100),
    from("server.websocket_idle_ms", 100),
    from("server.grace_ms", 0),
    from("auth.leeway_s", 0),
    between("catalogue.measure_hours", 0, 8_760),
    between("catalogue.measure_deadline_ms", 1_000, 600_000),
    from("limits.brackets", 4),
    from("limits.tokens", 16),
    from("limits.depth", 1),
    from("limits.aliases", 0),
    from("limits.root_fields", 1),
    from("limits.cost", 1),
    from("limits.cached_documents", 1),
    from("limits.cached_plans", 1),
    from("documents.automatic_bytes", 0),
    from("documents.automatic_ttl_s", 1),
    from("fetch.rows", 1),
    from("fetch.deadline_ms", 100),
    from("fetch.lanes", 1),
    from("fetch.bulk_lanes", 1),
    from("fetch.requests", 1),
    from("fetch.breaker_failures", 1),
    from("fetch.breaker_pause_ms", 100),
    from("fetch.bulk_requests", 1),
    between("fetch.bulk_chunk", 1, 5_000),
    from("fetch.heartbeat_ms", 50),
    from("evidence.lanes", 1),
    from("evidence.deadline_ms", 100),
    from("evidence.integrate_ms", 10),
    from("evidence.turn_wait_ms", 1),
    from("evidence.grace_ms", 0),
    from("evidence.retention_years", 3),
    from("evidence.person_key_generation", 0),
    between("anomalies.night_begins", 0, 23),
    between("anomalies.night_ends", 0, 23),
    from("anomalies.bulk", 0),
    between("anomalies.far", 1, 5),
    between("grants.pause_ms", 10, 1_000),
    between("grants.stale_ms", 2_000, 60_000),
    from("grants.most", 1),
    from("sharing.longest_days", 1),
    from("sharing.remind_ms", 1_000),
    from("sharing.retention_years", 3),
    from("sharing.look_ms", 10),
    from("export.people", 1),
    from("export.rows", 1),
    from("export.bytes", 1),
    from("export.folder_bytes", 1),
    from("export.jobs", 1),
    from("export.jobs_per_caller", 1),
    from("export.running", 1),
    from("export.part_entries", 1),
    from("export.kept_hours", 0),
    from("export.longest_s", 1),
    between("redis.timeout_ms", 1, 5_000),
    between("redis.pause_ms", 100, 60_000),
];

/// The bounds of a key, where it is a number.
pub(super) fn of(key: &str) -> Option<Bound> {
    BOUNDS.iter().find(|bound| bound.key == key).copied()
}

/// Whether every number is within its bounds; a department's own are bounded as those of `fetch` are.
///
/// # Errors
/// The first that isn't, and the bounds.
pub(super) fn check(values: &Dict) -> anyhow::Result<()> {
    for (section, value) in values {
        match (section.as_str(), value) {
            ("departments", Value::Dict(_, departments)) => {
                for (code, department) in departments {
                    check_section(&format!("departments.{code}"), "fetch", department)?;
                }
            }
            _ => check_section(section, section, value)?,
        }
    }
    Ok(())
}

/// Checks a section whose keys are bounded as those of another are, or as its own.
fn check_section(name: &str, bounded_as: &str, section: &Value) -> anyhow::Result<()> {
    let Some(keys) = section.as_dict() else { return Ok(()) };
    for (key, value) in keys {
        if let (Some(bound), Some(number)) = (of(&format!("{bounded_as}.{key}")), number(value)) {
            anyhow::ensure!(bound.holds(number), "`{name}.{key}` must be {bound}");
        }
    }
    Ok(())
}

/// A whole number; beyond what fits it is as large as can be.
fn number(value: &Value) -> Option<i128> {
    let number = value.to_num()?;
    number.to_i128().or_else(|| number.to_u128().map(|number| i128::try_from(number).unwrap_or(i128::MAX)))
}

impl Bound {
    fn holds(&self, number: i128) -> bool {
        self.least <= number && self.most.is_none_or(|most| number <= most)
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.most {
            Some(most) => write!(f, "from {} to {most}", self.least),
            None => write!(f, "{} or more", self.least),
        }
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;
    use crate::config::DEFAULTS;

    fn values(text: &str) -> Dict {
        Figment::from(Toml::string(text)).extract().unwrap()
    }

    /// What is said of a number.
    fn said(section: &str, key: &str, number: i128) -> Option<String> {
        check(&values(&format!("[{section}]\n{key} = {number}\n"))).err().map(|error| error.to_string())
    }

    #[test]
    fn every_number_holds_just_within_its_bounds_and_not_just_beyond() {
        for bound in BOUNDS {
            let (section, key) = bound.key.split_once('.').unwrap();
            let refused = Some(format!("`{}` must be {bound}", bound.key));
            assert_eq!(said(section, key, bound.least), None);
            assert_eq!(said(section, key, bound.least - 1), refused);
            if let Some(most) = bound.most {
                assert_eq!(said(section, key, most), None);
                assert_eq!(said(section, key, most + 1), refused);
            }
        }
    }

    #[test]
    fn a_departments_own_numbers_are_bounded_as_everybodys() {
        assert_eq!(said("departments.UNION", "lanes", 1), None);
        assert_eq!(
            said("departments.UNION", "lanes", 0).unwrap(),
            "`departments.UNION.lanes` must be 1 or more"
        );
        assert_eq!(said("departments.UNION", "deadline_ms", 100), None);
        assert!(said("departments.UNION", "deadline_ms", 99).is_some());
    }

    #[test]
    fn every_number_of_the_defaults_has_bounds() {
        let defaults = values(DEFAULTS);
        check(&defaults).unwrap();
        for (section, keys) in &defaults {
            for (key, value) in keys.as_dict().unwrap() {
                let name = format!("{section}.{key}");
                let is_bounded = of(&name).is_some();
                assert_eq!(is_bounded, value.to_num().is_some() && name != "telemetry.sample", "{name}");
            }
        }
        let is_known = |bound: &Bound| {
            let (section, key) = bound.key.split_once('.').unwrap();
            defaults[section].as_dict().unwrap().contains_key(key)
        };
        assert!(BOUNDS.iter().all(is_known));
    }
}
