//! What policy files must be before they come into force.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use serde_json::Value;
use yimen_schema::Catalogue;

use crate::cedar::{Asker, Policies, Source};
use crate::classes;
use crate::codes::Codes;
use crate::commands;
use crate::consents;
use crate::error::{Error, Problem};
use crate::table::{Decision, Profile};
use crate::trace;

const CEDAR_SCHEMA: &str = include_str!("../cedar/yimen.cedarschema");

/// Whether what files and tables name must be in the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// It must.
    Known,
    /// Files of an earlier catalogue may name what went, and say nothing of what came.
    Earlier,
}

/// Parses every file into the policy set of its department.
pub(crate) fn parse(
    catalogue: &Catalogue,
    codes: &Codes,
    sources: &[Source],
    names: Names,
) -> Result<HashMap<String, PolicySet>, Error> {
    let (schema, _) = Schema::from_cedarschema_str(CEDAR_SCHEMA).expect("the bundled Cedar schema is valid");
    let mut problems = Vec::new();
    if names == Names::Known {
        problems.extend(classes::problems(catalogue, codes));
        problems.extend(commands::problems(catalogue, codes));
        problems.extend(consents::problems(catalogue, codes));
        problems.extend(trace::problems(codes));
    }
    let mut checker = Checker { catalogue, codes, validator: Validator::new(schema), names, problems };
    let mut owners: HashMap<String, PolicySet> = HashMap::new();
    for source in sources {
        let Some((owner, set)) = checker.file(source) else { continue };
        if owners.insert(owner.clone(), set).is_some() {
            checker.problem(source, "", format!("a second file for `{owner}`: one department, one file"));
        }
    }
    if checker.problems.is_empty() {
        return Ok(owners);
    }
    checker.problems.sort();
    Err(Error { problems: checker.problems })
}

/// How the names of grants begin, which stand beside the policies of a file.
pub(crate) const GRANT: &str = "grant:";

struct Checker<'a> {
    catalogue: &'a Catalogue,
    codes: &'a Codes,
    validator: Validator,
    names: Names,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn file(&mut self, source: &Source) -> Option<(String, PolicySet)> {
        let stem = source.name.rsplit('/').next().unwrap_or_default();
        let owner = stem.strip_suffix(".cedar").unwrap_or_default().to_owned();
        if !self.catalogue.departments.contains(&owner) {
            if self.names == Names::Earlier {
                return None;
            }
            self.problem(source, "", format!("the file is named for `{owner}`, which is no department"));
            return None;
        }
        let parsed = match PolicySet::from_str(&source.text) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.problem(source, "", format!("isn't Cedar: {error}"));
                return None;
            }
        };
        let set = self.named(source, &parsed);
        if self.names == Names::Known {
            set.policies().for_each(|policy| self.policy(source, &owner, policy));
        }
        let result = self.validator.validate(&set, ValidationMode::Strict);
        for error in result.validation_errors() {
            self.problem(source, error.policy_id().as_ref(), error.to_string());
        }
        Some((owner, set))
    }

    /// The same policies under their `@id`s, which every message and record names them by.
    fn named(&mut self, source: &Source, parsed: &PolicySet) -> PolicySet {
        let mut set = PolicySet::new();
        for policy in parsed.policies() {
            let id = policy.annotation("id").unwrap_or_default().to_owned();
            if id.is_empty() || policy.annotation("basis").unwrap_or_default().is_empty() {
                let message = "a policy needs `@id(\"…\")` and `@basis(\"…\")`, the clause that it rests on";
                // Without a name of its own it goes by its place: Cedar calls the first in a file `policy0`.
                let subject = if id.is_empty() { policy.id().to_string() } else { id };
                self.problem(source, &subject, message);
                continue;
            }
            if id.starts_with(GRANT) {
                self.problem(source, &id, "names that begin with `grant:` are those of grants");
                continue;
            }
            if set.add(policy.new_id(PolicyId::new(&id))).is_err() {
                self.problem(source, &id, "a second policy with this `@id`");
            }
        }
        if parsed.templates().next().is_some() {
            self.problem(source, "", "templates aren't used: write the policy out");
        }
        set
    }

    /// Every entity that a policy names must exist, and its items must be the owner's own.
    fn policy(&mut self, source: &Source, owner: &str, policy: &Policy) {
        let id = policy.annotation("id").unwrap_or_default().to_owned();
        let Ok(json) = policy.to_json() else {
            self.problem(source, &id, "can't be read back");
            return;
        };
        let mut named = HashSet::new();
        collect_entities(&json, &mut named);
        for (type_name, name) in named {
            if let Some(message) = self.unknown(owner, &type_name, &name) {
                self.problem(source, &id, message);
            }
        }
    }

    fn unknown(&self, owner: &str, type_name: &str, name: &str) -> Option<String> {
        let codes = self.codes;
        let known = match type_name {
            "Department" => self.catalogue.departments.iter().any(|code| code == name),
            "Role" => codes.roles.iter().any(|role| role.code == name || role.group == name),
            "Purpose" => codes.purposes.iter().any(|purpose| purpose.code == name || purpose.group == name),
            "Section" => self.catalogue.resources.iter().any(|resource| *resource.section == *name),
            "Resource" => return self.foreign_resource(owner, name),
            "Item" => return self.foreign_item(owner, name),
            "Action" => true,
            _ => false,
        };
        (!known).then(|| format!("names {type_name} `{name}`, which doesn't exist"))
    }

    fn foreign_resource(&self, owner: &str, name: &str) -> Option<String> {
        let Some(id) = self.catalogue.resource_named(name) else {
            return Some(format!("names Resource `{name}`, which is not in the catalogue"));
        };
        let of = &*self.catalogue.resource(id).owner;
        (of != owner).then(|| format!("names Resource `{name}`, which belongs to `{of}`"))
    }

    fn foreign_item(&self, owner: &str, name: &str) -> Option<String> {
        let Some(id) = self.catalogue.coordinate_named(name) else {
            return Some(format!("names Item `{name}`, which is not in the catalogue"));
        };
        let of = &*self.catalogue.coordinate(id).owner;
        (of != owner).then(|| format!("names Item `{name}`, which belongs to `{of}`"))
    }

    fn problem(&mut self, source: &Source, subject: &str, message: impl Into<String>) {
        let (file, subject) = (source.name.clone(), subject.to_owned());
        self.problems.push(Problem { file, subject, message: message.into() });
    }
}

/// Cedar's JSON form writes an entity as an object with `type` and `id`, wherever it stands.
pub(crate) fn collect_entities(json: &Value, found: &mut HashSet<(String, String)>) {
    match json {
        Value::Object(object) => {
            if let (Some(Value::String(type_name)), Some(Value::String(id))) =
                (object.get("type"), object.get("id"))
            {
                found.insert((type_name.clone(), id.clone()));
            }
            object.values().for_each(|value| collect_entities(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_entities(value, found)),
        _ => {}
    }
}

/// Every coordinate must be covered: its owner's own reviewer may read it for some purpose.
pub(crate) fn coverage(policies: &Policies) -> Result<(), Error> {
    let catalogue = policies.catalogue();
    let mut problems = Vec::new();
    let owners: HashSet<&str> = catalogue.coordinates.iter().map(|c| &*c.owner).collect();
    for owner in owners {
        let mut open: Vec<_> = catalogue.coordinate_ids().collect();
        open.retain(|id| *catalogue.coordinate(*id).owner == *owner);
        for purpose in &policies.codes().purposes {
            if open.is_empty() {
                break;
            }
            let profile = Profile {
                department: owner.to_owned(),
                role: String::from("REVIEWER"),
                purpose: purpose.code.clone(),
            };
            let asker = Asker::new(policies, &profile);
            open.retain(|id| asker.decide(*id) != Decision::Clear);
        }
        problems.extend(open.into_iter().map(|id| Problem {
            file: format!("{owner}.cedar"),
            subject: catalogue.coordinate(id).name.clone(),
            message: String::from("no policy covers this item: not even its owner may read it"),
        }));
    }
    if problems.is_empty() {
        return Ok(());
    }
    problems.sort();
    Err(Error { problems })
}
