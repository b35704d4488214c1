//! What is answered reduced or not at all can't be searched on: every argument of every root and list, for a caller to
//! whom its item is clear and for those to whom it is masked or withheld. The arguments are read off the schema, so
//! that a new one is held to this by itself, and one of a new kind fails here.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use apollo_compiler::Node;
use apollo_compiler::ast::{FieldDefinition, InputValueDefinition, Type};
use apollo_compiler::response::JsonMap;
use apollo_compiler::schema::ExtendedType;
use serde_json::{Value, json};
use yimen::plan::{Context, Dialect, Documents, Limits, Plan, Widths, compile};
use yimen_policy::{Codes, Decision, DecisionTable, Policies, Profile, Reason, Source};
use yimen_schema::name::upper_snake_case;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Item, Resource, ResourceId, RootKind, Scalar};

static CATALOGUE: LazyLock<Arc<Catalogue>> =
    LazyLock::new(|| Arc::new(yimen_schema::load(&yimen_schema::bundled_sources()).unwrap()));

/// To this role everything is clear.
const CLEAR: &str = "WINDOW_CLERK";
/// To this one everything that lists are searched by is masked, or withheld where it has no mask, but divisions: a
/// page isn't answered at all to whoever may not read where its rows are.
const SHUT: &str = "HELP_CENTRE";
/// To this one divisions are withheld.
const NOWHERE: &str = "ANALYST";
/// To this one the keys of roots are masked or withheld, and it may look nothing up.
const KEYLESS: &str = "SUPERVISOR";

fn item(id: CoordinateId) -> Option<&'static Item> {
    let coordinate = CATALOGUE.coordinate(id);
    match &CATALOGUE.resource(coordinate.resource).fields[coordinate.field].def {
        FieldDef::Item(item) => Some(item),
        FieldDef::Link(_) | FieldDef::Summary(_) => None,
    }
}

/// The items that some list may be filtered or ordered by: those of resources that are listed anywhere.
fn searchable() -> BTreeSet<CoordinateId> {
    let pages = CATALOGUE.roots.values().filter(|root| matches!(root.kind, RootKind::Page { .. }));
    let mut listed: BTreeSet<ResourceId> = pages.map(|root| root.resource).collect();
    for field in CATALOGUE.resources.iter().flat_map(|resource| &resource.fields) {
        if let FieldDef::Link(link) = &field.def
            && link.list
        {
            listed.insert(link.target);
        }
    }
    let is_searched = |id: &CoordinateId| {
        listed.contains(&CATALOGUE.coordinate(*id).resource)
            && item(*id).is_some_and(|item| item.filter || item.sort)
    };
    CATALOGUE.coordinate_ids().filter(is_searched).collect()
}

fn divisions() -> BTreeSet<CoordinateId> {
    let division = |resource: &Resource| Some(resource.fields[resource.division?].coordinate);
    CATALOGUE.resources.iter().filter_map(division).collect()
}

/// The items by whose value roots look rows up.
fn keys() -> BTreeSet<CoordinateId> {
    let key = |root: &yimen_schema::Root| match root.kind {
        RootKind::One { by } | RootKind::Many { by, .. } => {
            Some(CATALOGUE.resource(root.resource).fields[by].coordinate)
        }
        RootKind::Page { .. } => None,
    };
    CATALOGUE.roots.values().filter_map(key).collect()
}

/// The policies of one owner for the four roles.
fn policies_of(owner: &str) -> String {
    let own = |ids: BTreeSet<CoordinateId>, masked: bool| -> Vec<String> {
        let is_meant = |id: &CoordinateId| {
            let coordinate = CATALOGUE.coordinate(*id);
            *coordinate.owner == *owner && (!masked || coordinate.mask.is_some())
        };
        ids.into_iter()
            .filter(is_meant)
            .map(|id| format!("Item::\"{}\"", CATALOGUE.coordinate(id).name))
            .collect()
    };
    let mut text = format!(
        "@id(\"own\") @basis(\"a test\") permit (principal in Department::\"{owner}\", action == Action::\"clear\", \
         resource) when {{ principal in Role::\"REVIEWER\" }};\n"
    );
    let searched: BTreeSet<CoordinateId> = searchable().difference(&divisions()).copied().collect();
    for (role, withheld, lookup) in [
        (CLEAR, BTreeSet::new(), true),
        (SHUT, searched, true),
        (NOWHERE, divisions(), true),
        (KEYLESS, keys(), false),
    ] {
        let mut permit = |what: &str, actions: &str, condition: &str| {
            let _ = writeln!(
                text,
                "@id(\"{role}-{what}\") @basis(\"a test\") permit (principal, action == Action::\"{actions}\", \
                 resource) when {{ principal in Role::\"{role}\" }} {condition};"
            );
        };
        let (names, masked) = (own(withheld.clone(), false).join(", "), own(withheld, true).join(", "));
        match names.is_empty() {
            true => permit("clear", "clear", ""),
            false => permit("clear", "clear", &format!("unless {{ [{names}].contains(resource) }}")),
        }
        if !masked.is_empty() {
            permit("mask", "mask", &format!("when {{ [{masked}].contains(resource) }}"));
        }
        if lookup {
            permit("lookup", "lookup", "");
        }
    }
    text
}

/// A way from `Query` to a field that has arguments.
#[derive(Clone, Debug)]
struct Way {
    /// The document up to where arguments go.
    open: String,
    /// Response keys.
    path: Vec<String>,
}

impl Way {
    fn then(&self, field: &str) -> Way {
        let mut path = self.path.clone();
        path.push(field.to_owned());
        Way { open: format!("{} {{ {field}", self.open), path }
    }

    /// A document with these arguments, and with a variable where there is one.
    fn document(&self, variable: &str, arguments: &str, inside: &str) -> String {
        let close = " }".repeat(self.open.matches('{').count());
        format!("query{variable} {}({arguments}) {inside}{close}", self.open)
    }
}

/// The shortest way to the rows of every resource, from pages where there are any, or from values that are looked up
/// alone; not every resource is reached so.
fn ways(from_pages: bool) -> HashMap<ResourceId, Way> {
    let mut found: HashMap<ResourceId, Way> = HashMap::new();
    let mut roots: Vec<_> = CATALOGUE.roots.values().collect();
    let is_page = |root: &&yimen_schema::Root| matches!(root.kind, RootKind::Page { .. });
    if !from_pages {
        roots.retain(|root| !is_page(root));
    }
    roots.sort_by_key(|root| (!is_page(root), root.name.clone()));
    let mut queue = Vec::new();
    for root in roots {
        let plain = Way { open: format!("{{ {}", root.name), path: vec![root.name.clone()] };
        let way = match root.kind {
            RootKind::Page { .. } => plain.then("nodes"),
            RootKind::One { by } | RootKind::Many { by, .. } => {
                let argument = &arguments(&root.name)[0];
                let value = literal(&CATALOGUE.resource(root.resource).item(by).scalar);
                Way { open: format!("{}({}: {value})", plain.open, argument.name), ..plain }
            }
        };
        if let Entry::Vacant(first) = found.entry(root.resource) {
            first.insert(way);
            queue.push(root.resource);
        }
    }
    let mut at = 0;
    while at < queue.len() {
        let way = found[&queue[at]].clone();
        for field in &CATALOGUE.resource(queue[at]).fields {
            let FieldDef::Link(link) = &field.def else { continue };
            if let Entry::Vacant(first) = found.entry(link.target) {
                first.insert(way.then(&field.name));
                queue.push(link.target);
            }
        }
        at += 1;
    }
    found
}

fn definition(ty: &str, field: &str) -> &'static Node<FieldDefinition> {
    match &CATALOGUE.public.types[ty] {
        ExtendedType::Object(object) => &object.fields[field].node,
        other => panic!("`{ty}` is no object: {other:?}"),
    }
}

/// The arguments of a root.
fn arguments(root: &str) -> &'static [Node<InputValueDefinition>] {
    &definition("Query", root).arguments
}

/// A value of a type, as a document writes it.
fn literal(scalar: &Scalar) -> String {
    match (scalar, example(scalar)) {
        (Scalar::Enum(_), Value::String(name)) => name,
        (_, value) => value.to_string(),
    }
}

fn example(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::CitizenId => json!("11010519491231002X"),
        Scalar::Division => json!("410727000000"),
        Scalar::Id | Scalar::String => json!("x"),
        Scalar::Int => json!(1),
        Scalar::Boolean => json!(true),
        Scalar::Money | Scalar::Decimal => json!("1.00"),
        Scalar::Date => json!("2026-01-01"),
        Scalar::YearMonth => json!("2026-01"),
        Scalar::DateTime => json!("2026-01-01T00:00:00+08:00"),
        Scalar::Enum(name) => match &CATALOGUE.public.types[name.as_str()] {
            ExtendedType::Enum(values) => json!(values.values.keys().next().unwrap().as_str()),
            other => panic!("`{name}` is no enum: {other:?}"),
        },
    }
}

/// One question: a document that searches by an item, where it does, and by which item.
struct Question {
    text: String,
    variables: JsonMap,
    path: Vec<String>,
    by: CoordinateId,
    column: String,
}

/// Every question that the arguments of a list can ask.
fn questions(
    resource: &Resource,
    way: &Way,
    inside: &str,
    given: &[Node<InputValueDefinition>],
) -> Vec<Question> {
    let mut questions = Vec::new();
    for argument in given {
        match argument.name.as_str() {
            "filter" => filters(resource, way, inside, &argument.ty, &mut questions),
            "orderBy" => orders(resource, way, inside, &argument.ty, &mut questions),
            // A number of rows; and where a page of an order goes on, which is asked together with the order.
            "first" | "after" => {}
            other => panic!("argument `{other}` of {:?} has no case here: what does it search by?", way.path),
        }
    }
    questions
}

fn question(
    (resource, way, inside): (&Resource, &Way, &str),
    index: usize,
    (variable, value): (&str, Option<Value>),
    arguments: &str,
) -> Question {
    let variables = value.map_or_else(|| json!({}), |value| json!({ "v": value }));
    Question {
        text: way.document(variable, arguments, inside),
        variables: serde_json::from_value(variables).unwrap(),
        path: way.path.clone(),
        by: resource.fields[index].coordinate,
        column: resource.item(index).column.clone(),
    }
}

fn filters(resource: &Resource, way: &Way, inside: &str, ty: &Type, questions: &mut Vec<Question>) {
    let ExtendedType::InputObject(filter) = &CATALOGUE.public.types[ty.inner_named_type()] else {
        panic!("a filter of {:?} is no input object", way.path)
    };
    let at = (resource, way, inside);
    for (name, condition) in &filter.fields {
        let (index, _) =
            resource.field(name).unwrap_or_else(|| panic!("no item `{name}` of {}", resource.name));
        let ExtendedType::InputObject(operators) = &CATALOGUE.public.types[condition.ty.inner_named_type()]
        else {
            panic!("condition `{name}` of {} is of a kind that has no case here", resource.name)
        };
        let scalar = &resource.item(index).scalar;
        for (operator, value) in &operators.fields {
            let is_leaf = !matches!(
                CATALOGUE.public.types.get(value.ty.inner_named_type()),
                Some(ExtendedType::InputObject(_))
            );
            assert!(
                is_leaf,
                "`{name}.{operator}` of {}: a filter within a filter has no case here",
                resource.name
            );
            let (written, given) = match value.ty.is_list() {
                true => (format!("[{}]", literal(scalar)), json!([example(scalar)])),
                false => (literal(scalar), example(scalar)),
            };
            let one = format!("filter: {{ {name}: {{ {operator}: {written} }} }}");
            questions.push(question(at, index, ("", None), &one));
            if operator != operators.fields.keys().next().unwrap() {
                continue;
            }
            let variable = format!("($v: {})", value.ty);
            let one = format!("filter: {{ {name}: {{ {operator}: $v }} }}");
            questions.push(question(at, index, (&variable, Some(given.clone())), &one));
            let whole = json!({ name.as_str(): { operator.as_str(): given } });
            let variable = format!("($v: {})", ty.inner_named_type());
            questions.push(question(at, index, (&variable, Some(whole)), "filter: $v"));
        }
    }
}

fn orders(resource: &Resource, way: &Way, inside: &str, ty: &Type, questions: &mut Vec<Question>) {
    let ExtendedType::Enum(order) = &CATALOGUE.public.types[ty.inner_named_type()] else {
        panic!("an order of {:?} is no enum", way.path)
    };
    let at = (resource, way, inside);
    for value in order.values.keys() {
        let name = value.trim_end_matches("_ASC").trim_end_matches("_DESC");
        let index = resource.fields.iter().position(|field| upper_snake_case(&field.name) == name);
        let index = index.unwrap_or_else(|| panic!("order `{value}` of {} is of no item", resource.name));
        questions.push(question(at, index, ("", None), &format!("orderBy: [{value}]")));
        let variable = format!("($v: [{}!])", ty.inner_named_type());
        questions.push(question(at, index, (&variable, Some(json!([value.as_str()]))), "orderBy: $v"));
        if definition_has_after(way) {
            // A cursor of such an order would hold its value.
            questions.push(question(at, index, ("", None), &format!("orderBy: [{value}], after: \"x\"")));
        }
    }
}

/// Whether pages of this way go on behind cursors.
fn definition_has_after(way: &Way) -> bool {
    let [root] = way.path.as_slice() else { return false };
    arguments(root).iter().any(|argument| argument.name == "after")
}

/// How a question was refused.
struct Refused {
    /// Whether the item is answered reduced, and not withheld.
    masked: bool,
    /// Whether the refusal names the item at the question's own place.
    told: bool,
}

/// The callers of each role, and their plans.
struct Bench {
    policies: Arc<Policies>,
    tables: HashMap<(String, &'static str), Arc<DecisionTable>>,
    documents: Documents,
    limits: Limits,
}

impl Bench {
    fn new() -> Bench {
        let owners: BTreeSet<&str> =
            CATALOGUE.coordinates.iter().map(|coordinate| &*coordinate.owner).collect();
        let sources: Vec<Source> = owners
            .into_iter()
            .map(|owner| Source { name: format!("{owner}.cedar"), text: policies_of(owner) })
            .collect();
        let policies = Policies::load(CATALOGUE.clone(), Codes::bundled(), &sources).unwrap();
        let limits = Limits { cost: u64::MAX, depth: 30, cached_documents: 1, ..Limits::default() };
        let documents = Documents::new(CATALOGUE.clone(), limits.clone());
        Bench { policies, tables: HashMap::new(), documents, limits }
    }

    /// The decisions of a role: of the owner's where the item is never shared.
    fn table(&mut self, role: &'static str, by: CoordinateId) -> Arc<DecisionTable> {
        let coordinate = CATALOGUE.coordinate(by);
        let department = match coordinate.class {
            yimen_schema::ShareClass::NotShared => coordinate.owner.to_string(),
            _ => String::from("CIVIL_AFFAIRS"),
        };
        let policies = self.policies.clone();
        let table = self.tables.entry((department.clone(), role)).or_insert_with(|| {
            let profile = Profile { department, role: role.to_owned(), purpose: String::from("MLA_REVIEW") };
            Arc::new(policies.table(&profile))
        });
        table.clone()
    }

    fn plan(&self, table: &DecisionTable, question: &Question) -> Plan {
        let text = &question.text;
        let document = self.documents.get(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let context = Context {
            catalogue: &CATALOGUE,
            table,
            document: &document.executable,
            variables: &question.variables,
            limits: &self.limits,
            widths: Widths::of(1, 1),
            dialect: &|_| Dialect::Postgres,
        };
        let operation = document.executable.operations.get(None).unwrap();
        compile(&context, operation).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    /// To whom an item is clear it is answered, by a statement that names the column.
    fn is_answered(&mut self, role: &'static str, question: &Question) {
        let table = self.table(role, question.by);
        let plan = self.plan(&table, question);
        let withheld: Vec<&str> =
            plan.withheld.iter().map(|field| CATALOGUE.coordinate(field.coordinate).name.as_str()).collect();
        assert!(withheld.is_empty(), "{}: {withheld:?}", question.text);
        let fetch = plan.fetches.iter().find(|fetch| fetch.path == question.path);
        let sql = &fetch.unwrap_or_else(|| panic!("{}: not asked", question.text)).sql;
        assert!(sql.contains(&format!("\"{}\"", question.column)), "{}: {sql}", question.text);
    }

    /// To whom it isn't, nothing is asked there, and the item is told with the reason.
    fn is_refused(&mut self, role: &'static str, question: &Question) -> Refused {
        let table = self.table(role, question.by);
        let decision = table.decision(question.by);
        assert_ne!(decision, Decision::Clear, "{} is no case of {role}", question.text);
        let plan = self.plan(&table, question);
        let told =
            plan.withheld.iter().any(|field| field.coordinate == question.by && field.path == question.path);
        // Whoever may not read where the rows of a page are isn't led behind it.
        let led_nowhere =
            role == NOWHERE && plan.withheld.iter().any(|field| question.path.starts_with(&field.path));
        assert!(told || led_nowhere, "{}: {:?}", question.text, plan.withheld);
        assert_eq!(table.reason(question.by), Reason::NotGranted);
        let asked = plan.fetches.iter().any(|fetch| fetch.path == question.path);
        assert!(!asked, "{}: the rows are asked for all the same", question.text);
        Refused { masked: matches!(decision, Decision::Mask(_)), told }
    }
}

/// Every list with its arguments: pages, and links from the rows of each resource.
fn lists(from_pages: bool) -> Vec<(ResourceId, Way, &'static str, &'static [Node<InputValueDefinition>])> {
    let ways = ways(from_pages);
    let mut lists = Vec::new();
    let mut roots: Vec<_> = CATALOGUE.roots.values().collect();
    roots.sort_by(|one, other| one.name.cmp(&other.name));
    for root in roots.iter().filter(|root| matches!(root.kind, RootKind::Page { .. })) {
        let way = Way { open: format!("{{ {}", root.name), path: vec![root.name.clone()] };
        lists.push((root.resource, way, "{ nodes { __typename } }", arguments(&root.name)));
    }
    for (id, resource) in CATALOGUE.resource_ids().zip(&CATALOGUE.resources) {
        for field in &resource.fields {
            let given: &'static [Node<InputValueDefinition>] =
                &definition(&resource.name, &field.name).arguments;
            match &field.def {
                FieldDef::Link(link) if link.list => {
                    let Some(way) = ways.get(&id) else {
                        assert!(!from_pages, "no way to {}", resource.name);
                        continue;
                    };
                    lists.push((link.target, way.then(&field.name), "{ __typename }", given));
                }
                _ => assert!(
                    given.is_empty(),
                    "arguments of `{}.{}` have no case here",
                    resource.name,
                    field.name
                ),
            }
        }
    }
    lists
}

#[test]
fn lists_are_searched_by_what_is_clear_and_by_nothing_else() {
    let mut bench = Bench::new();
    let (mut asked, mut searched, mut masked) = (0, BTreeSet::new(), 0);
    let divisions = divisions();
    // Where divisions are withheld pages are closed, so that questions about them begin at values too.
    let lists = lists(true)
        .into_iter()
        .map(|list| (true, list))
        .chain(lists(false).into_iter().map(|list| (false, list)));
    for (from_pages, (id, way, inside, given)) in lists {
        for question in questions(CATALOGUE.resource(id), &way, inside, given) {
            let role = if divisions.contains(&question.by) { NOWHERE } else { SHUT };
            if from_pages || role == NOWHERE {
                bench.is_answered(CLEAR, &question);
                let refused = bench.is_refused(role, &question);
                masked += usize::from(refused.masked);
                asked += 1;
                if refused.told {
                    searched.insert(question.by);
                }
            }
        }
    }
    let missing: Vec<&str> =
        searchable().difference(&searched).map(|id| CATALOGUE.coordinate(*id).name.as_str()).collect();
    assert!(missing.is_empty(), "searched by no question: {missing:?}");
    assert!(asked > 2_000 && masked > 200, "{asked} questions, {masked} about masked items");
}

#[test]
fn a_value_is_looked_up_by_what_is_clear_or_may_be_looked_up_and_by_nothing_else() {
    let mut bench = Bench::new();
    let mut looked_up = BTreeSet::new();
    for root in CATALOGUE.roots.values() {
        let (RootKind::One { by } | RootKind::Many { by, .. }) = root.kind else { continue };
        let resource = CATALOGUE.resource(root.resource);
        let [argument] = arguments(&root.name) else {
            panic!("`{}` has other arguments than its key", root.name)
        };
        let way = Way { open: format!("{{ {}", root.name), path: vec![root.name.clone()] };
        let (value, given) = (literal(&resource.item(by).scalar), example(&resource.item(by).scalar));
        let given = if argument.ty.is_list() { json!([given]) } else { given };
        let at = (resource, &way, "{ __typename }");
        let written = format!("{}: {value}", argument.name);
        let variable = format!("($v: {})", argument.ty);
        let by_variable = format!("{}: $v", argument.name);
        for question in
            [question(at, by, ("", None), &written), question(at, by, (&variable, Some(given)), &by_variable)]
        {
            bench.is_answered(CLEAR, &question);
            bench.is_refused(KEYLESS, &question);
            looked_up.insert(question.by);
        }
    }
    assert_eq!(looked_up, keys());
}
