//! The root fields of the catalogue.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use futures::future::{BoxFuture, FutureExt};
use serde::Deserialize;
use serde_json::{Value, json};
use yimen_policy::{Class, ClassLine, Decision};
use yimen_schema::{Catalogue, CoordinateId, FieldDef, ShareClass};

use crate::calendar::china_day;
use crate::catalogue::measure::Kept;
use crate::catalogue::{history, measure};
use crate::gateway::chinese;
use crate::own::{Call, Handler, Refused, Told, moment};
use crate::plan::code;

pub(crate) const HANDLERS: &[(&str, Handler)] =
    &[("Query.catalogue", page), ("Query.catalogueChanges", changes), ("Query.catalogueGaps", gaps)];

/// The most items of a page.
const MAX_PAGE: usize = 200;

/// Fewer objections than this aren't told: a steward who knows one family would know whose it is
/// (统计法 28: nothing by which a single person can be told).
const FEW: i64 = 5;

/// Data items of the requirements that no table here has.
const ELSEWHERE: &str = include_str!("../../schema/items-elsewhere.csv");

type Answer<'a> = BoxFuture<'a, Result<Told, Refused>>;

#[derive(Deserialize)]
struct Page {
    department: Option<String>,
    section: Option<String>,
    text: Option<String>,
    first: Option<i64>,
    after: Option<String>,
}

impl Page {
    fn has(&self, catalogue: &Catalogue, id: CoordinateId) -> bool {
        let item = catalogue.coordinate(id);
        let field = &catalogue.resource(item.resource).fields[item.field];
        let contains = |text: &str| {
            let text = text.to_lowercase();
            item.name.to_lowercase().contains(&text) || item.description.to_lowercase().contains(&text)
        };
        !matches!(field.def, FieldDef::Link(_))
            && self.department.as_deref().is_none_or(|code| code == &*item.owner)
            && self.section.as_deref().is_none_or(|code| code == &*item.section)
            && self.text.as_deref().is_none_or(contains)
    }
}

fn page<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let page: Page = call.arguments()?;
        let first = size(page.first)?;
        let after = page.after.as_deref().map(|after| behind(call, "catalogue", after)).transpose()?;
        let catalogue = call.table.catalogue();
        let mut found: Vec<CoordinateId> =
            catalogue.coordinate_ids().filter(|id| page.has(catalogue, *id)).collect();
        let name = |id: &CoordinateId| catalogue.coordinate(*id).name.as_str();
        found.retain(|id| after.as_deref().is_none_or(|after| name(id) > after));
        found.sort_unstable_by_key(name);
        let shown = &found[..found.len().min(first)];
        let counts = counts(call).await?;
        let names: Vec<&str> = shown.iter().map(name).collect();
        let kept = measure::kept(&call.hub, &names).await?;
        let quality = |id: &CoordinateId| quality(call, *id, counts.get(name(id)), kept.get(name(id)));
        let nodes: Vec<Value> = shown.iter().map(|id| item(call, *id, quality(id))).collect();
        let cursor = |id: &CoordinateId| call.cursors.seal("catalogue", &[Some(name(id).to_owned())]);
        let info = json!({
            "hasNextPage": found.len() > first,
            "hasPreviousPage": after.is_some(),
            "startCursor": shown.first().map(cursor),
            "endCursor": shown.last().map(cursor),
        });
        Ok(Told { value: json!({ "nodes": nodes, "pageInfo": info }), ..Told::default() })
    }
    .boxed()
}

fn size(first: Option<i64>) -> Result<usize, Refused> {
    let first = first.and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    match (1..=MAX_PAGE).contains(&first) {
        true => Ok(first),
        false => Err(Refused::new(code::SLICING, format!("argument `first` must be from 1 to {MAX_PAGE}"))),
    }
}

fn behind(call: &Call<'_>, scope: &str, after: &str) -> Result<String, Refused> {
    let opened = call.cursors.open(scope, after, 1).ok();
    opened.and_then(|values| values.into_iter().flatten().next()).ok_or_else(|| {
        Refused::new(code::BAD_USER_INPUT, "argument `after` is no cursor of this connection and order")
    })
}

fn item(call: &Call<'_>, id: CoordinateId, quality: Value) -> Value {
    let item = call.table.catalogue().coordinate(id);
    let decision = call.table.decision(id);
    let (division, on) = (&call.caller.division, china_day(call.now));
    let classes = call.gateway.policies().classes();
    let Class { class, line } = classes.find(id, division, on);
    let coming = classes.next(id, division, on).map(|(day, class)| coming(day, class));
    let terms = call.gateway.terms().find(item, division, on).map(|term| {
        json!({
            "basis": term.basis,
            "refresh": term.refresh,
            "certainty": term.certainty,
            "validFrom": term.valid_from.to_string(),
        })
    });
    json!({
        "coordinate": item.name,
        "name": chinese(&item.description),
        "description": item.description,
        "owner": item.owner,
        "section": item.section,
        "class": class.as_str(),
        "classTerms": line.map(class_terms),
        "classComing": coming,
        "level": item.level.as_str(),
        "mask": item.mask.map(|mask| mask.as_str()),
        "codes": item.codes,
        "unit": item.unit,
        "refs": item.refs,
        "terms": terms,
        "quality": quality,
        "decision": decision.as_str(),
        "reason": (decision == Decision::Deny).then(|| call.table.reason(id).as_str()),
        "mayBeRequested": may_be_requested(call, (id, class), decision),
    })
}

/// What objections and counts tell of an item.
fn quality(call: &Call<'_>, id: CoordinateId, counts: Option<&(i64, i64)>, kept: Option<&Kept>) -> Value {
    let (open, corrected) = counts.copied().unwrap_or_default();
    let told = |count: i64| (count >= FEW).then_some(count);
    let owner = &*call.table.catalogue().coordinate(id).owner;
    let is_closed = call.table.class(id) == ShareClass::NotShared && owner != call.caller.department;
    let (counted, kept) = match kept {
        _ if is_closed => ("NOT_TOLD", None),
        None => ("NOT_COUNTED", None),
        Some(kept) if kept.completeness.is_none() => ("TOO_FEW", Some(kept)),
        Some(kept) => ("COUNTED", Some(kept)),
    };
    json!({
        "openObjections": told(open),
        "corrected": told(corrected),
        "counted": counted,
        "completeness": kept.and_then(|kept| kept.completeness),
        "asOf": kept.and_then(|kept| kept.as_of.as_deref()),
        "countedAt": kept.map(|kept| &kept.counted_at),
    })
}

/// What a class in force rests on.
fn class_terms(line: &ClassLine) -> Value {
    json!({
        "region": line.region,
        "basis": line.basis,
        "certainty": line.certainty,
        "validFrom": line.valid_from.to_string(),
    })
}

/// The class from a later day; without a line it would be the catalogue's own again, which no later day brings.
fn coming(from: NaiveDate, Class { class, line }: Class<'_>) -> Value {
    json!({ "class": class.as_str(), "from": from.to_string(), "terms": line.map(class_terms) })
}

fn may_be_requested(call: &Call<'_>, (id, class): (CoordinateId, ShareClass), decision: Decision) -> bool {
    let owner = &*call.table.catalogue().coordinate(id).owner;
    decision != Decision::Clear && class != ShareClass::NotShared && owner != call.caller.department
}

/// Open objections and corrections within a year, by coordinate.
async fn counts(call: &Call<'_>) -> Result<HashMap<String, (i64, i64)>, Refused> {
    let year = moment(call.now - Duration::days(365));
    let sql = "SELECT coordinate, SUM(CASE WHEN state = 'OPEN' THEN 1 ELSE 0 END) AS open, \
               SUM(CASE WHEN state = 'CORRECTED' THEN 1 ELSE 0 END) AS corrected FROM objection \
               WHERE state = 'OPEN' OR (state = 'CORRECTED' AND answered_at >= $1) GROUP BY coordinate";
    let mut counts = HashMap::new();
    for row in call.rows(sql, vec![year.into()]).await? {
        let pair = (row.try_get("", "open")?, row.try_get("", "corrected")?);
        counts.insert(row.try_get("", "coordinate")?, pair);
    }
    Ok(counts)
}

#[derive(Deserialize)]
struct Since {
    since: String,
    first: Option<i64>,
    after: Option<String>,
}

fn changes<'a>(call: &'a Call<'a>) -> Answer<'a> {
    async move {
        let Since { since, first, after } = call.arguments()?;
        let first = size(first)?;
        let since = since.parse::<DateTime<Utc>>().map(moment);
        let since = since.map_err(|_| Refused::new(code::BAD_USER_INPUT, "argument `since` is no time"))?;
        let before = after.as_deref().map(|after| behind(call, "catalogueChanges", after)).transpose()?;
        let before = before.and_then(|seq| seq.parse().ok());
        let found = history::since(&call.hub, &since, before, first + 1).await?;
        let shown = &found[..found.len().min(first)];
        let cursor =
            |(seq, _): &(i64, Value)| call.cursors.seal("catalogueChanges", &[Some(seq.to_string())]);
        let info = json!({
            "hasNextPage": found.len() > first,
            "hasPreviousPage": before.is_some(),
            "startCursor": shown.first().map(cursor),
            "endCursor": shown.last().map(cursor),
        });
        let nodes: Vec<&Value> = shown.iter().map(|(_, change)| change).collect();
        Ok(Told { value: json!({ "nodes": nodes, "pageInfo": info }), ..Told::default() })
    }
    .boxed()
}

fn gaps<'a>(_: &'a Call<'a>) -> Answer<'a> {
    async move {
        let gaps = ELSEWHERE.lines().skip(1).filter_map(|line| line.split_once(','));
        let gap = |(item, why): (&str, &str)| json!({ "item": item, "why": why.trim_matches('"') });
        Ok(Told { value: gaps.map(gap).collect(), ..Told::default() })
    }
    .boxed()
}
