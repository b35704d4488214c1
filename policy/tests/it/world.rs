//! The bundled catalogue and policies, and the decision tables that the tests share: each is made once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock};

use yimen_policy::{Codes, Decision, DecisionTable, Policies, Profile};
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Resource};

pub(crate) static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let catalogue = yimen_schema::load(&yimen_schema::bundled_sources());
    Arc::new(catalogue.unwrap_or_else(|error| panic!("{error}")))
});

pub(crate) static POLICIES: LazyLock<Arc<Policies>> = LazyLock::new(|| {
    let sources = yimen_policy::bundled_sources();
    let policies = Policies::load(CATALOGUE.clone(), Codes::bundled(), &sources);
    policies.unwrap_or_else(|error| panic!("{error}"))
});

pub(crate) type Table = Arc<OnceLock<DecisionTable>>;

/// The decisions for a profile. Tests that ask for the same profile wait for one table.
pub(crate) fn table(department: &str, role: &str, purpose: &str) -> Table {
    static TABLES: LazyLock<Mutex<HashMap<Profile, Table>>> = LazyLock::new(Mutex::default);
    let profile = profile(department, role, purpose);
    let table = TABLES.lock().expect("no test panics here").entry(profile.clone()).or_default().clone();
    table.get_or_init(|| POLICIES.table(&profile));
    table
}

pub(crate) fn profile(department: &str, role: &str, purpose: &str) -> Profile {
    let owned = str::to_owned;
    Profile { department: owned(department), role: owned(role), purpose: owned(purpose) }
}

/// The tables of a department for every role and every purpose.
pub(crate) fn tables(department: &str) -> Vec<Table> {
    roles().flat_map(|role| of_role(department, role)).collect()
}

/// The tables of a department and a role for every purpose.
pub(crate) fn of_role(department: &str, role: &str) -> Vec<Table> {
    purposes().map(|purpose| table(department, role, purpose)).collect()
}

pub(crate) fn roles() -> impl Iterator<Item = &'static str> {
    POLICIES.codes().roles.iter().map(|role| role.code.as_str())
}

pub(crate) fn purposes() -> impl Iterator<Item = &'static str> {
    POLICIES.codes().purposes.iter().map(|purpose| purpose.code.as_str())
}

pub(crate) fn decide(table: &Table, id: CoordinateId) -> Decision {
    open(table).decision(id)
}

pub(crate) fn open(table: &Table) -> &DecisionTable {
    table.get().expect("`table` fills the cell")
}

/// The coordinate of a name, which the test has right.
pub(crate) fn id(name: &str) -> CoordinateId {
    CATALOGUE.coordinate_named(name).unwrap_or_else(|| panic!("no coordinate `{name}`"))
}

pub(crate) fn name(id: CoordinateId) -> &'static str {
    &CATALOGUE.coordinate(id).name
}

pub(crate) fn def(id: CoordinateId) -> &'static FieldDef {
    let coordinate = CATALOGUE.coordinate(id);
    &CATALOGUE.resource(coordinate.resource).fields[coordinate.field].def
}

/// The resource that a coordinate tells something of.
pub(crate) fn reached(id: CoordinateId) -> &'static Resource {
    match def(id) {
        FieldDef::Item(_) => CATALOGUE.resource(CATALOGUE.coordinate(id).resource),
        FieldDef::Link(link) => CATALOGUE.resource(link.target),
        FieldDef::Summary(summary) => CATALOGUE.resource(summary.of),
    }
}

/// What tells something: items and summaries, without the links between them.
pub(crate) fn telling() -> impl Iterator<Item = CoordinateId> {
    CATALOGUE.coordinate_ids().filter(|id| !matches!(def(*id), FieldDef::Link(_)))
}
