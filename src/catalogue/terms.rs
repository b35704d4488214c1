//! On which basis an item is shared and how often its source renews it: dated data for each region.

use anyhow::Context;
use chrono::NaiveDate;
use yimen_schema::{Catalogue, Coordinate};

/// The cycles of `RefreshCycle`.
const CYCLES: [&str; 6] = ["REALTIME", "DAILY", "MONTHLY", "QUARTERLY", "TERMLY", "YEARLY"];

/// The terms of one scope in one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// A section, a type, or a type's field.
    pub scope: String,
    /// The divisions whose codes begin so; empty for all.
    pub region: String,
    /// The clauses.
    pub basis: String,
    /// How often the source renews it.
    pub refresh: String,
    /// How sure that is.
    pub certainty: String,
    /// The first day.
    pub valid_from: NaiveDate,
}

/// All terms.
#[derive(Clone, Debug)]
pub struct Terms(Vec<Term>);

impl Terms {
    /// The terms that are built into the program.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn bundled() -> anyhow::Result<Terms> {
        Terms::parse(include_str!("../../schema/terms.csv"))
    }

    /// Reads lines of `scope,region,basis,refresh,certainty,valid_from`.
    ///
    /// # Errors
    /// A line that can't be read.
    pub fn parse(text: &str) -> anyhow::Result<Terms> {
        let lines = text.lines().enumerate().skip(1);
        let terms =
            lines.map(|(number, line)| term(line).with_context(|| format!("terms.csv, line {}", number + 1)));
        Ok(Terms(terms.collect::<anyhow::Result<_>>()?))
    }

    /// The terms of an item for a division on a day: of the narrowest scope, there of the nearest region,
    /// and there the newest.
    pub fn find(&self, item: &Coordinate, division: &str, on: NaiveDate) -> Option<&Term> {
        let type_name = item.name.split('.').next().unwrap_or_default();
        let rank = |term: &Term| match term.scope.as_str() {
            scope if scope == item.name => Some(2),
            scope if scope == type_name => Some(1),
            scope if scope == &*item.section => Some(0),
            _ => None,
        };
        let fits = |term: &&Term| division.starts_with(&term.region) && term.valid_from <= on;
        let ranked = self.0.iter().filter(fits).filter_map(|term| rank(term).map(|rank| (rank, term)));
        ranked.max_by_key(|(rank, term)| (*rank, term.region.len(), term.valid_from)).map(|(_, term)| term)
    }

    /// Scopes that name nothing of a catalogue.
    pub fn unknown<'a>(&'a self, catalogue: &Catalogue) -> Vec<&'a str> {
        let known = |scope: &str| {
            catalogue.coordinate_named(scope).is_some()
                || catalogue.resource_named(scope).is_some()
                || catalogue.resources.iter().any(|resource| *resource.section == *scope)
        };
        self.0.iter().map(|term| term.scope.as_str()).filter(|scope| !known(scope)).collect()
    }
}

fn term(line: &str) -> anyhow::Result<Term> {
    let fields: Vec<&str> = line.split(',').collect();
    let [scope, region, basis, refresh, certainty, valid_from] = fields.as_slice() else {
        anyhow::bail!("needs scope, region, basis, refresh, certainty and valid_from");
    };
    anyhow::ensure!(!scope.is_empty() && !basis.is_empty(), "needs a scope and a basis");
    anyhow::ensure!(CYCLES.contains(refresh), "`{refresh}` is none of {}", CYCLES.join(", "));
    let is_certainty = matches!(*certainty, "SAMPLE" | "COPY_READ");
    anyhow::ensure!(is_certainty, "`{certainty}` is none of SAMPLE, COPY_READ");
    Ok(Term {
        scope: (*scope).to_owned(),
        region: (*region).to_owned(),
        basis: (*basis).to_owned(),
        refresh: (*refresh).to_owned(),
        certainty: (*certainty).to_owned(),
        valid_from: valid_from.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        yimen_schema::load(&yimen_schema::bundled_sources()).unwrap()
    }

    #[test]
    fn every_item_of_the_catalogue_has_terms() {
        let (catalogue, terms) = (catalogue(), Terms::bundled().unwrap());
        assert_eq!(terms.unknown(&catalogue), Vec::<&str>::new());
        let on = "2026-01-01".parse().unwrap();
        for item in &catalogue.coordinates {
            assert!(terms.find(item, "410727000000", on).is_some(), "{}", item.name);
        }
    }

    #[test]
    fn the_narrowest_scope_and_the_nearest_region_decide() {
        let catalogue = catalogue();
        let lines = "UNION_FILE,,a,DAILY,SAMPLE,2025-01-01\nUNION_FILE,41,b,DAILY,SAMPLE,2025-01-01\n\
                     UnionFile,,c,DAILY,SAMPLE,2025-01-01\nUnionFile.status,,d,DAILY,SAMPLE,2025-06-01\n";
        let terms = Terms::parse(&format!("head\n{lines}")).unwrap();
        let basis = |name: &str, division: &str, on: &str| {
            let item = catalogue.coordinate(catalogue.coordinate_named(name).unwrap());
            terms.find(item, division, on.parse().unwrap()).map(|term| term.basis.as_str())
        };
        assert_eq!(basis("UnionFile.status", "410727000000", "2026-01-01"), Some("d"));
        assert_eq!(basis("UnionFile.status", "410727000000", "2025-03-01"), Some("c"));
        assert_eq!(basis("UnionVisit.id", "410727000000", "2026-01-01"), Some("b"));
        assert_eq!(basis("UnionVisit.id", "110000000000", "2026-01-01"), Some("a"));
        assert_eq!(basis("UnionVisit.id", "110000000000", "2024-01-01"), None);
        for wrong in
            ["X,,b,HOURLY,SAMPLE,2025-01-01", "X,,,DAILY,SAMPLE,2025-01-01", "X,,b,DAILY,SURE,2025-01-01"]
        {
            assert!(Terms::parse(&format!("head\n{wrong}")).is_err(), "{wrong}");
        }
        let terms = Terms::parse("head\nNowhere,,b,DAILY,SAMPLE,2025-01-01").unwrap();
        assert_eq!(terms.unknown(&catalogue), ["Nowhere"]);
    }
}
