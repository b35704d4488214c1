//! What a gateway is put together from beside its setup, and what it shows of that.

use std::sync::Arc;

use yimen_policy::Policies;
use yimen_schema::Catalogue;

use crate::answer::PseudonymKeys;
use crate::catalogue::Terms;
use crate::evidence::{Log, PersonKeys};
use crate::export::Exports;
use crate::fetch::Sources;
use crate::gateway::trace::Tracker;
use crate::gateway::{Gateway, Prepared, batch};
use crate::objection::AnyOpen;
use crate::own::Seal;
use crate::plan::CursorKey;
use crate::quota::Quotas;
use crate::shadow::Shadow;
use crate::sharing::{InForce, Sharing};

impl Gateway {
    /// The catalogue that is answered from.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The policies in force.
    pub fn policies(&self) -> &Arc<Policies> {
        &self.policies
    }

    /// The departments' databases.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The same gateway with people's digests made by keys of a later generation.
    pub fn with_person_keys(mut self, keys: PersonKeys) -> Self {
        self.people = keys;
        self
    }

    /// The same gateway with pseudonyms of other keys.
    pub fn with_pseudonyms(mut self, keys: PseudonymKeys) -> Self {
        self.pseudonyms = keys;
        self
    }

    /// The same gateway with grants beside the policies.
    pub fn with_grants(mut self, in_force: Arc<InForce>) -> Self {
        self.in_force = in_force;
        self
    }

    /// The same gateway with policies that are tried beside those in force.
    pub fn with_shadow(mut self, shadow: Option<Arc<Shadow>>) -> Self {
        self.shadow = shadow;
        self
    }

    /// The policies that are tried beside those in force.
    pub(crate) fn shadow(&self) -> Option<&Arc<Shadow>> {
        self.shadow.as_ref()
    }

    /// Counts operations for the policies that are tried beside those in force.
    pub(super) fn count_shadow(&self, prepared: &Prepared<'_>, operations: usize) {
        if let Some(shadow) = &self.shadow {
            let division = &prepared.request.caller.division;
            shadow.count(&prepared.whole, &prepared.plan, division, operations as u64);
        }
    }

    /// The same gateway with a log that `accessesTo` and `accessRecords` are answered from.
    pub fn with_log(mut self, log: Arc<Log>) -> Self {
        self.tracker = Some(Tracker { log });
        self
    }

    /// The same gateway with another desk for requests for sharing, and other terms.
    pub fn with_sharing(mut self, sharing: Sharing, terms: Terms) -> Self {
        self.sharing = sharing;
        self.terms = terms;
        self
    }

    /// The same gateway with chunks of so many entries of a batch: from 1 to 5,000.
    pub fn with_bulk_chunk(mut self, entries: usize) -> Self {
        self.bulk_chunk = entries.clamp(1, batch::MAX_CHUNK);
        self
    }

    /// The most entries of a batch that are answered by one run.
    pub(crate) fn bulk_chunk(&self) -> usize {
        self.bulk_chunk
    }

    /// The same gateway with quotas.
    pub fn with_quotas(mut self, quotas: Arc<Quotas>) -> Self {
        self.quotas = quotas;
        self
    }

    /// The same gateway with a place for exports.
    pub fn with_exports(mut self, exports: Exports) -> Self {
        self.exports = exports;
        self
    }

    /// What values that stay in the hub are sealed with.
    pub(crate) fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The key of cursors.
    pub(crate) fn cursors(&self) -> &CursorKey {
        &self.cursors
    }

    /// The keys of people's digests.
    pub(crate) fn person_keys(&self) -> &PersonKeys {
        &self.people
    }

    /// Where exports are kept, and their bounds.
    pub(crate) fn exports(&self) -> &Exports {
        &self.exports
    }

    /// The desk at which requests for sharing are handled.
    pub(crate) fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    /// The terms of the catalogue's items.
    pub(crate) fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The same gateway with what others know of open objections.
    pub(crate) fn with_any_open(mut self, any_open: Arc<AnyOpen>) -> Self {
        self.any_open = any_open;
        self
    }

    /// The decisions in force.
    pub(crate) fn in_force(&self) -> &Arc<InForce> {
        &self.in_force
    }

    /// Whether any objection is open.
    pub fn any_open(&self) -> &Arc<AnyOpen> {
        &self.any_open
    }
}
