//! The policies in force: one Cedar policy set for each owning department, asked about that
//! department's items only. So no file can share what belongs to another department.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cedar_policy::{
    ActionConstraint, Authorizer, Context, Decision as Answer, EntityUid, Policy, PolicySet,
    PrincipalConstraint, Request, Response, RestrictedExpression,
};
use chrono::NaiveDate;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, Mask, ResourceId, ShareClass};

use crate::check::{self, Names};
use crate::classes::Classes;
use crate::codes::{Codes, Purpose};
use crate::entities::{Classed, ClassedName, KeptClasses, caller_uid, reached, uid};
use crate::error::{Error, Problem};
use crate::grants::Applied;
use crate::need;
use crate::permit::RowScope;
use crate::table::{Decided, Decision, DecisionTable, Profile, Reason};

/// One policy file; its name ends in `DEPARTMENT.cedar`.
#[derive(Clone, Debug)]
pub struct Source {
    /// How messages name the file.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Policies that have been checked against the catalogue.
#[derive(Debug)]
pub struct Policies {
    catalogue: Arc<Catalogue>,
    codes: Codes,
    owners: HashMap<String, PolicySet>,
    classes: Classes,
    /// The catalogue's own classes.
    own: Arc<Classed>,
    /// Others that were asked for.
    classed: Mutex<KeptClasses>,
    version: String,
}

/// What decided one coordinate, for people.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// Why, where it is withheld.
    pub reason: Option<Reason>,
    /// The policies that permitted it: `@id` and `@basis`.
    pub permitted_by: Vec<(String, String)>,
    /// Which rows are read.
    pub rows: RowScope,
    /// Of a link that is open, what behind it may be read.
    pub through: Option<String>,
    /// Whether a policy or a grant permits it and the purpose needs nothing of it.
    pub is_beyond_need: bool,
}

impl Policies {
    /// Checks policy files against the catalogue and brings them into force.
    ///
    /// # Errors
    /// Every problem at once: a file that isn't Cedar, that names an unknown item or another
    /// department's, a policy without `@id` or `@basis`, a coordinate that no policy covers.
    pub fn load(catalogue: Arc<Catalogue>, codes: Codes, sources: &[Source]) -> Result<Arc<Policies>, Error> {
        need::check(&catalogue, &codes)?;
        let policies = Policies::of(catalogue, codes, sources, Names::Known)?;
        check::coverage(&policies)?;
        Ok(Arc::new(policies))
    }

    /// The policies that were in force over an earlier catalogue, to be compared with over this one: what they
    /// name may have gone, and what came since they say nothing of.
    ///
    /// # Errors
    /// A file that isn't Cedar, or policies without `@id` or `@basis`.
    pub fn earlier(
        catalogue: Arc<Catalogue>,
        codes: Codes,
        sources: &[Source],
    ) -> Result<Arc<Policies>, Error> {
        Ok(Arc::new(Policies::of(catalogue, codes, sources, Names::Earlier)?))
    }

    fn of(
        catalogue: Arc<Catalogue>,
        codes: Codes,
        sources: &[Source],
        names: Names,
    ) -> Result<Policies, Error> {
        let owners = check::parse(&catalogue, &codes, sources, names)?;
        let own = Classed::own(&catalogue, &codes);
        let classes = Classes::of(&codes.classes, &catalogue, codes.divisions().clone());
        let version = version(&codes, sources);
        Ok(Policies { catalogue, codes, owners, classes, own, classed: Mutex::default(), version })
    }

    /// The catalogue that the policies speak of.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The same catalogue, to be kept.
    pub fn shared_catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.clone()
    }

    /// Whether two versions have the same policies of an owner.
    pub(crate) fn decides_as(&self, other: &Policies, owner: &str) -> bool {
        self.owners.get(owner) == other.owners.get(owner)
    }

    /// What policies permit for purposes that don't need it: without effect, and told by `yimen policy check`.
    pub fn without_effect(&self) -> Vec<Problem> {
        let sets = self.owners.iter();
        let mut found: Vec<Problem> =
            sets.flat_map(|(owner, set)| need::beyond(&self.catalogue, &self.codes, owner, set)).collect();
        found.sort();
        found
    }

    /// The roles and purposes that the policies speak of.
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// SHA-256 of the policy files and of the tables beside them, in lower hex.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The sharing classes in force.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// The catalogue's own classes.
    pub fn own_classes(&self) -> &Arc<Classed> {
        &self.own
    }

    /// Every coordinate's class for readers of a 12-digit division on a day: made once for those who share all of
    /// them.
    pub fn classed(&self, division: &str, on: NaiveDate) -> Arc<Classed> {
        let mut kept = self.classed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.at(division, on) {
            return known;
        }
        let classes = self.classes.all(division, on);
        let name = ClassedName::of(&classes, self.classes.own());
        let classed = match name == ClassedName::default() {
            true => self.own.clone(),
            false => kept.named(name, || Classed::with(&self.catalogue, &self.codes, name, classes)),
        };
        kept.put(division, on, classed.clone());
        classed
    }

    /// Asks Cedar about every coordinate for one profile, by the catalogue's own classes.
    pub fn table(self: &Arc<Self>, profile: &Profile) -> DecisionTable {
        self.table_by(profile, &self.own)
    }

    /// Asks Cedar about every coordinate for one profile by classes in force: tens of milliseconds, to be done once.
    pub fn table_by(self: &Arc<Self>, profile: &Profile, classed: &Arc<Classed>) -> DecisionTable {
        let asker = Asker::by(self, profile, classed);
        let ids = || self.catalogue.coordinate_ids();
        let decisions = ids().map(|id| asker.decide(id)).collect();
        let lookups = ids().map(|id| asker.may_look_up(id)).collect();
        let rows = self.catalogue.resource_ids().map(|id| asker.rows(id)).collect();
        let decided = Decided { decisions, lookups, rows };
        DecisionTable::new(self.clone(), profile.clone(), classed.clone(), decided)
    }

    /// The same profile's decisions with grants beside the policies. Only the items that are granted are asked
    /// about anew: a grant permits these and nothing else.
    pub fn table_with(self: &Arc<Self>, base: &DecisionTable, applied: &Applied) -> DecisionTable {
        let mut decided = base.decided();
        let asker = Asker::with(self, base.profile(), (base.classed(), applied));
        let granted = || applied.grants().iter().flat_map(|grant| grant.items()).copied();
        for id in granted() {
            decided.decisions[id.0 as usize] = asker.decide(id);
        }
        let useless = granted().filter(|id| asker.is_beyond_need(*id) && asker.is_permitted(*id));
        let table = DecisionTable::new(self.clone(), base.profile().clone(), base.classed().clone(), decided);
        table.by(applied).because(Reason::Purpose, useless)
    }

    /// A profile's decisions where it isn't known whether grants still stand: what they alone opened is withheld,
    /// with a reason of its own.
    pub fn table_unsure(self: &Arc<Self>, base: &DecisionTable, applied: &Applied) -> DecisionTable {
        let asker = Asker::with(self, base.profile(), (base.classed(), applied));
        let granted = applied.grants().iter().flat_map(|grant| grant.items()).copied();
        let opened = granted.filter(|id| asker.decide(*id) != Decision::Deny);
        DecisionTable::new(self.clone(), base.profile().clone(), base.classed().clone(), base.decided())
            .because(Reason::GrantsUnavailable, opened)
    }

    /// Why a profile may not read a coordinate.
    pub(crate) fn reason(&self, profile: &Profile, classed: &Classed, id: CoordinateId) -> Reason {
        let mut asker = Asker::by(self, profile, classed);
        if asker.is_withheld_by_class(id) {
            return Reason::NotShared;
        }
        if asker.is_permitted(id) {
            // Only the purpose's need stands in the way.
            return Reason::Purpose;
        }
        let elsewhere = self.codes.purposes.iter().any(|purpose| {
            asker.ask_for(&purpose.code, Some(purpose));
            asker.decide(id) != Decision::Deny
        });
        if elsewhere { Reason::Purpose } else { Reason::NotGranted }
    }

    /// What decides a coordinate for a profile, by classes in force and the grants that apply to it, with the
    /// policies that permitted it; a grant goes by `grant:` and its name.
    pub fn explain(
        &self,
        profile: &Profile,
        (classed, applied): (&Classed, &Applied),
        id: CoordinateId,
    ) -> Explanation {
        let asker = Asker::with(self, profile, (classed, applied));
        // A link is open where something behind it is.
        let through = self.told_behind(id).find(|behind| asker.decide(*behind) != Decision::Deny);
        let decision = match (self.is_link(id), through) {
            (true, Some(_)) => Decision::Clear,
            (true, None) => Decision::Deny,
            (false, _) => asker.decide(id),
        };
        let asked = through.filter(|_| self.is_link(id)).unwrap_or(id);
        let action = match asker.decide(asked) {
            Decision::Mask(Mask::Pseudonym) if asker.ask("pseudonym", asked).is_some() => "pseudonym",
            Decision::Mask(_) => "mask",
            Decision::Clear | Decision::Deny => "clear",
        };
        let is_beyond_need = asker.is_beyond_need(id) && asker.is_permitted(id);
        let permitted_by = asker.permitted_by(action, asked);
        Explanation {
            decision,
            reason: (decision == Decision::Deny).then(|| match is_beyond_need {
                true => Reason::Purpose,
                false => self.reason(profile, classed, id),
            }),
            permitted_by: if decision == Decision::Deny { Vec::new() } else { permitted_by },
            rows: asker.rows(
                self.catalogue
                    .resource_named(&reached(&self.catalogue, self.catalogue.coordinate(id)).name)
                    .unwrap_or(self.catalogue.coordinate(id).resource),
            ),
            through: (asked != id).then(|| self.catalogue.coordinate(asked).name.clone()),
            is_beyond_need,
        }
    }

    fn is_link(&self, id: CoordinateId) -> bool {
        let coordinate = self.catalogue.coordinate(id);
        let def = &self.catalogue.resource(coordinate.resource).fields[coordinate.field].def;
        matches!(def, FieldDef::Link(_))
    }

    /// What tells something of the rows that a coordinate leads to.
    fn told_behind(&self, id: CoordinateId) -> impl Iterator<Item = CoordinateId> + '_ {
        let fields = reached(&self.catalogue, self.catalogue.coordinate(id)).fields.iter();
        fields.filter(|field| !matches!(field.def, FieldDef::Link(_))).map(|field| field.coordinate)
    }
}

impl Policies {
    /// Whether a purpose needs a coordinate of a class, so that a department that doesn't own it could be granted it.
    pub fn is_needed(
        &self,
        purpose: &str,
        department: &str,
        (id, class): (CoordinateId, ShareClass),
    ) -> bool {
        let profile =
            Profile { department: department.to_owned(), role: String::new(), purpose: purpose.to_owned() };
        self.codes.purpose(purpose).is_some_and(|purpose| !self.is_beyond(purpose, &profile, (id, class)))
    }

    /// Whether a coordinate lies beyond what a purpose needs, for anybody but its owner.
    pub(crate) fn is_beyond(
        &self,
        purpose: &Purpose,
        profile: &Profile,
        (id, class): (CoordinateId, ShareClass),
    ) -> bool {
        let coordinate = self.catalogue.coordinate(id);
        if *coordinate.owner == *profile.department || class == ShareClass::Unconditional {
            return false;
        }
        let reached = reached(&self.catalogue, coordinate);
        // What the table of purposes doesn't speak of at all, such as a section of an installation's own, is
        // for its owner's policies alone; a purpose that needs nothing gets nothing of it either.
        let is_spoken_of = self.codes.purposes.iter().any(|any| any.needs(&reached.name, &reached.section));
        (is_spoken_of || purpose.needs.is_empty()) && !purpose.needs(&reached.name, &reached.section)
    }

    /// By owner and action, the policies whose scope admits a caller. The others could only say no, and leaving
    /// them out makes a table several times faster.
    fn admitting(&self, caller: &EntityUid) -> HashMap<(&str, &'static str), PolicySet> {
        let mut sets: HashMap<(&str, &'static str), PolicySet> = HashMap::new();
        for (owner, set) in &self.owners {
            for policy in set.policies().filter(|policy| self.admits_caller(policy, caller)) {
                for action in ACTIONS.into_iter().filter(|action| admits_action(policy, action)) {
                    let added = sets.entry((owner, action)).or_default().add(policy.clone());
                    added.expect("names are unique in the whole set");
                }
            }
        }
        sets
    }

    fn admits_caller(&self, policy: &Policy, caller: &EntityUid) -> bool {
        match policy.principal_constraint() {
            PrincipalConstraint::In(group) => self.own.entities.is_ancestor_of(&group, caller),
            _ => true,
        }
    }
}

/// The actions of `yimen.cedarschema`.
const ACTIONS: [&str; 5] = ["clear", "pseudonym", "mask", "lookup", "everywhere"];

fn admits_action(policy: &Policy, action: &str) -> bool {
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(actions) => actions.contains(&uid("Action", action)),
        ActionConstraint::Eq(only) => only == uid("Action", action),
    }
}

/// Cedar, set up to be asked on behalf of one profile.
pub(crate) struct Asker<'a> {
    policies: &'a Policies,
    profile: &'a Profile,
    classed: &'a Classed,
    caller: EntityUid,
    /// By owner and action, the policies whose scope admits the caller: no other can decide anything.
    sets: HashMap<(&'a str, &'static str), PolicySet>,
    authorizer: Authorizer,
    context: Context,
    /// `None` where it isn't catalogued: then nothing is needed for it.
    purpose: Option<&'a Purpose>,
}

impl<'a> Asker<'a> {
    /// By the catalogue's own classes.
    pub(crate) fn new(policies: &'a Policies, profile: &'a Profile) -> Self {
        Asker::by(policies, profile, &policies.own)
    }

    /// By classes in force.
    pub(crate) fn by(policies: &'a Policies, profile: &'a Profile, classed: &'a Classed) -> Self {
        let caller = caller_uid(&profile.department, &profile.role);
        Asker {
            policies,
            profile,
            classed,
            sets: policies.admitting(&caller),
            caller,
            authorizer: Authorizer::new(),
            context: context(&profile.purpose),
            purpose: policies.codes.purpose(&profile.purpose),
        }
    }

    /// The same with the grants that apply to the caller, each a policy of its owner.
    pub(crate) fn with(
        policies: &'a Policies,
        profile: &'a Profile,
        (classed, applied): (&'a Classed, &'a Applied),
    ) -> Self {
        let mut asker = Asker::by(policies, profile, classed);
        for grant in applied.grants() {
            let set = asker.sets.entry((&grant.owner, grant.effect.action())).or_default();
            set.add(grant.policy())
                .expect("the names of grants are unique, and no policy file's begins like them");
        }
        asker
    }

    pub(crate) fn decide(&self, id: CoordinateId) -> Decision {
        if self.is_withheld_by_class(id) || self.is_beyond_need(id) {
            return Decision::Deny;
        }
        if self.tells_small_numbers(id) {
            return Decision::Deny;
        }
        self.policy_says(id)
    }

    fn is_withheld_by_class(&self, id: CoordinateId) -> bool {
        let coordinate = self.policies.catalogue.coordinate(id);
        self.classed.class(id) == ShareClass::NotShared && *coordinate.owner != *self.profile.department
    }

    /// Whether a coordinate is a figure over people whom the caller may not read: of few of them it would tell
    /// something about each, and what is left of a suppressed one could be worked out from its neighbours.
    fn tells_small_numbers(&self, id: CoordinateId) -> bool {
        let counted = self.policies.catalogue.counts_people(id);
        counted.is_some_and(|subject| self.decide(subject) != Decision::Clear)
    }

    /// Whether the policies permit a coordinate, whatever the purpose needs.
    fn is_permitted(&self, id: CoordinateId) -> bool {
        self.policy_says(id) != Decision::Deny
    }

    fn policy_says(&self, id: CoordinateId) -> Decision {
        if self.ask("clear", id).is_some() {
            return Decision::Clear;
        }
        let catalogue = &self.policies.catalogue;
        // Whoever is to tell people apart was given the pseudonym by name.
        if catalogue.has_pseudonym(id) && self.ask("pseudonym", id).is_some() {
            return Decision::Mask(Mask::Pseudonym);
        }
        match catalogue.coordinate(id).mask {
            Some(mask) if self.ask("mask", id).is_some() => Decision::Mask(mask),
            _ => Decision::Deny,
        }
    }

    /// Whether the purpose that is asked for needs nothing of what a coordinate tells.
    fn is_beyond_need(&self, id: CoordinateId) -> bool {
        let classed = (id, self.classed.class(id));
        self.purpose.is_none_or(|purpose| self.policies.is_beyond(purpose, self.profile, classed))
    }

    /// The same caller for another purpose.
    pub(crate) fn ask_for(&mut self, code: &str, purpose: Option<&'a Purpose>) {
        self.context = context(code);
        self.purpose = purpose;
    }

    pub(crate) fn may_look_up(&self, id: CoordinateId) -> bool {
        let is_withheld = self.is_withheld_by_class(id) || self.is_beyond_need(id);
        !is_withheld && self.ask("lookup", id).is_some()
    }

    pub(crate) fn rows(&self, id: ResourceId) -> RowScope {
        let resource = self.policies.catalogue.resource(id);
        let everywhere =
            self.permits(&resource.owner, "everywhere", uid("Resource", &resource.name)).is_some();
        if everywhere || resource.division.is_none() { RowScope::Everywhere } else { RowScope::OwnDivision }
    }

    fn ask(&self, action: &str, id: CoordinateId) -> Option<Response> {
        let coordinate = self.policies.catalogue.coordinate(id);
        self.permits(&coordinate.owner, action, uid("Item", &coordinate.name))
    }

    /// Cedar's answer, if it is a permission.
    fn permits(&self, owner: &str, action: &str, resource: EntityUid) -> Option<Response> {
        let set = self.sets.get(&(owner, action))?;
        let caller = self.caller.clone();
        let request =
            Request::new(caller, uid("Action", action), resource, self.context.clone(), None).ok()?;
        let response = self.authorizer.is_authorized(&request, set, &self.classed.entities);
        // A policy that fails to evaluate must not widen anything: what it would forbid is unknown.
        let failed = response.diagnostics().errors().next().is_some();
        (response.decision() == Answer::Allow && !failed).then_some(response)
    }

    /// The names and clauses of the policies that permit.
    fn permitted_by(&self, action: &'static str, id: CoordinateId) -> Vec<(String, String)> {
        let owner = &*self.policies.catalogue.coordinate(id).owner;
        let (Some(response), Some(set)) = (self.ask(action, id), self.sets.get(&(owner, action))) else {
            return Vec::new();
        };
        let notes = response.diagnostics().reason().map(|policy| {
            let note = |key| set.annotation(policy, key).unwrap_or_default().to_owned();
            (note("id"), note("basis"))
        });
        notes.collect()
    }
}

fn context(purpose: &str) -> Context {
    let purpose = RestrictedExpression::new_entity_uid(uid("Purpose", purpose));
    Context::from_pairs([(String::from("purpose"), purpose)]).expect("one key can't collide")
}

fn version(codes: &Codes, sources: &[Source]) -> String {
    use sha2::{Digest, Sha256};
    let tables = codes.tables.each().map(|(file, table)| (file, table.text.as_str()));
    let files = sources.iter().map(|source| (source.name.as_str(), source.text.as_str()));
    let mut files: Vec<(&str, &str)> = files.chain(tables).collect();
    files.sort_unstable();
    let mut digest = Sha256::new();
    for (name, text) in files {
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name);
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
