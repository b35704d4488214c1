//! Division codes (行政区划代码): 12 digits, of which one code stands for all below it; and the codes that a caller
//! reaches.

use std::sync::Arc;

/// The digits of a code at each level: province, city, county, township, village.
pub(crate) const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// The most ranges of codes that one division reaches. Each is a pair of parameters of a statement, and a division
/// that was put together from more parts than this is given codes of its own sooner.
pub const MAX_RANGES: usize = 64;

/// Whether a text has the form of a code.
pub fn is_code(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with("00")
}

/// The digits of a code down to its own level; the rest are zeros.
pub(crate) fn prefix(code: &str) -> &str {
    let zeros =
        |level: &usize| code.get(*level..).is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'));
    code.get(..LEVELS.into_iter().find(zeros).unwrap_or(12)).unwrap_or(code)
}

/// The codes of the levels above a code, the nearest first.
pub(crate) fn above(code: &str) -> impl Iterator<Item = String> + '_ {
    let own = prefix(code).len();
    LEVELS.into_iter().rev().filter(move |level| *level < own).map(|level| format!("{:0<12}", &code[..level]))
}

/// How many levels lie between a division and the nearest one above it that another lies in; 0 where the
/// other is the division itself or below it. Codes of another form are as far as can be.
pub fn distance(own: &str, other: &str) -> u32 {
    let prefix = prefix(own);
    let shared = |level: &&usize| **level <= prefix.len() && own.get(..**level) == other.get(..**level);
    let levels = LEVELS.iter().filter(|level| **level <= prefix.len()).count();
    (levels - LEVELS.iter().take_while(shared).count()) as u32
}

/// Codes from one text to another, which isn't among them. Texts are compared byte by byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Range {
    /// The first of them.
    pub low: Arc<str>,
    /// The first behind them.
    pub high: Arc<str>,
}

impl Range {
    /// A code and all codes below it.
    pub fn of(code: &str) -> Range {
        let prefix = prefix(code);
        let next: u64 = prefix.parse::<u64>().unwrap_or(u64::MAX - 1) + 1;
        Range { low: code.into(), high: format!("{next:0width$}", width = prefix.len()).into() }
    }

    fn holds(&self, code: &str) -> bool {
        *self.low <= *code && *code < *self.high
    }
}

/// The codes under which rows of a division are filed: its own and those below it, and those whose place it took.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Area(Arc<[Range]>);

impl Area {
    /// A code and all codes below it, whatever became of any.
    pub fn of(code: &str) -> Area {
        Area([Range::of(code)].into())
    }

    pub(crate) fn new(ranges: Vec<Range>) -> Area {
        Area(ranges.into())
    }

    /// Ranges of codes, in their order; none overlaps another. There is one at least.
    pub fn ranges(&self) -> &[Range] {
        &self.0
    }

    /// Whether a row of this code is among them.
    pub fn holds(&self, code: &str) -> bool {
        self.0.iter().any(|range| range.holds(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_division_stands_for_all_below_it() {
        let range = |code| {
            let Range { low, high } = Range::of(code);
            (low.to_string(), high.to_string())
        };
        assert_eq!(range("410000000000"), (String::from("410000000000"), String::from("42")));
        assert_eq!(range("410727000000"), (String::from("410727000000"), String::from("410728")));
        assert_eq!(range("410727100000"), (String::from("410727100000"), String::from("410727101")));
        assert_eq!(range("410727100201"), (String::from("410727100201"), String::from("410727100202")));
        assert_eq!(range("990000000000"), (String::from("990000000000"), String::from("100")));
    }

    #[test]
    fn a_division_lies_in_those_above_it() {
        assert_eq!(
            above("410727100201").collect::<Vec<_>>(),
            ["410727100000", "410727000000", "410700000000", "410000000000"]
        );
        assert_eq!(above("410000000000").count(), 0);
        let area = Area::of("410727100000");
        assert!(area.holds("410727100000") && area.holds("410727100999"));
        assert!(!area.holds("410727101000") && !area.holds("410727000000") && !area.holds(""));
    }

    #[test]
    fn a_division_is_as_far_as_the_levels_up_to_where_both_lie() {
        let from_county = |other| distance("410727000000", other);
        assert_eq!(from_county("410727000000"), 0);
        assert_eq!(from_county("410727100201"), 0);
        assert_eq!(from_county("410728100201"), 1);
        assert_eq!(from_county("410800000000"), 2);
        assert_eq!(from_county("420727100201"), 3);
        assert_eq!(from_county(""), 3);
        assert_eq!(distance("410727100201", "410727100202"), 1);
        assert_eq!(distance("410727100201", "410727101202"), 2);
    }
}
