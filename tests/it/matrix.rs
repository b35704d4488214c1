//! The authorisation matrix: every department of the baseline, every role, every purpose, every
//! coordinate, on three paths each. What a plan answers must be what the policies decide, and what
//! it withholds must be told.

use std::collections::HashMap;
use std::sync::Arc;

use yimen::plan::{Context, Dialect, Documents, Limits, Object, Plan, RootField, Value, Widths, compile};
use yimen_policy::{Codes, Decision, DecisionTable, Policies, Profile};
use yimen_schema::{Catalogue, FieldDef, Resource, ResourceId, RootKind};

/// A way from `Query` to rows of a resource: what opens it, and the response keys on the way.
#[derive(Clone, Debug)]
struct Way {
    open: String,
    keys: Vec<String>,
}

impl Way {
    fn then(&self, field: &str) -> Way {
        let mut keys = self.keys.clone();
        keys.push(field.to_owned());
        Way { open: format!("{} {{ {field}", self.open), keys }
    }

    fn document(&self, selection: &str) -> String {
        let close = "}".repeat(self.open.matches('{').count());
        format!("{} {{ {selection} }} {close}", self.open)
    }
}

/// The shortest ways to every resource, and for those behind a person a longer one besides.
fn ways(catalogue: &Catalogue) -> HashMap<ResourceId, Vec<Way>> {
    let mut found: HashMap<ResourceId, Vec<Way>> = HashMap::new();
    for way in root_ways(catalogue) {
        found.entry(way.0).or_default().push(way.1);
    }
    let mut queue: Vec<(ResourceId, Way)> =
        found.iter().flat_map(|(id, ways)| ways.iter().map(|w| (*id, w.clone()))).collect();
    queue.sort_by_key(|(_, way)| way.open.clone());
    let mut at = 0;
    while at < queue.len() {
        let (id, way) = queue[at].clone();
        at += 1;
        for field in &catalogue.resource(id).fields {
            let FieldDef::Link(link) = &field.def else { continue };
            let known = found.entry(link.target).or_default();
            if known.len() < 3 && way.keys.len() < 5 {
                let next = way.then(&field.name);
                known.push(next.clone());
                queue.push((link.target, next));
            }
        }
    }
    found
}

fn root_ways(catalogue: &Catalogue) -> Vec<(ResourceId, Way)> {
    let mut roots: Vec<_> = catalogue.roots.values().collect();
    roots.sort_by(|a, b| a.name.cmp(&b.name));
    let way =
        |open: String, keys: &[&str]| Way { open, keys: keys.iter().map(|key| (*key).to_owned()).collect() };
    let mut ways = Vec::new();
    for root in roots {
        let resource = catalogue.resource(root.resource);
        let argument = |by: usize| match resource.item(by).scalar.type_name() {
            "CitizenId" => "\"11010519491231002X\"",
            _ => "\"x\"",
        };
        let (name, by_name) = (root.name.as_str(), |by: usize| &resource.fields[by].name);
        ways.push((
            root.resource,
            match root.kind {
                RootKind::One { by } => way(format!("{{ {name}({}: {})", by_name(by), argument(by)), &[name]),
                RootKind::Many { by, .. } => {
                    way(format!("{{ {name}({}s: [{}])", by_name(by), argument(by)), &[name])
                }
                RootKind::Page { .. } => way(format!("{{ {name} {{ nodes"), &[name, "nodes"]),
            },
        ));
    }
    ways
}

/// The row template that a plan has behind response keys; `None` where the way is withheld.
fn behind<'p>(plan: &'p Plan, keys: &[String]) -> Option<&'p Object> {
    let named = |key: &str, name: &str| key == format!("\"{name}\":");
    let root = plan.roots.iter().find(|root| named(&root.key, &keys[0]))?;
    let (mut object, rest) = match &root.field {
        RootField::One { object, .. } | RootField::Many { object, .. } => (object, &keys[1..]),
        RootField::Page(page) => {
            let nodes = page.fields.iter().find_map(|(_, field)| match field {
                yimen::plan::PageField::Nodes(object) => Some(object),
                _ => None,
            });
            (nodes?, &keys[2..])
        }
        _ => return None,
    };
    for name in rest {
        let (_, value) = object.fields.iter().find(|(key, _)| named(key, name))?;
        let Value::Link { object: next, .. } = value else { return None };
        object = next;
    }
    Some(object)
}

struct Checker<'a> {
    catalogue: &'a Catalogue,
    documents: Documents,
    table: &'a DecisionTable,
    limits: Limits,
    cells: usize,
}

impl Checker<'_> {
    fn plan(&self, text: &str) -> Plan {
        let document = self.documents.get(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let operation = document.executable.operations.get(None).unwrap();
        let variables = Default::default();
        let context = Context {
            catalogue: self.catalogue,
            table: self.table,
            document: &document.executable,
            variables: &variables,
            limits: &self.limits,
            widths: Widths::of(1, 1),
            dialect: &|_| Dialect::Postgres,
        };
        compile(&context, operation).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    /// Every field of a resource behind one way.
    fn check(&mut self, resource: &Resource, way: &Way, aliased: bool) {
        let selection: Vec<String> =
            resource.fields.iter().map(|field| select(&field.name, &field.def, aliased)).collect();
        let text = if aliased {
            let fragment = format!("fragment F on {} {{ {} }}", resource.name, selection.join(" "));
            format!("{} {fragment}", way.document("...F"))
        } else {
            way.document(&selection.join(" "))
        };
        let plan = self.plan(&text);
        let Some(object) = behind(&plan, &way.keys) else {
            assert!(!plan.withheld.is_empty(), "{text}: nothing is answered and nothing is said");
            return;
        };
        for (field, (_, value)) in resource.fields.iter().zip(&object.fields) {
            self.cells += 1;
            let decision = self.table.decision(field.coordinate);
            let answered = match value {
                Value::Leaf { granted, .. } | Value::Summary { granted, .. } => {
                    granted.mask().map_or(Decision::Clear, Decision::Mask)
                }
                Value::Link { .. } => Decision::Clear,
                Value::Null => Decision::Deny,
                Value::Typename(_) => panic!("{text}: `{}` is no field", field.name),
            };
            let profile = self.table.profile();
            assert_eq!(answered, decision, "{profile:?} {}.{} in {text}", resource.name, field.name);
            let said =
                plan.withheld.iter().filter(|withheld| withheld.coordinate == field.coordinate).count();
            assert_eq!(
                said > 0,
                decision == Decision::Deny,
                "{profile:?} {}.{} in {text}",
                resource.name,
                field.name
            );
        }
    }
}

fn select(name: &str, def: &FieldDef, aliased: bool) -> String {
    let alias = if aliased { format!("a_{name}: ") } else { String::new() };
    match def {
        FieldDef::Item(_) | FieldDef::Summary(_) => format!("{alias}{name}"),
        FieldDef::Link(_) => format!("{alias}{name} {{ __typename }}"),
    }
}

/// The departments that the baseline speaks of.
fn readers() -> Vec<String> {
    let baseline = include_str!("../../policy/baseline.csv");
    let mut readers: Vec<String> =
        baseline.lines().skip(1).filter_map(|line| Some(line.split(',').nth(1)?.to_owned())).collect();
    readers.sort();
    readers.dedup();
    readers
}

#[test]
fn every_cell_of_the_matrix_holds_on_three_paths() {
    let catalogue = Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap());
    let policies =
        Policies::load(catalogue.clone(), Codes::bundled(), &yimen_policy::bundled_sources()).unwrap();
    let ways = ways(&catalogue);
    let limits = Limits { aliases: 1_000, cost: u64::MAX, cached_documents: 10_000, ..Limits::default() };
    let mut tables: HashMap<u64, DecisionTable> = HashMap::new();
    let mut profiles = 0;
    for department in readers() {
        for role in &policies.codes().roles {
            for purpose in &policies.codes().purposes {
                let profile = Profile {
                    department: department.clone(),
                    role: role.code.clone(),
                    purpose: purpose.code.clone(),
                };
                let table = policies.table(&profile);
                profiles += 1;
                // Profiles whose decisions are all equal compile to equal plans.
                tables.entry(table.fingerprint()).or_insert(table);
            }
        }
    }
    let mut cells = 0;
    for table in tables.values() {
        let documents = Documents::new(catalogue.clone(), limits.clone());
        let mut checker =
            Checker { catalogue: &catalogue, documents, table, limits: limits.clone(), cells: 0 };
        for (id, resource) in catalogue.resource_ids().zip(&catalogue.resources) {
            let ways = &ways[&id];
            for way in ways {
                checker.check(resource, way, false);
            }
            checker.check(resource, &ways[0], true);
        }
        cells += checker.cells;
    }
    assert!(profiles >= 11 * 8 * 11, "{profiles}");
    // Equal tables are checked once: what is left are the tables that differ, on every way each.
    assert!(tables.len() > 20 && cells > 30_000, "{} tables, {cells} cells", tables.len());
}
