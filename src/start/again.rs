//! The configuration, the catalogue and the policies read again while the process serves: either all of it comes into
//! force or nothing.

use std::sync::Arc;

use yimen_policy::{Difference, Policies, differences, width};
use yimen_schema::{Catalogue, Coordinate, Resource};

use crate::config::Config;
use crate::gateway::Gateway;
use crate::http::App;
use crate::start::{Base, Decided, Deciding, Passes, approved, check_bursts, check_shapes, sharing};

/// What was read again.
#[derive(Debug)]
pub(crate) struct Again {
    /// What is served from now on.
    pub(crate) app: App,
    /// Keys that differ and wait for the next start.
    pub(crate) waiting: Vec<String>,
    /// Cells that widen, each approved, and cells that narrow.
    pub(crate) cells: (usize, usize),
}

impl Base {
    /// Reads everything again. The old app goes on where this fails.
    ///
    /// # Errors
    /// What is wrong with the new configuration or a file that it names; policies that widen without an
    /// approval; a catalogue that opens what was closed.
    pub(crate) async fn again(&mut self, config: Config, old: &App) -> anyhow::Result<Again> {
        // Quotas wait for the next start; what an operation may cost doesn't.
        check_bursts(&self.config.quota, config.limits.cost)?;
        let decided = Decided::read(&config)?;
        let cells = self.compared(&config, &decided, &old.gateway).await?;
        if decided.catalogue.version != old.gateway.catalogue().version {
            check_shapes(&decided.catalogue, &self.sources).await?;
        }
        let waiting = self.config.waiting(&config);
        let (files, versions) = (decided.files.clone(), decided.versions());
        let catalogue = decided.catalogue.clone();
        let deciding = going_on(&decided, &old.gateway);
        let app = self.app(&config, decided, deciding).await?;
        let passes = Passes {
            deadlines: app.gateway.sharing().deadlines.clone(),
            catalogue,
            versions,
            ..self.passes.borrow().clone()
        };
        self.passes.send_replace(passes);
        self.files = files;
        Ok(Again { app, waiting, cells })
    }

    /// Records that what was read again didn't come into force.
    pub(crate) async fn tell_refused(&self, old: &App) {
        if let Err(error) = self.tell_in_force(old.gateway.policies(), "refused what was read again").await {
            tracing::error!(%error, "a refusal has no record");
        }
    }

    /// How many cells widen, all of them approved, and how many narrow.
    async fn compared(
        &self,
        config: &Config,
        decided: &Decided,
        old: &Gateway,
    ) -> anyhow::Result<(usize, usize)> {
        let mut found = self.decided_otherwise(decided, old.policies()).await?;
        let now = sharing(config, &decided.policies)?;
        found.extend(old.sharing().automatic.differences(&now.automatic));
        found.extend(old.sharing().deadlines.clocks.differences(&now.deadlines.clocks));
        let (wider, narrower): (Vec<Difference>, Vec<Difference>) =
            found.into_iter().partition(|cell| cell.widens);
        approved(&config.policy.approved, &wider)?;
        Ok((wider.len(), narrower.len()))
    }

    async fn decided_otherwise(
        &self,
        decided: &Decided,
        old: &Arc<Policies>,
    ) -> anyhow::Result<Vec<Difference>> {
        if decided.is_as(old) {
            return Ok(Vec::new());
        }
        let opened = opened(old.catalogue(), &decided.catalogue);
        anyhow::ensure!(
            opened.is_empty(),
            "the catalogue opens what was closed, which takes a start that somebody sees: {}",
            opened.join(", ")
        );
        // The policies that are in force, as they would decide over the new catalogue.
        let before = match decided.catalogue.version == old.catalogue().version {
            true => old.clone(),
            false => {
                let (codes, sources) = &self.files;
                Policies::earlier(decided.catalogue.clone(), codes.clone(), sources)?
            }
        };
        let after = decided.policies.clone();
        Ok(tokio::task::spawn_blocking(move || differences(&before, &after)).await?)
    }
}

impl Decided {
    fn is_as(&self, old: &Policies) -> bool {
        self.catalogue.version == old.catalogue().version && self.policies.version() == old.version()
    }
}

/// The decisions that go on where nothing changed that they rest on, with the grants that they know.
fn going_on(decided: &Decided, old: &Gateway) -> Option<Deciding> {
    let tried = decided.tried.as_ref().map(|tried| tried.version().to_owned());
    let as_tried = old.shadow().map(|shadow| shadow.versions().1);
    let same = decided.is_as(old.policies()) && tried == as_tried;
    same.then(|| (old.in_force().clone(), old.shadow().cloned()))
}

/// What a new catalogue opens without a word of any policy: coordinates that it classes wider, rates less sensitive,
/// reduces otherwise or gives to another owner, and resources whose rows it scopes by other items.
fn opened(old: &Catalogue, new: &Catalogue) -> Vec<String> {
    let is_opened = |coordinate: &&Coordinate| {
        let Some(id) = old.coordinate_named(&coordinate.name) else { return false };
        let before = old.coordinate(id);
        width(coordinate.class) > width(before.class)
            || coordinate.level < before.level
            || (before.mask.is_some() && coordinate.mask != before.mask)
            || coordinate.owner != before.owner
    };
    let is_rescoped = |resource: &&Resource| {
        let Some(id) = old.resource_named(&resource.name) else { return false };
        scoped(old.resource(id)) != scoped(resource)
    };
    let coordinates = new.coordinates.iter().filter(is_opened).map(|coordinate| &coordinate.name);
    let resources = new.resources.iter().filter(is_rescoped).map(|resource| &resource.name);
    coordinates.chain(resources).cloned().collect()
}

/// What rows of a resource are held to: whose they are, where they are, until when, and the section that consents,
/// needs and tasks name.
fn scoped(resource: &Resource) -> ([Option<&str>; 3], &str) {
    let name = |field: Option<usize>| field.map(|field| resource.fields[field].name.as_str());
    ([resource.subject, resource.division, resource.lived_until].map(name), &resource.section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = r#"
extend enum Department { "Forestry (林业)." FORESTRY }

"A felling permit (采伐许可证)."
type FellingPermit @resource(owner: FORESTRY, section: PARAMETER, table: "felling_permit", key: "number", subject: "holder", division: "divisionCode") {
  "Number." number: ID @item(class: CONDITIONAL, level: L2)
  "Holder." holder: CitizenId @item(class: CONDITIONAL, level: L4, mask: CITIZEN_ID)
  "Residence." divisionCode: DivisionCode @item(class: CONDITIONAL, level: L3)
  "Place of the trees." placeCode: DivisionCode @item(class: CONDITIONAL, level: L2)
  "As of." asOf: Date @item(class: CONDITIONAL, level: L3)
}
"#;

    fn catalogue(text: &str) -> Catalogue {
        let own = yimen_schema::Source { name: String::from("own.graphql"), text: text.to_owned() };
        let mut sources = yimen_schema::bundled_sources();
        sources.push(own);
        yimen_schema::load(&sources).unwrap()
    }

    #[test]
    fn what_a_catalogue_opens_is_named_and_what_it_closes_or_adds_is_not() {
        let old = catalogue(OWN);
        let change = |from: &str, to: &str| {
            assert!(OWN.contains(from), "{from}");
            opened(&old, &catalogue(&OWN.replacen(from, to, 1)))
        };
        assert_eq!(
            change("class: CONDITIONAL, level: L2", "class: UNCONDITIONAL, level: L2"),
            ["FellingPermit.number"]
        );
        assert_eq!(change("level: L4, mask", "level: L3, mask"), ["FellingPermit.holder"]);
        assert_eq!(change(", mask: CITIZEN_ID", ""), ["FellingPermit.holder"]);
        assert_eq!(change("division: \"divisionCode\"", "division: \"placeCode\""), ["FellingPermit"]);
        assert_eq!(change(", subject: \"holder\"", ""), ["FellingPermit"]);
        assert_eq!(change("section: PARAMETER", "section: VEHICLE"), ["FellingPermit"]);
        let none: [&str; 0] = [];
        assert_eq!(change("class: CONDITIONAL, level: L2", "class: NOT_SHARED, level: L3"), none);
        let more = "\"Volume.\" volume: Decimal @item(class: CONDITIONAL, level: L3)\n  \"Residence.\"";
        assert_eq!(change("\"Residence.\"", more), none);
        let bundled = yimen_schema::load(&yimen_schema::bundled_sources()).unwrap();
        assert_eq!(opened(&bundled, &old), none);
    }
}
