//! Approvals: cells that somebody with the power to do so has let widen, each named.

use std::path::Path;

use anyhow::Context;
use chrono::NaiveDate;
use yimen_policy::Difference;

/// One cell that may widen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Approval {
    department: String,
    role: String,
    purpose: String,
    coordinate: String,
    from: String,
    to: String,
    /// The day on which it was approved, and the last day on which the approval holds.
    on: NaiveDate,
    until: NaiveDate,
}

const HEAD: &str = "department,role,purpose,coordinate,from,to,approved_by,on,until,basis";

/// The longest that an approval holds, in days: whoever approved looks again after three years at most.
const LONGEST: i64 = 1_096;

/// The approvals of a file, which messages call by `name`; none where none is named.
///
/// # Errors
/// A file that can't be read, or a line that is no approval, by its number.
pub(crate) fn approvals(file: &Path, name: &str) -> anyhow::Result<Vec<Approval>> {
    if file.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
    let named = || format!("{name} `{}`", file.display());
    read(&std::fs::read_to_string(file).with_context(named)?).with_context(named)
}

/// Reads approvals. A line that doesn't say who approved it, when, until when and on which basis is none.
fn read(text: &str) -> anyhow::Result<Vec<Approval>> {
    let mut lines = text.lines().enumerate();
    let head = lines.next().map(|(_, line)| line);
    anyhow::ensure!(head == Some(HEAD), "the first line must be `{HEAD}`");
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| approval(line).with_context(|| format!("line {}", at + 1))).collect()
}

fn approval(line: &str) -> anyhow::Result<Approval> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [department, role, purpose, coordinate, from, to, approved_by, on, until, basis] = fields[..] else {
        anyhow::bail!("a line has ten fields");
    };
    anyhow::ensure!(
        fields.iter().all(|field| !field.is_empty() && *field != "*"),
        "every field must be given"
    );
    anyhow::ensure!(!approved_by.is_empty() && !basis.is_empty(), "somebody approves, on a basis");
    let day = |text: &str| text.parse::<NaiveDate>().context("a day must be written `YYYY-MM-DD`");
    let (on, until) = (day(on)?, day(until)?);
    let days = (until - on).num_days();
    anyhow::ensure!(
        (0..=LONGEST).contains(&days),
        "an approval holds from its day for at most {LONGEST} days"
    );
    let text = str::to_owned;
    Ok(Approval {
        department: text(department),
        role: text(role),
        purpose: text(purpose),
        coordinate: text(coordinate),
        from: text(from),
        to: text(to),
        on,
        until,
    })
}

impl Approval {
    /// Whether the approval names a cell and both of its decisions.
    fn names(&self, cell: &Difference) -> bool {
        let Approval { department, role, purpose, coordinate, from, to, on: _, until: _ } = self;
        let Difference { profile, about, from: old, to: new, .. } = cell;
        *department == profile.department
            && *role == profile.role
            && *purpose == profile.purpose
            && coordinate == about
            && from == old
            && to == new
    }

    /// Whether the approval holds on a day.
    fn holds(&self, on: NaiveDate) -> bool {
        self.on <= on && on <= self.until
    }
}

/// A cell that no approval holds for, as text.
pub(crate) fn lacking(cell: &Difference, approved: &[Approval], on: NaiveDate) -> Option<String> {
    let mut naming = approved.iter().filter(|approval| approval.names(cell)).peekable();
    let why = if naming.peek().is_some() { " (its approval has ended or hasn't begun)" } else { "" };
    (!naming.any(|approval| approval.holds(on))).then(|| format!("{cell}{why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use yimen_policy::Profile;

    const CELL: &str = "UNION,HELP_CENTRE,UNION_FILE_CHECK,TaxSummary.taxPaid,DENY,CLEAR";
    const BY: &str = "county legal office,2026-03-02,2027-03-01,a test's own";

    fn one(line: &str) -> anyhow::Result<Approval> {
        Ok(read(&format!("{HEAD}\n{line}\n"))?.remove(0))
    }

    #[test]
    fn an_approval_names_its_cell_and_nothing_else() {
        let text = str::to_owned;
        let cell = Difference {
            profile: Profile {
                department: text("UNION"),
                role: text("HELP_CENTRE"),
                purpose: text("UNION_FILE_CHECK"),
            },
            about: text("TaxSummary.taxPaid"),
            from: text("DENY"),
            to: text("CLEAR"),
            widens: true,
        };
        let names = |line: &str| one(&format!("{line},{BY}")).unwrap().names(&cell);
        assert!(names(CELL));
        for (from, to) in [
            ("CLEAR", "MASK"),
            ("UNION,", "FINANCE,"),
            ("HELP_CENTRE", "REVIEWER"),
            ("UNION_FILE_CHECK", "STATISTICS"),
            ("taxPaid", "year"),
        ] {
            assert!(!names(&CELL.replace(from, to)), "{to}");
        }
    }

    #[test]
    fn an_approval_holds_from_its_day_to_its_last() {
        let approval = one(&format!("{CELL},{BY}")).unwrap();
        let holds = |day: &str| approval.holds(day.parse().unwrap());
        assert!(holds("2026-03-02") && holds("2027-03-01"));
        assert!(!holds("2026-03-01") && !holds("2027-03-02"));
    }

    #[test]
    fn by_nobody_without_an_end_or_for_too_long_nothing_is_approved() {
        assert!(one(&format!("{CELL},county legal office,2026-03-02,2029-03-02,a test's own")).is_ok());
        for by in [
            ",2026-03-02,2027-03-01,a test's own",
            "county legal office,soon,2027-03-01,a test's own",
            "county legal office,2026-03-02,a test's own",
            "county legal office,2026-03-02,,a test's own",
            "county legal office,2026-03-02,2029-03-03,a test's own",
            "county legal office,2026-03-02,2026-03-01,a test's own",
            "county legal office,2026-03-02,2027-03-01,",
        ] {
            assert!(one(&format!("{CELL},{by}")).is_err(), "{by}");
        }
        assert!(one(&format!("{},{BY}", CELL.replace("HELP_CENTRE", "*"))).is_err());
    }
}
