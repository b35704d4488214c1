//! Decisions that grant everything to everybody: what a gateway without authorisation would be measured by. They are
//! made here, of policies that stand in no file of the product, which has no way to ask for them.

use std::sync::Arc;

use yimen_policy::{Codes, Policies, Source};
use yimen_schema::Catalogue;

/// Policies by which every item is read clear, of every division.
pub(crate) fn open(catalogue: Arc<Catalogue>) -> anyhow::Result<Arc<Policies>> {
    let mut owners: Vec<&str> = catalogue.coordinates.iter().map(|coordinate| &*coordinate.owner).collect();
    owners.sort_unstable();
    owners.dedup();
    let source = |owner: &&str| Source {
        name: format!("{owner}.cedar"),
        text: format!("@id(\"open-{owner}\") @basis(\"the bench\") permit (principal, action, resource);"),
    };
    let sources: Vec<Source> = owners.iter().map(source).collect();
    Ok(Policies::load(catalogue, Codes::bundled(), &sources)?)
}
