//! The sharing classes (共享属性) in force: dated data for each region, beside the classes of the catalogue. A day
//! comes as an argument: this crate has no clock.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use yimen_schema::{Catalogue, CoordinateId, FieldDef, ShareClass};

use crate::cedar::Policies;
use crate::codes::Codes;
use crate::difference::Difference;
use crate::difference::dated::{self, Place};
use crate::division::{Area, LEVELS};
use crate::divisions::Divisions;
use crate::entities::reached;
use crate::error::Problem;
use crate::grant::day;
use crate::tables::{Line, Table, lines, problem};

/// The first line of `classes.csv`.
const HEAD: &str = "scope,region,class,basis,certainty,valid_from";

/// The most lines: every item is looked for in all of them when the table is read.
pub(crate) const MAX_LINES: usize = 2_000;

/// What `certainty` may say: nothing here is official before a legal office has looked at it.
const CERTAINTIES: [&str; 2] = ["COPY_READ", "UNVERIFIED"];

/// A line: the class of a scope in a region from a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassLine {
    pub(crate) line: usize,
    /// An item (`Type.field`), a type, a section, or a class of the catalogue, which means all that it classes so.
    pub scope: String,
    /// The divisions whose codes begin so; empty for all.
    pub region: String,
    /// The class.
    pub class: ShareClass,
    /// The clauses that it rests on.
    pub basis: String,
    /// `COPY_READ` where the text was read in a copy, `UNVERIFIED` otherwise.
    pub certainty: String,
    /// The first day.
    pub valid_from: NaiveDate,
}

/// What the line says, for people.
impl fmt::Display for ClassLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ClassLine { line: _, scope, region, class, basis, certainty, valid_from } = self;
        let region = if region.is_empty() { String::new() } else { format!(" in {region}") };
        write!(f, "{class} by `{scope}`{region} since {valid_from} on the basis of {basis}, {certainty}")
    }
}

/// A class, and the line that says so; without a line it is the catalogue's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class<'a> {
    /// The class.
    pub class: ShareClass,
    /// The line.
    pub line: Option<&'a ClassLine>,
}

/// The lines of a table by the coordinates that they speak of.
#[derive(Clone, Debug)]
pub struct Classes {
    /// Whose rows readers of a division read.
    divisions: Arc<Divisions>,
    lines: Vec<ClassLine>,
    /// By coordinate, what the catalogue says.
    own: Vec<ShareClass>,
    /// By coordinate, the indices of lines with how narrowly they name it.
    naming: Vec<Vec<(Scope, usize)>>,
    /// By coordinate, the item that a summary sums up or maximises.
    summed: Vec<Option<CoordinateId>>,
}

/// How narrowly a line names a coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Class,
    Section,
    Type,
    Item,
}

/// How much a class opens.
pub fn width(class: ShareClass) -> u8 {
    match class {
        ShareClass::NotShared => 0,
        ShareClass::Conditional => 1,
        ShareClass::Unconditional => 2,
    }
}

/// Reads the table.
///
/// # Errors
/// Every line that can't be read, or that says something of what another line says already.
pub(crate) fn read(table: &Table) -> Result<Vec<ClassLine>, Vec<Problem>> {
    let (mut read, mut problems, mut places) = (Vec::new(), Vec::new(), BTreeSet::new());
    let lines = lines::<6>(table, HEAD)?;
    if lines.len() > MAX_LINES {
        return Err(vec![problem(table, 1, format!("has more than {MAX_LINES} lines"))]);
    }
    for Line { number, fields } in lines {
        match line(number, fields) {
            Ok(line) if places.insert((line.scope.clone(), line.region.clone(), line.valid_from)) => {
                read.push(line);
            }
            Ok(line) => {
                let message = format!("a second class of `{}` there from that day", line.scope);
                problems.push(problem(table, number, message));
            }
            Err(message) => problems.push(problem(table, number, message)),
        }
    }
    if problems.is_empty() { Ok(read) } else { Err(problems) }
}

fn line(number: usize, fields: [&str; 6]) -> Result<ClassLine, String> {
    let [scope, region, class, basis, certainty, valid_from] = fields;
    if scope.is_empty() || basis.is_empty() {
        return Err(String::from("a line needs a scope, and the clause that it rests on"));
    }
    let is_level = region.is_empty() || LEVELS.contains(&region.len());
    if !is_level || !region.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{region}` of `{scope}` isn't the 2, 4, 6, 9 or 12 digits of a division"));
    }
    let Some(known) = ShareClass::from_sdl(class) else {
        return Err(format!("`{class}` of `{scope}` is none of UNCONDITIONAL, CONDITIONAL, NOT_SHARED"));
    };
    if !CERTAINTIES.contains(&certainty) {
        return Err(format!("`{certainty}` of `{scope}` is none of {}", CERTAINTIES.join(", ")));
    }
    Ok(ClassLine {
        line: number,
        scope: scope.to_owned(),
        region: region.to_owned(),
        class: known,
        basis: basis.to_owned(),
        certainty: certainty.to_owned(),
        valid_from: day(valid_from).ok_or_else(|| format!("the day of `{scope}` isn't `YYYY-MM-DD`"))?,
    })
}

/// What is wrong with the table: scopes that don't exist, and links, which have no class of their own.
pub(crate) fn problems(catalogue: &Catalogue, codes: &Codes) -> Vec<Problem> {
    let wrong = |scope: &str| match catalogue.coordinate_named(scope) {
        Some(id) if is_link(catalogue, id) => {
            Some(format!("`{scope}` is a link: what it leads to has classes"))
        }
        Some(_) => None,
        None => {
            let known = ShareClass::from_sdl(scope).is_some()
                || catalogue.resource_named(scope).is_some()
                || catalogue.resources.iter().any(|resource| *resource.section == *scope);
            (!known).then(|| format!("`{scope}` is no item, type, section or class of the catalogue"))
        }
    };
    let table = &codes.tables.classes;
    let told = |line: &ClassLine| wrong(&line.scope).map(|message| problem(table, line.line, message));
    codes.classes.iter().filter_map(told).collect()
}

fn is_link(catalogue: &Catalogue, id: CoordinateId) -> bool {
    let coordinate = catalogue.coordinate(id);
    let def = &catalogue.resource(coordinate.resource).fields[coordinate.field].def;
    matches!(def, FieldDef::Link(_))
}

impl Classes {
    pub(crate) fn of(lines: &[ClassLine], catalogue: &Catalogue, divisions: Arc<Divisions>) -> Classes {
        let naming = |id| {
            let naming = lines.iter().enumerate();
            naming.filter_map(|(at, line)| Some((scope(catalogue, id, line)?, at))).collect()
        };
        Classes {
            divisions,
            lines: lines.to_vec(),
            own: catalogue.coordinates.iter().map(|coordinate| coordinate.class).collect(),
            naming: catalogue.coordinate_ids().map(naming).collect(),
            summed: catalogue.coordinate_ids().map(|id| summed(catalogue, id)).collect(),
        }
    }

    /// The class of a coordinate for readers of a 12-digit division on a day. The narrowest scope decides, there the
    /// nearest region, and there the newest day. Where readers of the division read rows of regions that have
    /// narrower classes, the narrowest of them counts: those of a city read the rows of its counties, and those of a
    /// county the rows of the codes whose place it took. The empty division is all of them.
    pub fn find(&self, id: CoordinateId, division: &str, on: NaiveDate) -> Class<'_> {
        self.find_within(id, &self.reach(division, on), on)
    }

    fn find_within(&self, id: CoordinateId, reach: &Reach<'_>, on: NaiveDate) -> Class<'_> {
        let regions = self.lines_of(id).map(|line| line.region.as_str());
        let inner: BTreeSet<&str> = regions.filter(|region| reach.goes_to(region)).collect();
        let near = self.nearest(id, reach.division, on);
        let inner = inner.into_iter().map(|region| self.nearest(id, region, on));
        inner.fold(near, narrower)
    }

    fn reach<'a>(&self, division: &'a str, on: NaiveDate) -> Reach<'a> {
        // Nobody is answered for a division that isn't in force.
        let area = || self.divisions.area(division, on).unwrap_or_else(|_| Area::of(division));
        Reach { division, area: (!division.is_empty()).then(area) }
    }

    /// The class in a region. A summary that no line names itself follows the item that it sums up.
    fn nearest(&self, id: CoordinateId, region: &str, on: NaiveDate) -> Class<'_> {
        let (named, class) = self.stated(id, region, on);
        let Some(item) = self.summed[id.0 as usize].filter(|_| named != Some(Scope::Item)) else {
            return class;
        };
        let of_item = self.stated(item, region, on).1;
        let is_closed = width(of_item.class) < width(self.own[item.0 as usize]);
        if is_closed { narrower(class, of_item) } else { class }
    }

    fn stated(&self, id: CoordinateId, region: &str, on: NaiveDate) -> (Option<Scope>, Class<'_>) {
        let lines = self.naming[id.0 as usize].iter().map(|(scope, at)| (*scope, &self.lines[*at]));
        let holding = lines.filter(|(_, line)| region.starts_with(&line.region) && line.valid_from <= on);
        let line = holding.max_by_key(|(scope, line)| (*scope, line.region.len(), line.valid_from));
        let class = line.map_or(self.own[id.0 as usize], |(_, line)| line.class);
        (line.map(|(scope, _)| scope), Class { class, line: line.map(|(_, line)| line) })
    }

    /// The next day on which the class of a coordinate, or what it rests on, is otherwise there; `None` where none is
    /// in sight.
    pub fn next(&self, id: CoordinateId, division: &str, on: NaiveDate) -> Option<(NaiveDate, Class<'_>)> {
        let now = self.find(id, division, on);
        let mut days: Vec<NaiveDate> = self.lines_of(id).map(|line| line.valid_from).collect();
        days.retain(|day| *day > on);
        days.sort_unstable();
        days.into_iter()
            .map(|day| (day, self.find(id, division, day)))
            .find(|(_, class)| (class.class, class.line) != (now.class, now.line))
    }

    /// The first day after `on` on which any class may be otherwise for readers of a division.
    pub fn until(&self, division: &str, on: NaiveDate) -> Option<NaiveDate> {
        let reach = self.reach(division, on);
        let reaches = |line: &&ClassLine| division.starts_with(&line.region) || reach.goes_to(&line.region);
        let days = self.lines.iter().filter(reaches).map(|line| line.valid_from);
        days.chain(self.divisions.next_change(on)).filter(|day| *day > on).min()
    }

    /// Whether a coordinate is shared anywhere on any day.
    pub(crate) fn may_be_shared(&self, id: CoordinateId) -> bool {
        let own = self.own[id.0 as usize];
        own != ShareClass::NotShared || self.lines_of(id).any(|line| line.class != ShareClass::NotShared)
    }

    /// The lines that speak of a coordinate, or of what it sums up.
    pub fn lines_of(&self, id: CoordinateId) -> impl Iterator<Item = &ClassLine> {
        let of = |id: CoordinateId| self.naming[id.0 as usize].iter().map(|(_, at)| &self.lines[*at]);
        of(id).chain(self.summed[id.0 as usize].into_iter().flat_map(of))
    }

    /// The lines that name a coordinate, its type or its section, in the order of their places; not those about all
    /// items that the catalogue classes alike.
    pub fn naming(&self, id: CoordinateId) -> Vec<&ClassLine> {
        let naming = self.naming[id.0 as usize].iter().filter(|(scope, _)| *scope != Scope::Class);
        let mut lines: Vec<&ClassLine> = naming.map(|(_, at)| &self.lines[*at]).collect();
        lines.sort_by_key(|line| (&line.scope, &line.region, line.valid_from));
        lines
    }

    /// Every coordinate's class for readers of a division on a day.
    pub(crate) fn all(&self, division: &str, on: NaiveDate) -> Vec<ShareClass> {
        let reach = self.reach(division, on);
        let ids = (0..self.own.len()).map(|at| CoordinateId(at as u32));
        ids.map(|id| self.find_within(id, &reach, on).class).collect()
    }

    pub(crate) fn own(&self) -> &[ShareClass] {
        &self.own
    }
}

/// Whose rows readers of a division read; without an area those of all divisions.
struct Reach<'a> {
    division: &'a str,
    area: Option<Area>,
}

impl Reach<'_> {
    /// Whether rows of a region are among them, though the division isn't in it.
    fn goes_to(&self, region: &str) -> bool {
        let holds = |area: &Area| area.holds(&format!("{region:0<12}"));
        !region.is_empty() && !self.division.starts_with(region) && self.area.as_ref().is_none_or(holds)
    }
}

/// The narrower of two classes; the first, where they are the same.
fn narrower<'a>(one: Class<'a>, other: Class<'a>) -> Class<'a> {
    if width(other.class) < width(one.class) { other } else { one }
}

fn scope(catalogue: &Catalogue, id: CoordinateId, line: &ClassLine) -> Option<Scope> {
    if is_link(catalogue, id) {
        return None;
    }
    let coordinate = catalogue.coordinate(id);
    match line.scope.as_str() {
        scope if scope == coordinate.name => Some(Scope::Item),
        scope if scope == reached(catalogue, coordinate).name => Some(Scope::Type),
        scope if scope == &*coordinate.section => Some(Scope::Section),
        scope if scope == coordinate.class.as_str() => Some(Scope::Class),
        _ => None,
    }
}

fn summed(catalogue: &Catalogue, id: CoordinateId) -> Option<CoordinateId> {
    let coordinate = catalogue.coordinate(id);
    match &catalogue.resource(coordinate.resource).fields[coordinate.field].def {
        FieldDef::Summary(summary) => {
            let of = catalogue.resource(summary.of);
            summary.item.map(|item| of.fields[item].coordinate)
        }
        FieldDef::Item(_) | FieldDef::Link(_) => None,
    }
}

impl Policies {
    /// What the classes in force open that the catalogue's own don't, each with the day from which it does: it needs
    /// an approval that holds on that day, whenever it is asked.
    pub fn wider_classes(&self) -> Vec<(Difference, NaiveDate)> {
        let none = Classes::of(&[], self.catalogue(), self.codes().divisions().clone());
        let found = differences(self.catalogue(), &none, self.classes());
        found.into_iter().filter(|(cell, _)| cell.widens).collect()
    }
}

/// The items, regions and days for which two tables over one catalogue say different classes.
pub(crate) fn differences(
    catalogue: &Catalogue,
    before: &Classes,
    after: &Classes,
) -> Vec<(Difference, NaiveDate)> {
    let mut found = Vec::new();
    if before.lines == after.lines {
        return found;
    }
    for id in catalogue.coordinate_ids() {
        let name = &catalogue.coordinate(id).name;
        let lines = before.lines_of(id).chain(after.lines_of(id));
        let place = |line: &ClassLine| -> Place { (name.clone(), line.region.clone(), line.valid_from) };
        let places: Vec<Place> = lines.map(place).collect();
        let said = |classes: &Classes, region: &str, on| {
            let class = classes.nearest(id, region, on).class;
            (class.to_string(), width(class))
        };
        let before = |_: &str, region: &str, on| said(before, region, on);
        let after = |_: &str, region: &str, on| said(after, region, on);
        found.extend(dated::differences("classes.csv", &places, before, after));
    }
    found
}
