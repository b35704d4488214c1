//! A grant that a department gives another while the gateway serves, checked before it can decide anything.
//!
//! A grant says no more than a policy file of its owner could say: it names the owner's own items, one
//! department, one role or group of roles, one purpose and a term. Whatever of it can't be understood
//! refuses all of it, so that a mistake never widens.

use cedar_policy::{Policy, PolicyId};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use yimen_schema::{Coordinate, CoordinateId, FieldDef};

use crate::cedar::Policies;
use crate::check::GRANT;
use crate::codes::Role;
use crate::division::is_code;
use crate::error::Problem;
use crate::table::Profile;

/// The most items of one grant: more than any department owns.
pub const MAX_ITEMS: usize = 500;

/// The most characters of the clause that a grant rests on.
pub const MAX_BASIS: usize = 500;

/// The most characters of a grant's name.
pub const MAX_ID: usize = 64;

/// A grant as it is kept: texts that nobody has checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRow {
    /// The name of the grant: letters, digits, `-`, `_`, `.` and `:`.
    pub id: String,
    /// The department whose items are granted.
    pub owner: String,
    /// The department that may read them.
    pub department: String,
    /// The role, or the group of roles, in which it may.
    pub role: String,
    /// The purpose for which it may.
    pub purpose: String,
    /// Empty, or a 12-digit division: only callers of it and of those below it are meant.
    pub division: String,
    /// A JSON list of coordinates.
    pub items: String,
    /// `CLEAR`, `MASK` or `PSEUDONYM`.
    pub effect: String,
    /// The clause that the grant rests on.
    pub basis: String,
    /// The first day, `YYYY-MM-DD`.
    pub valid_from: String,
    /// The last day, `YYYY-MM-DD`.
    pub valid_until: String,
}

/// How granted items are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// As they stand.
    Clear,
    /// Reduced by their masks.
    Mask,
    /// As pseudonyms of citizen numbers.
    Pseudonym,
}

impl Effect {
    /// The action of `yimen.cedarschema`.
    pub(crate) fn action(self) -> &'static str {
        match self {
            Effect::Clear => "clear",
            Effect::Mask => "mask",
            Effect::Pseudonym => "pseudonym",
        }
    }
}

/// A grant that may come into force; only [`Policies::check_grant`] makes one.
#[derive(Clone, Debug)]
pub struct Grant {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) department: String,
    /// The codes of the roles that are meant.
    pub(crate) roles: Vec<String>,
    pub(crate) role: String,
    pub(crate) purpose: String,
    /// Empty, or the division in which callers are meant.
    pub(crate) within: String,
    pub(crate) items: Vec<CoordinateId>,
    /// The names of the items.
    names: Vec<String>,
    pub(crate) effect: Effect,
    pub(crate) basis: String,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_until: NaiveDate,
    pub(crate) digest: [u8; 32],
}

impl Grant {
    /// The name of the grant.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The granted coordinates.
    pub fn items(&self) -> &[CoordinateId] {
        &self.items
    }

    /// SHA-256 of all that the grant says.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }

    /// The profiles that the grant speaks of.
    pub fn profiles(&self) -> impl Iterator<Item = Profile> + '_ {
        self.roles.iter().map(|role| Profile {
            department: self.department.clone(),
            role: role.clone(),
            purpose: self.purpose.clone(),
        })
    }

    /// The grant as a policy of its owner, named `grant:` and the grant's name.
    pub(crate) fn policy(&self) -> Policy {
        let name = format!("{GRANT}{}", self.id);
        let entity = |kind: &str, id: &str| json!({ "type": kind, "id": id });
        let value = |kind: &str, id: &str| json!({ "Value": { "__entity": entity(kind, id) } });
        let within = |left: Value, right: Value| json!({ "in": { "left": left, "right": right } });
        let when = |body: Value| json!({ "kind": "when", "body": body });
        let purpose = json!({ ".": { "left": { "Var": "context" }, "attr": "purpose" } });
        let items: Vec<Value> = self.names.iter().map(|name| value("Item", name)).collect();
        let policy = json!({
            "effect": "permit",
            "principal": { "op": "in", "entity": entity("Department", &self.department) },
            "action": { "op": "==", "entity": entity("Action", self.effect.action()) },
            "resource": { "op": "All" },
            "conditions": [
                when(within(json!({ "Var": "principal" }), value("Role", &self.role))),
                when(json!({ "==": { "left": purpose, "right": value("Purpose", &self.purpose) } })),
                when(within(json!({ "Var": "resource" }), json!({ "Set": items }))),
            ],
            "annotations": { "id": name, "basis": self.basis },
        });
        Policy::from_json(Some(PolicyId::new(&name)), policy).expect("the form above is Cedar's own")
    }

    pub(crate) fn is_in_force(&self, on: NaiveDate) -> bool {
        self.valid_from <= on && on <= self.valid_until
    }
}

impl Policies {
    /// Checks a grant against the catalogue and the codes.
    ///
    /// # Errors
    /// Everything that is wrong with it, in one sentence for each; the file is `sharing_grant`.
    pub fn check_grant(&self, row: &GrantRow) -> Result<Grant, Vec<Problem>> {
        let mut checker = Checker { policies: self, row, problems: Vec::new() };
        let grant = checker.grant();
        match grant {
            Some(grant) if checker.problems.is_empty() => Ok(grant),
            _ => Err(checker.problems),
        }
    }
}

struct Checker<'a> {
    policies: &'a Policies,
    row: &'a GrantRow,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn problem(&mut self, message: impl Into<String>) {
        let subject = if is_name(&self.row.id) { self.row.id.clone() } else { String::new() };
        self.problems.push(Problem { file: "sharing_grant".to_owned(), subject, message: message.into() });
    }

    fn grant(&mut self) -> Option<Grant> {
        let row = self.row;
        if !is_name(&row.id) {
            self.problem(format!("the name must be 1 to {MAX_ID} letters, digits or any of `-_.:`"));
        }
        if row.basis.trim().is_empty() || row.basis.chars().count() > MAX_BASIS {
            self.problem(format!("the basis must name a clause in at most {MAX_BASIS} characters"));
        }
        for department in [&row.owner, &row.department] {
            if !self.policies.catalogue().departments.contains(department) {
                self.problem(format!("names department `{department}`, which doesn't exist"));
            }
        }
        if !self.policies.codes().has_purpose(&row.purpose) {
            self.problem(format!("names purpose `{}`, which doesn't exist", row.purpose));
        }
        let roles = self.roles();
        let effect = self.effect();
        let items = self.items(effect);
        let names = items.iter().map(|id| self.policies.catalogue().coordinate(*id).name.clone()).collect();
        let (valid_from, valid_until) = self.term()?;
        Some(Grant {
            id: row.id.clone(),
            owner: row.owner.clone(),
            department: row.department.clone(),
            roles,
            role: row.role.clone(),
            purpose: row.purpose.clone(),
            within: self.division(),
            items,
            names,
            effect: effect?,
            basis: row.basis.clone(),
            valid_from,
            valid_until,
            digest: digest(row),
        })
    }

    /// The roles that are meant, each of a group that reads on behalf of its department.
    fn roles(&mut self) -> Vec<String> {
        let name = &self.row.role;
        let meant = |role: &&Role| role.code == *name || role.group == *name;
        let roles: Vec<&Role> = self.policies.codes().roles.iter().filter(meant).collect();
        if roles.is_empty() {
            self.problem(format!("names role `{name}`, which doesn't exist"));
        }
        if roles.iter().any(|role| NEVER_READ.contains(&role.group.as_str())) {
            self.problem(format!("role `{name}` reads nothing on behalf of its department"));
        }
        roles.into_iter().map(|role| role.code.clone()).collect()
    }

    fn effect(&mut self) -> Option<Effect> {
        match self.row.effect.as_str() {
            "CLEAR" => Some(Effect::Clear),
            "MASK" => Some(Effect::Mask),
            "PSEUDONYM" => Some(Effect::Pseudonym),
            other => {
                self.problem(format!("the effect `{other}` is none of `CLEAR`, `MASK` and `PSEUDONYM`"));
                None
            }
        }
    }

    fn items(&mut self, effect: Option<Effect>) -> Vec<CoordinateId> {
        let Ok(names) = serde_json::from_str::<Vec<String>>(&self.row.items) else {
            self.problem("the items aren't a JSON list of texts");
            return Vec::new();
        };
        if names.is_empty() || names.len() > MAX_ITEMS {
            self.problem(format!("a grant names 1 to {MAX_ITEMS} items"));
            return Vec::new();
        }
        let mut items = Vec::new();
        for name in &names {
            match self.item(name, effect) {
                Ok(id) => items.push(id),
                Err(message) => self.problem(message),
            }
        }
        items.sort();
        items.dedup();
        items
    }

    fn item(&self, name: &str, effect: Option<Effect>) -> Result<CoordinateId, String> {
        let catalogue = self.policies.catalogue();
        let Some(id) = catalogue.coordinate_named(name) else {
            return Err(format!("names item `{name}`, which is not in the catalogue"));
        };
        let coordinate: &Coordinate = catalogue.coordinate(id);
        let field = &catalogue.resource(coordinate.resource).fields[coordinate.field];
        if *coordinate.owner != *self.row.owner {
            return Err(format!("names item `{name}`, which belongs to `{}`", coordinate.owner));
        }
        if !self.policies.classes().may_be_shared(id) {
            return Err(format!("names item `{name}`, which is never shared"));
        }
        if matches!(field.def, FieldDef::Link(_)) {
            return Err(format!("`{name}` is a link: it is followed where something behind it is granted"));
        }
        if effect == Some(Effect::Mask) && coordinate.mask.is_none() {
            return Err(format!("names item `{name}`, which has no mask"));
        }
        if effect == Some(Effect::Pseudonym) && !catalogue.has_pseudonym(id) {
            return Err(format!("names item `{name}`, which is no citizen number and has no pseudonym"));
        }
        Ok(id)
    }

    fn division(&mut self) -> String {
        let division = &self.row.division;
        if division.is_empty() {
            return String::new();
        }
        if !is_code(division) {
            self.problem("the division is neither empty nor 12 digits");
        }
        division.clone()
    }

    fn term(&mut self) -> Option<(NaiveDate, NaiveDate)> {
        let (from, until) = (day(&self.row.valid_from), day(&self.row.valid_until));
        match from.zip(until) {
            Some((from, until)) if from <= until => return Some((from, until)),
            Some(_) => self.problem("the last day is before the first"),
            None => self.problem("a day isn't written `YYYY-MM-DD`"),
        }
        None
    }
}

/// Groups of roles that care for policies or speak for themselves: nothing is shared with them.
const NEVER_READ: [&str; 2] = ["STEWARDSHIP", "PORTAL"];

fn is_name(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    (1..=MAX_ID).contains(&id.len()) && id.bytes().all(is_plain)
}

pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    // The parser alone would take `2026-1-2` too.
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (day.format("%Y-%m-%d").to_string() == text).then_some(day)
}

fn digest(row: &GrantRow) -> [u8; 32] {
    let GrantRow {
        id,
        owner,
        department,
        role,
        purpose,
        division,
        items,
        effect,
        basis,
        valid_from,
        valid_until,
    } = row;
    let mut digest = Sha256::new();
    for text in
        [id, owner, department, role, purpose, division, items, effect, basis, valid_from, valid_until]
    {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.finalize().into()
}
