//! What an operation costs, taken from its caller's quota before anybody is asked.

use yimen_policy::DecisionTable;

use crate::calendar::china_day;
use crate::gateway::{Gateway, Request};
use crate::plan::Invalid;
use crate::quota::{Client, Exceeded};

/// What an operation cost, in rows that it reads as a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// This operation.
    pub requested: u64,
    /// One operation at most.
    pub limit: u64,
    /// What is left of the caller's quota, where it has one.
    pub remaining: Option<u32>,
}

impl Gateway {
    /// Takes what an operation costs from its caller's quota.
    ///
    /// # Errors
    /// `REQUEST_RATE_LIMITED`, with the seconds after which there is enough.
    pub(super) async fn charge(
        &self,
        request: &Request,
        table: &DecisionTable,
        cost: u64,
    ) -> Result<Cost, Invalid> {
        let client = if request.export.is_some() { Client::Export } else { Client::Interactive };
        self.charge_as(client, request, table, cost).await
    }

    /// The same for entries of a batch or an export that are answered together.
    ///
    /// # Errors
    /// As for one operation.
    pub(super) async fn charge_many(
        &self,
        request: &Request,
        table: &DecisionTable,
        cost: u64,
    ) -> Result<Cost, Invalid> {
        let client = if request.export.is_some() { Client::Export } else { Client::Batch };
        self.charge_as(client, request, table, cost).await
    }

    async fn charge_as(
        &self,
        client: Client,
        request: &Request,
        table: &DecisionTable,
        cost: u64,
    ) -> Result<Cost, Invalid> {
        // What reads no department's rows is work too.
        let requested = cost.max(1);
        let today = china_day(self.clock.now());
        let taken = self.quotas.take(&request.caller, &table.profile().purpose, client, requested, today);
        match taken.await {
            Ok(remaining) => Ok(Cost { requested, limit: self.documents.limits().cost, remaining }),
            // One second more than is left of it, so that whoever waits so long isn't refused again.
            Err(Exceeded::For(wait)) => Err(Invalid::rate_limited(requested, Some(wait.as_secs() + 1))),
            Err(Exceeded::Ever(_)) => Err(Invalid::rate_limited(requested, None)),
        }
    }
}
