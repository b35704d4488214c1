//! Exports as the gateway sees them: what a document reads if it can be exported, and each page of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use apollo_compiler::ast::Value as Ast;
use apollo_compiler::executable::{Operation, Selection};
use apollo_compiler::response::JsonMap;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use yimen_policy::DecisionTable;

use crate::clock::hex;
use crate::evidence::{Kind, Record};
use crate::export::START;
use crate::gateway::record::reading;
use crate::gateway::{Gateway, Prepared, Reply, Request, check_repeated, operation};
use crate::plan::Value as PlanValue;
use crate::plan::{Bind, Invalid, Keyed, Object, Page, PageField, PageInfoField, Plan, RootField, code};

/// What a document reads, where it can be exported by this caller.
#[derive(Debug)]
pub(crate) struct Exportable {
    /// What records name the document by.
    pub(crate) document: Arc<str>,
    /// SHA-256 of what was decided: statements, decisions and the catalogue's version.
    pub(crate) plan: String,
    /// The version of the policies, with the set of grants.
    pub(crate) policies: Arc<str>,
    /// The version of the catalogue.
    pub(crate) catalogue: Arc<str>,
    /// How its rows are found.
    pub(crate) reading: Reading,
    /// The response key of the root.
    pub(crate) root: String,
    /// Response keys below the root, of each value or list of rows that is answered.
    pub(crate) columns: Vec<Vec<String>>,
    /// Path, coordinate and reason of what is withheld.
    pub(crate) withheld: Vec<(String, String, String)>,
    /// Who is asked.
    pub(crate) departments: Vec<String>,
    /// Every coordinate with what was decided.
    pub(crate) outcomes: BTreeMap<String, String>,
    /// Equal where all decisions for the caller are.
    pub(crate) decisions: u64,
    /// Whether rows of the root are held to the caller's division.
    pub(crate) is_within_division: bool,
}

/// How rows of an export are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Each by the value of this variable.
    Keyed {
        /// Its name.
        variable: String,
    },
    /// Page by page.
    Paged(Paging),
}

/// The variable and the response keys by which pages follow one another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The variable of `after`.
    pub(crate) after: String,
    nodes: String,
    info: String,
    more: String,
    end: String,
}

/// A page that was read.
#[derive(Debug)]
pub(crate) struct PageRead {
    /// A line for each row.
    pub(crate) lines: Vec<u8>,
    /// How many.
    pub(crate) rows: usize,
    /// The cursor of the next page, where there is one.
    pub(crate) next: Option<String>,
    /// The record that stands for it.
    pub(crate) record: String,
}

/// The part of an answer that pages are taken apart by.
#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    data: BTreeMap<String, &'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    extensions: Option<serde_json::Map<String, Value>>,
}

impl Gateway {
    /// What a request's document reads if it can be exported. `person` is somebody of the list, where there
    /// is one: the variable by which people are looked up is the one that the request gives no value.
    ///
    /// # Errors
    /// What is wrong with the request; `NOT_EXPORTABLE` for documents of another shape.
    pub(crate) async fn exportable(
        &self,
        request: &Request,
        person: Option<&str>,
    ) -> Result<Exportable, Invalid> {
        let document = self.documents.get(&request.query)?;
        check_repeated(request, &document)?;
        let found = document.executable.operations.get(request.operation.as_deref());
        if found.is_ok_and(|operation| !operation.is_query()) {
            return Err(unfit("only queries are exported"));
        }
        let wanted = operation(&document, request)?;
        let mut request = request.clone();
        if let Some(person) = person {
            let variable = open_variable(wanted, &request.variables)?;
            request.variables.insert(variable.as_str(), person.into());
        }
        let after = after_variable(wanted);
        let prepared = self.prepare(&request, document.clone()).await?;
        self.exportable_of(&prepared, after, person.is_some())
    }

    fn exportable_of(
        &self,
        prepared: &Prepared<'_>,
        after: Option<String>,
        of_people: bool,
    ) -> Result<Exportable, Invalid> {
        let Prepared { document, plan, table, .. } = prepared;
        let mut roots = plan.roots.iter().filter(|root| !matches!(root.field, RootField::Typename(_)));
        let (Some(root), None) = (roots.next(), roots.next()) else {
            return Err(unfit("an export has one root field"));
        };
        if let Err(reason) = table.may(START) {
            let message = format!("exports aren't for this caller and purpose: {}", reason.as_str());
            return Err(Invalid::new(code::UNAUTHORIZED_FIELD, message));
        }
        let (reading, object, fetch) = match (&root.field, plan.keyed(), of_people) {
            (RootField::Null, ..) => return Err(withheld_root(plan, table)),
            (RootField::One { object, fetch }, Some(Keyed::By { variable, .. }), true) => {
                (Reading::Keyed { variable: variable.to_owned() }, object, fetch)
            }
            (RootField::Page(page), _, false) => {
                let (paging, object) = paging(page, after)?;
                (Reading::Paged(paging), object, &page.fetch)
            }
            (RootField::Page(_), _, true) => {
                return Err(unfit("people are exported by a root field that looks one of them up"));
            }
            _ => {
                let message = "an export's root field looks one person up by a variable that stands nowhere \
                               else, for `citizenIds`; or it reads a page, without them";
                return Err(unfit(message));
            }
        };
        let mut columns = Vec::new();
        columns_of(object, &mut Vec::new(), &mut columns);
        let departments: BTreeSet<String> =
            plan.fetches.iter().map(|fetch| fetch.department.to_string()).collect();
        Ok(Exportable {
            document: document.hash.clone(),
            plan: plan_hash(plan, &self.catalogue.version, table),
            policies: table.policy_version().clone(),
            catalogue: self.versions.catalogue.clone(),
            reading,
            root: name(&root.key),
            columns,
            withheld: withheld(plan, table),
            departments: departments.into_iter().collect(),
            outcomes: outcomes(plan, table),
            decisions: table.fingerprint(),
            is_within_division: plan.fetches[*fetch].binds.contains(&Bind::DivisionLow(0)),
        })
    }

    /// One page of an export.
    ///
    /// # Errors
    /// Why there is none; what `end` gives, where that came first.
    pub(crate) async fn read_page(
        &self,
        request: &Request,
        (root, paging): (&str, &Paging),
        first: usize,
        end: impl Future<Output = Invalid>,
    ) -> Result<PageRead, Invalid> {
        match self.answer_until(request, end).await {
            Reply::Data { body, id, .. } => taken_apart(&body, (root, paging), first, id)
                .ok_or_else(|| Invalid::new(code::INTERNAL, "Internal server error")),
            Reply::Invalid { invalid, .. } => Err(invalid),
            Reply::TooLate { .. } => Err(Invalid::new(code::TIMEOUT, "a page took too long")),
            Reply::NoEvidence => {
                let message = "evidence can't be written, so nothing more is read";
                Err(Invalid::new(code::EVIDENCE_UNAVAILABLE, message))
            }
        }
    }

    /// Records that an owner reads a file of an export; `request` is what the export was started with. Says
    /// whether that is recorded.
    pub(crate) async fn may_download(&self, request: &Request, document: &str, note: String) -> bool {
        let purpose = request.purpose.clone().unwrap_or_default();
        let record = Record {
            kind: Kind::Query,
            basis: self.bases.get(&purpose).cloned().unwrap_or_default(),
            purpose,
            document: document.into(),
            note: Some(note),
            ..reading(self.clock.id(), &request.caller, self.clock.now(), &self.versions)
        };
        self.is_kept(record).await
    }
}

/// The one variable that a value is still to be given for.
fn open_variable(operation: &Operation, given: &JsonMap) -> Result<String, Invalid> {
    let open = operation.variables.iter().filter(|variable| {
        let is_given = given.contains_key(variable.name.as_str());
        variable.ty.is_non_null() && variable.default_value.is_none() && !is_given
    });
    match open.collect::<Vec<_>>().as_slice() {
        [one] => Ok(one.name.to_string()),
        _ => Err(unfit("with `citizenIds`, one variable that must have a value is left without one")),
    }
}

/// The variable of the root's `after`, where it is one.
fn after_variable(operation: &Operation) -> Option<String> {
    operation.selection_set.selections.iter().find_map(|selection| match selection {
        Selection::Field(field) => {
            let after = field.arguments.iter().find(|argument| argument.name == "after")?;
            match &*after.value {
                Ast::Variable(name) => Some(name.to_string()),
                _ => None,
            }
        }
        _ => None,
    })
}

fn paging(page: &Page, after: Option<String>) -> Result<(Paging, &Object), Invalid> {
    let (mut nodes, mut info) = (None, None);
    for (key, field) in &page.fields {
        match field {
            PageField::Nodes(object) => nodes = Some((name(key), object)),
            PageField::PageInfo(fields) => info = Some((name(key), fields)),
            PageField::Typename(_) | PageField::Edges(_) => {}
        }
    }
    let named = |wanted: fn(&PageInfoField) -> bool| {
        let fields = info.as_ref().map(|(_, fields)| fields.iter()).into_iter().flatten();
        fields.into_iter().find(|(_, field)| wanted(field)).map(|(key, _)| name(key))
    };
    let more = named(|field| matches!(field, PageInfoField::HasNextPage));
    let end = named(|field| matches!(field, PageInfoField::EndCursor));
    let info = info.as_ref().map(|(key, _)| key.clone());
    match (after, nodes, info, more, end) {
        (Some(after), Some((nodes, object)), Some(info), Some(more), Some(end)) => {
            Ok((Paging { after, nodes, info, more, end }, object))
        }
        _ => Err(unfit(
            "pages are exported by `after: $variable`, `nodes { … }` and `pageInfo { hasNextPage endCursor }`",
        )),
    }
}

/// The response keys of values below an object; what is withheld is no column.
fn columns_of(object: &Object, path: &mut Vec<String>, columns: &mut Vec<Vec<String>>) {
    for (key, value) in &object.fields {
        path.push(name(key));
        match value {
            PlanValue::Null => {}
            PlanValue::Link { list: false, object, .. } => columns_of(object, path, columns),
            PlanValue::Typename(_)
            | PlanValue::Leaf { .. }
            | PlanValue::Summary { .. }
            | PlanValue::Link { .. } => columns.push(path.clone()),
        }
        path.pop();
    }
}

/// The response key of what is written as `"key":`.
fn name(key: &str) -> String {
    key.trim_end_matches(':').trim_matches('"').to_owned()
}

fn plan_hash(plan: &Plan, version: &str, table: &DecisionTable) -> String {
    let mut hasher = Sha256::new();
    hasher.update(version);
    for fetch in &plan.fetches {
        for text in [&*fetch.department, &*fetch.resource, &*fetch.sql] {
            hasher.update([0]);
            hasher.update(text);
        }
    }
    for (coordinate, outcome) in outcomes(plan, table) {
        hasher.update(format!("\0{coordinate}\0{outcome}"));
    }
    hex(&hasher.finalize())
}

/// Coordinates with their decisions, a mask with its kind.
fn outcomes(plan: &Plan, table: &DecisionTable) -> BTreeMap<String, String> {
    let outcome = |(id, _): &(yimen_schema::CoordinateId, yimen_policy::Decision)| {
        let decision = match table.decision(*id) {
            yimen_policy::Decision::Deny => table.reason(*id).as_str().to_owned(),
            open => format!("{open:?}").to_uppercase(),
        };
        (table.catalogue().coordinate(*id).name.clone(), decision)
    };
    plan.outcomes.iter().map(outcome).collect()
}

fn withheld(plan: &Plan, table: &DecisionTable) -> Vec<(String, String, String)> {
    let told = |withheld: &crate::plan::Withheld| {
        let reason = withheld.reason.unwrap_or_else(|| table.reason(withheld.coordinate));
        let coordinate = table.catalogue().coordinate(withheld.coordinate).name.clone();
        (withheld.path.join("."), coordinate, reason.as_str().to_owned())
    };
    plan.withheld.iter().map(told).collect()
}

/// Nothing is exported of what is withheld whole.
fn withheld_root(plan: &Plan, table: &DecisionTable) -> Invalid {
    let (_, coordinate, reason) = withheld(plan, table).into_iter().next().unwrap_or_default();
    let message = format!("the root field is withheld: {coordinate}, {reason}");
    Invalid::new(code::UNAUTHORIZED_FIELD, message)
}

fn unfit(message: &str) -> Invalid {
    Invalid::new(code::NOT_EXPORTABLE, message)
}

/// The rows of a page, each as the answer to a request for it alone.
fn taken_apart(
    body: &[u8],
    (root, paging): (&str, &Paging),
    first: usize,
    record: String,
) -> Option<PageRead> {
    let body: Body<'_> = serde_json::from_slice(body).ok()?;
    let page: BTreeMap<String, &RawValue> = serde_json::from_str(body.data.get(root)?.get()).ok()?;
    let nodes: Vec<&RawValue> = serde_json::from_str(page.get(&paging.nodes)?.get()).ok()?;
    let info: BTreeMap<String, Value> = serde_json::from_str(page.get(&paging.info)?.get()).ok()?;
    let has_more = info.get(&paging.more)?.as_bool()?;
    let end = info.get(&paging.end).and_then(Value::as_str).map(str::to_owned);
    let mut lines = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let key = Value::from(root);
        lines.extend_from_slice(format!("{{\"data\":{{{key}:{}}}", node.get()).as_bytes());
        if let Some(errors) = body.errors {
            lines.extend_from_slice(format!(",\"errors\":{}", errors.get()).as_bytes());
        }
        if let Some(extensions) = of_row(body.extensions.as_ref(), (root, &paging.nodes), at) {
            lines.extend_from_slice(format!(",\"extensions\":{extensions}").as_bytes());
        }
        lines.extend_from_slice(format!(",\"rowIndex\":{}}}\n", first + at).as_bytes());
    }
    Some(PageRead { lines, rows: nodes.len(), next: end.filter(|_| has_more), record })
}

/// What an answer tells beside its data, of one row; marks of disputes begin at the root then.
fn of_row(
    extensions: Option<&serde_json::Map<String, Value>>,
    (root, nodes): (&str, &str),
    at: usize,
) -> Option<Value> {
    let mut own = extensions?.clone();
    if let Some(Value::Array(marks)) = own.remove("disputes") {
        let marks: Vec<Value> =
            marks.into_iter().filter_map(|mark| mark_of_row(mark, (root, nodes), at)).collect();
        if !marks.is_empty() {
            own.insert("disputes".into(), Value::Array(marks));
        }
    }
    (!own.is_empty()).then_some(Value::Object(own))
}

fn mark_of_row(mut mark: Value, (root, nodes): (&str, &str), at: usize) -> Option<Value> {
    let path = mark.get("path")?.as_array()?;
    let [first, second, place, rest @ ..] = path.as_slice() else { return None };
    let is_own = first == root && second == nodes && place.as_u64() == Some(at as u64);
    let own: Vec<Value> = std::iter::once(first).chain(rest).cloned().collect();
    is_own.then(|| {
        mark["path"] = Value::Array(own);
        mark
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging() -> Paging {
        let name = |text: &str| text.to_owned();
        Paging {
            after: name("after"),
            nodes: name("nodes"),
            info: name("pageInfo"),
            more: name("m"),
            end: name("e"),
        }
    }

    #[test]
    fn a_page_is_taken_apart_into_rows_with_their_own_marks() {
        let body = br#"{"data":{"hs":{"nodes":[{"id":"1"},{"id":"2"}],"pageInfo":{"m":true,"e":"c"}}},
            "extensions":{"disputes":[{"path":["hs","nodes",1,"id"]}]}}"#;
        let page = taken_apart(body, ("hs", &paging()), 200, String::from("r")).unwrap();
        assert_eq!((page.rows, page.next.as_deref()), (2, Some("c")));
        let text = String::from_utf8(page.lines).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], r#"{"data":{"hs":{"id":"1"}},"rowIndex":200}"#);
        let second: Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(second["extensions"]["disputes"][0]["path"], serde_json::json!(["hs", "id"]));
        assert_eq!(second["rowIndex"], 201);
    }

    #[test]
    fn the_last_page_names_no_next_one() {
        let body = br#"{"data":{"hs":{"nodes":[],"pageInfo":{"m":false,"e":null}}}}"#;
        let page = taken_apart(body, ("hs", &paging()), 0, String::from("r")).unwrap();
        assert_eq!((page.rows, page.next, page.lines.len()), (0, None, 0));
        assert!(taken_apart(b"{\"data\":{\"hs\":null}}", ("hs", &paging()), 0, String::new()).is_none());
    }
}
