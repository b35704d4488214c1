//! Whose rows are whose on a day, for every division for which that isn't plain from its code.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::division::{Area, MAX_RANGES, Range, above, prefix};
use crate::divisions::NotInForce;
use crate::divisions::read::Dictionary;
use crate::error::Problem;
use crate::tables::{Table, problem};

/// What a day says of divisions; of those that aren't here their codes say all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    areas: HashMap<String, Result<Area, NotInForce>>,
    most_ranges: usize,
}

/// Codes as numbers, from the first to the first behind them.
type Span = (u64, u64);

/// No code is as high: none begins with 99.
const END: u64 = 999_999_999_999;

impl Day {
    /// # Errors
    /// A division that would reach more ranges of codes than a statement takes.
    pub(super) fn of(dictionary: &Dictionary, on: NaiveDate, table: &Table) -> Result<Day, Vec<Problem>> {
        let (mut areas, mut problems) = (HashMap::new(), Vec::new());
        for (code, spans) in spans(dictionary, on) {
            if spans == [span(&code)] || dictionary.not_in_force(&code, on).is_some() {
                continue;
            }
            if spans.len() > MAX_RANGES {
                let line = dictionary.on(&code, on).map_or(1, |version| version.line);
                let from = if on == NaiveDate::MIN { String::from("ever") } else { on.to_string() };
                let message = format!(
                    "`{code}` would reach {} ranges of codes from {from}, more than {MAX_RANGES}",
                    spans.len()
                );
                problems.push(problem(table, line, message));
            }
            let area = match spans.is_empty() {
                // All that it was has gone to others, though nobody ended it.
                true => Err(NotInForce::Ended(Vec::new())),
                false => Ok(Area::new(spans.into_iter().map(|span| range(&code, span)).collect())),
            };
            areas.insert(code, area);
        }
        let why = |code: &str| Some((code.to_owned(), Err(dictionary.not_in_force(code, on)?)));
        areas.extend(dictionary.codes().filter_map(why));
        let ranges = |area: &Result<Area, NotInForce>| area.as_ref().map_or(1, |area| area.ranges().len());
        let most_ranges = areas.values().map(ranges).max().unwrap_or(1);
        if problems.is_empty() { Ok(Day { areas, most_ranges }) } else { Err(problems) }
    }

    pub(super) fn area(&self, code: &str) -> Option<&Result<Area, NotInForce>> {
        self.areas.get(code)
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.areas.keys().map(String::as_str)
    }

    pub(super) fn most_ranges(&self) -> usize {
        self.most_ranges
    }
}

fn span(code: &str) -> Span {
    let prefix = prefix(code);
    let digits = prefix.parse::<u64>().unwrap_or_default();
    let below = 10u64.pow((12 - prefix.len()) as u32);
    (digits * below, (digits + 1) * below)
}

/// The range of a span; a division's own is written as it always is, so that equal statements stay equal.
fn range(code: &str, (low, high): Span) -> Range {
    if (low, high) == span(code) {
        return Range::of(code);
    }
    Range { low: format!("{low:012}").into(), high: format!("{:012}", high.min(END)).into() }
}

/// The spans of every division that the dictionary lists, and of those that lie above its topmost ones: rows of each
/// listed code are read by the divisions in which all lies that the code became.
fn spans(dictionary: &Dictionary, on: NaiveDate) -> BTreeMap<String, Vec<Span>> {
    let mut spans: HashMap<String, Vec<Span>> = outside(dictionary);
    for (own, code) in pieces(dictionary) {
        let settled = dictionary.settled(code, on);
        let mut chains = settled.iter().map(|code| dictionary.chain(code, on));
        let first = chains.next().unwrap_or_default();
        let others: Vec<Vec<String>> = chains.collect();
        for reader in first.iter().filter(|reader| others.iter().all(|chain| chain.contains(*reader))) {
            spans.entry(reader.clone()).or_default().push(own);
        }
    }
    spans.into_iter().map(|(code, spans)| (code, joined(spans))).collect()
}

/// The divisions above the topmost listed ones, each with what of it isn't listed.
fn outside(dictionary: &Dictionary) -> HashMap<String, Vec<Span>> {
    let mut tops: Vec<Span> = Vec::new();
    let mut over = BTreeSet::new();
    for code in dictionary.codes().filter(|code| !above(code).any(|above| dictionary.lists(&above))) {
        tops.push(span(code));
        over.extend(above(code));
    }
    tops.sort_unstable();
    let without = |code: String| {
        let (low, high) = span(&code);
        let (mut at, mut left) = (low, Vec::new());
        let first = tops.partition_point(|(from, _)| *from < low);
        for (from, until) in tops[first..].iter().take_while(|(from, _)| *from < high) {
            left.push((at, *from));
            at = *until;
        }
        left.push((at, high));
        (code, left)
    };
    over.into_iter().map(without).collect()
}

/// Each listed code with the codes that are its own: those below it that aren't another listed one's.
fn pieces(dictionary: &Dictionary) -> Vec<(Span, &str)> {
    let (mut pieces, mut open) = (Vec::new(), Vec::<(&str, u64, u64)>::new());
    // In the order of texts a code comes before those below it.
    for code in dictionary.codes() {
        let (low, high) = span(code);
        end_before(low, &mut open, &mut pieces);
        if let Some((above, at, _)) = open.last_mut() {
            pieces.push(((*at, low), *above));
            *at = high;
        }
        open.push((code, low, high));
    }
    end_before(END + 1, &mut open, &mut pieces);
    pieces.retain(|((low, high), _)| low < high);
    pieces
}

fn end_before<'a>(low: u64, open: &mut Vec<(&'a str, u64, u64)>, pieces: &mut Vec<(Span, &'a str)>) {
    while let Some((code, at, high)) = open.pop_if(|(_, _, high)| *high <= low) {
        pieces.push(((at, high), code));
    }
}

/// Spans in their order; those that touch are one.
fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.retain(|(low, high)| low < high);
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::new();
    for (low, high) in spans {
        match joined.last_mut() {
            Some(last) if last.1 == low => last.1 = high,
            _ => joined.push((low, high)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_touch_are_one() {
        assert_eq!(joined(vec![(5, 7), (1, 3), (3, 5), (9, 9), (10, 11)]), [(1, 7), (10, 11)]);
        assert_eq!(span("410727100000"), (410_727_100_000, 410_727_101_000));
    }
}
