//! A statement while its plan is being compiled: columns are added as fields ask for them.

use std::sync::Arc;

use yimen_policy::{Decision, DecisionTable, Granted, Permit, RowScope, is_public};
use yimen_schema::{Catalogue, FieldDef, Link, OrderTerm, Resource, Scalar, Summary};

use crate::fetch::members_key;
use crate::plan::arguments::{Condition, ListArguments};
use crate::plan::sql::{
    Aggregate, Dialect, Members, Moves, Places, RowsWanted, Select, Term, Where, Widths, write,
};
use crate::plan::{Fetch, Keys};

/// A statement to be. It can't be made without the permit for its rows.
pub(crate) struct Draft {
    permit: Permit,
    keys: Keys,
    rows: DraftRows,
    /// Fields of the resource, in the order of their slots.
    columns: Vec<usize>,
    path: Vec<String>,
}

/// What a statement's form depends on besides its draft.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) dialect: Dialect,
    pub(crate) widths: Widths,
    /// Whether its rows hang below people of the register.
    pub(crate) follows: bool,
}

/// Which rows a draft reads; field numbers instead of names.
pub(crate) enum DraftRows {
    Unique { by: usize },
    Each { by: usize, list: ListArguments },
    Summary { by: usize, values: Vec<usize>, on: yimen_schema::ResourceId },
    Page { list: ListArguments },
}

impl Draft {
    pub(crate) fn new(permit: Permit, keys: Keys, rows: DraftRows, path: Vec<String>) -> Self {
        Draft { permit, keys, rows, columns: Vec::new(), path }
    }

    /// The department whose database is asked.
    pub(crate) fn owner<'a>(&self, catalogue: &'a Catalogue) -> &'a str {
        &catalogue.resource(self.permit.resource()).owner
    }

    /// The slot of an item that may be answered.
    pub(crate) fn output(&mut self, _granted: Granted, field: usize) -> usize {
        self.slot(field)
    }

    /// The slot of an item that rows are joined or paged by, and that is not answered by this.
    pub(crate) fn join(&mut self, field: usize) -> usize {
        self.slot(field)
    }

    fn slot(&mut self, field: usize) -> usize {
        let at = self.columns.iter().position(|known| *known == field).unwrap_or_else(|| {
            self.columns.push(field);
            self.columns.len() - 1
        });
        at + self.key_columns()
    }

    /// Rows that are found by a key carry it in the first column.
    fn key_columns(&self) -> usize {
        usize::from(!matches!(self.rows, DraftRows::Page { .. }))
    }

    /// The slot of a summary's value; a summary's draft has no other columns.
    pub(crate) fn value(&mut self, field: usize) -> usize {
        let DraftRows::Summary { values, .. } = &mut self.rows else {
            unreachable!("only summaries have values")
        };
        let at = values.iter().position(|known| *known == field).unwrap_or_else(|| {
            values.push(field);
            values.len() - 1
        });
        at + 1
    }

    /// Whether this draft summarises the same rows for the same parents.
    pub(crate) fn summarises(&self, parent: (usize, usize), of: &Summary) -> bool {
        let same_parent = matches!(self.keys, Keys::Parent { fetch, slot } if (fetch, slot) == parent);
        let same_rows = matches!(self.rows, DraftRows::Summary { by, .. } if by == of.to);
        same_parent && same_rows && self.permit.resource() == of.of
    }

    /// The statement in the dialect of its database.
    pub(crate) fn finish(
        mut self,
        catalogue: &Catalogue,
        Form { dialect, widths, follows }: Form,
        table: &DecisionTable,
    ) -> Fetch {
        let in_case = table.is_in_case();
        let resource = catalogue.resource(self.permit.resource());
        let subject_slot = self.subject(resource);
        let division_slot = self.division(resource);
        let as_of_slot = if in_case { self.as_of(resource, table) } else { None };
        let scope = match self.permit.rows() {
            RowScope::OwnDivision => resource.division,
            RowScope::Everywhere => None,
        };
        let select = Select {
            table: &resource.table,
            columns: self.columns.iter().map(|field| column(resource, *field)).collect(),
            rows: rows_wanted(catalogue, resource, &self.rows),
            conditions: conditions(resource, &self.rows),
            division: scope.map(|field| column(resource, field)),
            widths,
            members: if in_case { self.members(catalogue, resource) } else { None },
            moves: if in_case { self.moves(catalogue, resource, follows) } else { Moves::None },
        };
        let former_slot = select.former().is_some().then_some(self.key_columns() + self.columns.len());
        let family = (in_case && resource.subject.is_some()).then(|| family_key(resource));
        // Values are looked up together with those of other cases; each case looks up its own members only.
        let by_member = in_case && self.by() == resource.subject && resource.subject.is_some();
        let (sql, binds) = write(dialect, &select);
        let mut columns = self.column_types(catalogue, resource);
        columns.extend(former_slot.map(|_| Scalar::String));
        let key_slot = (self.key_columns() == 1).then_some(0);
        Fetch {
            department: resource.owner.clone(),
            resource: Arc::from(resource.name.as_str()),
            keys: self.keys,
            sql: Arc::from(sql),
            binds,
            columns,
            key_slot,
            subject_slot,
            division_slot,
            family,
            as_of_slot,
            by_member,
            former_slot,
            path: self.path,
            permit: self.permit,
        }
    }

    /// Whether rows are those of people whom the register has in the statement above.
    pub(crate) fn follows(&self, drafts: &[Draft], catalogue: &Catalogue) -> bool {
        let Keys::Parent { fetch, slot } = self.keys else { return false };
        let (above, own) = (&drafts[fetch], catalogue.resource(self.permit.resource()));
        let register = catalogue.resource(above.permit.resource());
        let looked_up = match slot.checked_sub(above.key_columns()) {
            Some(at) => above.columns.get(at).copied(),
            None => above.by(),
        };
        is_register(register)
            && matches!(above.rows, DraftRows::Unique { .. })
            && looked_up == register.subject
            && self.by() == own.subject
            // Where somebody lived is told of each place by itself.
            && own.lived_until.is_none()
    }

    /// What a move changes of which rows are read.
    fn moves<'a>(&self, catalogue: &'a Catalogue, resource: &'a Resource, follows: bool) -> Moves<'a> {
        let subject = match resource.subject {
            Some(subject) if self.permit.rows() == RowScope::OwnDivision => column(resource, subject),
            _ => return Moves::None,
        };
        if follows {
            return Moves::Followed { subject };
        }
        match places(catalogue, resource) {
            Some(places) if is_register(resource) && matches!(self.rows, DraftRows::Unique { .. }) => {
                Moves::Register(places)
            }
            _ => Moves::None,
        }
    }

    /// The day on which a row was true, for the status of its section.
    fn as_of(&mut self, resource: &Resource, table: &DecisionTable) -> Option<usize> {
        let field = resource.as_of?;
        let may_be_told = table.decision(resource.fields[field].coordinate) == Decision::Clear;
        let is_summary = matches!(self.rows, DraftRows::Summary { .. });
        (may_be_told && !is_summary).then(|| self.slot(field))
    }

    /// The field that rows are found by.
    fn by(&self) -> Option<usize> {
        match &self.rows {
            DraftRows::Unique { by } | DraftRows::Each { by, .. } | DraftRows::Summary { by, .. } => {
                Some(*by)
            }
            DraftRows::Page { .. } => None,
        }
    }

    /// The condition that rows are those of the case's family. Rows that are found by their person need
    /// none, for only members are looked up.
    fn members<'a>(&self, catalogue: &'a Catalogue, resource: &'a Resource) -> Option<Members<'a>> {
        match (self.by(), resource.subject) {
            (Some(by), Some(subject)) if by == subject => None,
            (_, Some(subject)) => {
                Some(Members::Own { column: column(resource, subject), family: family_key(resource) })
            }
            (_, None) if matches!(self.keys, Keys::Parent { .. }) => None,
            (_, None) => {
                let link = family_link(catalogue, resource)?;
                let target = catalogue.resource(link.target);
                Some(Members::Linked {
                    table: &target.table,
                    near: column(resource, link.from),
                    far: column(target, link.to),
                    column: column(target, target.subject?),
                    family: family_key(target),
                })
            }
        }
    }

    /// Whose rows these are is read with every row, for the record of the operation alone.
    fn subject(&mut self, resource: &Resource) -> Option<usize> {
        let subject = resource.subject?;
        match &self.rows {
            DraftRows::Unique { by } | DraftRows::Each { by, .. } | DraftRows::Summary { by, .. }
                if *by == subject =>
            {
                Some(0)
            }
            // A summary's row is about the person that it is found by, or about nobody in particular.
            DraftRows::Summary { .. } => None,
            _ => Some(self.slot(subject)),
        }
    }

    /// Of rows from everywhere, it is recorded how far from the caller's division they are.
    fn division(&mut self, resource: &Resource) -> Option<usize> {
        match (self.permit.rows(), &self.rows) {
            (RowScope::OwnDivision, _) | (_, DraftRows::Summary { .. }) => None,
            (RowScope::Everywhere, _) => resource.division.map(|field| self.slot(field)),
        }
    }

    fn column_types(&self, catalogue: &Catalogue, resource: &Resource) -> Vec<Scalar> {
        let key = match &self.rows {
            DraftRows::Unique { by } | DraftRows::Each { by, .. } | DraftRows::Summary { by, .. } => {
                Some(*by)
            }
            DraftRows::Page { .. } => None,
        };
        let fields = key.into_iter().chain(self.columns.iter().copied());
        let mut types: Vec<Scalar> = fields.map(|field| resource.item(field).scalar.clone()).collect();
        if let DraftRows::Summary { values, on, .. } = &self.rows {
            let on = catalogue.resource(*on);
            types.extend(values.iter().map(|field| summary(on, *field).scalar.clone()));
        }
        types
    }
}

/// Whether rows are people, and not something about them.
fn is_register(resource: &Resource) -> bool {
    resource.subject == Some(resource.key) && resource.division.is_some()
}

/// The places where people of a register live and lived, in the same database.
fn places<'a>(catalogue: &'a Catalogue, register: &'a Resource) -> Option<Places<'a>> {
    let of_register = |of: &&Resource| of.lived_until.is_some() && of.owner == register.owner;
    let of = catalogue.resources.iter().find(of_register)?;
    Some(Places {
        table: &of.table,
        register: &register.table,
        near: column(register, register.subject?),
        far: column(of, of.subject?),
        division: column(of, of.division?),
        until: column(of, of.lived_until?),
    })
}

/// The link by which a resource about no person leads to people in the same database: a household's members.
pub(crate) fn family_link<'a>(catalogue: &'a Catalogue, resource: &'a Resource) -> Option<&'a Link> {
    resource.fields.iter().find_map(|field| match &field.def {
        FieldDef::Link(link) if link.list && !is_public(resource) => {
            let target = catalogue.resource(link.target);
            (target.owner == resource.owner && target.subject.is_some()).then_some(link)
        }
        _ => None,
    })
}

fn family_key(resource: &Resource) -> Arc<str> {
    members_key(&resource.owner, &resource.section).into()
}

fn column(resource: &Resource, field: usize) -> &str {
    &resource.item(field).column
}

fn summary(resource: &Resource, field: usize) -> &Summary {
    match &resource.fields[field].def {
        FieldDef::Summary(summary) => summary,
        FieldDef::Item(_) | FieldDef::Link(_) => {
            unreachable!("only summaries are values of a summary's draft")
        }
    }
}

fn rows_wanted<'a>(catalogue: &'a Catalogue, resource: &'a Resource, rows: &DraftRows) -> RowsWanted<'a> {
    match rows {
        DraftRows::Unique { by } => RowsWanted::Unique { key: column(resource, *by) },
        DraftRows::Each { by, list } => RowsWanted::Each {
            key: column(resource, *by),
            order: terms(resource, &list.order),
            first: list.first,
        },
        DraftRows::Summary { by, values, on } => {
            let on = catalogue.resource(*on);
            let aggregate = |field: &usize| {
                let summary = summary(on, *field);
                let conditions = summary.conditions.iter();
                Aggregate {
                    function: summary.function,
                    column: summary.item.map(|item| column(resource, item)),
                    conditions: conditions
                        .map(|(field, value)| {
                            (column(resource, *field), &resource.item(*field).scalar, value.as_str())
                        })
                        .collect(),
                }
            };
            RowsWanted::Summary { key: column(resource, *by), values: values.iter().map(aggregate).collect() }
        }
        DraftRows::Page { list } => RowsWanted::Page {
            order: terms(resource, &list.order),
            first: list.first,
            after: list.after.is_some(),
        },
    }
}

/// The order with the key behind it, without which pages could repeat or lose rows.
fn terms<'a>(resource: &'a Resource, order: &[OrderTerm]) -> Vec<Term<'a>> {
    let mut terms: Vec<Term<'a>> = Vec::new();
    for OrderTerm { field, direction } in full_order(resource, order) {
        let item = resource.item(field);
        terms.push(Term {
            column: &item.column,
            scalar: &item.scalar,
            direction,
            is_key: field == resource.key,
        });
    }
    terms
}

/// An order up to and including the key.
pub(crate) fn full_order(resource: &Resource, order: &[OrderTerm]) -> Vec<OrderTerm> {
    let mut full: Vec<OrderTerm> = Vec::new();
    for term in order {
        full.push(*term);
        if term.field == resource.key {
            return full;
        }
    }
    full.push(OrderTerm { field: resource.key, direction: yimen_schema::Direction::Ascending });
    full
}

fn conditions<'a>(resource: &'a Resource, rows: &DraftRows) -> Vec<Where<'a>> {
    let list = match rows {
        DraftRows::Each { list, .. } | DraftRows::Page { list } => list,
        DraftRows::Unique { .. } | DraftRows::Summary { .. } => return Vec::new(),
    };
    let condition = |condition: &Condition| Where {
        column: column(resource, condition.field),
        scalar: &resource.item(condition.field).scalar,
        operator: condition.operator,
        bind: condition.bind.clone(),
    };
    list.conditions.iter().map(condition).collect()
}
