//! The lines of the dictionary, checked against each other.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::NaiveDate;

use crate::division::{above, is_code, prefix};
use crate::divisions::{MAX_CHANGES, MAX_DIVISIONS, NotInForce};
use crate::error::Problem;
use crate::grant;
use crate::tables::{Line, Table, lines, problem, words};

/// The first line; several successors stand between `|`.
const HEAD: &str = "code,name,parent,valid_from,valid_until,successors,source";

/// What a code was for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) line: usize,
    /// The code that it lies in; none where the dictionary lists none above it.
    pub(super) parent: Option<String>,
    /// The first day; from ever where the dictionary doesn't say.
    pub(super) from: NaiveDate,
    /// The last day; for ever where there is none.
    pub(super) until: NaiveDate,
    successors: Vec<String>,
}

/// All codes with their versions, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dictionary {
    versions: BTreeMap<String, Vec<Version>>,
}

impl Version {
    fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && on <= self.until
    }
}

impl Dictionary {
    pub(super) fn read(table: &Table) -> Result<Dictionary, Vec<Problem>> {
        let (mut versions, mut problems) = (BTreeMap::<String, Vec<Version>>::new(), Vec::new());
        let lines = lines::<7>(table, HEAD)?;
        if lines.len() > MAX_DIVISIONS {
            return Err(vec![problem(table, 1, format!("there are more than {MAX_DIVISIONS} lines"))]);
        }
        for line in lines {
            match version(line) {
                Ok((code, version)) => versions.entry(code).or_default().push(version),
                Err(message) => problems.push(problem(table, line.number, message)),
            }
        }
        versions.values_mut().for_each(|of| of.sort_by_key(|version| version.from));
        let dictionary = Dictionary { versions };
        if problems.is_empty() {
            problems.extend(dictionary.problems().map(|(line, message)| problem(table, line, message)));
        }
        if dictionary.changes().len() > MAX_CHANGES {
            let message = format!("something changes on more than {MAX_CHANGES} days");
            problems.push(problem(table, 1, message));
        }
        if problems.is_empty() { Ok(dictionary) } else { Err(problems) }
    }

    /// The days from which something is otherwise, and the beginning of time.
    pub(super) fn changes(&self) -> BTreeSet<NaiveDate> {
        let of = |version: &Version| [Some(version.from), version.until.succ_opt()];
        let changes = self.versions.values().flatten().flat_map(of).flatten();
        changes.chain([NaiveDate::MIN]).collect()
    }

    pub(super) fn codes(&self) -> impl Iterator<Item = &str> {
        self.versions.keys().map(String::as_str)
    }

    pub(super) fn lists(&self, code: &str) -> bool {
        self.versions.contains_key(code)
    }

    /// What a code is on a day; `None` where it isn't in force, or not listed.
    pub(super) fn on(&self, code: &str, on: NaiveDate) -> Option<&Version> {
        self.versions.get(code)?.iter().find(|version| version.is_in_force(on))
    }

    /// Why a listed code isn't in force on a day, if it isn't.
    pub(super) fn not_in_force(&self, code: &str, on: NaiveDate) -> Option<NotInForce> {
        let versions = self.versions.get(code)?;
        let last = versions.last()?;
        if last.until < on {
            return Some(NotInForce::Ended(last.successors.clone()));
        }
        versions.iter().all(|version| on < version.from).then_some(NotInForce::NotBegun)
    }

    /// The codes in force on a day to which rows of a listed code have gone: itself, its successors or theirs; of a
    /// code that hasn't begun, what it will lie in.
    pub(super) fn settled(&self, code: &str, on: NaiveDate) -> BTreeSet<String> {
        let (mut settled, mut seen, mut open) = (BTreeSet::new(), HashSet::new(), vec![code.to_owned()]);
        while let Some(code) = open.pop() {
            // Divisions that were split may be merged again, many times over: each is followed once.
            if !seen.insert(code.clone()) {
                continue;
            }
            match self.not_in_force(&code, on) {
                None => {
                    settled.insert(code);
                }
                Some(NotInForce::Ended(successors)) => open.extend(successors),
                Some(NotInForce::NotBegun) => {
                    let first = self.versions.get(&code).and_then(|versions| versions.first());
                    open.extend(first.and_then(|version| version.parent.clone()));
                }
            }
        }
        settled
    }

    /// A code in force on a day, and the divisions that it lies in: those that the dictionary says, and above the
    /// last of them what its code says.
    pub(super) fn chain(&self, code: &str, on: NaiveDate) -> Vec<String> {
        let mut chain = vec![code.to_owned()];
        while let Some(parent) = chain.last().and_then(|last| self.on(last, on)?.parent.clone()) {
            chain.push(parent);
        }
        let top = chain.last().cloned().unwrap_or_default();
        chain.extend(above(&top));
        chain
    }

    fn problems(&self) -> impl Iterator<Item = (usize, String)> {
        let of = |(code, versions): (&String, &Vec<Version>)| {
            let mut found = Vec::new();
            for (at, version) in versions.iter().enumerate() {
                let next = versions.get(at + 1);
                let own = self.goes_on(version, next).or_else(|| self.parent(code, version));
                found.extend(own.map(|message| (version.line, message)));
            }
            found.extend(self.successors(code, versions));
            found
        };
        self.versions.iter().flat_map(of)
    }

    /// A code that ended isn't used again: rows of both places would be filed under it.
    fn goes_on(&self, version: &Version, next: Option<&Version>) -> Option<String> {
        let next = next?;
        if next.from <= version.until {
            return Some(format!("overlaps line {}, which has the same code", next.line));
        }
        if version.until.succ_opt() != Some(next.from) {
            return Some(format!("line {} uses the code again after it had ended", next.line));
        }
        (!version.successors.is_empty())
            .then(|| format!("has successors, though the code goes on in line {}", next.line))
    }

    fn parent(&self, code: &str, version: &Version) -> Option<String> {
        let nearest = above(code).next();
        let listed = above(code).find(|code| self.lists(code));
        if listed.is_some() && listed != nearest {
            return Some(format!("the level between this code and `{}` isn't listed", listed?));
        }
        let Some(parent) = &version.parent else {
            return listed.map(|listed| format!("must name its parent, since `{listed}` is listed"));
        };
        if !self.lists(parent) {
            return Some(format!("names the parent `{parent}`, which isn't listed"));
        }
        // Levels end, so that nothing lies in itself by any number of steps.
        if prefix(parent).len() >= prefix(code).len() {
            return Some(format!("names the parent `{parent}`, whose level isn't above its own"));
        }
        let is_there = self.on(parent, version.from).is_some() && self.on(parent, version.until).is_some();
        (!is_there).then(|| format!("the parent `{parent}` isn't in force all the time that this is"))
    }

    /// What took the place of a code must be there on the day after.
    fn successors(&self, code: &str, versions: &[Version]) -> Option<(usize, String)> {
        let last = versions.last()?;
        let Some(next) = last.until.succ_opt() else {
            let message = "has successors and no last day";
            return (!last.successors.is_empty()).then(|| (last.line, message.to_owned()));
        };
        if last.successors.is_empty() {
            return Some((last.line, String::from("has ended, and must name its successors")));
        }
        let wrong = last.successors.iter().find_map(|successor| {
            if !self.lists(successor) {
                return Some(format!("names the successor `{successor}`, which isn't listed"));
            }
            let is_there = successor != code && self.on(successor, next).is_some();
            (!is_there).then(|| format!("the successor `{successor}` isn't in force on {next}"))
        });
        wrong.map(|message| (last.line, message))
    }
}

fn version(line: Line<'_, 7>) -> Result<(String, Version), String> {
    let [code, name, parent, from, until, successors, source] = line.fields;
    let successors = words(successors);
    let named = [code].into_iter().chain((!parent.is_empty()).then_some(parent));
    if let Some(wrong) = named.chain(successors.iter().map(String::as_str)).find(|code| !is_code(code)) {
        return Err(format!("`{wrong}` isn't a code of 12 digits"));
    }
    if name.is_empty() || source.is_empty() {
        return Err(String::from("name and source must not be empty"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = successors.iter().find(|code| !seen.insert(code.as_str())) {
        return Err(format!("names the successor `{twice}` twice"));
    }
    let (from, until) = (day(from, NaiveDate::MIN)?, day(until, NaiveDate::MAX)?);
    if until < from {
        return Err(String::from("the last day is before the first"));
    }
    let parent = (!parent.is_empty()).then(|| parent.to_owned());
    Ok((code.to_owned(), Version { line: line.number, parent, from, until, successors }))
}

fn day(text: &str, otherwise: NaiveDate) -> Result<NaiveDate, String> {
    if text.is_empty() {
        return Ok(otherwise);
    }
    grant::day(text).ok_or_else(|| String::from("a day must be written `YYYY-MM-DD`"))
}
