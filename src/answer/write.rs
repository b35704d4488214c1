//! The answer of a plan, written in one pass over its fields.

use serde_json::Value as Json;
use yimen_policy::{Decision, DecisionTable};
use yimen_schema::{Catalogue, CoordinateId};

use crate::answer::dispute::marks;
use crate::answer::error::{unavailable, withheld, without_consent};
use crate::answer::pseudonym::Pseudonyms;
use crate::answer::scalar::{write_scalar, write_text};
use crate::auth::Caller;
use crate::fetch::{Fetched, Members, Outcome};
use crate::gateway::{Disputes, Traced};
use crate::plan::{
    CursorKey, EdgeField, Entities, EntityType, Fetch, Object, Page, PageField, PageInfoField, Plan,
    RootField, Value, ViewerField, ViewerValue,
};

/// Everything that an answer is written from.
pub struct Parts<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What became of its statements.
    pub outcomes: &'a [Outcome],
    /// The value that the one root looks up, where the outcomes hold what was read for others too: what belongs to
    /// it is found from its own row on.
    pub value: Option<&'a str>,
    /// For each root that looks up many values, in order: what the caller asked for.
    pub asked: &'a [Asked],
    /// Introspection, answered apart.
    pub introspection: Option<&'a apollo_compiler::response::JsonMap>,
    /// The schema as a subgraph's, where it is asked for.
    pub service: Option<&'a str>,
    /// For each root that the gateway answers itself, in order: what is answered.
    pub traced: &'a [Traced],
    /// The family of the stated case.
    pub members: Option<&'a Members>,
    /// What became of the sections that the case asks for.
    pub sections: Option<&'a [Json]>,
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The decisions.
    pub table: &'a DecisionTable,
    /// Who asks.
    pub caller: &'a Caller,
    /// The key of the caller's cursors.
    pub cursors: &'a CursorKey,
    /// Of each page, by its statement, what its cursors are bound to.
    pub scopes: &'a [(usize, String)],
    /// The pseudonyms of the caller's department.
    pub pseudonyms: &'a Pseudonyms<'a>,
    /// What errors name the decision by, and the record of it.
    pub decision_id: &'a str,
    /// Whether the answer names its record.
    pub names_record: bool,
    /// What is known of objections to what is answered.
    pub disputes: &'a Disputes,
}

/// The values that a root looks up, in the caller's order: of entities each with the number of its type, and
/// of any other root with 0.
pub type Asked = Vec<(usize, String)>;

/// A written answer.
#[derive(Debug)]
pub struct Answer {
    /// The body.
    pub body: Vec<u8>,
    /// How many errors it has.
    pub errors: usize,
}

/// Writes `data` and, where there are any, `errors` and `extensions`.
pub fn write(parts: &Parts<'_>) -> Answer {
    write_behind(parts, Vec::with_capacity(4_096))
}

/// The same behind what was written before.
pub(crate) fn write_behind(parts: &Parts<'_>, before: Vec<u8>) -> Answer {
    let mut writer = Writer { parts, out: before };
    writer.out.extend_from_slice(b"{\"data\":{");
    let mut given = Given { asked: parts.asked.iter(), traced: parts.traced.iter() };
    for (index, root) in parts.plan.roots.iter().enumerate() {
        writer.key(index, &root.key);
        writer.root(&root.field, &mut given);
    }
    writer.out.push(b'}');
    let errors = writer.errors();
    if !errors.is_empty() {
        writer.out.extend_from_slice(b",\"errors\":");
        let text = serde_json::to_vec(&errors).unwrap_or_else(|_| b"[]".to_vec());
        writer.out.extend_from_slice(&text);
    }
    writer.extensions();
    writer.out.push(b'}');
    Answer { body: writer.out, errors: errors.len() }
}

/// What roots are answered from that isn't in their plan, each in the order of its roots.
struct Given<'a> {
    asked: std::slice::Iter<'a, Asked>,
    traced: std::slice::Iter<'a, Traced>,
}

struct Writer<'a> {
    parts: &'a Parts<'a>,
    out: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn key(&mut self, index: usize, key: &str) {
        if index > 0 {
            self.out.push(b',');
        }
        self.out.extend_from_slice(key.as_bytes());
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn errors(&self) -> Vec<Json> {
        let Parts { plan, outcomes, table, decision_id, .. } = self.parts;
        let withheld = plan.withheld.iter().map(|field| withheld(table, field, decision_id));
        let down = plan.fetches.iter().zip(*outcomes);
        let down = down.filter(|(_, outcome)| matches!(outcome, Outcome::Unavailable));
        let traced = self.parts.traced.iter().filter_map(|traced| traced.error.clone());
        let lacks = |fetch: &&Fetch| {
            self.parts.members.zip(fetch.family.as_deref()).is_some_and(|(m, key)| m.lacks_some(key))
        };
        let lacking = plan.fetches.iter().filter(lacks).map(|fetch| without_consent(fetch, decision_id));
        withheld.chain(lacking).chain(down.map(|(fetch, _)| unavailable(fetch))).chain(traced).collect()
    }

    /// What is told beside the data, where there is anything.
    fn extensions(&mut self) {
        let mut told = serde_json::Map::new();
        match self.parts.disputes {
            Disputes::None => {}
            Disputes::Some(disputed) => {
                let marks = marks(self.parts, disputed);
                if !marks.is_empty() {
                    told.insert(String::from("disputes"), Json::from(marks));
                }
            }
            Disputes::Unknown => {
                told.insert(String::from("disputesUnknown"), Json::from(true));
            }
        }
        if self.parts.names_record {
            told.insert(String::from("record"), Json::from(self.parts.decision_id));
        }
        if let Some(sections) = self.parts.sections {
            told.insert(String::from("sections"), Json::from(sections.to_vec()));
        }
        if !told.is_empty() {
            self.push(&format!(",\"extensions\":{}", Json::from(told)));
        }
    }

    fn fetched(&self, fetch: usize) -> Option<&'a Fetched> {
        match &self.parts.outcomes[fetch] {
            Outcome::Rows(fetched) => Some(fetched),
            Outcome::Unavailable | Outcome::NotAsked => None,
        }
    }

    fn root(&mut self, field: &'a RootField, given: &mut Given<'_>) {
        match field {
            RootField::Typename(name) => self.push(name),
            RootField::Null => self.push("null"),
            RootField::Introspection(key) => {
                let value = self.parts.introspection.and_then(|map| map.get(key.as_str()));
                let text = value.map_or_else(|| String::from("null"), |value| value.to_string());
                self.push(&text);
            }
            RootField::Service(fields) => self.service(fields),
            RootField::Viewer(fields) => self.viewer(fields),
            RootField::Records(_) | RootField::Own(_) => {
                self.push(given.traced.next().map_or("null", |traced| &traced.text))
            }
            RootField::One { fetch, object } => {
                let found = self.fetched(*fetch).and_then(|fetched| {
                    let row = match self.parts.value {
                        Some(value) => fetched.first(value),
                        None => fetched.own().next(),
                    };
                    Some((fetched, row?))
                });
                match found {
                    Some((fetched, row)) => self.object(fetched, row, object),
                    None => self.push("null"),
                }
            }
            RootField::Many { fetch, object, .. } => {
                let asked = given.asked.next();
                match (self.fetched(*fetch), asked) {
                    (Some(fetched), Some(asked)) => self.many(fetched, asked, object),
                    _ => self.push("null"),
                }
            }
            RootField::Entities(entities) => match given.asked.next() {
                Some(asked) => self.entities(asked, entities),
                None => self.push("null"),
            },
            RootField::Page(page) => match self.fetched(page.fetch) {
                Some(fetched) => self.page(fetched, page),
                None => self.push("null"),
            },
        }
    }

    /// One entry for each value asked for; `null` where there is no row, or none in the caller's scope.
    fn many(&mut self, fetched: &'a Fetched, asked: &Asked, object: &'a Object) {
        self.out.push(b'[');
        for (index, (_, key)) in asked.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            match fetched.first(key) {
                Some(row) => self.object(fetched, row, object),
                None => self.push("null"),
            }
        }
        self.out.push(b']');
    }

    /// One entry for each representation; `null` where there is no row, or none in the caller's scope, or where
    /// its key may not be looked up.
    fn entities(&mut self, asked: &Asked, entities: &'a Entities) {
        self.out.push(b'[');
        for (index, (of, key)) in asked.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let EntityType { fetch, object, .. } = &entities.types[*of];
            let fetched = fetch.and_then(|fetch| self.fetched(fetch));
            match fetched.and_then(|fetched| Some((fetched, fetched.first(key)?))) {
                Some((fetched, row)) => self.object(fetched, row, object),
                None => self.push("null"),
            }
        }
        self.out.push(b']');
    }

    fn object(&mut self, fetched: &'a Fetched, row: usize, object: &'a Object) {
        self.out.push(b'{');
        for (index, (key, value)) in object.fields.iter().enumerate() {
            self.key(index, key);
            self.value(fetched, row, value);
        }
        self.out.push(b'}');
    }

    fn value(&mut self, fetched: &'a Fetched, row: usize, value: &'a Value) {
        match value {
            Value::Typename(name) => self.push(name),
            Value::Null => self.push("null"),
            Value::Leaf { slot, scalar, granted } => {
                let cell = fetched.rows().cell(row, *slot);
                write_scalar(scalar, granted.mask(), cell, self.parts.pseudonyms, &mut self.out);
            }
            Value::Link { fetch, slot, list, object } => {
                let key = fetched.rows().cell(row, *slot);
                match self.fetched(*fetch) {
                    None => self.push("null"),
                    Some(target) => self.linked(target, key.text().as_deref(), *list, object),
                }
            }
            Value::Summary { fetch, slot, value, scalar, default, granted } => {
                let key = fetched.rows().cell(row, *slot).text();
                match self.fetched(*fetch) {
                    None => self.push("null"),
                    Some(target) => match key.as_ref().and_then(|key| target.first(key)) {
                        // Nothing is known of whoever isn't looked up.
                        None if !self.is_looked_up(*fetch, key.as_deref()) => self.push("null"),
                        None => self.push(default),
                        Some(row) => {
                            write_scalar(
                                scalar,
                                granted.mask(),
                                target.rows().cell(row, *value),
                                self.parts.pseudonyms,
                                &mut self.out,
                            );
                        }
                    },
                }
            }
        }
    }

    /// Whether a statement looks somebody up: in a case those of its family whose consent isn't missing.
    fn is_looked_up(&self, fetch: usize, key: Option<&str>) -> bool {
        let fetch = &self.parts.plan.fetches[fetch];
        match (self.parts.members, fetch.family.as_deref(), key) {
            (Some(members), Some(family), Some(key)) if fetch.by_member => members.has(family, key),
            _ => true,
        }
    }

    fn linked(&mut self, target: &'a Fetched, key: Option<&str>, list: bool, object: &'a Object) {
        let first = key.and_then(|key| target.first(key));
        match (list, first) {
            (true, _) => {
                self.out.push(b'[');
                let rows = key.map(|key| target.each(key)).into_iter().flatten();
                for (index, row) in rows.enumerate() {
                    if index > 0 {
                        self.out.push(b',');
                    }
                    self.object(target, row, object);
                }
                self.out.push(b']');
            }
            (false, Some(row)) => self.object(target, row, object),
            (false, None) => self.push("null"),
        }
    }

    fn page(&mut self, fetched: &'a Fetched, page: &'a Page) {
        let count = fetched.rows().len().min(page.first);
        self.out.push(b'{');
        for (index, (key, field)) in page.fields.iter().enumerate() {
            self.key(index, key);
            match field {
                PageField::Typename(name) => self.push(name),
                PageField::Edges(fields) => {
                    self.rows(count, |this, row| this.edge(fetched, row, page, fields))
                }
                PageField::Nodes(object) => self.rows(count, |this, row| this.object(fetched, row, object)),
                PageField::PageInfo(fields) => self.page_info(fetched, count, page, fields),
            }
        }
        self.out.push(b'}');
    }

    fn rows(&mut self, count: usize, mut write: impl FnMut(&mut Self, usize)) {
        self.out.push(b'[');
        for row in 0..count {
            if row > 0 {
                self.out.push(b',');
            }
            write(self, row);
        }
        self.out.push(b']');
    }

    fn edge(
        &mut self,
        fetched: &'a Fetched,
        row: usize,
        page: &Page,
        fields: &'a [(std::sync::Arc<str>, EdgeField)],
    ) {
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            self.key(index, key);
            match field {
                EdgeField::Typename(name) => self.push(name),
                EdgeField::Node(object) => self.object(fetched, row, object),
                EdgeField::Cursor => self.cursor(fetched, row, page),
            }
        }
        self.out.push(b'}');
    }

    fn cursor(&mut self, fetched: &Fetched, row: usize, page: &Page) {
        let values: Vec<Option<String>> =
            page.cursor.iter().map(|slot| fetched.rows().cell(row, *slot).to_text()).collect();
        let bound = self.parts.scopes.iter().find(|(fetch, _)| *fetch == page.fetch);
        let scope = bound.map_or(&*page.scope, |(_, scope)| scope);
        let cursor = self.parts.cursors.seal(scope, &values);
        write_text(&cursor, &mut self.out);
    }

    fn page_info(
        &mut self,
        fetched: &Fetched,
        count: usize,
        page: &Page,
        fields: &[(std::sync::Arc<str>, PageInfoField)],
    ) {
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            self.key(index, key);
            match field {
                PageInfoField::Typename => self.push("\"PageInfo\""),
                PageInfoField::HasNextPage => self.flag(fetched.rows().len() > page.first),
                PageInfoField::HasPreviousPage => self.flag(page.after),
                PageInfoField::StartCursor if count > 0 => self.cursor(fetched, 0, page),
                PageInfoField::EndCursor if count > 0 => self.cursor(fetched, count - 1, page),
                PageInfoField::StartCursor | PageInfoField::EndCursor => self.push("null"),
            }
        }
        self.out.push(b'}');
    }

    fn flag(&mut self, value: bool) {
        self.push(if value { "true" } else { "false" });
    }

    fn service(&mut self, fields: &[(std::sync::Arc<str>, bool)]) {
        self.out.push(b'{');
        for (index, (key, is_sdl)) in fields.iter().enumerate() {
            self.key(index, key);
            match is_sdl {
                true => write_text(self.parts.service.unwrap_or_default(), &mut self.out),
                false => self.push("\"_Service\""),
            }
        }
        self.out.push(b'}');
    }

    fn viewer(&mut self, fields: &[ViewerField]) {
        let (caller, profile) = (self.parts.caller, self.parts.table.profile());
        self.out.push(b'{');
        for (index, field) in fields.iter().enumerate() {
            self.key(index, &field.key);
            match &field.value {
                ViewerValue::Typename => self.push("\"Viewer\""),
                ViewerValue::Department => write_text(&profile.department, &mut self.out),
                ViewerValue::Role => write_text(&profile.role, &mut self.out),
                ViewerValue::Purpose => write_text(&profile.purpose, &mut self.out),
                ViewerValue::Division => write_text(&caller.division, &mut self.out),
                ViewerValue::Access { of_type, fields } => self.access(of_type.as_deref(), fields),
            }
        }
        self.out.push(b'}');
    }

    fn access(&mut self, of_type: Option<&str>, fields: &[(std::sync::Arc<str>, String)]) {
        let catalogue = self.parts.catalogue;
        let is_meant = |id: &CoordinateId| {
            let name = &catalogue.coordinate(*id).name;
            of_type.is_none_or(|ty| name.split('.').next() == Some(ty))
        };
        let ids: Vec<CoordinateId> = catalogue.coordinate_ids().filter(is_meant).collect();
        self.rows(ids.len(), |this, row| this.access_entry(ids[row], fields));
    }

    fn access_entry(&mut self, id: CoordinateId, fields: &[(std::sync::Arc<str>, String)]) {
        let (table, coordinate) = (self.parts.table, self.parts.catalogue.coordinate(id));
        let decision = table.decision(id);
        self.out.push(b'{');
        for (index, (key, name)) in fields.iter().enumerate() {
            self.key(index, key);
            match name.as_str() {
                "coordinate" => write_text(&coordinate.name, &mut self.out),
                "decision" => write_text(decision.as_str(), &mut self.out),
                "reason" if decision == Decision::Deny => {
                    write_text(table.reason(id).as_str(), &mut self.out)
                }
                "mask" => match decision {
                    Decision::Mask(mask) => write_text(mask.as_str(), &mut self.out),
                    Decision::Clear | Decision::Deny => self.push("null"),
                },
                "reason" => self.push("null"),
                _ => self.push("\"Access\""),
            }
        }
        self.out.push(b'}');
    }
}
