//! Pseudonyms (化名) of citizen numbers: one department finds the same person under the same name, and no two
//! departments can lay their lists side by side by it.
//!
//! A pseudonym is an HMAC-SHA256 of the number, cut to 128 bits, under a key from the installation's secret, the
//! department and the day from which the key holds. Whoever has the secret can try every citizen number, and nobody
//! else can. It is an answer and never an argument: it isn't a citizen number and is refused where one is asked for.

use std::cell::OnceCell;

use aws_lc_rs::hmac;
use chrono::NaiveDate;

use crate::plan::citizen_number;

/// How a pseudonym begins; no citizen number does.
const PREFIX: &str = "PSN";

/// Bytes of an HMAC that a pseudonym shows: two people of a country never meet in them.
const SHOWN: usize = 16;

/// The keys of an installation's pseudonyms, each from a day on.
pub struct PseudonymKeys {
    secret: hmac::Key,
    /// The days from which keys hold, the earliest first.
    from: Vec<NaiveDate>,
}

impl std::fmt::Debug for PseudonymKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PseudonymKeys")
    }
}

impl PseudonymKeys {
    /// Keys made from a secret of any length, which hold from these days on, the earliest first; before the first
    /// day the first one holds.
    pub fn new(secret: &[u8], from: Vec<NaiveDate>) -> Self {
        PseudonymKeys { secret: hmac::Key::new(hmac::HMAC_SHA256, secret), from }
    }

    /// What a department's pseudonyms of a day are made with.
    pub fn of<'a>(&'a self, department: &'a str, on: NaiveDate) -> Pseudonyms<'a> {
        Pseudonyms { keys: self, department, on, made: OnceCell::new() }
    }

    /// What a key is named by in its pseudonyms: the day from which it holds, `20260101`.
    fn name(&self, on: NaiveDate) -> String {
        let held = self.from.iter().rev().find(|from| **from <= on).or(self.from.first());
        held.copied().unwrap_or_default().format("%Y%m%d").to_string()
    }

    fn key(&self, name: &str, department: &str) -> hmac::Key {
        let derived = hmac::sign(&self.secret, format!("yimen pseudonyms {name} {department}").as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
    }
}

/// The pseudonyms of one department on one day. The key is made when the first one is asked for.
#[derive(Debug)]
pub struct Pseudonyms<'a> {
    keys: &'a PseudonymKeys,
    department: &'a str,
    on: NaiveDate,
    made: OnceCell<(String, hmac::Key)>,
}

impl Pseudonyms<'_> {
    /// The pseudonym of a citizen number: `PSN-20260101-` and 32 letters from `a` to `p`. A number that is none
    /// after all, as old files have them, has one too.
    pub(crate) fn of(&self, number: &str) -> String {
        let (name, key) = self.made.get_or_init(|| {
            let name = self.keys.name(self.on);
            let key = self.keys.key(&name, self.department);
            (name, key)
        });
        let number = citizen_number(number).unwrap_or_else(|_| number.trim().to_uppercase());
        let tag = hmac::sign(key, number.as_bytes());
        // Letters alone, so that no run of digits in it looks like a number of any kind.
        let letter = |half: u8| char::from(b'a' + half);
        let letters: String =
            tag.as_ref()[..SHOWN].iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect();
        format!("{PREFIX}-{name}-{letters}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    const NUMBER: &str = "11010519491231002X";

    #[test]
    fn one_person_has_one_pseudonym_in_a_department_and_another_in_the_next() {
        let keys = PseudonymKeys::new(&[7; 32], vec![day("2026-01-01"), day("2027-01-01")]);
        let housing = keys.of("HOUSING", day("2026-06-30"));
        let own = housing.of(NUMBER);
        assert_eq!(own, housing.of("11010519491231002x"), "however the number is written");
        assert_eq!(own, keys.of("HOUSING", day("2026-12-31")).of(NUMBER));
        assert!(own.starts_with("PSN-20260101-") && own.len() == 13 + 32, "{own}");
        assert_ne!(own, keys.of("EDUCATION", day("2026-06-30")).of(NUMBER));
        assert_ne!(own, housing.of("110105194912310038"));
        let later = keys.of("HOUSING", day("2027-01-01")).of(NUMBER);
        assert!(later.starts_with("PSN-20270101-") && later[13..] != own[13..], "{later}");
        assert!(keys.of("HOUSING", day("2025-12-31")).of(NUMBER).starts_with("PSN-20260101-"));
        let others = PseudonymKeys::new(&[8; 32], vec![day("2026-01-01")]);
        assert_ne!(own, others.of("HOUSING", day("2026-06-30")).of(NUMBER), "another installation");
    }

    #[test]
    fn a_pseudonym_is_no_citizen_number_and_holds_none() {
        let keys = PseudonymKeys::new(&[7; 32], vec![day("2026-01-01")]);
        let own = keys.of("HOUSING", day("2026-06-30")).of(NUMBER);
        assert!(citizen_number(&own).is_err() && !crate::plan::names_a_person(&own), "{own}");
        assert!(own[13..].bytes().all(|letter| (b'a'..=b'p').contains(&letter)));
    }
}
