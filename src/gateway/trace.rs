//! `accessesTo` and `accessRecords`: evidence told to the person concerned and to auditors.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sea_orm::DbErr;
use serde_json::{Value, json};
use yimen_policy::{DecisionTable, Reason, Tracing};
use yimen_schema::Catalogue;

use crate::auth::Caller;
use crate::evidence::entry::Stored;
use crate::evidence::merkle::leaf_hash;
use crate::evidence::prove::Prover;
use crate::evidence::search::{Filter, Found};
use crate::evidence::{CoordinateOutcome, Log, Outcomes, PersonKeys};
use crate::plan::{CursorKey, Invalid, Picked, Records, RecordsAsked, code};

/// Where evidence is read from.
#[derive(Debug)]
pub(crate) struct Tracker {
    pub(crate) log: Arc<Log>,
}

/// What one root field answers that is the gateway's own.
#[derive(Debug)]
pub struct Traced {
    /// The value, as it is written into the answer.
    pub text: String,
    /// The error, where it is withheld or evidence can't be read.
    pub error: Option<Value>,
    pub(crate) outcome: CoordinateOutcome,
    /// People concerned whom the request doesn't name.
    pub(crate) people: Vec<String>,
    /// What was done, for the record.
    pub(crate) note: Option<String>,
}

/// What is needed to answer.
pub(crate) struct Asking<'a> {
    pub(crate) table: &'a DecisionTable,
    pub(crate) caller: &'a Caller,
    pub(crate) keys: &'a PersonKeys,
    pub(crate) cursors: &'a CursorKey,
    pub(crate) id: &'a str,
}

impl Tracker {
    /// Answers a root field, or says why not.
    pub(crate) async fn answer(
        &self,
        asking: &Asking<'_>,
        records: &Records,
        asked: RecordsAsked,
    ) -> Result<Traced, Invalid> {
        let coordinate = format!("Query.{}", records.name);
        let sought = asked.sought(records.name);
        let outcome = |decision: &str, reason: Option<Reason>| CoordinateOutcome {
            coordinate: coordinate.clone(),
            decision: decision.to_owned(),
            reason: reason.map(|reason| reason.as_str().to_owned()),
        };
        let tracing = match may(asking, records, &asked) {
            Ok(tracing) => tracing,
            Err(reason) => {
                let error = withheld(records, &coordinate, reason, asking.id);
                return Ok(Traced {
                    text: "null".into(),
                    error: Some(error),
                    outcome: outcome("DENY", Some(reason)),
                    people: Vec::new(),
                    note: Some(sought),
                });
            }
        };
        let (text, error) = match self.page(asking, records, asked, tracing).await? {
            Ok(page) => (written(&records.picked, &page), None),
            Err(error) => {
                tracing::error!(%error, "evidence can't be read");
                (String::from("null"), Some(unreadable(records)))
            }
        };
        let outcome = outcome("CLEAR", None);
        Ok(Traced { text, error, outcome, people: Vec::new(), note: Some(sought) })
    }

    async fn page(
        &self,
        asking: &Asking<'_>,
        records: &Records,
        asked: RecordsAsked,
        tracing: Tracing,
    ) -> Result<Result<Value, DbErr>, Invalid> {
        let scope = format!("{} {}", records.name, asked.citizen_id.as_deref().unwrap_or_default());
        let before = asked.after.as_deref().map(|after| asking.cursors.open(&scope, after, 1)).transpose()?;
        let before = before.and_then(|values| values.into_iter().flatten().next()?.parse().ok());
        let (first, had_cursor) = (asked.first, before.is_some());
        let found = self.find(asking, asked, tracing, before, first as u64 + 1).await;
        let nodes = match found {
            Ok(found) => self
                .nodes(asking, records, &found[..found.len().min(first)], tracing)
                .await
                .map(|n| (n, found)),
            Err(error) => Err(error),
        };
        Ok(nodes.map(|(nodes, found)| {
            let cursor = |found: &Found| asking.cursors.seal(&scope, &[Some(found.index.to_string())]);
            let cursors: Vec<String> = found.iter().take(first).map(cursor).collect();
            let edges: Vec<Value> = nodes
                .iter()
                .zip(&cursors)
                .map(|(node, cursor)| json!({ "node": node, "cursor": cursor }))
                .collect();
            let info = json!({
                "hasNextPage": found.len() > first,
                "hasPreviousPage": had_cursor,
                "startCursor": cursors.first(),
                "endCursor": cursors.last(),
            });
            json!({ "edges": edges, "nodes": nodes, "pageInfo": info })
        }))
    }

    async fn find(
        &self,
        asking: &Asking<'_>,
        asked: RecordsAsked,
        tracing: Tracing,
        before: Option<u64>,
        limit: u64,
    ) -> Result<Vec<Found>, DbErr> {
        let RecordsAsked { citizen_id, officer, department, purpose, case, coordinate, from, to, .. } = asked;
        let person = match citizen_id {
            Some(number) => Some(self.log.digests(asking.keys, &number).await?),
            None => None,
        };
        // Auditors are told of covert inspections too; the person concerned once the rule has ended.
        let told_at = (!tracing.is_whole()).then(|| self.log.now());
        let filter =
            Filter { person, officer, department, purpose, case, coordinate, from, to, before, told_at };
        self.log.search(filter, limit).await
    }

    async fn nodes(
        &self,
        asking: &Asking<'_>,
        records: &Records,
        found: &[Found],
        tracing: Tracing,
    ) -> Result<Vec<Value>, DbErr> {
        let stored: Vec<Stored<'_>> =
            found.iter().filter_map(|found| Stored::read(&found.entry).ok()).collect();
        let names = stored.iter().filter_map(|stored| stored.coordinates.as_deref().map(str::to_owned));
        let lists = self.log.outcomes(names.collect()).await?;
        let mut prover = match records.picks("proof") {
            true => Prover::new(self.log.hub().connection()).await?,
            false => None,
        };
        let mut nodes = Vec::new();
        for (found, stored) in found.iter().zip(&stored) {
            let mut node = node(asking.table, stored, &lists, tracing);
            if let Some(prover) = &mut prover {
                node["proof"] = self.proof(prover, found).await?;
            }
            nodes.push(node);
        }
        Ok(nodes)
    }

    async fn proof(&self, prover: &mut Prover, found: &Found) -> Result<Value, DbErr> {
        let path = prover.path(self.log.hub().connection(), found.index).await?;
        Ok(path.map_or(Value::Null, |path| {
            json!({
                "index": found.index,
                "size": prover.size(),
                "leaf": STANDARD.encode(leaf_hash(found.entry.as_bytes())),
                "path": path,
                "checkpoint": prover.checkpoint(),
            })
        }))
    }
}

/// Whether the caller may ask this.
fn may(asking: &Asking<'_>, records: &Records, asked: &RecordsAsked) -> Result<Tracing, Reason> {
    let tracing = asking.table.trace()?;
    match (&asked.citizen_id, records.name) {
        (Some(person), _) => tracing.of(person, asking.caller.person.as_deref()).map(|()| tracing),
        (None, "accessRecords") if tracing.is_whole() => Ok(tracing),
        (None, _) => Err(Reason::NotGranted),
    }
    .and_then(|tracing| match records.name == "accessRecords" && !tracing.is_whole() {
        true => Err(Reason::NotGranted),
        false => Ok(tracing),
    })
}

/// A record as clients see it. The person concerned is told which department asked, not which officer.
fn node(
    table: &DecisionTable,
    stored: &Stored<'_>,
    lists: &HashMap<String, Outcomes>,
    tracing: Tracing,
) -> Value {
    let outcomes =
        stored.coordinates.as_deref().and_then(|name| lists.get(name)).cloned().unwrap_or_default();
    let outcome = match stored.kind.as_ref() {
        "REFUSED" => "REFUSED",
        _ if outcomes.clear.is_empty() && outcomes.masked.is_empty() && !outcomes.denied.is_empty() => {
            "WITHHELD"
        }
        _ => "ANSWERED",
    };
    let items: Vec<Value> = outcomes.list().iter().map(|item| accessed(table.catalogue(), item)).collect();
    let whole = |value: Value| if tracing.is_whole() { value } else { Value::Null };
    json!({
        "id": stored.id,
        "kind": stored.kind,
        "at": stored.ended_at,
        "department": Some(&stored.department).filter(|code| !code.is_empty()),
        "officer": whole(json!(stored.subject)),
        "role": whole(json!(stored.role)),
        "division": whole(json!(Some(&stored.division).filter(|code| !code.is_empty()))),
        "purpose": stored.purpose,
        "purposeText": table.purpose_text(&stored.purpose),
        "case": stored.case,
        "people": whole(json!(stored.people.count)),
        "outcome": outcome,
        "items": items,
        "proof": null,
    })
}

fn accessed(catalogue: &Catalogue, item: &CoordinateOutcome) -> Value {
    let known = catalogue.coordinates.iter().find(|known| known.name == item.coordinate);
    let name = known.map_or(item.coordinate.as_str(), |known| chinese(&known.description));
    json!({ "coordinate": item.coordinate, "name": name, "decision": item.decision })
}

/// The Chinese term that a description of the catalogue has in brackets; all of it where there is none.
pub(crate) fn chinese(description: &str) -> &str {
    let is_chinese = |text: &&str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let within = description.rfind('(').and_then(|at| description[at + 1..].split(')').next());
    within.filter(is_chinese).unwrap_or(description)
}

fn withheld(records: &Records, coordinate: &str, reason: Reason, id: &str) -> Value {
    json!({
        "message": "Unauthorized field or type",
        "path": records.path,
        "extensions": {
            "code": code::UNAUTHORIZED_FIELD,
            "reason": reason.as_str(),
            "coordinate": coordinate,
            "decisionId": id,
        },
    })
}

fn unreadable(records: &Records) -> Value {
    json!({
        "message": "Evidence can't be read at the moment",
        "path": records.path,
        "extensions": { "code": code::EVIDENCE_UNAVAILABLE },
    })
}

/// What was selected of a value, in the order of the document.
pub(crate) fn written(picked: &[Picked], value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| written(picked, value)).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(fields) if !picked.is_empty() => {
            let field = |field: &Picked| {
                let value = match field.name.as_str() {
                    "__typename" => Value::from(field.on.as_str()).to_string(),
                    name => {
                        fields.get(name).map_or_else(|| "null".into(), |value| written(&field.fields, value))
                    }
                };
                format!("{}{value}", field.key)
            };
            let fields: Vec<String> = picked.iter().map(field).collect();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::chinese;

    #[test]
    fn the_chinese_term_of_a_description_is_found() {
        assert_eq!(chinese("Number of the file (档案编号)."), "档案编号");
        assert_eq!(
            chinese("The union files (of this person), newest first."),
            "The union files (of this person), newest first."
        );
    }
}
