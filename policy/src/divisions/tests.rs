//! Who reads whose rows on which day, and every dictionary that can't be right.

use super::*;
use crate::division::MAX_RANGES;

const HEAD: &str = "code,name,parent,valid_from,valid_until,successors,source";

fn read(lines: &str) -> Result<Divisions, Vec<String>> {
    let lines: Vec<&str> = lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let table =
        Table { name: String::from("divisions.csv"), text: format!("{HEAD}\n{}\n", lines.join("\n")) };
    Divisions::read(&table).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The ranges of a division on a day, as `low..high`; `ended` or `not begun` where nobody serves it.
fn reached(divisions: &Divisions, code: &str, on: &str) -> String {
    match divisions.area(code, day(on)) {
        Ok(area) => told(Some(&area)),
        Err(NotInForce::Ended(successors)) => format!("ended {}", successors.join(" ")).trim().to_owned(),
        Err(NotInForce::NotBegun) => String::from("not begun"),
    }
}

/// A county, of whose towns two were merged, one renamed, one split, and one given to the next county; a zone without
/// a code of its own in the national list has one of the next county's too. All of it is invented.
const COUNTY: &str = "
    410726000000,County A,,,,,a test
    410726100000,Given town,410727000000,2026-01-01,,,a test
    410726100000,Given town,410726000000,,2025-12-31,,a test
    410726101000,Zone town,410771000000,2026-01-01,,,a test
    410727000000,County B,,,,,a test
    410727100000,First,410727000000,,2025-12-31,410727102000,a test
    410727101000,Second,410727000000,,2025-12-31,410727102000,a test
    410727102000,Merged,410727000000,2026-01-01,,,a test
    410727103000,Split,410727000000,,2025-12-31,410727104000|410727105000,a test
    410727104000,One half,410727000000,2026-01-01,,,a test
    410727105000,Other half,410727000000,2026-01-01,,,a test
    410727106000,Old name,410727000000,,2025-12-31,,a test
    410727106000,New name,410727000000,2026-01-01,,,a test
    410771000000,Zone,,2026-01-01,,,a test
";

#[test]
fn a_dictionary_without_history_changes_nothing() {
    let divisions = read("410727000000,County,,,,,a test\n410727100000,Town,410727000000,,,,a test").unwrap();
    for code in ["410727000000", "410727100000", "410727100001", "410700000000", "420000000000"] {
        assert_eq!(divisions.area(code, day("2026-01-01")), Ok(Area::of(code)));
    }
    assert_eq!(divisions.most_ranges(day("2026-01-01")), 1);
    assert_eq!(read("").unwrap().area("410727000000", day("2026-01-01")), Ok(Area::of("410727000000")));
}

#[test]
fn a_successor_reaches_what_was_filed_under_the_codes_before_it() {
    let divisions = read(COUNTY).unwrap();
    let reach = |code, on| reached(&divisions, code, on);
    assert_eq!(reach("410727102000", "2026-01-01"), "410727100000..410727103000");
    assert_eq!(reach("410727102000", "2025-12-31"), "not begun");
    assert_eq!(reach("410727100000", "2025-12-31"), "410727100000..410727101");
    assert_eq!(reach("410727100000", "2026-01-01"), "ended 410727102000");
    // A village of it that isn't listed ends with it.
    assert_eq!(reach("410727100201", "2025-12-31"), "410727100201..410727100202");
    assert_eq!(reach("410727100201", "2026-01-01"), "ended 410727102000");
    assert_eq!(reach("410727102201", "2026-01-01"), "410727102201..410727102202");
    assert_eq!(reach("410727102201", "2025-12-31"), "not begun");
    // A name is no code: whoever served the division serves it.
    assert_eq!(reach("410727106000", "2025-12-31"), reach("410727106000", "2026-01-01"));
}

#[test]
fn after_a_split_those_above_both_halves_alone_reach_the_old_rows() {
    let divisions = read(COUNTY).unwrap();
    let holds = |code, row| divisions.area(code, day("2026-01-01")).unwrap().holds(row);
    assert!(!holds("410727104000", "410727103201") && !holds("410727105000", "410727103201"));
    assert!(holds("410727104000", "410727104201") && holds("410727000000", "410727103201"));
}

#[test]
fn a_division_reaches_what_lies_in_it_by_its_parent_and_not_by_its_digits() {
    let divisions = read(COUNTY).unwrap();
    let reach = |code, on| reached(&divisions, code, on);
    assert_eq!(reach("410726000000", "2025-12-31"), "410726000000..410726101000+410726102000..410727000000");
    assert_eq!(reach("410726000000", "2026-01-01"), "410726000000..410726100000+410726102000..410727000000");
    assert_eq!(reach("410727000000", "2026-01-01"), "410726100000..410726101000+410727000000..410728");
    assert_eq!(reach("410771000000", "2026-01-01"), "410726101000..410726102000+410771000000..410772");
    assert_eq!(reach("410726101000", "2026-01-01"), "410726101000..410726102");
    assert_eq!(reach("410726101000", "2025-12-31"), "not begun");
    // All of them lie in their city, whose code says so.
    assert_eq!(reach("410700000000", "2026-01-01"), "410700000000..4108");
}

#[test]
fn successors_of_successors_are_followed() {
    let divisions = read(
        "410727000000,County,,,2020-12-31,410781000000,a test
         410781000000,City,,2021-01-01,2024-06-30,420101000000,a test
         420101000000,District,,2024-07-01,,,a test",
    )
    .unwrap();
    let reach = |code, on| reached(&divisions, code, on);
    assert_eq!(reach("410781000000", "2021-01-01"), "410727000000..410728000000+410781000000..410782");
    assert_eq!(
        reach("420101000000", "2024-07-01"),
        "410727000000..410728000000+410781000000..410782000000+420101000000..420102"
    );
    // The province that they left no longer reads them, and the one that they came to does.
    let holds = |code, on| divisions.area(code, day(on)).unwrap().holds("410727100201");
    assert!(holds("410000000000", "2024-06-30") && !holds("410000000000", "2024-07-01"));
    assert!(!holds("420000000000", "2024-06-30") && holds("420000000000", "2024-07-01"));
    assert_eq!(divisions.most_ranges(day("2024-07-01")), 3);
    assert_eq!(divisions.next_change(day("2021-01-01")), Some(day("2024-07-01")));
}

#[test]
fn lines_that_are_wrong_are_told_with_their_numbers() {
    let refused = |lines: &str| read(lines).unwrap_err().join("\n");
    let county = "410727000000,County,,,,,a test\n";
    for (line, told) in [
        ("41072710000,Town,410727000000,,,,a test", "line 3`: `41072710000` isn't a code of 12 digits"),
        ("410727100000,,410727000000,,,,a test", "line 3`: name and source must not be empty"),
        ("410727100000,Town,410727000000,,,,", "line 3`: name and source must not be empty"),
        ("410727100000,Town,410727000000,2026-1-1,,,a test", "line 3`: a day must be written"),
        ("410727100000,Town,410727000000,2026-01-02,2026-01-01,,a test", "last day is before the first"),
        ("410727100000,Town,,,,,a test", "must name its parent, since `410727000000` is listed"),
        ("410727100000,Town,410728000000,,,,a test", "parent `410728000000`, which isn't listed"),
        ("410727100001,Village,410727000000,,,,a test", "the level between this code and `410727000000`"),
        ("410727100000,Town,410727100000,,,,a test", "whose level isn't above its own"),
        ("410727100000,Town,410727000000,,2025-12-31,,a test", "must name its successors"),
        ("410727100000,Town,410727000000,,,410727000000,a test", "has successors and no last day"),
        (
            "410727100000,Town,410727000000,,2025-12-31,410727101000,a test",
            "`410727101000`, which isn't listed",
        ),
        ("410727100000,Town,410727000000,,2025-12-31,410727100000,a test", "isn't in force on 2026-01-01"),
        (
            "410727100000,Town,410727000000,,2025-12-31,410727000000|410727000000,a test",
            "names the successor `410727000000` twice",
        ),
    ] {
        let problems = refused(&format!("{county}{line}"));
        assert!(problems.contains(told), "{line}: {problems}");
    }
    let town = |from: &str, until: &str, successors: &str| {
        format!("410727100000,Town,410727000000,{from},{until},{successors},a test\n")
    };
    let overlapping = format!("{county}{}{}", town("", "2025-12-31", ""), town("2025-12-31", "", ""));
    assert!(refused(&overlapping).contains("line 3`: overlaps line 4"), "{overlapping}");
    let again = format!("{county}{}{}", town("", "2025-12-31", ""), town("2026-01-02", "", ""));
    assert!(refused(&again).contains("line 3`: line 4 uses the code again"), "{again}");
    let of_ended = "410727000000,County,,,2025-12-31,410728000000,a test\n410728000000,Next,,,,,a test\n";
    assert!(refused(&format!("{of_ended}{}", town("", "", ""))).contains("isn't in force all the time"));
}

#[test]
fn neither_parents_nor_successors_go_round() {
    let refused = |lines: &str| read(lines).unwrap_err().join("\n");
    let parents = "410726000000,A,410727000000,,,,a test\n410727000000,B,410726000000,,,,a test";
    assert!(refused(parents).contains("whose level isn't above its own"));
    let successors = "410726000000,A,,,2020-12-31,410727000000,a test
        410727000000,B,,2021-01-01,2021-12-31,410726000000,a test";
    assert!(refused(successors).contains("the successor `410726000000` isn't in force on 2022-01-01"));
}

/// A county that was put together from so many towns of others, no two side by side.
fn scattered(towns: usize) -> String {
    let mut lines = String::from("410727000000,County,,,,,a test\n410728000000,Other,,,,,a test\n");
    for town in 0..towns {
        let code = format!("410728{:03}000", 100 + 2 * town);
        lines.push_str(&format!("{code},Town,410727000000,2026-01-01,,,a test\n"));
    }
    lines
}

#[test]
fn a_division_of_more_ranges_than_a_statement_takes_is_refused() {
    // Its own codes are one of them.
    let most = read(&scattered(MAX_RANGES - 1)).unwrap();
    assert_eq!(most.most_ranges(day("2026-01-01")), MAX_RANGES);
    let problems = read(&scattered(MAX_RANGES)).unwrap_err();
    assert_eq!(
        problems,
        [
            "divisions.csv: `line 2`: `410727000000` would reach 65 ranges of codes from ever, more than 64",
            "divisions.csv: `line 3`: `410728000000` would reach 65 ranges of codes from ever, more than 64",
        ]
    );
}

#[test]
fn what_a_dictionary_opens_is_told_for_each_division_and_day() {
    let before = read(
        "410727000000,County,,,,,a test
         410727100000,Town,410727000000,,,,a test
         410727102000,Next,410727000000,,,,a test",
    )
    .unwrap();
    let after = read(
        "410727000000,County,,,,,a test
         410727100000,Town,410727000000,,2025-12-31,410727102000,a test
         410727102000,Next,410727000000,,,,a test",
    )
    .unwrap();
    let told: Vec<String> = before
        .differences(&after)
        .iter()
        .map(|cell| format!("{}: {} → {} {}", cell.about, cell.from, cell.to, cell.widens))
        .collect();
    assert_eq!(
        told,
        [
            "divisions.csv 410727100000 2026-01-01: 410727100000..410727101 → NONE false",
            "divisions.csv 410727102000 2026-01-01: 410727102000..410727103 → \
             410727100000..410727101000+410727102000..410727103 true",
        ]
    );
    assert_eq!(before.differences(&before), []);
    // A dictionary that says what the codes say anyway opens nothing.
    assert_eq!(read("").unwrap().differences(&before), []);
}

#[test]
fn divisions_that_are_split_and_merged_again_and_again_are_each_followed_once() {
    // Two divisions a year, each followed by both of the next: two to the power of sixty ways.
    let code = |year: usize, half: usize| format!("410727{:03}000", 100 + 2 * year + half);
    let mut lines = String::from("410727000000,County,,,,,a test\n");
    for year in 0..60 {
        let (from, until) = (format!("{}-01-01", 1900 + year), format!("{}-12-31", 1900 + year));
        let next = format!("{}|{}", code(year + 1, 1), code(year + 1, 2));
        for half in [1, 2] {
            lines.push_str(&format!("{},Town,410727000000,{from},{until},{next},a test\n", code(year, half)));
        }
    }
    for half in [1, 2] {
        lines.push_str(&format!("{},Town,410727000000,1960-01-01,,,a test\n", code(60, half)));
    }
    let divisions = read(&lines).unwrap();
    let holds = |division: &str| divisions.area(division, day("2026-01-01")).unwrap().holds(&code(0, 1));
    assert!(holds("410727000000") && !holds(&code(60, 1)));
}

#[test]
fn a_dictionary_changes_something_on_so_many_days_and_no_more() {
    // The beginning of time is one of the days.
    let dated = |days: usize| {
        let mut lines = String::from("410727000000,County,,,,,a test\n");
        for at in 0..days - 1 {
            let from = day("2000-01-01") + chrono::Days::new(at as u64);
            lines.push_str(&format!("410727{:03}000,Town,410727000000,{from},,,a test\n", 100 + at));
        }
        read(&lines)
    };
    assert!(dated(MAX_CHANGES).is_ok());
    let problems = dated(MAX_CHANGES + 1).unwrap_err();
    assert_eq!(problems, ["divisions.csv: `line 1`: something changes on more than 200 days"]);
}

#[test]
fn a_dictionary_has_so_many_lines_and_no_more() {
    let listed = |count: usize| {
        // Villages alone, of which none lies above another.
        let code = |at: usize| format!("110101{:03}{:03}", 100 + at / 900, at % 900 + 1);
        let lines: String = (0..count).map(|at| format!("{},Village,,,,,a test\n", code(at))).collect();
        read(&lines)
    };
    assert!(listed(MAX_DIVISIONS).is_ok());
    let problems = listed(MAX_DIVISIONS + 1).err();
    assert_eq!(
        problems,
        Some(vec![String::from("divisions.csv: `line 1`: there are more than 200000 lines")])
    );
}
