//! Approvals: cells that somebody with the power to do so has let widen, each named.

use anyhow::Context;
use chrono::NaiveDate;
use yimen_policy::Difference;

/// One cell that may widen.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Approval {
    department: String,
    role: String,
    purpose: String,
    coordinate: String,
    from: String,
    to: String,
}

const HEAD: &str = "department,role,purpose,coordinate,from,to,approved_by,on,basis";

/// Reads a file of approvals. A line that doesn't say who approved it, when and on which basis is no approval.
pub(super) fn read(text: &str) -> anyhow::Result<Vec<Approval>> {
    let mut lines = text.lines().enumerate();
    let head = lines.next().map(|(_, line)| line);
    anyhow::ensure!(head == Some(HEAD), "the first line must be `{HEAD}`");
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| approval(line).with_context(|| format!("line {}", at + 1))).collect()
}

fn approval(line: &str) -> anyhow::Result<Approval> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let [department, role, purpose, coordinate, from, to, approved_by, on, basis] = fields[..] else {
        anyhow::bail!("a line has nine fields");
    };
    anyhow::ensure!(
        fields.iter().all(|field| !field.is_empty() && *field != "*"),
        "every field must be given"
    );
    anyhow::ensure!(!approved_by.is_empty() && !basis.is_empty(), "somebody approves, on a basis");
    on.parse::<NaiveDate>().context("the day must be written `YYYY-MM-DD`")?;
    let text = str::to_owned;
    Ok(Approval {
        department: text(department),
        role: text(role),
        purpose: text(purpose),
        coordinate: text(coordinate),
        from: text(from),
        to: text(to),
    })
}

impl Approval {
    /// Whether the approval names a cell and both of its decisions.
    pub(super) fn names(&self, cell: &Difference) -> bool {
        let Approval { department, role, purpose, coordinate, from, to } = self;
        let Difference { profile, about, from: old, to: new, .. } = cell;
        *department == profile.department
            && *role == profile.role
            && *purpose == profile.purpose
            && coordinate == about
            && from == old
            && to == new
    }
}
