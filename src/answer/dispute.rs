//! Marks of values that somebody objects to (`extensions.disputes`): a second pass over what was written,
//! made only where somebody objects to a value about one of the people in the answer.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use yimen_schema::{Catalogue, CoordinateId};

use crate::answer::write::{Asked, Parts};
use crate::fetch::{Fetched, Outcome};
use crate::objection::{MAX_TOLD, Open};
use crate::plan::{EdgeField, EntityType, Object, Page, PageField, RootField, Value};

/// Open objections by citizen number and value.
#[derive(Debug, Default)]
pub struct Disputed {
    by_value: HashMap<(String, CoordinateId), Open>,
}

impl Disputed {
    /// What is disputed about some people, each with what is open about them.
    pub(crate) fn new(catalogue: &Catalogue, open: impl IntoIterator<Item = (String, Open)>) -> Self {
        let by_value = open.into_iter().filter_map(|(number, open)| {
            // A value that left the catalogue can't be in an answer.
            Some(((number, catalogue.coordinate_named(&open.coordinate)?), open))
        });
        Disputed { by_value: by_value.collect() }
    }

    /// Whether nothing is disputed.
    pub(crate) fn is_empty(&self) -> bool {
        self.by_value.is_empty()
    }
}

/// The marks of an answer, in its order, at most 1,000.
pub(crate) fn marks(parts: &Parts<'_>, disputed: &Disputed) -> Vec<Json> {
    let mut marker = Marker { parts, disputed, path: Vec::new(), marks: Vec::new() };
    let mut asked = parts.asked.iter();
    for root in &parts.plan.roots {
        marker.within(name(&root.key), |marker| marker.root(&root.field, &mut asked));
    }
    marker.marks
}

/// The response key of what is written as `"key":`.
fn name(key: &str) -> Json {
    Json::from(key.trim_end_matches(':').trim_matches('"'))
}

struct Marker<'a> {
    parts: &'a Parts<'a>,
    disputed: &'a Disputed,
    path: Vec<Json>,
    marks: Vec<Json>,
}

impl<'a> Marker<'a> {
    fn within(&mut self, step: Json, walk: impl FnOnce(&mut Self)) {
        if self.marks.len() < MAX_TOLD {
            self.path.push(step);
            walk(self);
            self.path.pop();
        }
    }

    fn fetched(&self, fetch: usize) -> Option<&'a Fetched> {
        match &self.parts.outcomes[fetch] {
            Outcome::Rows(fetched) => Some(fetched),
            Outcome::Unavailable | Outcome::NotAsked => None,
        }
    }

    fn root(&mut self, field: &'a RootField, asked: &mut std::slice::Iter<'_, Asked>) {
        match field {
            RootField::One { fetch, object } => {
                let Some(fetched) = self.fetched(*fetch) else { return };
                if let Some(row) = fetched.own().next() {
                    self.object(*fetch, fetched, row, object);
                }
            }
            RootField::Many { fetch, object, .. } => {
                let (Some(fetched), Some(keys)) = (self.fetched(*fetch), asked.next()) else { return };
                let rows = keys.iter().map(|(_, key)| fetched.first(key)).enumerate();
                for (at, row) in rows.filter_map(|(at, row)| Some((at, row?))) {
                    self.within(at.into(), |marker| marker.object(*fetch, fetched, row, object));
                }
            }
            RootField::Entities(entities) => {
                for (at, (of, key)) in asked.next().into_iter().flatten().enumerate() {
                    let EntityType { fetch: Some(fetch), object, .. } = &entities.types[*of] else {
                        continue;
                    };
                    let found = self.fetched(*fetch).and_then(|fetched| Some((fetched, fetched.first(key)?)));
                    let Some((fetched, row)) = found else { continue };
                    self.within(at.into(), |marker| marker.object(*fetch, fetched, row, object));
                }
            }
            RootField::Page(page) => self.page(page),
            _ => {}
        }
    }

    fn page(&mut self, page: &'a Page) {
        let Some(fetched) = self.fetched(page.fetch) else { return };
        let rows = 0..fetched.rows().len().min(page.first);
        for (key, field) in &page.fields {
            let nodes: Vec<(Option<Json>, &'a Object)> = match field {
                PageField::Nodes(object) => vec![(None, object)],
                PageField::Edges(fields) => fields
                    .iter()
                    .filter_map(|(key, field)| match field {
                        EdgeField::Node(object) => Some((Some(name(key)), object)),
                        _ => None,
                    })
                    .collect(),
                _ => continue,
            };
            for (row, (step, object)) in
                rows.clone().flat_map(|row| nodes.iter().map(move |node| (row, node)))
            {
                let steps = [Some(name(key)), Some(row.into()), step.clone()];
                let depth = self.path.len();
                self.path.extend(steps.into_iter().flatten());
                self.object(page.fetch, fetched, row, object);
                self.path.truncate(depth);
            }
        }
    }

    fn object(&mut self, fetch: usize, fetched: &'a Fetched, row: usize, object: &'a Object) {
        let slot = self.parts.plan.fetches[fetch].subject_slot;
        let person = slot.and_then(|slot| fetched.rows().cell(row, slot).text());
        for (key, value) in &object.fields {
            match value {
                Value::Leaf { granted, .. } => {
                    let Some(person) = &person else { continue };
                    let of = (person.clone().into_owned(), granted.coordinate());
                    if let Some(open) = self.disputed.by_value.get(&of) {
                        self.mark(name(key), open);
                    }
                }
                Value::Link { fetch, slot, list, object } => {
                    let Some(target) = self.fetched(*fetch) else { continue };
                    let Some(from) = fetched.rows().cell(row, *slot).text() else { continue };
                    self.within(name(key), |marker| match list {
                        true => {
                            for (at, row) in target.each(&from).enumerate() {
                                marker.within(at.into(), |m| m.object(*fetch, target, row, object));
                            }
                        }
                        false => {
                            if let Some(row) = target.first(&from) {
                                marker.object(*fetch, target, row, object);
                            }
                        }
                    });
                }
                _ => {}
            }
        }
    }

    fn mark(&mut self, step: Json, open: &Open) {
        if self.marks.len() == MAX_TOLD {
            return;
        }
        let mut path = self.path.clone();
        path.push(step);
        self.marks.push(json!({
            "path": path,
            "coordinate": open.coordinate,
            "since": open.since,
            "hasProof": open.has_proof,
        }));
    }
}
