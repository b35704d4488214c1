//! Plans to rows: every department is asked as soon as the values it needs are known, all at once.

mod asked;
mod bind;
mod breaker;
mod cell;
mod members;
mod part;
mod postgres;
mod rows;
mod sent;
mod share;
mod snapshot;
mod sqlite;
mod state;
mod texts;

pub use bind::{Parameter, RowContext};
pub use breaker::{Breaker, BreakerOptions, NotAsked, State};
pub use cell::Cell;
pub use members::Members;
pub(crate) use members::key as members_key;
pub use postgres::{Postgres, PostgresOptions};
pub use rows::Rows;
pub use sent::Sent;
pub use share::Shared;
pub(crate) use snapshot::AsOf;
pub use sqlite::Sqlite;
pub use state::{Fetched, Outcome};
pub use texts::Texts;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use apollo_compiler::response::JsonMap;
use futures::future::{BoxFuture, FutureExt, join_all};

use crate::plan::{
    Bind, CursorKey, Dialect, Fetch, Invalid, Keys, Page, Plan, Root, RootField, is_citizen_number,
};
use crate::telemetry;
use asked::Asked;
pub(crate) use bind::asked_for;
use bind::{check_lists, compared, cursor_values, parameters, root_keys};
use breaker::{Did, Leave};

/// Why a department didn't answer. The text is for the log; callers learn only that it didn't.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unavailable {
    /// No connection.
    #[error("no connection: {0}")]
    Connection(String),
    /// The statement failed.
    #[error("statement failed: {0}")]
    Statement(String),
    /// The deadline passed.
    #[error("no answer within {0:?}")]
    Deadline(Duration),
    /// The answer is larger than an answer may be.
    #[error("more than {0} rows")]
    TooManyRows(usize),
}

impl Unavailable {
    /// What this says of the database as a whole. One that refuses a statement does answer, unless it is for want
    /// of means (class 53) or because it was interrupted (57).
    fn did(&self) -> Did {
        let is_failure = match self {
            Unavailable::Connection(_) | Unavailable::Deadline(_) => true,
            Unavailable::Statement(text) => {
                ["SQLSTATE 53", "SQLSTATE 57"].iter().any(|class| text.starts_with(class))
            }
            Unavailable::TooManyRows(_) => false,
        };
        if is_failure { Did::Fail } else { Did::Answer }
    }
}

/// A department's exchange database (前置库), with connections and a breaker of its own.
#[derive(Debug)]
pub struct Source {
    database: Database,
    breaker: Arc<Breaker>,
}

/// A database of one of the kinds that are read.
#[derive(Debug)]
pub enum Database {
    /// A PostgreSQL server.
    Postgres(Shared),
    /// A SQLite file.
    Sqlite(Sqlite),
}

impl Source {
    /// A database that nobody has asked yet.
    pub fn new(database: Database, options: BreakerOptions) -> Self {
        Source { database, breaker: Arc::new(Breaker::new(options)) }
    }

    /// Whether it is asked.
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// The dialect of its statements.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Postgres(_) => Dialect::Postgres,
            Database::Sqlite(_) => Dialect::Sqlite,
        }
    }

    async fn ask(&self, asked: Asked, keys: Arc<Texts>) -> Result<Fetched, Unavailable> {
        match &self.database {
            Database::Postgres(shared) => shared.rows(asked, keys).await,
            Database::Sqlite(sqlite) => {
                let key_slot = asked.key_slot;
                Ok(Fetched::alone(sqlite.rows(asked, keys).await?, key_slot))
            }
        }
    }

    /// Whether the database answers at all. That it doesn't counts for its breaker; that it does says little of
    /// what requests ask.
    ///
    /// # Errors
    /// Why it doesn't.
    pub async fn ping(&self) -> Result<(), Unavailable> {
        let answered = self.text_rows("SELECT 1").await.map(|_| ());
        if let Err(error) = &answered
            && error.did() == Did::Fail
        {
            self.breaker.did(Did::Fail, false, Instant::now());
        }
        answered
    }

    /// Runs a statement without parameters, for checks at start.
    ///
    /// # Errors
    /// Why it can't be run.
    pub async fn text_rows(&self, sql: &str) -> Result<Rows, Unavailable> {
        let asked = Asked::plain(sql, 1_000);
        match &self.database {
            Database::Postgres(shared) => shared.postgres().rows(&asked, &Texts::default()).await,
            Database::Sqlite(sqlite) => sqlite.rows(asked, Arc::default()).await,
        }
    }
}

/// The databases by department.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    by_department: HashMap<String, Arc<Source>>,
}

impl Sources {
    /// No department has a database yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a department its database.
    pub fn insert(&mut self, department: impl Into<String>, source: Arc<Source>) {
        self.by_department.insert(department.into(), source);
    }

    /// Departments with their databases, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Source>)> {
        self.by_department.iter().map(|(department, source)| (department.as_str(), source))
    }

    /// The database of a department.
    pub fn get(&self, department: &str) -> Option<&Arc<Source>> {
        self.by_department.get(department)
    }

    /// The dialect of a department's statements; a department without a database is never asked.
    pub fn dialect(&self, department: &str) -> Dialect {
        self.get(department).map_or(Dialect::Postgres, |source| source.dialect())
    }
}

/// The values of a row that a cursor stands behind, in the order of its connection.
type CursorValues = Vec<Option<String>>;

/// What a plan needs besides itself to be run for one request.
pub struct Run<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The databases.
    pub sources: &'a Sources,
    /// The coerced variables.
    pub variables: &'a JsonMap,
    /// The caller's rows.
    pub rows: RowContext,
    /// The key of cursors.
    pub cursors: &'a CursorKey,
    /// The most rows of one statement.
    pub row_limit: usize,
}

impl Run<'_> {
    /// Checks every value before anybody is asked.
    ///
    /// # Errors
    /// What is wrong with the request's values.
    pub fn ready(&self) -> Result<Ready<'_>, Invalid> {
        let (mut roots, mut scopes) = (Vec::new(), Vec::new());
        let mut asked = Vec::with_capacity(self.plan.fetches.len());
        for (index, fetch) in self.plan.fetches.iter().enumerate() {
            let mut cursor = None;
            if !matches!(fetch.keys, Keys::Parent { .. }) {
                let scope = self.scope(fetch)?;
                let (keys, of_page) = self.root(fetch, scope.as_deref())?;
                roots.push((index, keys));
                scopes.extend(scope.map(|scope| (index, scope)));
                cursor = of_page;
            }
            asked.push(self.asked(fetch, cursor.as_deref())?);
        }
        Ok(Ready { run: self, roots, asked, scopes })
    }

    /// The same for many values of the one root, whatever the variables say of it.
    ///
    /// # Errors
    /// What is wrong with the request's other values.
    pub(crate) fn ready_for(&self, root: usize, values: Texts) -> Result<Ready<'_>, Invalid> {
        let asked: Result<Vec<Asked>, Invalid> =
            self.plan.fetches.iter().map(|fetch| self.asked(fetch, None)).collect();
        Ok(Ready { run: self, roots: vec![(root, values)], asked: asked?, scopes: Vec::new() })
    }

    fn asked(&self, fetch: &Fetch, cursor: Option<&[Option<String>]>) -> Result<Asked, Invalid> {
        let parameters = parameters(&fetch.binds, cursor, &self.rows, self.variables)?;
        check_lists(&parameters)?;
        Ok(Asked {
            sql: fetch.sql.clone(),
            parameters: parameters.into(),
            keys_at: fetch.binds.iter().position(|bind| *bind == Bind::Keys),
            key_slot: fetch.key_slot,
            limit: self.row_limit,
        })
    }

    fn page(&self, fetch: &Fetch) -> Option<&Page> {
        self.plan.roots.iter().find_map(page_of(&self.plan.fetches, fetch))
    }

    /// What the cursors of a page are bound to, the values of its filter among it.
    fn scope(&self, fetch: &Fetch) -> Result<Option<String>, Invalid> {
        let Some(page) = self.page(fetch) else { return Ok(None) };
        Ok(Some(format!("{} {}", page.scope, compared(&fetch.binds, &self.rows, self.variables)?)))
    }

    /// The values of a root: what its argument names, or where its cursor stands.
    fn root(&self, fetch: &Fetch, scope: Option<&str>) -> Result<(Texts, Option<CursorValues>), Invalid> {
        match (self.page(fetch), scope) {
            (Some(page), Some(scope)) if page.after => {
                let cursor =
                    cursor_values(&fetch.keys, self.variables, self.cursors, scope, page.cursor.len())?;
                Ok((Texts::default(), Some(cursor)))
            }
            (Some(_), _) => Ok((Texts::default(), None)),
            (None, _) => Ok((root_keys(&fetch.keys, self.variables)?, None)),
        }
    }
}

/// A run whose values were checked.
pub struct Ready<'a> {
    run: &'a Run<'a>,
    /// The statements that nothing is above, with the values that they look up.
    roots: Vec<(usize, Texts)>,
    asked: Vec<Asked>,
    /// Of each page what its cursors are bound to.
    scopes: Vec<(usize, String)>,
}

impl Ready<'_> {
    /// The citizen numbers that the request itself asks for: whether or not there are rows about these
    /// people, somebody looked for them.
    pub fn people(&self) -> Vec<String> {
        let looked_up = self.roots.iter().flat_map(|(_, keys)| keys.iter());
        let compared = self.run.plan.fetches.iter().zip(&self.asked);
        let compared = compared.flat_map(|(fetch, asked)| asked.given(&fetch.binds));
        looked_up.chain(compared).filter(|text| is_citizen_number(text)).map(str::to_owned).collect()
    }

    /// Of each page, by its statement, what its cursors are bound to.
    pub fn scopes(&self) -> Vec<(usize, String)> {
        self.scopes.clone()
    }

    /// Runs every statement, children as soon as their parents' rows are there. `sent` is told of each.
    pub async fn all(mut self, sent: &Sent) -> Vec<Outcome> {
        let roots = std::mem::take(&mut self.roots);
        let running = Running { run: self.run, asked: &self.asked, sent, leaves: Leaves::default() };
        let tree = |(index, keys)| running.tree(index, Arc::new(keys), Arc::default());
        let runs = roots.into_iter().map(tree);
        let mut outcomes: Vec<Option<Outcome>> = self.run.plan.fetches.iter().map(|_| None).collect();
        for (index, outcome) in join_all(runs).await.into_iter().flatten() {
            outcomes[index] = Some(outcome);
        }
        outcomes.into_iter().map(|outcome| outcome.unwrap_or(Outcome::NotAsked)).collect()
    }
}

/// A run under way.
struct Running<'a> {
    run: &'a Run<'a>,
    asked: &'a [Asked],
    sent: &'a Sent,
    leaves: Leaves<'a>,
}

/// A request's leaves to wait for databases: all its statements for one of them wait by the same.
#[derive(Default)]
struct Leaves<'a> {
    all: Mutex<Vec<(&'a Breaker, Weak<Leave<'a>>)>>,
}

impl<'a> Leaves<'a> {
    fn of(&self, breaker: &'a Breaker) -> Result<Arc<Leave<'a>>, NotAsked> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.iter().position(|(known, _)| std::ptr::eq(*known, breaker));
        if let Some(leave) = known.and_then(|at| all[at].1.upgrade()) {
            return Ok(leave);
        }
        let leave = Arc::new(breaker.leave(Instant::now())?);
        let weak = Arc::downgrade(&leave);
        match known {
            Some(at) => all[at].1 = weak,
            None => all.push((breaker, weak)),
        }
        Ok(leave)
    }
}

impl Running<'_> {
    /// Runs one statement and, with its rows, those below it.
    fn tree(
        &self,
        index: usize,
        keys: Arc<Texts>,
        moved: Arc<Texts>,
    ) -> BoxFuture<'_, Vec<(usize, Outcome)>> {
        async move {
            let fetched = match self.one(index, keys, &moved).await {
                Outcome::Rows(fetched) => fetched,
                outcome => return vec![(index, outcome)],
            };
            let mut outcomes = self.below(index, &fetched).await;
            outcomes.push((index, Outcome::Rows(fetched)));
            outcomes
        }
        .boxed()
    }

    /// Runs the statements below one, all at once.
    async fn below(&self, parent: usize, fetched: &Fetched) -> Vec<(usize, Outcome)> {
        let mut runs = Vec::new();
        // Many statements look the same column's values up; they are collected once.
        let mut collected: Vec<(usize, Arc<Texts>)> = Vec::new();
        let moved = Arc::new(moved(&self.run.plan.fetches[parent], fetched));
        for (index, fetch) in self.run.plan.fetches.iter().enumerate() {
            let Keys::Parent { fetch: above, slot } = fetch.keys else { continue };
            if above != parent {
                continue;
            }
            let known = collected.iter().find(|(known, _)| *known == slot).map(|(_, keys)| keys.clone());
            let keys = known.unwrap_or_else(|| {
                let keys = Arc::new(fetched.values(slot));
                collected.push((slot, keys.clone()));
                keys
            });
            runs.push(self.tree(index, keys, moved.clone()));
        }
        join_all(runs).await.into_iter().flatten().collect()
    }

    /// In a case, the values that name members of its family.
    fn members(&self, fetch: &Fetch, keys: Arc<Texts>) -> Arc<Texts> {
        let Some(family) = fetch.family.as_deref().filter(|_| fetch.by_member) else { return keys };
        let at_root = !matches!(fetch.keys, Keys::Parent { .. });
        Arc::new(self.run.rows.members().among(family, &keys, at_root))
    }

    async fn one(&self, index: usize, keys: Arc<Texts>, moved: &Arc<Texts>) -> Outcome {
        let fetch = &self.run.plan.fetches[index];
        let keys = self.members(fetch, keys);
        if keys.is_empty() && fetch.key_slot.is_some() {
            return Outcome::Rows(Fetched::none(fetch.key_slot));
        }
        let Some(source) = self.run.sources.get(&fetch.department) else { return Outcome::Unavailable };
        let leave = match self.leaves.of(source.breaker()) {
            Ok(leave) => leave,
            Err(why) => {
                telemetry::not_asked(&fetch.department, why);
                return Outcome::Unavailable;
            }
        };
        self.sent.tell(index);
        let began = Instant::now();
        let asked = self.asked[index].clone();
        let place = fetch.binds.iter().position(|bind| *bind == Bind::Moved).filter(|_| !moved.is_empty());
        let asked = match place {
            Some(at) => asked.with(at, moved.clone()),
            None => asked,
        };
        let asked = source.ask(asked, keys);
        let answered = telemetry::trace::statement((&fetch.department, &fetch.resource), asked).await;
        telemetry::statement(&fetch.department, began.elapsed(), answered.is_ok());
        let did = answered.as_ref().map_or_else(Unavailable::did, |_| Did::Answer);
        if let Some(state) = source.breaker().did(did, leave.is_trial(), Instant::now()) {
            tracing::warn!(department = &*fetch.department, state = state.word(), "a department's breaker");
        }
        match answered {
            Ok(fetched) => Outcome::Rows(fetched),
            Err(error) => {
                if matches!(error, Unavailable::TooManyRows(_)) {
                    self.sent.tell_too_many();
                }
                tracing::warn!(department = &*fetch.department, resource = &*fetch.resource, %error, "department unavailable");
                Outcome::Unavailable
            }
        }
    }
}

/// The most divisions where one person lived before that rows are looked for under.
const MAX_FORMER: usize = 20;

/// Who of the register's rows moved here, each with every division where they lived: `number division`.
fn moved(fetch: &Fetch, fetched: &Fetched) -> Texts {
    let mut moved = Texts::default();
    let (Some(subject), Some(former)) = (fetch.subject_slot, fetch.former_slot) else { return moved };
    for row in fetched.own() {
        let cell = |slot| fetched.rows().cell(row, slot).text();
        let (Some(number), Some(divisions)) = (cell(subject), cell(former)) else { continue };
        for division in divisions.split(',').take(MAX_FORMER) {
            moved.push(&format!("{number} {division}"));
        }
    }
    moved
}

/// Finds the page whose statement this is.
fn page_of<'p>(fetches: &'p [Fetch], fetch: &Fetch) -> impl Fn(&'p Root) -> Option<&'p Page> {
    move |root| match &root.field {
        RootField::Page(page) if std::ptr::eq(&fetches[page.fetch], fetch) => Some(page),
        _ => None,
    }
}
