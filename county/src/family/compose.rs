//! Families one after another, until the county has its people.

use chrono::NaiveDate;

use super::life::{self, Condition};
use super::structure::{self, COUPLES, Sketch, Tie};
use super::{Book, Family, Marriage, Means, Member, Residence, Role, School, Sex, book, hardship};
use crate::calendar::{age_on, days_after, years_after, years_before};
use crate::citizen_number::{Numbering, ORIGINS, legacy};
use crate::name;
use crate::random::Dice;
use crate::reference::County;

/// The dice by which a family comes about; departments have others.
const TOPIC: u64 = 0;

/// No mobile number in use begins with these three digits.
const PHONE_PREFIX: &str = "129";

/// Where the making of families has got to.
pub(crate) struct Composer {
    numbering: Numbering,
    number: u64,
    persons: u32,
}

impl Composer {
    pub(crate) fn new() -> Self {
        Composer { numbering: Numbering::new(), number: 0, persons: 0 }
    }

    /// The next family; the last one is cut where the county is full.
    pub(crate) fn next_family(&mut self, county: &County) -> Option<Family> {
        let room = county.options.persons.saturating_sub(self.persons);
        if room == 0 {
            return None;
        }
        let mut draft = Draft::new(county, self.number);
        draft.members.truncate(room as usize);
        let family = draft.family(&mut self.numbering, i64::from(self.persons));
        self.number += 1;
        self.persons += u32::try_from(family.members.len()).unwrap_or(room);
        Some(family)
    }
}

/// A family in the making.
struct Draft<'a> {
    county: &'a County,
    dice: Dice,
    number: u64,
    home: usize,
    house: i64,
    origin: Option<usize>,
    means: Means,
    is_urban: bool,
    surname: &'static str,
    members: Vec<Sketch>,
    wed: [NaiveDate; COUPLES],
}

impl<'a> Draft<'a> {
    fn new(county: &'a County, number: u64) -> Self {
        let mut dice = Dice::new(county.options.seed, number, TOPIC);
        let home = county.divisions.village_by_chance(&mut dice);
        let is_urban = county.divisions.villages[home].is_urban;
        let origin = dice.chance(0.015).then(|| dice.index(ORIGINS.len()));
        let means =
            dice.weighted(&[(Means::Poor, 9), (Means::Modest, 30), (Means::Middling, 46), (Means::Well, 15)]);
        let members = structure::draw(&mut dice);
        let surname = name::surname(&mut dice);
        let house = dice.between(1, 299);
        let mut draft = Draft {
            county,
            dice,
            number,
            home,
            house,
            origin,
            means,
            is_urban,
            surname,
            members,
            wed: [NaiveDate::default(); COUPLES],
        };
        draft.wed = std::array::from_fn(|couple| draft.wedding(couple));
        draft
    }

    /// When a couple of the family married: once both were grown up.
    fn wedding(&mut self, couple: usize) -> NaiveDate {
        let spouses = self.members.iter().filter(|member| member.tie == Tie::Couple(couple));
        let youngest = spouses.map(|member| member.age).min().unwrap_or(30);
        let years = (youngest - self.dice.between(20, 27)).max(0);
        self.some_day_years_ago(years)
    }

    fn some_day_years_ago(&mut self, years: i64) -> NaiveDate {
        let as_of = self.county.options.as_of;
        let latest = years_before(as_of, u32::try_from(years).unwrap_or(0));
        self.dice.day(days_after(years_before(latest, 1), 1), latest)
    }

    fn family(mut self, numbering: &mut Numbering, persons: i64) -> Family {
        let sketches = std::mem::take(&mut self.members);
        let book = book::book(self.county, &mut self.dice, self.home);
        let mut members = Vec::with_capacity(sketches.len());
        for (at, sketch) in (0..).zip(&sketches) {
            members.push(self.member(numbering, persons + at + 1, sketch));
        }
        let mut family = Family {
            number: self.number,
            home: self.home,
            book: self.origin.is_none().then_some(book),
            origin: self.origin.map(|origin| ORIGINS[origin]),
            house: self.house,
            is_urban: self.is_urban,
            means: self.means,
            income: self.income(),
            members,
            hardship: hardship::Hardship::default(),
        };
        family.hardship = hardship::draw(self.county, &mut self.dice, &family);
        family
    }

    /// Yuan a month for each member.
    fn income(&mut self) -> i64 {
        let (low, high) = match self.means {
            Means::Poor => (90, 410),
            Means::Modest => (560, 1300),
            Means::Middling => (1300, 2800),
            Means::Well => (2800, 9000),
        };
        self.dice.between(low, high)
    }

    fn member(&mut self, numbering: &mut Numbering, row_no: i64, sketch: &Sketch) -> Member {
        let as_of = self.county.options.as_of;
        let born = self.some_day_years_ago(sketch.age);
        let age = age_on(as_of, born);
        let citizen_id = self.citizen_id(numbering, born, sketch);
        let surname = match sketch.role {
            Role::Spouse => name::surname(&mut self.dice),
            Role::Parent if sketch.sex == Sex::Female => name::surname(&mut self.dice),
            _ => self.surname,
        };
        let place = (self.home, self.house);
        let disability = life::disability(&mut self.dice, sketch.age, self.means);
        let school = life::school(&mut self.dice, i64::from(age), disability);
        let residence = book::residence(self.county, &mut self.dice, place, sketch);
        let residence = Residence { since: residence.since.max(born), ..residence };
        Member {
            row_no,
            legacy: self.legacy(citizen_id.as_deref(), sketch.age),
            temp_id: citizen_id.is_none().then(|| format!("TMP-410727-{row_no:07}")),
            citizen_id,
            name: name::name(&mut self.dice, surname, sketch.sex),
            sex: sketch.sex,
            born,
            age,
            role: sketch.role,
            marriage: self.marriage(sketch, born),
            died_on: life::death(&mut self.dice, as_of, sketch),
            is_missing: sketch.age > 20 && self.dice.chance(0.0006),
            book: if self.origin.is_some() { Book::Shared } else { self.kept(sketch) },
            residence,
            phone: self.phone(sketch.age),
            work: self.work(sketch, age, school, disability.is_some_and(|d| d.is_severe())),
            school,
            disability,
            illness: life::illness(&mut self.dice, as_of, sketch.age, self.means),
        }
    }

    fn kept(&mut self, sketch: &Sketch) -> Book {
        book::kept(&mut self.dice, sketch)
    }

    /// One person in five hundred has no number.
    fn citizen_id(&mut self, numbering: &mut Numbering, born: NaiveDate, sketch: &Sketch) -> Option<String> {
        if self.dice.chance(0.002) {
            return None;
        }
        Some(match self.origin {
            Some(origin) => numbering.foreign(origin, born, sketch.sex),
            None => numbering.local(born, sketch.sex),
        })
    }

    /// Those who were grown up before the number had 18 characters may still have the old one in files.
    fn legacy(&mut self, citizen_id: Option<&str>, age: i64) -> Option<String> {
        let number = citizen_id?;
        (age >= 45 && self.dice.chance(0.12)).then(|| legacy(number))
    }

    fn phone(&mut self, age: i64) -> Option<String> {
        let has_phone = age >= 14 && self.dice.chance(0.88);
        has_phone.then(|| format!("{PHONE_PREFIX}{}", self.dice.digits(8)))
    }

    fn marriage(&mut self, sketch: &Sketch, born: NaiveDate) -> Marriage {
        let grown_up = years_after(born, 20);
        let since = self.dice.day(grown_up, years_after(grown_up, 6));
        let since = since.min(self.county.options.as_of);
        match sketch.tie {
            Tie::None => Marriage::None,
            Tie::Couple(couple) => {
                Marriage::Here { since: self.wed[couple], is_second: self.dice.chance(0.04) }
            }
            Tie::Elsewhere => Marriage::Elsewhere { since },
            Tie::Widowed => Marriage::Widowed { since },
            Tie::Divorced => {
                let on = self.dice.day(days_after(since, 400), self.county.options.as_of);
                Marriage::Divorced { since, on }
            }
        }
    }

    fn work(
        &mut self,
        sketch: &Sketch,
        age: i32,
        school: Option<School>,
        is_severely_disabled: bool,
    ) -> super::Work {
        let retires_at = if sketch.sex == Sex::Male { 60 } else { 55 };
        let condition = Condition {
            age: i64::from(age),
            is_retired: age >= retires_at,
            is_urban: self.is_urban,
            is_away: sketch.is_away,
            means: self.means,
            is_at_school: school.is_some_and(|school| !school.has_left),
            is_severely_disabled,
        };
        life::work(self.county, &mut self.dice, &condition)
    }
}
