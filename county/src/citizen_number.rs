//! Citizen numbers (公民身份号码, GB 11643) that no living or dead person can have.
//!
//! A number is made as the standard asks: six digits of division, the date of birth, three digits
//! in sequence (odd for men, even for women) and a check character. It is impossible because the
//! division ends in 99, which no county-level division of the country does, so that no authority
//! ever gave it.

use chrono::{Datelike, NaiveDate};

use crate::family::Sex;
use crate::random::Dice;

/// Divisions for people of the county, the later ones once a day's sequence is used up.
const LOCAL: [&str; 6] = ["410799", "410199", "410299", "410399", "410499", "410599"];

/// Numbers in sequence for one day, sex and division.
const SEQUENCE: u16 = 499;

/// How many people a county may have, so that the local divisions suffice for every day and sex.
pub(crate) const PERSONS_LIMIT: u32 = 20_000_000;

const FIRST_YEAR: i32 = 1900;
const YEARS: usize = 200;

/// Where somebody was registered when the number was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    /// An unassigned division of six digits.
    pub(crate) division: &'static str,
    /// The real city that the person is registered in, of 12 digits.
    pub(crate) registered: &'static str,
    pub(crate) city: &'static str,
}

/// Cities of neighbouring provinces that people with a residence permit come from.
pub(crate) const ORIGINS: [Origin; 6] = [
    Origin { division: "371799", registered: "371700000000", city: "山东省菏泽市" },
    Origin { division: "130499", registered: "130400000000", city: "河北省邯郸市" },
    Origin { division: "140599", registered: "140500000000", city: "山西省晋城市" },
    Origin { division: "341699", registered: "341600000000", city: "安徽省亳州市" },
    Origin { division: "610499", registered: "610400000000", city: "陕西省咸阳市" },
    Origin { division: "420699", registered: "420600000000", city: "湖北省襄阳市" },
];

/// Gives numbers, no number twice. Its size depends on the calendar, not on the county's people.
pub(crate) struct Numbering {
    local: Vec<u16>,
    foreign: Vec<Vec<u16>>,
}

impl Numbering {
    pub(crate) fn new() -> Self {
        let days = YEARS * 366 * 2;
        Numbering { local: vec![0; days], foreign: vec![vec![0; days]; ORIGINS.len()] }
    }

    pub(crate) fn local(&mut self, born: NaiveDate, sex: Sex) -> String {
        let used = next(&mut self.local, born, sex);
        let division = LOCAL[usize::from(used / SEQUENCE).min(LOCAL.len() - 1)];
        number(division, born, sequence(used % SEQUENCE, sex))
    }

    pub(crate) fn foreign(&mut self, origin: usize, born: NaiveDate, sex: Sex) -> String {
        let used = next(&mut self.foreign[origin], born, sex);
        number(ORIGINS[origin].division, born, sequence(used % SEQUENCE, sex))
    }
}

/// Counts one more for a day and a sex, and says how many there were before.
fn next(counters: &mut [u16], born: NaiveDate, sex: Sex) -> u16 {
    let year = usize::try_from(born.year() - FIRST_YEAR).unwrap_or(0).min(YEARS - 1);
    let day = year * 366 + born.ordinal0() as usize;
    let counter = &mut counters[day * 2 + usize::from(sex == Sex::Female)];
    *counter += 1;
    *counter - 1
}

fn sequence(used: u16, sex: Sex) -> u16 {
    match sex {
        Sex::Male => used * 2 + 1,
        Sex::Female => used * 2 + 2,
    }
}

fn number(division: &str, born: NaiveDate, sequence: u16) -> String {
    let mut number = format!("{division}{}{sequence:03}", born.format("%Y%m%d"));
    number.push(check_character(&number));
    number
}

/// A number of somebody whom the county doesn't know: a former spouse, a worker from far away.
///
/// Its division is never used by [`Numbering`], so that it names nobody in the county.
pub(crate) fn stranger(dice: &mut Dice, born: NaiveDate, sex: Sex) -> String {
    let used = u16::try_from(dice.between(0, 400)).unwrap_or(0);
    number("411799", born, sequence(used, sex))
}

/// The old number of 15 digits: two digits of the year, no check character.
pub(crate) fn legacy(number: &str) -> String {
    format!("{}{}", &number[..6], &number[8..17])
}

/// The check character of the first 17 digits, by ISO 7064 MOD 11-2.
pub fn check_character(digits: &str) -> char {
    const CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits = digits.bytes().map(|digit| u32::from(digit.saturating_sub(b'0')));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    CHARACTERS[(sum % 11) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_character_is_that_of_the_standards_own_example() {
        assert_eq!(check_character("11010519491231002"), 'X');
        assert_eq!(check_character("44052418800101001"), '4');
    }

    #[test]
    fn a_number_says_birth_date_and_sex_and_is_never_given_twice() {
        let born = NaiveDate::from_ymd_opt(1990, 2, 28).unwrap();
        let mut numbering = Numbering::new();
        let mut given = std::collections::HashSet::new();
        for _ in 0..1200 {
            for (sex, parity) in [(Sex::Male, 1), (Sex::Female, 0)] {
                let number = numbering.local(born, sex);
                assert_eq!(number.len(), 18);
                assert_eq!(&number[4..14], "9919900228");
                assert_eq!(number[14..17].parse::<u32>().unwrap() % 2, parity);
                assert!(given.insert(number));
            }
        }
    }

    #[test]
    fn the_old_number_leaves_out_century_and_check_character() {
        assert_eq!(legacy("410799196503211239"), "410799650321123");
    }
}
