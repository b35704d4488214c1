//! Divisions that changed, all of it invented, and a naive reading of the file that says so: for one row and one
//! caller at a time, without ranges.

use std::collections::BTreeSet;
use std::path::Path;

/// A town that was given to this county, one that another followed, one that was split, one that is still to come, and
/// a county that another took in.
const FILE: &str = "code,name,parent,valid_from,valid_until,successors,source
410726000000,Next county,,,,,a test
410726100000,Given,410726000000,,2025-12-31,,a test
410726100000,Given,410727000000,2026-01-01,,,a test
410727000000,County,,,,,a test
410727100000,Town,410727000000,,,,a test
410727102000,Other town,410727000000,,,,a test
410727113000,To come,410727000000,2099-01-01,,,a test
410727108000,Split,410727000000,,2025-12-31,410727100000|410727102000,a test
410727109000,Merged,410727000000,,2026-03-14,410727102000,a test
410728000000,Taken in,,,2020-12-31,410726000000,a test
";

/// Writes the file into a folder of policies.
pub(crate) fn write(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("divisions.csv"), FILE).unwrap();
}

/// One line of the file.
struct Line {
    code: &'static str,
    parent: &'static str,
    from: &'static str,
    until: &'static str,
    successors: &'static str,
}

fn lines(code: &str) -> Vec<Line> {
    let line = |line: &'static str| {
        let fields: Vec<&str> = line.split(',').collect();
        Line { code: fields[0], parent: fields[2], from: fields[3], until: fields[4], successors: fields[5] }
    };
    FILE.lines().skip(1).map(line).filter(|line| line.code == code).collect()
}

/// The line of a code that holds on a day.
fn holding(code: &str, on: &str) -> Option<Line> {
    let holds = |line: &Line| line.from <= on && (line.until.is_empty() || on <= line.until);
    lines(code).into_iter().find(holds)
}

/// The nearest code of the file that a code is or lies in by its digits.
fn listed(code: &str) -> Option<String> {
    let levels = [12, 9, 6, 4, 2].into_iter();
    levels.map(|level| format!("{:0<12}", &code[..level])).find(|code| !lines(code).is_empty())
}

/// What a code of the file is on a day: itself, what followed it, or what it will lie in.
fn became(code: &str, on: &str) -> BTreeSet<String> {
    if holding(code, on).is_some() {
        return BTreeSet::from([code.to_owned()]);
    }
    let last = lines(code).pop().unwrap();
    if last.until.is_empty() {
        return became(last.parent, on);
    }
    last.successors.split('|').flat_map(|next| became(next, on)).collect()
}

/// Whether a code that is in force lies in a division, by the parents that the file names and then by its digits.
fn lies_in(code: &str, division: &str, on: &str) -> bool {
    let parent = holding(code, on).map_or("", |line| line.parent);
    code == division
        || match parent {
            "" => by_digits(code, division),
            parent => lies_in(parent, division, on),
        }
}

/// What a code leaves open are zeros.
pub(crate) fn by_digits(code: &str, area: &str) -> bool {
    let level = [2, 4, 6, 9, 12].into_iter().find(|level| area[*level..].bytes().all(|digit| digit == b'0'));
    code.starts_with(&area[..level.unwrap()])
}

/// Whether somebody serves a division on a day.
fn is_served(division: &str, on: &str) -> bool {
    listed(division).is_none_or(|own| holding(&own, on).is_some())
}

/// Whether a filter that names a division finds rows of a code on a day: of one that has ended those under its digits.
pub(crate) fn finds(division: &str, row: &str, on: &str) -> bool {
    if is_served(division, on) { reads(division, row, on) } else { by_digits(row, division) }
}

/// Whether callers of a division read rows of a code on a day.
pub(crate) fn reads(division: &str, row: &str, on: &str) -> bool {
    if !is_served(division, on) {
        return false;
    }
    let own = listed(division);
    match (own, listed(row)) {
        // A village of a town that the file names, without being named itself.
        (Some(own), of_row) if own != division => of_row == Some(own) && by_digits(row, division),
        (_, Some(of_row)) => became(&of_row, on).iter().all(|code| lies_in(code, division, on)),
        (_, None) => by_digits(row, division),
    }
}

#[test]
fn the_naive_reading_reads_as_the_file_is_meant() {
    let reads = |division, row| reads(division, row, "2026-03-15");
    let county = |row| reads("410727000000", row);
    assert!(county("410726100201") && county("410727108201") && county("410727113201"));
    assert!(!county("410728101201") && !county("410726000000"));
    let town = |row| reads("410727102000", row);
    assert!(town("410727102201") && town("410727109201") && !town("410727108201") && !town("410727113201"));
    assert!(reads("410726000000", "410728101201") && !reads("410726000000", "410726100000"));
    assert!(!reads("410728000000", "410728101201") && !reads("410727109201", "410727109201"));
    assert!(reads("410727100201", "410727100201") && reads("410700000000", "410728101201"));
    assert!(finds("410727109000", "410727109201", "2026-03-15") && !town("410727100201"));
}
