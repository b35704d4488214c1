//! Brings the grants of the hub into force on this server, and takes them out again: it looks at one number
//! twice a second and reads the grants when the number was raised.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use chrono::{Days, NaiveDate};
use sea_orm::{ConnectionTrait, QueryResult};
use yimen_policy::{GrantRow, Grants};

use crate::calendar::china_day;
use crate::clock::Clock;
use crate::evidence::{Hub, store};
use crate::sharing::InForce;

/// How long grants may wait for the tables of those whom they concern before they come into force: longer than some
/// hundred tables take, and well within the two seconds in which everybody must be answered by them.
const PATIENCE: Duration = Duration::from_millis(300);

/// How the hub is watched.
#[derive(Debug)]
pub struct Watch {
    hub: Hub,
    in_force: Arc<InForce>,
    /// The policies that are tried beside those in force, which are told of the same grants.
    tried: Option<Arc<InForce>>,
    clock: Arc<dyn Clock>,
    options: WatchOptions,
    /// The version of the grants in force; `None` before they were read.
    version: Option<i64>,
    failing: bool,
}

/// Bounds of watching.
#[derive(Clone, Copy, Debug)]
pub struct WatchOptions {
    /// The pause between two looks.
    pub pause: Duration,
    /// How long a look may take.
    pub deadline: Duration,
    /// The most grants in force.
    pub most: usize,
}

impl Watch {
    /// A watch over a hub, on a connection of its own so that a revocation waits for nothing else.
    pub fn new(hub: Hub, in_force: Arc<InForce>, clock: Arc<dyn Clock>, options: WatchOptions) -> Self {
        Watch { hub, in_force, tried: None, clock, options, version: None, failing: false }
    }

    /// The same watch, which also tells policies under trial.
    pub fn with_tried(mut self, tried: Arc<InForce>) -> Self {
        self.tried = Some(tried);
        self
    }

    /// Looks once. Says whether grants changed.
    ///
    /// # Errors
    /// A hub that doesn't answer in time, or that has more grants than the bound.
    pub async fn look(&mut self) -> anyhow::Result<bool> {
        let started = Instant::now();
        let read = tokio::time::timeout(self.options.deadline, self.read()).await;
        let changed = read.context("the hub took too long")??;
        self.in_force.confirm(started);
        self.tried.iter().for_each(|tried| tried.confirm(started));
        Ok(changed)
    }

    async fn read(&mut self) -> anyhow::Result<bool> {
        let connection = self.hub.connection();
        // The version first: what changes after it is read raises it again.
        let found = store::rows(connection, "SELECT version FROM sharing_version", Vec::new()).await?;
        let row = found.first().context("`sharing_version` must have one row")?;
        let version: i64 = row.try_get("", "version")?;
        if self.version == Some(version) {
            return Ok(false);
        }
        // Yesterday's too: clocks differ.
        let rows = self.rows(connection, china_day(self.clock.now()) - Days::new(1)).await?;
        let grants = self.checked(&rows);
        tracing::info!(version, grants = grants.all().len(), "grants in force");
        self.bring(&self.in_force, grants).await?;
        if let Some(tried) = &self.tried {
            let (grants, problems) = Grants::read(tried.policies(), &rows);
            if !problems.is_empty() {
                tracing::warn!(
                    grants = problems.len(),
                    "grants wouldn't come into force under the policies tried"
                );
            }
            self.bring(tried, grants).await?;
        }
        self.version = Some(version);
        Ok(true)
    }

    /// What the hub has now that applies on a day or later.
    ///
    /// # Errors
    /// A hub that doesn't answer, or that has more grants than the bound.
    pub async fn grants(&self, since: NaiveDate) -> anyhow::Result<Grants> {
        Ok(self.checked(&self.rows(self.hub.connection(), since).await?))
    }

    fn checked(&self, rows: &[GrantRow]) -> Grants {
        let (grants, problems) = Grants::read(self.in_force.policies(), rows);
        for problem in problems {
            tracing::error!(%problem, "a grant doesn't come into force");
        }
        grants
    }

    /// The decisions that this watch keeps.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.clone()
    }

    async fn rows<C: ConnectionTrait>(
        &self,
        connection: &C,
        since: NaiveDate,
    ) -> anyhow::Result<Vec<GrantRow>> {
        let sql = "SELECT id, owner, department, role, purpose, division, items, effect, basis, valid_from, \
                   valid_until FROM sharing_grant WHERE state = 'IN_FORCE' AND valid_until >= $1 \
                   ORDER BY id LIMIT $2";
        let most = self.options.most;
        let values = vec![since.to_string().into(), (most as i64 + 1).into()];
        let found = store::rows(connection, sql, values).await?;
        anyhow::ensure!(found.len() <= most, "more than {most} grants (`sharing.grants`) are in force");
        Ok(found.iter().map(row).collect::<Result<_, _>>()?)
    }

    /// Looks until nobody else holds the decisions: the process ends, or others have taken their place.
    pub async fn keep_looking(mut self) {
        while Arc::strong_count(&self.in_force) > 1 {
            tokio::time::sleep(self.options.pause).await;
            match self.look().await {
                Ok(_) => self.tell_recovered(),
                Err(error) => self.tell_failing(&error),
            }
        }
    }

    /// Brings grants into force, on a thread that nobody else waits for.
    async fn bring(&self, in_force: &Arc<InForce>, grants: Grants) -> anyhow::Result<()> {
        let (in_force, today) = (in_force.clone(), china_day(self.clock.now()));
        let (grants, (told, there)) = ((grants, in_force.turn()), tokio::sync::oneshot::channel());
        tokio::task::spawn_blocking(move || {
            in_force.bring(grants, today, PATIENCE, || {
                // Whoever waited may have given up.
                let _ = told.send(());
            });
        });
        there.await.context("grants weren't brought into force")
    }

    /// Tells once that grants can't be read, not at every look.
    fn tell_failing(&mut self, error: &anyhow::Error) {
        if !self.failing {
            tracing::error!("grants can't be read from the hub: {error:#}");
        } else if !self.in_force.is_fresh() {
            tracing::warn!("what grants opened is withheld: they can't be read from the hub");
        }
        self.failing = true;
    }

    fn tell_recovered(&mut self) {
        if self.failing {
            tracing::info!("grants can be read from the hub again");
        }
        self.failing = false;
    }
}

fn row(row: &QueryResult) -> Result<GrantRow, sea_orm::DbErr> {
    let text = |column: &str| row.try_get::<String>("", column);
    Ok(GrantRow {
        id: text("id")?,
        owner: text("owner")?,
        department: text("department")?,
        role: text("role")?,
        purpose: text("purpose")?,
        division: text("division")?,
        items: text("items")?,
        effect: text("effect")?,
        basis: text("basis")?,
        valid_from: text("valid_from")?,
        valid_until: text("valid_until")?,
    })
}
