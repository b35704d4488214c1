//! An office writing down what it knows of a family.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::calendar::{years_after, years_before};
use crate::family::{Family, Member};
use crate::random::Dice;
use crate::reference::{County, Office};

/// One office before one family, with dice of its own and a counter for the numbers of its rows.
pub(crate) struct Scribe<'a> {
    pub(crate) county: &'a County,
    pub(crate) family: &'a Family,
    pub(crate) dice: Dice,
    /// The day on which the office's rows were true, earlier than the county's.
    pub(crate) as_of: NaiveDate,
    rows: u32,
}

impl<'a> Scribe<'a> {
    pub(crate) fn new(county: &'a County, family: &'a Family, office: Office) -> Self {
        let dice = Dice::new(county.options.seed, family.number, office.topic());
        let as_of = office.as_of(county.options.as_of);
        Scribe { county, family, dice, as_of, rows: 0 }
    }

    /// The next row's number: the table's letters, the family, and a count.
    pub(crate) fn id(&mut self, table: &str) -> String {
        self.rows += 1;
        format!("{table}-{:07}-{:02}", self.family.number, self.rows)
    }

    /// The village or community in which the family lives, as a code.
    pub(crate) fn home(&self) -> Option<String> {
        Some(self.county.divisions.villages[self.family.home].code.clone())
    }

    /// The row's day.
    pub(crate) fn on(&self) -> Option<NaiveDate> {
        Some(self.as_of)
    }

    /// The day since which somebody may have worked, within so many years.
    pub(crate) fn first_working_day(&self, member: &Member, years: u32) -> NaiveDate {
        years_after(member.born, 16).max(years_before(self.as_of, years)).min(self.as_of)
    }

    /// A citizen number as an old file may have it: now and then with a small x at its end.
    pub(crate) fn number_in_old_file(&mut self, number: &str) -> Option<String> {
        let is_small = number.ends_with('X') && self.dice.chance(0.25);
        Some(if is_small { number.to_lowercase() } else { number.to_owned() })
    }
}

/// Where a member lives, as a code.
pub(crate) fn division(member: &Member) -> Option<String> {
    Some(member.residence.division.clone())
}

pub(crate) fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

/// Whole yuan.
pub(crate) fn yuan(value: i64) -> Option<Decimal> {
    Some(Decimal::new(value * 100, 2))
}

/// Hundredths, such as square metres with two decimals.
pub(crate) fn hundredths(value: i64) -> Option<Decimal> {
    Some(Decimal::new(value, 2))
}
