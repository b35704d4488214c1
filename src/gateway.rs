//! One request from document to answer: the only way by which a department's data leaves.

mod area;
mod batch;
mod case;
mod dispute;
mod export;
mod grants;
mod made;
mod own;
mod people;
mod progress;
mod quota;
mod record;
mod repeated;
mod reply;
mod subscribed;
mod trace;
mod visible;
mod within;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use apollo_compiler::executable::Operation;
use apollo_compiler::request::{RequestError, coerce_variable_values};
use apollo_compiler::response::JsonMap;
use apollo_compiler::validation::Valid;
use chrono::{DateTime, Utc};
use moka::sync::Cache;
use tokio::sync::{Semaphore, SemaphorePermit};
use yimen_policy::{Area, CaseRule, DecisionTable, Policies, Profile};
use yimen_schema::Catalogue;

use crate::answer::{self, Asked, Parts, PseudonymKeys};
use crate::auth::Caller;
use crate::calendar::china_day;
use crate::case::limit::Limit;
use crate::catalogue::Terms;
use crate::clock::Clock;
use crate::evidence::{Evidence, PersonKeys, Record};
use crate::export::Exports;
use crate::fetch::{Members, RowContext, Run, Sent, Sources, asked_for};
use crate::objection::AnyOpen;
use crate::own::Seal;
use crate::plan::{
    Context, CursorKey, Document, Documents, Invalid, Limits, Plan, PlanKey, RootField, Widths, code,
    compile, plan_key,
};
use crate::quota::Quotas;
use crate::shadow::Shadow;
use crate::sharing::{InForce, Sharing};
pub(crate) use batch::{CHUNKS_AT_ONCE, Entry, Lines, Many, put_line};
use case::{Narrowed, Within};
pub use dispute::Disputes;
pub(crate) use export::{Exportable, PageRead, Paging, Reading};
use own::Changed;
use people::{asked_for_by_name, people};
use progress::{Begun, Progress};
pub use quota::Cost;
use record::{Made, Versions, record};
use repeated::check_repeated;
pub use reply::Reply;
pub use trace::Traced;
pub(crate) use trace::chinese;
use trace::{Asking, Tracker};

/// A request whose caller is known.
#[derive(Clone, Debug)]
pub struct Request {
    /// The document.
    pub query: String,
    /// Which of its operations.
    pub operation: Option<String>,
    /// The variables as they came.
    pub variables: JsonMap,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// Why (`Yimen-Purpose`).
    pub purpose: Option<String>,
    /// For which case (`Yimen-Case`).
    pub case: Option<String>,
    /// Headers of the exchange layer, which are recorded as they came unless they name a person.
    pub exchange: Vec<(String, String)>,
    /// The caller's span (`traceparent`).
    pub trace: Option<String>,
    /// The name by which a mutation that is sent again is known (`Yimen-Idempotency-Key`).
    pub idempotency: Option<String>,
    /// Whether the request came by a method that may change something: POST.
    pub may_change: bool,
    /// What happened, where this is one answer of a subscription.
    pub event: Option<serde_json::Value>,
    /// Whether the answer itself names its record (`extensions.record`): where no header can.
    pub names_record: bool,
    /// The export that this is a piece of.
    pub export: Option<Arc<Exporting>>,
}

/// What the pieces of an export have in common.
#[derive(Debug)]
pub struct Exporting {
    /// The export's name.
    pub id: String,
    /// The databases, each in the one state that this run reads.
    pub sources: Sources,
}

/// What a gateway is made of.
#[derive(Debug)]
pub struct Setup {
    /// The policies, with the catalogue that they speak of.
    pub policies: Arc<Policies>,
    /// The departments' databases.
    pub sources: Sources,
    /// Where records go.
    pub evidence: Arc<dyn Evidence>,
    /// Time and names.
    pub clock: Arc<dyn Clock>,
    /// Bounds of documents and operations.
    pub limits: Limits,
    /// The most rows of one statement.
    pub row_limit: usize,
    /// The most requests at once that ask for many values; more wait, so that memory stays bounded.
    pub bulk_requests: usize,
    /// The secret that cursors and digests of people are keyed by.
    pub secret: Vec<u8>,
}

/// The gateway.
#[derive(Debug)]
pub struct Gateway {
    policies: Arc<Policies>,
    catalogue: Arc<Catalogue>,
    sources: Sources,
    evidence: Arc<dyn Evidence>,
    clock: Arc<dyn Clock>,
    documents: Documents,
    plans: Cache<PlanKey, Arc<Plan>>,
    in_force: Arc<InForce>,
    shadow: Option<Arc<Shadow>>,
    /// The sets of grants that a record names.
    told: Cache<Arc<str>, ()>,
    row_limit: usize,
    bulk: Semaphore,
    bulk_chunk: usize,
    schemas: Semaphore,
    cursors: CursorKey,
    pseudonyms: PseudonymKeys,
    people: PersonKeys,
    seal: Seal,
    narrowed: Cache<Narrowed, Arc<DecisionTable>>,
    bases: HashMap<String, Arc<str>>,
    tracker: Option<Tracker>,
    /// Who has a record of reading the log's entries: issuer and subject.
    readers: Cache<(String, String), ()>,
    versions: Versions,
    sharing: Sharing,
    terms: Terms,
    any_open: Arc<AnyOpen>,
    exports: Exports,
    quotas: Arc<Quotas>,
}

/// A request for more values than this takes a turn among those for many.
const BULK_VALUES: usize = 200;

/// The most sets of grants that are known to be recorded.
const MAX_TOLD: u64 = 10_000;

/// Readers of the log's entries that are remembered, each for an hour: verification reads thousands of
/// bundles, and one record says as much as a thousand.
const MAX_READERS: u64 = 1_000;
const READING: Duration = Duration::from_secs(3_600);

/// An answer that waits for its record.
struct Answered<'a> {
    record: Recorded,
    /// Writes the answer; left until the record is on its way to the hub, so that neither waits for the other.
    body: Body<'a>,
    cost: Cost,
    /// What it rests on.
    table: Arc<DecisionTable>,
}

type Body<'a> = Box<dyn FnOnce() -> Vec<u8> + Send + 'a>;

/// Where the record of an answer is.
enum Recorded {
    /// Still to be written.
    Not(Box<Record>),
    /// Written with the change that it is about, under this name.
    Already(String),
    /// It couldn't be written, and so the change wasn't made.
    Never,
}

/// A request, its document and its decisions: what every later step needs.
struct Prepared<'a> {
    request: &'a Request,
    document: Arc<Document>,
    variables: Valid<JsonMap>,
    table: Arc<DecisionTable>,
    /// The decisions before a case narrowed them.
    whole: Arc<DecisionTable>,
    plan: Arc<Plan>,
    /// The stated case, and its family.
    limit: Option<Limit>,
    members: Option<Arc<Members>>,
    /// The caller's own rows.
    area: Area,
    /// Those of a supervision task, in the place of the caller's own.
    task_area: Option<Area>,
    /// For how many ranges of codes the plan has room.
    widths: Widths,
    /// The key of the cursors of this caller, purpose and case.
    cursors: CursorKey,
}

impl Gateway {
    /// A gateway over these departments.
    ///
    /// # Panics
    /// Never: a test reads the tables that are built into the program.
    pub fn new(setup: Setup) -> Self {
        let catalogue = setup.policies.shared_catalogue();
        let sharing = Sharing::bundled(setup.policies.clone()).expect("the bundled tables can be read");
        Gateway {
            documents: Documents::new(catalogue.clone(), setup.limits.clone()),
            plans: Cache::new(setup.limits.cached_plans),
            in_force: Arc::new(InForce::alone(setup.policies.clone())),
            shadow: None,
            told: Cache::new(MAX_TOLD),
            cursors: CursorKey::new(&setup.secret),
            pseudonyms: PseudonymKeys::new(&setup.secret, Vec::new()),
            people: PersonKeys::new(&setup.secret, 0),
            seal: Seal::new(&setup.secret),
            narrowed: Cache::new(case::MAX_NARROWED),
            bases: bases(&setup.policies),
            tracker: None,
            readers: Cache::builder().max_capacity(MAX_READERS).time_to_live(READING).build(),
            versions: Versions {
                catalogue: catalogue.version.as_str().into(),
                policies: setup.policies.version().into(),
            },
            catalogue,
            policies: setup.policies,
            sources: setup.sources,
            evidence: setup.evidence,
            clock: setup.clock,
            row_limit: setup.row_limit,
            bulk: Semaphore::new(setup.bulk_requests.max(1)),
            bulk_chunk: batch::CHUNK,
            schemas: Semaphore::new(visible::SCHEMAS_AT_ONCE),
            sharing,
            terms: Terms::bundled().expect("the bundled terms can be read"),
            any_open: Arc::default(),
            exports: Exports::none(),
            quotas: Arc::default(),
        }
    }

    /// Whether a text is a document of this schema within its limits.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_document(&self, text: &str) -> Result<(), Invalid> {
        self.documents.get(text).map(|_| ())
    }

    /// The plan that a request would be answered by.
    ///
    /// # Errors
    /// What is wrong with the request.
    pub async fn plan(&self, request: &Request) -> Result<Arc<Plan>, Invalid> {
        let document = self.documents.get(&request.query)?;
        Ok(self.prepare(request, document).await?.plan)
    }

    /// Everything but the record's way to the hub. `progress` is told how far the request has come.
    async fn run<'a>(
        &'a self,
        request: &'a Request,
        started_at: DateTime<Utc>,
        progress: &'a Progress,
    ) -> Result<Answered<'a>, Invalid> {
        let document = self.documents.get(&request.query)?;
        progress.read(&document);
        let turn = self.bulk_turn(&request.variables).await;
        let prepared = self.prepare(request, document).await?;
        let Prepared { document, variables, table, plan, .. } = &prepared;
        let (asked, cost) = self.asked(plan, variables)?;
        let cost = self.charge(request, table, cost).await?;
        let operation = prepared.operation()?;
        let introspection = self.introspect(&prepared).await?;
        let service = self.service(&prepared).await?;
        let run = self.run_of(&prepared);
        let ready = run.ready()?;
        let scopes = ready.scopes();
        let begun = progress.begin(Begun {
            plan: plan.clone(),
            table: table.clone(),
            people: asked_for_by_name(&ready, plan, variables)?,
            sent: Sent::none(plan.fetches.len()),
        });
        let outcomes = ready.all(&begun.sent).await;
        let id = self.clock.id();
        let made = |traced: &[Traced]| {
            let ended_at = self.clock.now();
            record(Made {
                id: &id,
                request,
                document,
                operation,
                plan,
                outcomes: &outcomes,
                area: &prepared.area,
                traced,
                table,
                people: people(&self.people, plan, &outcomes, (&begun.people, traced), ended_at),
                basis: self.bases.get(&table.profile().purpose).cloned().unwrap_or_default(),
                started_at,
                ended_at,
                versions: &self.versions,
            })
        };
        let (traced, kept) = match plan.change() {
            None => (self.trace(&prepared, &id).await?, None),
            Some(own) => {
                let one = |traced: &Traced| made(std::slice::from_ref(traced));
                match self.change(&prepared, own, &id, one).await? {
                    Changed::Done(traced) => (vec![traced], Some(Recorded::Already(id.clone()))),
                    Changed::Not(traced) => (vec![traced], None),
                    Changed::NoEvidence => {
                        let body: Body<'_> = Box::new(Vec::new);
                        return Ok(Answered { record: Recorded::Never, body, cost, table: table.clone() });
                    }
                }
            }
        };
        let disputes = self.disputes(plan, &outcomes).await;
        let sections = prepared.limit.as_ref().map(|limit| self.sections(&prepared, limit, &outcomes));
        let today = china_day(self.clock.now());
        let record = kept.unwrap_or_else(|| Recorded::Not(Box::new(made(&traced))));
        self.count_shadow(&prepared, 1);
        let table = table.clone();
        let body = move || {
            let _turn = turn;
            let pseudonyms = self.pseudonyms.of(&prepared.table.profile().department, today);
            let parts = Parts {
                plan: &prepared.plan,
                outcomes: &outcomes,
                value: None,
                asked: &asked,
                introspection: introspection.as_ref(),
                service: service.as_deref(),
                traced: &traced,
                members: prepared.members.as_deref(),
                sections: sections.as_deref(),
                catalogue: &self.catalogue,
                table: &prepared.table,
                caller: &request.caller,
                cursors: &prepared.cursors,
                scopes: &scopes,
                pseudonyms: &pseudonyms,
                decision_id: &id,
                names_record: request.names_record,
                disputes: &disputes,
            };
            answer::write(&parts).body
        };
        Ok(Answered { record, body: Box::new(body), cost, table })
    }

    /// Answers every root of a query that is the gateway's own.
    async fn trace(&self, prepared: &Prepared<'_>, id: &str) -> Result<Vec<Traced>, Invalid> {
        let Prepared { request, variables, table, plan, .. } = prepared;
        let asking =
            Asking { table, caller: &request.caller, keys: &self.people, cursors: &prepared.cursors, id };
        let mut traced = Vec::new();
        for root in &plan.roots {
            match (&root.field, &self.tracker) {
                (RootField::Records(records), Some(tracker)) => {
                    traced.push(tracker.answer(&asking, records, records.asked(variables)?).await?);
                }
                (RootField::Own(own), _) => traced.push(self.ask(prepared, own, id).await?),
                _ => {}
            }
        }
        Ok(traced)
    }

    async fn prepare<'a>(
        &self,
        request: &'a Request,
        document: Arc<Document>,
    ) -> Result<Prepared<'a>, Invalid> {
        check_repeated(request, &document)?;
        let operation = operation(&document, request)?;
        let variables = coerce_variable_values(&self.catalogue.public, operation, &request.variables);
        let variables = variables.map_err(|error| bad_input(&error))?;
        let area = self.area(&request.caller.division)?;
        let whole = self.table(request).await?;
        // What the gateway answers itself has scopes of its own; a mutation may name the case that it opens.
        let within = match operation.is_query() {
            true => self.within((request, &area), &whole).await?,
            false => Within::Nothing,
        };
        let members = self.people_within(&whole, &within);
        let table = self.narrowed(&whole, &within);
        let (limit, task_area) = match within {
            Within::Nothing => (None, None),
            Within::Case(limit) => (Some(limit), None),
            Within::Task(_, area) => (None, Some(area)),
        };
        let widths = self.widths(task_area.as_ref().unwrap_or(&area));
        let plan = self.plan_of((request, &document, operation), &variables, &table, widths)?;
        if limit.is_none() && !plan.fetches.is_empty() && table.case_rule() == CaseRule::Required {
            let message = "reads for this purpose state a case: the header `Yimen-Case` is missing";
            return Err(Invalid::new(code::CASE_REQUIRED, message));
        }
        let cursors = self.cursors_of(request);
        Ok(Prepared {
            request,
            document,
            variables,
            table,
            whole,
            plan,
            limit,
            members,
            area,
            task_area,
            widths,
            cursors,
        })
    }

    /// The key of the cursors of a request's caller, purpose and case: nobody goes on where somebody else was.
    fn cursors_of(&self, request: &Request) -> CursorKey {
        let Caller { issuer, subject, department, role, division, token_id: _, person } = &*request.caller;
        let purpose = request.purpose.as_deref().unwrap_or_default();
        let case = request.case.as_deref().unwrap_or_default();
        let person = person.as_deref().unwrap_or_default();
        self.cursors.of(&[issuer, subject, department, role, division, person, purpose, case])
    }

    /// The decisions for the caller and the purpose today.
    async fn table(&self, request: &Request) -> Result<Arc<DecisionTable>, Invalid> {
        let profile = self.profile_of(&request.caller, request.purpose.as_deref())?;
        self.table_of(profile, &request.caller.division).await
    }

    /// The decisions for callers of a profile and a division today.
    ///
    /// # Errors
    /// Where they can't be computed.
    pub(crate) async fn table_of(
        &self,
        profile: Profile,
        division: &str,
    ) -> Result<Arc<DecisionTable>, Invalid> {
        let today = china_day(self.clock.now());
        if let Some(table) = self.in_force.at_hand(&profile, division, today) {
            return Ok(table);
        }
        let (in_force, division) = (self.in_force.clone(), division.to_owned());
        let compile = move || in_force.table(&profile, &division, today);
        let table = tokio::task::spawn_blocking(compile).await;
        table.map_err(|_| Invalid::new(code::INTERNAL, "Internal server error"))
    }

    fn profile_of(&self, caller: &Caller, purpose: Option<&str>) -> Result<Profile, Invalid> {
        let codes = self.policies.codes();
        let Some(purpose) = purpose.and_then(|purpose| codes.purpose(purpose)) else {
            let known: Vec<&str> = codes.stated_by(&caller.department).map(|p| p.code.as_str()).collect();
            let message = format!("the header `Yimen-Purpose` must state one of: {}", known.join(", "));
            return Err(Invalid::new(code::PURPOSE_REQUIRED, message));
        };
        if !purpose.is_stated_by(&caller.department) {
            let message = "the header `Yimen-Purpose` states a purpose of other departments";
            return Err(Invalid::new(code::PURPOSE_FORBIDDEN, message));
        }
        Ok(Profile {
            department: caller.department.clone(),
            role: caller.role.clone(),
            purpose: purpose.code.clone(),
        })
    }

    fn plan_of(
        &self,
        (request, document, operation): (&Request, &Document, &Operation),
        variables: &Valid<JsonMap>,
        table: &DecisionTable,
        widths: Widths,
    ) -> Result<Arc<Plan>, Invalid> {
        let decided = (table.fingerprint(), widths);
        let key = plan_key(document, request.operation.as_deref(), decided, variables);
        if let Some(plan) = self.plans.get(&key) {
            return Ok(plan);
        }
        let context = Context {
            catalogue: &self.catalogue,
            table,
            document: &document.executable,
            variables,
            limits: self.documents.limits(),
            widths,
            dialect: &|department| self.sources.dialect(department),
        };
        let plan = Arc::new(compile(&context, operation)?);
        self.plans.insert(key, plan.clone());
        Ok(plan)
    }

    /// What each root was asked for that looks up many values, with the cost of all of it.
    fn asked(&self, plan: &Plan, variables: &JsonMap) -> Result<(Vec<Asked>, u64), Invalid> {
        let mut asked = Vec::new();
        let mut cost = plan.cost;
        for root in &plan.roots {
            match &root.field {
                RootField::Many { fetch, cost_each, .. } => {
                    let values = asked_for(&plan.fetches[*fetch].keys, variables)?;
                    cost = cost.saturating_add(cost_each.saturating_mul(values.len() as u64));
                    asked.push(values.into_iter().map(|value| (0, value)).collect());
                }
                RootField::Entities(entities) => {
                    let keys = entities.representations.read(variables)?;
                    let each = keys.iter().map(|(of, _)| entities.types[*of].cost_each);
                    cost = each.fold(cost, u64::saturating_add);
                    asked.push(keys);
                }
                _ => {}
            }
        }
        let bound = self.documents.limits().cost;
        if cost > bound {
            return Err(Invalid::too_expensive(cost, bound));
        }
        Ok((asked, cost))
    }

    /// Requests for many values hold thousands of rows until their answer is written: a few of them
    /// keep the departments busy, and the others wait before they are prepared. Values written in a
    /// document are few, since its tokens are bounded.
    async fn bulk_turn(&self, variables: &JsonMap) -> Option<SemaphorePermit<'_>> {
        let values: usize = variables.values().filter_map(|value| value.as_array()).map(Vec::len).sum();
        if values <= BULK_VALUES {
            return None;
        }
        // The semaphore is never closed.
        self.bulk.acquire().await.ok()
    }

    fn run_of<'a>(&'a self, prepared: &'a Prepared<'_>) -> Run<'a> {
        let own = prepared.task_area.as_ref().unwrap_or(&prepared.area).clone();
        let rows = RowContext::new(own, self.divisions().clone(), china_day(self.clock.now()));
        let rows = rows.in_case_of(prepared.limit.as_ref().and_then(|limit| limit.opened_on));
        Run {
            plan: &prepared.plan,
            sources: prepared.request.export.as_ref().map_or(&self.sources, |export| &export.sources),
            variables: &prepared.variables,
            rows: match &prepared.members {
                Some(members) => rows.of_members(members.clone()),
                None => rows,
            },
            cursors: &prepared.cursors,
            row_limit: self.row_limit,
        }
    }
}

impl Prepared<'_> {
    fn operation(&self) -> Result<&Operation, Invalid> {
        operation(&self.document, self.request)
    }
}

/// The legal basis of each purpose.
fn bases(policies: &Policies) -> HashMap<String, Arc<str>> {
    let purposes = policies.codes().purposes.iter();
    purposes.map(|purpose| (purpose.code.clone(), Arc::from(purpose.basis.as_str()))).collect()
}

fn operation<'d>(document: &'d Document, request: &Request) -> Result<&'d Operation, Invalid> {
    let found = document.executable.operations.get(request.operation.as_deref());
    let operation =
        found.map_err(|error| Invalid::new(code::UNKNOWN_OPERATION, error.message().to_string()))?;
    if operation.is_subscription() && request.event.is_none() {
        let message = "a subscription is answered to `Accept: text/event-stream`";
        return Err(Invalid::new(code::VALIDATION_FAILED, message));
    }
    if operation.is_mutation() && !request.may_change {
        return Err(Invalid::new(code::METHOD_NOT_ALLOWED, "a mutation must be sent by POST"));
    }
    Ok(operation)
}

/// Variables that don't fit their types. The message names the variable and never repeats a value.
fn bad_input(error: &RequestError) -> Invalid {
    let message = error.message().to_string();
    // The library's messages end in the value where they have one.
    let message = message.split(": ").next().unwrap_or_default().to_owned();
    Invalid::new(code::BAD_USER_INPUT, message)
}
