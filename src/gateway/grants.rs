//! Which grants a decision rested on: a record of an operation names their set, and a record of its own
//! says what is in the set.

use yimen_policy::DecisionTable;

use crate::gateway::Gateway;
use crate::gateway::record::in_force;

/// Names of grants in one record, so that an entry of the log stays within its bound.
const NAMED: usize = 500;

impl Gateway {
    /// Whether it is on record which grants stand behind the decisions; makes it so the first time.
    pub(super) async fn are_grants_told(&self, table: &DecisionTable) -> bool {
        if table.grants().is_empty() || self.told.contains_key(table.policy_version()) {
            return true;
        }
        let set = table.policy_version().rsplit('+').next().unwrap_or_default();
        for names in table.grants().chunks(NAMED) {
            let note = format!("grants {set}: {}", names.join(" "));
            let record = in_force(self.clock.id(), note, self.clock.now(), &self.versions);
            if !self.is_kept(record).await {
                return false;
            }
        }
        self.told.insert(table.policy_version().clone(), ());
        true
    }
}
