//! An invented family as it truly is, before any department has written down what it knows of it.

mod book;
mod compose;
mod hardship;
mod life;
mod structure;
mod view;

use chrono::NaiveDate;

use crate::citizen_number::Origin;

pub(crate) use compose::Composer;
pub(crate) use hardship::{Hardship, HousingCase, MlaCase, PovertyCase, UnionCase, UnionClass};
pub(crate) use view::{View, ViewKind};

/// A family and what befell it.
#[derive(Debug)]
pub(crate) struct Family {
    /// Families are counted from 0; ids and file numbers show this number.
    pub(crate) number: u64,
    /// Where the family lives: an index into the county's villages.
    pub(crate) home: usize,
    /// Where its household book is kept; none for a family registered in another province.
    pub(crate) book: Option<usize>,
    pub(crate) origin: Option<Origin>,
    pub(crate) house: i64,
    pub(crate) is_urban: bool,
    pub(crate) means: Means,
    /// Income for each member in yuan a month.
    pub(crate) income: i64,
    /// The head comes first.
    pub(crate) members: Vec<Member>,
    pub(crate) hardship: Hardship,
}

/// How well off a family is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    Poor,
    Modest,
    Middling,
    Well,
}

/// A person.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) row_no: i64,
    /// None for the few who have no number.
    pub(crate) citizen_id: Option<String>,
    pub(crate) legacy: Option<String>,
    pub(crate) temp_id: Option<String>,
    pub(crate) name: String,
    pub(crate) sex: Sex,
    pub(crate) born: NaiveDate,
    pub(crate) age: i32,
    pub(crate) role: Role,
    pub(crate) marriage: Marriage,
    pub(crate) died_on: Option<NaiveDate>,
    pub(crate) is_missing: bool,
    pub(crate) book: Book,
    pub(crate) residence: Residence,
    pub(crate) phone: Option<String>,
    pub(crate) work: Work,
    pub(crate) school: Option<School>,
    pub(crate) disability: Option<Disability>,
    pub(crate) illness: Option<Illness>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sex {
    Male,
    Female,
}

/// What somebody is to the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Head,
    Spouse,
    Child,
    Parent,
    Grandchild,
}

/// Marital state and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marriage {
    None,
    /// To the other spouse in this family.
    Here {
        since: NaiveDate,
        is_second: bool,
    },
    /// To somebody whom the county doesn't know.
    Elsewhere {
        since: NaiveDate,
    },
    Divorced {
        since: NaiveDate,
        on: NaiveDate,
    },
    Widowed {
        since: NaiveDate,
    },
}

/// In which household book somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Book {
    /// In the family's.
    Shared,
    /// In one of their own, such as a spouse who was never moved over.
    Own,
}

/// Where somebody lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Residence {
    pub(crate) division: String,
    pub(crate) address: String,
    pub(crate) since: NaiveDate,
    /// Away from the family, in another village or another city.
    pub(crate) is_away: bool,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Too young, or at home for another reason.
    None,
    Student,
    /// `employer` is an index into the county's employers; wages are yuan a month.
    Employee {
        employer: usize,
        wage: i64,
    },
    Migrant {
        employer: usize,
        wage: i64,
    },
    Flexible {
        wage: i64,
    },
    SelfEmployed {
        wage: i64,
    },
    Farmer,
    LaidOff {
        employer: usize,
    },
    Unemployed,
    Retired {
        is_employee: bool,
    },
}

/// A stage of school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct School {
    pub(crate) stage: Stage,
    pub(crate) grade: i32,
    /// Left after secondary school, or graduated: no longer at school.
    pub(crate) has_left: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Preschool,
    Primary,
    Junior,
    Senior,
    Vocational,
    Tertiary,
    Special,
}

/// A disability by category (1 to 7) and grade (1 the most severe, to 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disability {
    pub(crate) category: u8,
    pub(crate) grade: u8,
}

/// A major or a long-term severe chronic illness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Illness {
    pub(crate) code: &'static str,
    pub(crate) is_major: bool,
    pub(crate) since: NaiveDate,
}

impl Sex {
    /// GB/T 2261.1.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Sex::Male => "1",
            Sex::Female => "2",
        }
    }
}

impl Disability {
    /// Grades 1 and 2, as the sample parameters of the county have it; no notice says so.
    pub(crate) fn is_severe(self) -> bool {
        self.grade <= 2
    }
}

impl Member {
    pub(crate) fn is_alive(&self) -> bool {
        self.died_on.is_none() && !self.is_missing
    }

    pub(crate) fn is_adult(&self) -> bool {
        self.age >= 18
    }

    pub(crate) fn is_at_school(&self) -> bool {
        self.school.is_some_and(|school| !school.has_left)
    }

    pub(crate) fn is_at_university(&self) -> bool {
        self.school.is_some_and(|school| school.stage == Stage::Tertiary && !school.has_left)
    }

    pub(crate) fn is_severely_disabled(&self) -> bool {
        self.disability.is_some_and(Disability::is_severe)
    }

    /// Wage or other earnings in yuan a month.
    pub(crate) fn earnings(&self) -> i64 {
        match self.work {
            Work::Employee { wage, .. } | Work::Migrant { wage, .. } => wage,
            Work::Flexible { wage } | Work::SelfEmployed { wage } => wage,
            Work::Farmer => 500,
            Work::Retired { is_employee: true } => 2600,
            Work::None | Work::Student | Work::LaidOff { .. } | Work::Unemployed => 0,
            Work::Retired { is_employee: false } => 0,
        }
    }
}

impl Family {
    pub(crate) fn head(&self) -> &Member {
        &self.members[0]
    }

    /// Members who live, with their index.
    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Member)> {
        self.members.iter().enumerate().filter(|(_, member)| member.is_alive())
    }

    /// Members who live and have a number: the only ones that other departments can know.
    pub(crate) fn known(&self) -> impl Iterator<Item = (&Member, &str)> {
        let living = self.members.iter().filter(|member| member.is_alive());
        living.filter_map(|member| Some((member, member.citizen_id.as_deref()?)))
    }
}
