//! Connections walked from cursor to cursor, held against the same list read at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use yimen_policy::Decision;
use yimen_schema::name::upper_snake_case;
use yimen_schema::{FieldDef, Resource, Root, RootKind};

use crate::differential::compare::{Bench, Watched};
use crate::differential::openings::Openings;
use crate::differential::operation::{Field, Literal, Operation, Selection, Variable};
use crate::differential::random::Random;
use crate::differential::resolve::Asking;

/// A connection with its order and the size of its pages.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) root: String,
    /// The item that identifies a row.
    pub(crate) key: String,
    pub(crate) order: Vec<String>,
    pub(crate) size: i64,
}

/// Pages of a walk; lists are longer than this many pages only where pages are small.
const PAGES: u32 = 9;

impl Walk {
    /// A random connection that has rows for this caller.
    pub(crate) fn random(bench: &Bench, asking: &Asking, openings: &Openings, rng: &mut Random) -> Walk {
        let catalogue = &bench.county.catalogue;
        let roots: Vec<&Root> = openings.roots().iter().map(|name| &catalogue.roots[name]).collect();
        let is_walked = |root: &&Root| {
            let resource = catalogue.resource(root.resource);
            let may_name = asking.table.decision(resource.fields[resource.key].coordinate) == Decision::Clear;
            let may_list =
                matches!(root.kind, RootKind::Page { .. }) && asking.page_refusal(resource).is_none();
            may_list && may_name && bench.county.rows.count(root.resource) > 0
        };
        let walked: Vec<&Root> = roots.into_iter().filter(is_walked).collect();
        let root = rng.one_of(&walked);
        let resource = catalogue.resource(root.resource);
        let count = bench.county.rows.count(root.resource);
        let size = i64::from(count.div_ceil(PAGES).clamp(1, 200)).min(3 + i64::from(rng.up_to(197)));
        let key = resource.fields[resource.key].name.clone();
        Walk { root: root.name.clone(), key, order: order(asking, resource, rng), size }
    }

    /// What differs between the pages of either database and the whole list.
    pub(crate) async fn compare(&self, bench: &Bench, asking: &Arc<Asking>) -> Result<usize, String> {
        let all = self.whole(bench, asking).await?;
        for (database, watched) in [("SQLite", &bench.sqlite), ("PostgreSQL", &bench.postgres)] {
            let walked = self.pages(watched, asking, all.len()).await?;
            if walked != all {
                let at =
                    walked.iter().zip(&all).position(|(a, b)| a != b).unwrap_or(walked.len().min(all.len()));
                let (walked, all) = (walked.get(at), all.get(at));
                return Err(format!("{database}: row {at} is {walked:?} instead of {all:?}"));
            }
        }
        Ok(all.len())
    }

    async fn whole(&self, bench: &Bench, asking: &Arc<Asking>) -> Result<Vec<Json>, String> {
        let operation = self.operation(Literal::Int(1_000_000), None, false);
        let data = bench.expected_data(asking, &operation.message()).await?;
        let data: Json = serde_json::from_str(&data).map_err(|error| error.to_string())?;
        Ok(data[&self.root]["nodes"].as_array().cloned().unwrap_or_default())
    }

    async fn pages(&self, watched: &Watched, asking: &Asking, most: usize) -> Result<Vec<Json>, String> {
        let (mut walked, mut cursors, mut after) = (Vec::new(), BTreeSet::new(), None);
        loop {
            let operation = self.operation(Literal::Int(self.size), after.clone(), true);
            let answered = watched.answer(asking, &operation.message()).await?;
            watched.ledger.take(&answered.id).ok_or("a page has no record")?;
            let body: Json = serde_json::from_str(&answered.body).map_err(|error| error.to_string())?;
            let page = &body["data"][&self.root];
            let info = &page["pageInfo"];
            if info["hasPreviousPage"] != json!(after.is_some()) {
                return Err(format!("a page says the wrong thing about those before it: {info}"));
            }
            let nodes = page["nodes"].as_array().cloned().unwrap_or_default();
            walked.extend(nodes);
            if info["hasNextPage"] == json!(false) {
                return Ok(walked);
            }
            let cursor = info["endCursor"].as_str().ok_or_else(|| format!("no cursor: {body}"))?;
            if !cursors.insert(cursor.to_owned()) || walked.len() > most {
                return Err(format!("a cursor leads back, or pages never end: {} rows so far", walked.len()));
            }
            after = Some(cursor.to_owned());
        }
    }

    fn operation(&self, first: Literal, after: Option<String>, has_info: bool) -> Operation {
        let order = self.order.iter().map(|term| Literal::Enum(term.clone()));
        let mut arguments =
            vec![(String::from("first"), first), (String::from("orderBy"), Literal::List(order.collect()))];
        let variable = Variable {
            name: String::from("after"),
            type_name: String::from("String"),
            default: None,
            given: after.map(Json::from),
            others: Vec::new(),
        };
        let mut selections = vec![field("nodes", vec![field(&self.key, Vec::new())])];
        if has_info {
            arguments.push((String::from("after"), Literal::Variable(String::from("after"))));
            let info = ["hasNextPage", "hasPreviousPage", "endCursor"].map(|name| field(name, Vec::new()));
            selections.push(field("pageInfo", info.into()));
        }
        let Selection::Field(mut root) = field(&self.root, selections) else {
            unreachable!("a field is one")
        };
        root.arguments = arguments;
        Operation {
            variables: vec![variable],
            selections: vec![Selection::Field(root)],
            ..Operation::default()
        }
    }
}

fn field(name: &str, selections: Vec<Selection>) -> Selection {
    let (arguments, directives) = (Vec::new(), Vec::new());
    Selection::Field(Field { alias: None, name: name.to_owned(), arguments, directives, selections })
}

/// Up to two terms by which the caller may order.
fn order(asking: &Asking, resource: &Resource, rng: &mut Random) -> Vec<String> {
    let sorted = resource.fields.iter().filter(|field| {
        let may_compare = asking.table.decision(field.coordinate) == Decision::Clear;
        matches!(&field.def, FieldDef::Item(item) if item.sort) && may_compare
    });
    let count = rng.below(3);
    let chosen = rng.sample(sorted.collect(), count);
    let term = |field: &yimen_schema::Field| {
        let direction = rng.one_of(&["ASC", "DESC"]);
        format!("{}_{direction}", upper_snake_case(&field.name))
    };
    chosen.into_iter().map(term).collect()
}
