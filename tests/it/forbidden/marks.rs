//! A small county in which every value is its cell's own, and the search for such values in a text.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use aho_corasick::AhoCorasick;
use rusqlite::Connection;
use yimen_county::{Options, Urls};
use yimen_migration::ExchangeDatabase;
use yimen_schema::{Catalogue, FieldDef, Resource, ResourceId, Scalar};

use crate::differential::databases::sqlite;
use crate::differential::random::Random;
use crate::differential::rows::Rows;
use crate::differential::value::text;

/// People of the county.
const PERSONS: u32 = 80;

/// Where the rows of resources with divisions lie, two of them in other counties, and three in towns that have ended or
/// haven't begun.
const DIVISIONS: [&str; 9] = [
    "410727100201",
    "410727100000",
    "410727102201",
    "410727000000",
    "410726100000",
    "410728101201",
    "410727113201",
    "410727108201",
    "410727109201",
];

/// One value of the county.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) resource: ResourceId,
    pub(crate) row: u32,
    pub(crate) field: usize,
}

/// The values of a county, found in any text.
pub(crate) struct Marks {
    automaton: AhoCorasick,
    /// For each text that is searched for: the cells that have it, and whether it may be part of another.
    of: Vec<(Vec<Cell>, bool)>,
}

/// Writes the county and gives each value its own.
pub(crate) async fn write(folder: &Path, catalogue: &Catalogue, seed: u64) {
    let url = |database| format!("{}?mode=rwc", sqlite(folder, database));
    let urls = Urls {
        household: url(ExchangeDatabase::Household),
        social_insurance: url(ExchangeDatabase::SocialInsurance),
        housing: url(ExchangeDatabase::Housing),
        education: url(ExchangeDatabase::Education),
        union: url(ExchangeDatabase::UnionAid),
    };
    let as_of = chrono::NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
    let options = Options { persons: PERSONS, seed: 410_727, as_of };
    yimen_county::write(&options, &urls, &mut |_| {}).await.unwrap();
    let ends = ends(catalogue);
    let (mut next, mut rng) = (Next::default(), Random::new(seed));
    for id in catalogue.resource_ids() {
        let resource = catalogue.resource(id);
        let path = sqlite(folder, ExchangeDatabase::of_department(&resource.owner).unwrap());
        let mut connection = Connection::open(path.trim_start_matches("sqlite://")).unwrap();
        let transaction = connection.transaction().unwrap();
        for row in row_ids(&transaction, resource) {
            let change = |at: usize| change(resource, at, ends.contains(&(id, at)), &mut next, &mut rng);
            let changes: Vec<String> = (0..resource.fields.len()).filter_map(change).collect();
            if !changes.is_empty() {
                let sql = format!("UPDATE {} SET {} WHERE rowid = {row}", resource.table, changes.join(", "));
                transaction.execute(&sql, []).unwrap();
            }
        }
        transaction.commit().unwrap();
    }
}

fn row_ids(connection: &Connection, resource: &Resource) -> Vec<i64> {
    let mut statement = connection.prepare(&format!("SELECT rowid FROM {}", resource.table)).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The fields by which rows are found from other rows: their values are those of two tables.
fn ends(catalogue: &Catalogue) -> BTreeSet<(ResourceId, usize)> {
    let mut ends = BTreeSet::new();
    for id in catalogue.resource_ids() {
        for field in &catalogue.resource(id).fields {
            match &field.def {
                FieldDef::Link(link) => ends.extend([(id, link.from), (link.target, link.to)]),
                FieldDef::Summary(summary) => {
                    ends.extend([(id, summary.from), (summary.of, summary.to)]);
                    // What is counted is counted by its constants.
                    ends.extend(summary.conditions.iter().map(|(field, _)| (summary.of, *field)));
                }
                FieldDef::Item(_) => {}
            }
        }
    }
    ends
}

/// What was given last.
#[derive(Default)]
struct Next {
    value: u32,
    /// Months are few: they have numbers of their own.
    month: u32,
}

/// `column = value` with the next value that nothing else has.
fn change(resource: &Resource, at: usize, is_end: bool, next: &mut Next, rng: &mut Random) -> Option<String> {
    let FieldDef::Item(item) = &resource.fields[at].def else { return None };
    if is_end || at == resource.key {
        return None;
    }
    if resource.division == Some(at) {
        return Some(format!("{} = '{}'", item.column, rng.one_of(&DIVISIONS)));
    }
    next.value += 1;
    let n = next.value;
    let (year, month, day) = (1_100 + n / 336, n / 28 % 12 + 1, n % 28 + 1);
    let value = match &item.scalar {
        Scalar::Id | Scalar::String => format!("'q{n:07}zv'"),
        // No citizen number of anybody alive has such digits in a row.
        Scalar::Int => format!("{}", 913_000_000 + n),
        Scalar::Money | Scalar::Decimal => format!("{}.25", 913_000_000 + n),
        Scalar::Date => format!("'{year}-{month:02}-{day:02}'"),
        Scalar::YearMonth => {
            next.month += 1;
            format!("'{}-{:02}'", 3_000 + next.month / 12, next.month % 12 + 1)
        }
        Scalar::DateTime => format!("'{}-{month:02}-{day:02}T05:06:07+08:00'", year + 4_000),
        // Too few values to be anybody's own.
        Scalar::Boolean | Scalar::Enum(_) | Scalar::Division | Scalar::CitizenId => return None,
    };
    Some(format!("{} = {value}", item.column))
}

/// Texts that are shorter may stand anywhere.
const SHORTEST: usize = 7;

impl Marks {
    pub(crate) fn of(catalogue: &Catalogue, rows: &Rows) -> Marks {
        let ends = ends(catalogue);
        let mut cells: HashMap<String, (Vec<Cell>, bool)> = HashMap::new();
        for resource in catalogue.resource_ids() {
            let fields = &catalogue.resource(resource).fields;
            for (field, scalar) in fields.iter().enumerate().filter_map(|(at, field)| match &field.def {
                FieldDef::Item(item) => Some((at, &item.scalar)),
                FieldDef::Link(_) | FieldDef::Summary(_) => None,
            }) {
                // What a mask leaves of a division or an address is a division too.
                if matches!(scalar, Scalar::Boolean | Scalar::Enum(_) | Scalar::Division) {
                    continue;
                }
                let is_own = !ends.contains(&(resource, field)) && *scalar != Scalar::CitizenId;
                for row in 0..rows.count(resource) {
                    let Some(text) = text(scalar, rows.value(resource, row, field)) else { continue };
                    let whole = text.strip_suffix(".25").unwrap_or(&text).to_owned();
                    if whole.len() >= SHORTEST {
                        let known = cells.entry(whole).or_insert_with(|| (Vec::new(), is_own));
                        known.0.push(Cell { resource, row, field });
                        known.1 &= is_own && field != catalogue.resource(resource).key;
                    }
                }
            }
        }
        let (texts, of): (Vec<String>, Vec<_>) = cells.into_iter().unzip();
        Marks { automaton: AhoCorasick::new(texts).unwrap(), of }
    }

    /// How many values are their cell's own.
    pub(crate) fn own(&self) -> usize {
        self.of.iter().filter(|(_, is_own)| *is_own).count()
    }

    /// Every value that stands in a text, with the cells that have it. Names that rows share must stand alone:
    /// one may be the beginning of another.
    pub(crate) fn found<'a>(&'a self, body: &'a str) -> impl Iterator<Item = (&'a str, &'a [Cell])> {
        let is_letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        self.automaton.find_overlapping_iter(body).filter_map(move |found| {
            let (cells, is_own) = &self.of[found.pattern().as_usize()];
            let (bytes, begin) = (body.as_bytes(), found.start());
            let before = begin.checked_sub(1).and_then(|at| bytes.get(at));
            let stands_alone = !is_letter(before) && !is_letter(bytes.get(found.end()));
            (*is_own || stands_alone).then(|| (&body[found.range()], cells.as_slice()))
        })
    }
}
