//! From fields to statements, asking for a permit at every step: what isn't granted is not fetched.

use std::sync::Arc;

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::OperationType;
use apollo_compiler::executable::{Operation, SelectionSet};
use apollo_compiler::response::JsonMap;
use yimen_policy::{Decision, DecisionTable, Permit, Reason, is_public};
use yimen_schema::{
    Catalogue, CoordinateId, Field, FieldDef, Link, OwnField, Resource, ResourceId, RootKind, RootType,
    Summary, SummaryFn,
};

use crate::plan::arguments::{ListArguments, Reader, Refusal};
use crate::plan::collect::{Collected, collect, collect_on};
use crate::plan::draft::{Draft, DraftRows, Form, family_link, full_order};
use crate::plan::entities::{Entities, EntityKey, EntityType, Representations};
use crate::plan::error::{Invalid, code};
use crate::plan::limits::Limits;
use crate::plan::lists::Lists;
use crate::plan::sql::{Dialect, Widths};
use crate::plan::{
    EdgeField, Keys, Object, Own, Page, PageField, PageInfoField, Plan, Records, Root, RootField, Value,
    ViewerField, ViewerValue, Withheld,
};

/// What a plan is compiled from.
pub struct Context<'a> {
    /// The catalogue.
    pub catalogue: &'a Catalogue,
    /// The decisions for the caller.
    pub table: &'a DecisionTable,
    /// The validated document.
    pub document: &'a ExecutableDocument,
    /// The coerced variables.
    pub variables: &'a JsonMap,
    /// The bounds of operations.
    pub limits: &'a Limits,
    /// How many ranges of codes statements have room for.
    pub widths: Widths,
    /// The dialect of each department's database.
    pub dialect: &'a dyn Fn(&str) -> Dialect,
}

/// Compiles an operation for one set of decisions.
///
/// # Errors
/// What is wrong with the request's arguments, or that it would read too many rows.
pub fn compile(context: &Context<'_>, operation: &Operation) -> Result<Plan, Invalid> {
    let reader = Reader { catalogue: context.catalogue, table: context.table, variables: context.variables };
    let mut compiler = Compiler {
        context,
        reader,
        drafts: Vec::new(),
        withheld: Vec::new(),
        outcomes: Vec::new(),
        lookups: Vec::new(),
        path: Vec::new(),
        cost: 0,
        on: root_type(operation),
    };
    let roots = compiler.roots(&operation.selection_set)?;
    one_change(&roots)?;
    compiler.within_budget(0)?;
    let follows: Vec<bool> =
        compiler.drafts.iter().map(|draft| draft.follows(&compiler.drafts, context.catalogue)).collect();
    let finish = |(draft, follows): (Draft, bool)| {
        let owner = draft.owner(context.catalogue);
        let form = Form { dialect: (context.dialect)(owner), widths: context.widths, follows };
        draft.finish(context.catalogue, form, context.table)
    };
    let mut outcomes = compiler.outcomes;
    outcomes.sort_by_key(|(id, _)| *id);
    outcomes.dedup();
    Ok(Plan {
        roots,
        fetches: compiler.drafts.into_iter().zip(follows).map(finish).collect(),
        withheld: compiler.withheld,
        outcomes,
        lookups: compiler.lookups,
        cost: compiler.cost,
        lists: Lists::default(),
    })
}

struct Compiler<'a> {
    context: &'a Context<'a>,
    reader: Reader<'a>,
    drafts: Vec<Draft>,
    withheld: Vec<Withheld>,
    outcomes: Vec<(CoordinateId, Decision)>,
    lookups: Vec<CoordinateId>,
    /// Response keys from the root to where the compiler stands.
    path: Vec<String>,
    cost: u64,
    /// Whether the operation is a mutation.
    on: RootType,
}

/// Where rows are read, and how many of them as a rule.
#[derive(Clone, Copy)]
struct At<'a> {
    fetch: usize,
    resource: &'a Resource,
    rows: u64,
}

impl<'a> Compiler<'a> {
    fn collect(&self, sets: &[&'a SelectionSet]) -> Vec<Collected<'a>> {
        collect(self.context.document, self.context.variables, sets)
    }

    fn within_budget(&self, more: u64) -> Result<(), Invalid> {
        let (cost, bound) = (self.cost.saturating_add(more), self.context.limits.cost);
        if cost <= bound {
            return Ok(());
        }
        Err(Invalid::too_expensive(cost, bound))
    }

    /// Answers a refusal: a field that is withheld becomes `null`, anything else ends the request.
    fn withhold(&mut self, refusal: Refusal) -> Result<(), Invalid> {
        match refusal {
            Refusal::Invalid(invalid) => Err(invalid),
            Refusal::Denied(coordinate) => {
                self.deny(coordinate);
                Ok(())
            }
            Refusal::NotInCase(coordinate) => {
                self.deny(coordinate);
                if let Some(withheld) = self.withheld.last_mut() {
                    withheld.reason = Some(Reason::NotInCase);
                }
                Ok(())
            }
        }
    }

    fn deny(&mut self, coordinate: CoordinateId) {
        self.outcomes.push((coordinate, Decision::Deny));
        self.withheld.push(Withheld { path: self.path.clone(), coordinate, reason: None });
    }

    fn allow(&mut self, coordinate: CoordinateId) {
        self.outcomes.push((coordinate, self.context.table.decision(coordinate)));
    }

    fn roots(&mut self, set: &'a SelectionSet) -> Result<Vec<Root>, Invalid> {
        let mut roots = Vec::new();
        for collected in self.collect(&[set]) {
            self.path.push(collected.key.to_owned());
            let field = self.root(&collected)?;
            self.path.pop();
            roots.push(Root { key: json_key(collected.key), field });
        }
        Ok(roots)
    }

    fn root(&mut self, collected: &Collected<'a>) -> Result<RootField, Invalid> {
        let name = collected.field.name.as_str();
        match name {
            "__typename" => {
                return Ok(RootField::Typename(match self.on {
                    RootType::Query => "\"Query\"",
                    RootType::Mutation => "\"Mutation\"",
                    RootType::Subscription => "\"Subscription\"",
                }));
            }
            "__schema" | "__type" => return Ok(RootField::Introspection(collected.key.to_owned())),
            "_entities" => return self.entities(collected).map(RootField::Entities),
            "_service" => return Ok(RootField::Service(self.service(&collected.sets))),
            "viewer" => return Ok(RootField::Viewer(self.viewer(&collected.sets))),
            "accessesTo" => return Ok(self.records("accessesTo", collected)),
            "accessRecords" => return Ok(self.records("accessRecords", collected)),
            _ => {}
        }
        if let Some(own) = self.own(name) {
            let from = (self.context.document, self.context.variables);
            let own = Own::new(own, from, collected.field, &collected.sets, self.path.clone());
            return Ok(RootField::Own(own));
        }
        let Some(root) = self.context.catalogue.roots.get(name) else {
            return Err(Invalid::new(code::VALIDATION_FAILED, format!("no root field `{name}`")));
        };
        let answer = match root.kind {
            RootKind::One { by } => self.one(collected, root.resource, by),
            RootKind::Many { by, limit } => self.many(collected, root.resource, by, limit),
            RootKind::Page { limit } => self.page(collected, root.resource, limit),
        };
        match answer {
            Ok(field) => Ok(field),
            Err(refusal) => self.withhold(refusal).map(|()| RootField::Null),
        }
    }

    /// The statement of a root that looks rows up by its argument.
    fn keyed(
        &mut self,
        collected: &Collected<'a>,
        id: ResourceId,
        by: usize,
        limit: u32,
    ) -> Result<At<'a>, Refusal> {
        let permit = self.may_look_up(id, by)?;
        let scalar = &self.reader.resource(id).item(by).scalar;
        let values = self.reader.key_values(collected.field, scalar, limit > 1)?;
        let keys = Keys::Argument { values, limit: limit as usize };
        Ok(self.look_up(permit, (id, by), keys))
    }

    /// Asks whether rows may be looked up by the values of a field.
    fn may_look_up(&mut self, id: ResourceId, by: usize) -> Result<Permit, Refusal> {
        let resource = self.reader.resource(id);
        let coordinate = resource.fields[by].coordinate;
        self.lookups.push(coordinate);
        let argument = self.context.table.lookup(coordinate).map_err(|_| Refusal::Denied(coordinate))?;
        self.may_begin_at(resource)?;
        self.allow(argument.coordinate());
        self.context.table.enter(id).map_err(|_| Refusal::Denied(coordinate))
    }

    fn look_up(&mut self, permit: Permit, (id, by): (ResourceId, usize), keys: Keys) -> At<'a> {
        let fetch = self.draft(Draft::new(permit, keys, DraftRows::Unique { by }, self.path.clone()));
        At { fetch, resource: self.reader.resource(id), rows: 1 }
    }

    /// The entities that a router asks for: one statement for each type that something is selected of.
    fn entities(&mut self, collected: &Collected<'a>) -> Result<Entities, Invalid> {
        let catalogue = self.context.catalogue;
        // The name alone is selected of every type at once, and asks for none of them.
        let is_selected = |(id, _): &(ResourceId, usize)| {
            let name = &catalogue.resource(*id).name;
            let fields = collect_on(self.context.document, self.context.variables, &collected.sets, name);
            fields.iter().any(|collected| collected.field.name != "__typename")
        };
        let selected: Vec<(ResourceId, usize)> = catalogue.entities().filter(is_selected).collect();
        let key = |&(id, by): &(ResourceId, usize)| {
            let (resource, scalar) = (catalogue.resource(id), &catalogue.resource(id).item(by).scalar);
            let (name, field) = (resource.name.clone(), resource.fields[by].name.clone());
            EntityKey { name, field, scalar: scalar.clone() }
        };
        let representations = Representations::new(collected.field, selected.iter().map(key).collect())?;
        let mut types = Vec::new();
        for (of, entity) in selected.into_iter().enumerate() {
            let all = representations.clone();
            types.push(self.entity(collected, entity, Keys::Representations { all, of })?);
        }
        Ok(Entities { representations, types })
    }

    fn entity(
        &mut self,
        collected: &Collected<'a>,
        (id, by): (ResourceId, usize),
        keys: Keys,
    ) -> Result<EntityType, Invalid> {
        let permit = match self.may_look_up(id, by) {
            Ok(permit) => permit,
            Err(refusal) => {
                self.withhold(refusal)?;
                return Ok(EntityType { fetch: None, object: Object::default(), cost_each: 0 });
            }
        };
        let at = self.look_up(permit, (id, by), keys);
        let before = self.cost;
        let fields =
            collect_on(self.context.document, self.context.variables, &collected.sets, &at.resource.name);
        let object = self.fields(at, fields)?;
        let cost_each = self.cost - before + 1;
        self.cost = before;
        Ok(EntityType { fetch: Some(at.fetch), object, cost_each })
    }

    fn own(&self, name: &str) -> Option<&'a OwnField> {
        let mut own = self.context.catalogue.own.iter();
        own.find(|own| own.name == name && own.on == self.on)
    }

    /// In a case the family is where reading begins: what belongs to no person is reached by somebody's link.
    fn may_begin_at(&self, resource: &Resource) -> Result<(), Refusal> {
        let begins = !self.context.table.is_in_case()
            || is_public(resource)
            || resource.subject.is_some()
            || family_link(self.context.catalogue, resource).is_some();
        match begins {
            true => Ok(()),
            false => Err(Refusal::NotInCase(resource.fields[resource.key].coordinate)),
        }
    }

    fn one(&mut self, collected: &Collected<'a>, id: ResourceId, by: usize) -> Result<RootField, Refusal> {
        let at = self.keyed(collected, id, by, 1)?;
        self.cost += 1;
        let object = self.object(at, &collected.sets)?;
        Ok(RootField::One { fetch: at.fetch, object })
    }

    fn many(
        &mut self,
        collected: &Collected<'a>,
        id: ResourceId,
        by: usize,
        limit: u32,
    ) -> Result<RootField, Refusal> {
        let at = self.keyed(collected, id, by, limit)?;
        let before = self.cost;
        let object = self.object(at, &collected.sets)?;
        let cost_each = self.cost - before + 1;
        self.cost = before;
        Ok(RootField::Many { fetch: at.fetch, object, cost_each })
    }

    fn page(&mut self, collected: &Collected<'a>, id: ResourceId, limit: u32) -> Result<RootField, Refusal> {
        let resource = self.reader.resource(id);
        let permit = self.context.table.list(id).map_err(Refusal::Denied)?;
        self.may_begin_at(resource)?;
        let list = self.reader.list(collected.field, resource, limit, limit.min(50))?;
        self.list_is_used(&list);
        let (first, after, order) = (list.first, list.after.is_some(), list.order.clone());
        let scope = scope(collected.field.name.as_str(), resource, &list);
        let keys = match list.after.clone() {
            Some(cursor) => Keys::Argument { values: vec![cursor], limit: 1 },
            None => Keys::None,
        };
        let fetch = self.draft(Draft::new(permit, keys, DraftRows::Page { list }, self.path.clone()));
        let rows = u64::try_from(first).unwrap_or_default();
        self.cost += rows;
        let terms = full_order(resource, &order);
        let cursor = terms.iter().map(|term| self.drafts[fetch].join(term.field)).collect();
        let fields = self.page_fields(At { fetch, resource, rows }, &collected.sets)?;
        let first = usize::try_from(first).unwrap_or_default();
        Ok(RootField::Page(Page { fetch, first, after, cursor, scope: Arc::from(scope), fields }))
    }

    fn page_fields(
        &mut self,
        at: At<'a>,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<(Arc<str>, PageField)>, Invalid> {
        let mut fields = Vec::new();
        for collected in self.collect(sets) {
            self.path.push(collected.key.to_owned());
            let field = match collected.field.name.as_str() {
                "edges" => PageField::Edges(self.edge_fields(at, &collected.sets)?),
                "nodes" => PageField::Nodes(self.object(at, &collected.sets)?),
                "pageInfo" => PageField::PageInfo(self.page_info(&collected.sets)),
                _ => PageField::Typename(json_text(&format!("{}Connection", at.resource.name))),
            };
            self.path.pop();
            fields.push((json_key(collected.key), field));
        }
        Ok(fields)
    }

    fn edge_fields(
        &mut self,
        at: At<'a>,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<(Arc<str>, EdgeField)>, Invalid> {
        let mut fields = Vec::new();
        for collected in self.collect(sets) {
            self.path.push(collected.key.to_owned());
            let field = match collected.field.name.as_str() {
                "node" => EdgeField::Node(self.object(at, &collected.sets)?),
                "cursor" => EdgeField::Cursor,
                _ => EdgeField::Typename(json_text(&format!("{}Edge", at.resource.name))),
            };
            self.path.pop();
            fields.push((json_key(collected.key), field));
        }
        Ok(fields)
    }

    fn page_info(&self, sets: &[&'a SelectionSet]) -> Vec<(Arc<str>, PageInfoField)> {
        let field = |collected: Collected<'a>| {
            let field = match collected.field.name.as_str() {
                "hasNextPage" => PageInfoField::HasNextPage,
                "hasPreviousPage" => PageInfoField::HasPreviousPage,
                "startCursor" => PageInfoField::StartCursor,
                "endCursor" => PageInfoField::EndCursor,
                _ => PageInfoField::Typename,
            };
            (json_key(collected.key), field)
        };
        self.collect(sets).into_iter().map(field).collect()
    }

    fn records(&self, name: &'static str, collected: &Collected<'a>) -> RootField {
        let from = (self.context.document, self.context.variables);
        RootField::Records(Records::new(name, from, collected.field, &collected.sets, self.path.clone()))
    }

    fn service(&self, sets: &[&'a SelectionSet]) -> Vec<(Arc<str>, bool)> {
        let field = |collected: Collected<'a>| (json_key(collected.key), collected.field.name == "sdl");
        self.collect(sets).into_iter().map(field).collect()
    }

    fn viewer(&self, sets: &[&'a SelectionSet]) -> Vec<ViewerField> {
        let field = |collected: Collected<'a>| {
            let value = match collected.field.name.as_str() {
                "department" => ViewerValue::Department,
                "role" => ViewerValue::Role,
                "division" => ViewerValue::Division,
                "purpose" => ViewerValue::Purpose,
                "access" => ViewerValue::Access {
                    of_type: self.reader.text(collected.field, "type"),
                    fields: self.collect(&collected.sets).into_iter().map(access_field).collect(),
                },
                _ => ViewerValue::Typename,
            };
            ViewerField { key: json_key(collected.key), value }
        };
        self.collect(sets).into_iter().map(field).collect()
    }

    fn object(&mut self, at: At<'a>, sets: &[&'a SelectionSet]) -> Result<Object, Invalid> {
        let fields = self.collect(sets);
        self.fields(at, fields)
    }

    fn fields(&mut self, at: At<'a>, fields: Vec<Collected<'a>>) -> Result<Object, Invalid> {
        let mut object = Object::default();
        for collected in fields {
            self.path.push(collected.key.to_owned());
            let value = match self.value(at, &collected) {
                Ok(value) => value,
                Err(refusal) => {
                    self.withhold(refusal)?;
                    Value::Null
                }
            };
            self.path.pop();
            object.fields.push((json_key(collected.key), value));
        }
        Ok(object)
    }

    fn value(&mut self, at: At<'a>, collected: &Collected<'a>) -> Result<Value, Refusal> {
        let Some((index, field)) = at.resource.field(&collected.field.name) else {
            return Ok(Value::Typename(json_text(&at.resource.name)));
        };
        match &field.def {
            FieldDef::Item(item) => {
                let granted = self.grant(field)?;
                let slot = self.drafts[at.fetch].output(granted, index);
                Ok(Value::Leaf { slot, scalar: item.scalar.clone(), granted })
            }
            FieldDef::Summary(summary) => self.summary(at, index, field, summary),
            FieldDef::Link(link) => self.link(at, field, link, collected),
        }
    }

    fn grant(&mut self, field: &Field) -> Result<yimen_policy::Granted, Refusal> {
        let granted = self.context.table.grant(field.coordinate);
        let granted = granted.map_err(|_| Refusal::Denied(field.coordinate))?;
        self.allow(field.coordinate);
        Ok(granted)
    }

    fn summary(
        &mut self,
        at: At<'a>,
        index: usize,
        field: &Field,
        summary: &Summary,
    ) -> Result<Value, Refusal> {
        let allowed = self.context.table.summarise(field.coordinate, summary.of);
        let (granted, permit) = allowed.map_err(|_| Refusal::Denied(field.coordinate))?;
        self.allow(field.coordinate);
        let slot = self.drafts[at.fetch].join(summary.from);
        let parent = (at.fetch, slot);
        let known = self.drafts.iter().position(|draft| draft.summarises(parent, summary));
        let fetch = known.unwrap_or_else(|| {
            let on = self.context.catalogue.resource_named(&at.resource.name).unwrap_or(summary.of);
            let rows = DraftRows::Summary { by: summary.to, values: Vec::new(), on };
            self.cost += at.rows;
            let keys = Keys::Parent { fetch: at.fetch, slot };
            self.draft(Draft::new(permit, keys, rows, self.path.clone()))
        });
        let value = self.drafts[fetch].value(index);
        let default = match summary.function {
            SummaryFn::Exists => "false",
            SummaryFn::Count => "0",
            SummaryFn::Sum | SummaryFn::Max => "null",
        };
        Ok(Value::Summary { fetch, slot, value, scalar: summary.scalar.clone(), default, granted })
    }

    fn link(
        &mut self,
        at: At<'a>,
        field: &Field,
        link: &Link,
        collected: &Collected<'a>,
    ) -> Result<Value, Refusal> {
        let passage = self.context.table.follow(field.coordinate, link.target);
        let passage = passage.map_err(|_| Refusal::Denied(field.coordinate))?;
        self.allow(field.coordinate);
        let target = self.reader.resource(link.target);
        let (rows, expected) = self.link_rows(target, link, collected)?;
        let slot = self.drafts[at.fetch].join(link.from);
        let keys = Keys::Parent { fetch: at.fetch, slot };
        let fetch = self.draft(Draft::new(passage.into_permit(), keys, rows, self.path.clone()));
        let rows = at.rows.saturating_mul(expected);
        self.cost = self.cost.saturating_add(rows);
        self.within_budget(0)?;
        let object = self.object(At { fetch, resource: target, rows }, &collected.sets)?;
        Ok(Value::Link { fetch, slot, list: link.list, object })
    }

    fn link_rows(
        &mut self,
        target: &Resource,
        link: &Link,
        collected: &Collected<'a>,
    ) -> Result<(DraftRows, u64), Refusal> {
        if link.list {
            let list = self.reader.list(collected.field, target, link.limit, link.limit)?;
            self.list_is_used(&list);
            let expected = u64::from(link.expect).min(u64::try_from(list.first).unwrap_or_default()).max(1);
            return Ok((DraftRows::Each { by: link.to, list }, expected));
        }
        if link.to == target.key {
            return Ok((DraftRows::Unique { by: link.to }, 1));
        }
        // The far end doesn't identify a row: the first in the resource's own order answers.
        let list = ListArguments {
            first: 1,
            conditions: Vec::new(),
            order: target.order.clone(),
            used: Vec::new(),
            after: None,
        };
        Ok((DraftRows::Each { by: link.to, list }, 1))
    }

    fn list_is_used(&mut self, list: &ListArguments) {
        for argument in &list.used {
            self.allow(argument.coordinate());
        }
    }

    fn draft(&mut self, draft: Draft) -> usize {
        self.drafts.push(draft);
        self.drafts.len() - 1
    }
}

fn root_type(operation: &Operation) -> RootType {
    match operation.operation_type {
        OperationType::Query => RootType::Query,
        OperationType::Mutation => RootType::Mutation,
        OperationType::Subscription => RootType::Subscription,
    }
}

/// A mutation is one transaction with one record, and so one root field.
fn one_change(roots: &[Root]) -> Result<(), Invalid> {
    let is_change = |root: &&Root| match &root.field {
        RootField::Own(own) => own.field.on == RootType::Mutation,
        _ => false,
    };
    if roots.iter().filter(is_change).count() > 1 {
        let message = "a mutation has one root field: send the others as operations of their own";
        return Err(Invalid::new(code::MAX_ROOT_FIELDS, message));
    }
    Ok(())
}

fn access_field(collected: Collected<'_>) -> (Arc<str>, String) {
    (json_key(collected.key), collected.field.name.to_string())
}

/// What cursors are bound to beside the values of a filter: the root field, its order and the form of the filter.
fn scope(root: &str, resource: &Resource, list: &ListArguments) -> String {
    let terms = full_order(resource, &list.order);
    let terms = terms.iter().map(|term| format!("{:?} {}", term.direction, resource.fields[term.field].name));
    let conditions = list.conditions.iter();
    let conditions = conditions.map(|c| format!("{} {:?}", resource.fields[c.field].name, c.operator));
    let (terms, conditions): (Vec<String>, Vec<String>) = (terms.collect(), conditions.collect());
    format!("{root}: {} where {}", terms.join(", "), conditions.join(", "))
}

/// A response key as it is written: GraphQL names need no escape.
fn json_key(name: &str) -> Arc<str> {
    Arc::from(format!("\"{name}\":"))
}

/// A name as a JSON string.
fn json_text(name: &str) -> Arc<str> {
    Arc::from(format!("\"{name}\""))
}
