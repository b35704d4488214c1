//! Invented enterprises that people of the county work for.

use chrono::NaiveDate;

use crate::Options;
use crate::calendar::{months_before, years_before};
use crate::credit_code::{Register, credit_code};
use crate::division::Divisions;
use crate::random::Dice;

/// One enterprise for so many people, within bounds.
const PERSONS_PER_EMPLOYER: u32 = 250;
const FEWEST: u32 = 40;
const MOST: u32 = 3000;

/// An enterprise.
#[derive(Debug)]
pub(crate) struct Employer {
    pub(crate) uscc: String,
    pub(crate) name: String,
    pub(crate) industry: &'static str,
    pub(crate) village: usize,
    pub(crate) established_on: NaiveDate,
    pub(crate) status: &'static str,
    /// Registered capital in yuan.
    pub(crate) capital: i64,
    pub(crate) programme: Option<Programme>,
    pub(crate) has_union: bool,
}

/// A structural-reform programme that an enterprise is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Programme {
    pub(crate) kind: &'static str,
    pub(crate) since: NaiveDate,
}

const WORDS: [&str; 16] = [
    "恒泰", "瑞丰", "宏达", "金穗", "永兴", "天合", "鑫源", "华盛", "润禾", "启明", "众信", "盛世", "嘉禾",
    "黄河", "平原", "中州",
];

/// Trades with their code of GB/T 4754.
const TRADES: [(&str, &str); 12] = [
    ("食品", "C1461"),
    ("纺织", "C1711"),
    ("服装", "C1811"),
    ("建材", "C3031"),
    ("机械", "C3599"),
    ("化工", "C2661"),
    ("农业科技", "A0111"),
    ("商贸", "F5199"),
    ("运输", "G5431"),
    ("建筑工程", "E4710"),
    ("家政服务", "O8010"),
    ("物业管理", "K7020"),
];

pub(super) fn employers(options: &Options, divisions: &Divisions, dice: &mut Dice) -> Vec<Employer> {
    let count = (options.persons / PERSONS_PER_EMPLOYER).clamp(FEWEST, MOST);
    (0..u64::from(count)).map(|number| employer(options, divisions, dice, number)).collect()
}

fn employer(options: &Options, divisions: &Divisions, dice: &mut Dice, number: u64) -> Employer {
    let (trade, industry) = TRADES[dice.index(TRADES.len())];
    let kind = programme(dice, number);
    let since = dice.day(years_before(options.as_of, 6), months_before(options.as_of, 8));
    let status = match kind {
        Some("BANKRUPTCY") => dice.weighted(&[("CANCELLED", 1), ("REVOKED", 1), ("ACTIVE", 1)]),
        Some("ZOMBIE") => "SUSPENDED",
        _ => dice.weighted(&[("ACTIVE", 94), ("SUSPENDED", 3), ("REVOKED", 1), ("CANCELLED", 2)]),
    };
    Employer {
        uscc: credit_code(Register::Enterprise, number),
        name: format!("封丘示例{}{trade}有限公司{:04}号", dice.pick(&WORDS), number + 1),
        industry,
        village: divisions.village_by_chance(dice),
        established_on: dice.day(years_before(options.as_of, 25), years_before(options.as_of, 7)),
        status,
        capital: dice.between(5, 500) * 100_000,
        programme: kind.map(|kind| Programme { kind, since }),
        has_union: dice.chance(0.5),
    }
}

/// The first enterprises are in one programme each, so that no programme is missing.
fn programme(dice: &mut Dice, number: u64) -> Option<&'static str> {
    const KINDS: [&str; 6] =
        ["IN_DIFFICULTY", "EXCESS_CAPACITY", "ZOMBIE", "MERGER", "BANKRUPTCY", "INSTITUTION_REFORM"];
    let first = usize::try_from(number).ok().and_then(|number| KINDS.get(number));
    let later = dice.chance(0.06).then(|| dice.pick(&KINDS));
    first.copied().or(later)
}
