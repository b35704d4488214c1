//! What an answer tells, held against what may be told: every value that is its cell's own, wherever it stands,
//! and every field of the data by its place.

use std::cell::RefCell;
use std::collections::HashMap;

use serde_json::Value as Json;
use yimen_schema::{CoordinateId, FieldDef, Mask, ResourceId, RootKind, SummaryFn};

use crate::differential::expected::{Collected, collect};
use crate::differential::operation::{Operation, Selection};
use crate::differential::resolve::County;
use crate::differential::rows::Stored;
use crate::forbidden::decision::{Asker, Reference, Row, Told};
use crate::forbidden::divisions;
use crate::forbidden::grants::TODAY;
use crate::forbidden::marks::{Cell, Marks};

/// What is looked through.
pub(crate) struct Search<'a> {
    pub(crate) county: &'a County,
    pub(crate) marks: &'a Marks,
    pub(crate) reference: &'a Reference,
    pub(crate) asker: &'a Asker,
    pub(crate) rows: &'a [Row],
    pub(crate) operation: &'a Operation,
    /// What was asked of the reference before, which is slow.
    pub(crate) memory: Memory,
}

#[derive(Default)]
pub(crate) struct Memory {
    told: RefCell<HashMap<CoordinateId, Told>>,
    by_files: RefCell<HashMap<CoordinateId, Told>>,
    fields: RefCell<HashMap<(ResourceId, usize), bool>>,
}

/// What an answer told that it might.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// Values of cells.
    pub(crate) values: u64,
    /// Those of them that grants alone opened.
    pub(crate) opened: u64,
    /// Values that grants alone let be told reduced.
    pub(crate) reduced: u64,
}

impl Search<'_> {
    /// What a body tells.
    ///
    /// # Errors
    /// What it tells that is forbidden.
    pub(crate) fn through(&self, body: &str) -> Result<Seen, String> {
        let mut seen = Seen::default();
        for (text, cells) in self.marks.found(body) {
            let Some(cell) = cells.iter().find(|cell| self.may_tell(**cell)) else {
                let names: Vec<&str> = cells.iter().map(|cell| self.name(self.coordinate(*cell))).collect();
                return Err(format!("`{text}` stands in the answer, a value of {}", names.join(", ")));
            };
            seen.values += 1;
            let by_files = self.by_files(self.coordinate(*cell));
            seen.opened += u64::from(cells.len() == 1 && by_files < Told::Whole);
        }
        let answer: Json = serde_json::from_str(body).map_err(|error| error.to_string())?;
        if let Json::Object(data) = &answer["data"] {
            for collected in self.below(&[&self.operation.selections]) {
                self.root(&collected, &data[collected.field.key()], &mut seen)?;
            }
        }
        Ok(seen)
    }

    fn may_tell(&self, cell: Cell) -> bool {
        let profile = &self.asker.profile;
        let is_row_read = self.reference.reads_everywhere(profile, cell.resource) || self.lies_within(cell);
        is_row_read && self.may_tell_field(cell)
    }

    /// Whether a row is of the asker's division, or of one whose place that took.
    fn lies_within(&self, cell: Cell) -> bool {
        let division = self.county.catalogue.resource(cell.resource).division;
        match division.map(|at| self.county.rows.value(cell.resource, cell.row, at)) {
            Some(Stored::Text(division)) => divisions::reads(&self.asker.division, division, TODAY),
            _ => false,
        }
    }

    /// Whether values of a field may be told whole: by themselves, or as the greatest of some, or as the sum of one.
    fn may_tell_field(&self, cell: Cell) -> bool {
        let key = (cell.resource, cell.field);
        if let Some(known) = self.memory.fields.borrow().get(&key) {
            return *known;
        }
        let fields = self.county.catalogue.resources.iter().flat_map(|resource| &resource.fields);
        let computed = fields.filter(|field| {
            matches!(&field.def, FieldDef::Summary(summary) if summary.of == cell.resource
                && summary.item == Some(cell.field)
                && matches!(summary.function, SummaryFn::Max | SummaryFn::Sum))
        });
        let mut ways = computed.map(|field| field.coordinate).chain([self.coordinate(cell)]);
        let may = ways.any(|id| self.told(id) == Told::Whole);
        self.memory.fields.borrow_mut().insert(key, may);
        may
    }

    fn told(&self, id: CoordinateId) -> Told {
        if let Some(known) = self.memory.told.borrow().get(&id) {
            return *known;
        }
        let told = self.reference.told(self.asker, self.rows, id);
        self.memory.told.borrow_mut().insert(id, told);
        told
    }

    fn by_files(&self, id: CoordinateId) -> Told {
        if let Some(known) = self.memory.by_files.borrow().get(&id) {
            return *known;
        }
        let told = self.reference.by_files(&self.asker.profile, id);
        self.memory.by_files.borrow_mut().insert(id, told);
        told
    }

    fn coordinate(&self, cell: Cell) -> CoordinateId {
        self.county.catalogue.resource(cell.resource).fields[cell.field].coordinate
    }

    fn name(&self, id: CoordinateId) -> &str {
        &self.county.catalogue.coordinate(id).name
    }

    fn below<'o>(&'o self, sets: &[&'o [Selection]]) -> Vec<Collected<'o>> {
        let mut collected = Vec::new();
        sets.iter().for_each(|set| collect(self.operation, set, &mut collected));
        collected
    }

    fn root(&self, collected: &Collected<'_>, json: &Json, seen: &mut Seen) -> Result<(), String> {
        let Some(root) = self.county.catalogue.roots.get(&collected.field.name) else { return Ok(()) };
        match root.kind {
            RootKind::One { .. } | RootKind::Many { .. } => self.rows(root.resource, collected, json, seen),
            RootKind::Page { .. } => self.page(root.resource, collected, json, seen),
        }
    }

    /// Connections and edges; rows lie below `node` and `nodes`.
    fn page(&self, id: ResourceId, at: &Collected<'_>, json: &Json, seen: &mut Seen) -> Result<(), String> {
        match json {
            Json::Array(items) => items.iter().try_for_each(|item| self.page(id, at, item, seen)),
            Json::Object(object) => self.below(&at.sets).iter().try_for_each(|collected| {
                let value = &object[collected.field.key()];
                match collected.field.name.as_str() {
                    "node" | "nodes" => self.rows(id, collected, value, seen),
                    "edges" => self.page(id, collected, value, seen),
                    _ => Ok(()),
                }
            }),
            _ => Ok(()),
        }
    }

    fn rows(&self, id: ResourceId, at: &Collected<'_>, json: &Json, seen: &mut Seen) -> Result<(), String> {
        match json {
            Json::Array(items) => items.iter().try_for_each(|item| self.rows(id, at, item, seen)),
            Json::Object(object) => self
                .below(&at.sets)
                .iter()
                .try_for_each(|collected| self.field(id, collected, &object[collected.field.key()], seen)),
            _ => Ok(()),
        }
    }

    fn field(&self, id: ResourceId, at: &Collected<'_>, json: &Json, seen: &mut Seen) -> Result<(), String> {
        let Some((_, field)) = self.county.catalogue.resource(id).field(&at.field.name) else {
            return Ok(());
        };
        if let FieldDef::Link(link) = &field.def {
            return self.rows(link.target, at, json, seen);
        }
        if json.is_null() {
            return Ok(());
        }
        let (id, told) = (field.coordinate, self.told(field.coordinate));
        let mask = self.county.catalogue.coordinate(id).mask;
        let fits = match (told, mask) {
            (Told::Whole, _) => true,
            (Told::Reduced, Some(mask)) => is_reduced(mask, json.as_str().unwrap_or_default()),
            (Told::Reduced, None) | (Told::Nothing, _) => false,
        };
        if told == Told::Reduced && self.by_files(id) == Told::Nothing {
            seen.reduced += 1;
        }
        if fits {
            Ok(())
        } else {
            Err(format!("{} is answered {json}, of which may be told: {told:?}", self.name(id)))
        }
    }
}

/// Whether a text can be what a mask leaves.
fn is_reduced(mask: Mask, text: &str) -> bool {
    match mask {
        Mask::CitizenId | Mask::Phone | Mask::Name | Mask::Last4 => text.contains('*'),
        // A number is 18 characters long, and ends in digits that no pseudonym has by chance.
        Mask::Pseudonym => text.len() != 18,
        Mask::Year => text.len() == 4,
        Mask::Band => text.starts_with('[') || text.starts_with('('),
        Mask::Address => text.ends_with("***") || text.ends_with("000000"),
    }
}
