//! What a case lets be read: its family, and the sections that its open items ask for.

use std::collections::BTreeSet;

use futures::try_join;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::case::store::place;
use crate::evidence::store;
use crate::fetch::division_range;
use crate::own::Seal;

/// An open case as a read sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The sections that open items ask for.
    pub(crate) sections: BTreeSet<String>,
    /// Citizen numbers of the family.
    pub(crate) members: Vec<String>,
}

/// Who reads, and what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) case_no: &'a str,
    pub(crate) department: &'a str,
    pub(crate) division: &'a str,
    pub(crate) purpose: &'a str,
}

/// The limit of a case: one that is open, of this purpose, in the caller's division, and opened by the
/// caller's department or with an open item for it. `None` for every other, and for one that isn't there.
///
/// # Errors
/// A hub that doesn't answer, or members that another secret has sealed.
pub(crate) async fn of<C: ConnectionTrait>(
    hub: &C,
    seal: &Seal,
    reading: Reading<'_>,
) -> Result<Option<Limit>, DbErr> {
    let (sections, members) = try_join!(sections(hub, reading), members(hub, seal, reading.case_no))?;
    Ok((!sections.is_empty()).then_some(Limit { sections, members }))
}

/// The sections of open items; a case that isn't the caller's has none, as one that isn't there.
async fn sections<C: ConnectionTrait>(hub: &C, reading: Reading<'_>) -> Result<BTreeSet<String>, DbErr> {
    let sql = "SELECT i.section FROM assistance_case AS c JOIN case_item AS i ON i.case_no = c.case_no \
               WHERE c.case_no = $1 AND c.status = 'OPEN' AND c.purpose = $2 AND i.state = 'OPEN' \
               AND c.division >= $3 AND c.division < $4 \
               AND (c.department = $5 OR EXISTS (SELECT 1 FROM case_item AS task \
               WHERE task.case_no = c.case_no AND task.department = $5 AND task.state = 'OPEN'))";
    let (low, high) = division_range(reading.division);
    let text = |text: &str| sea_orm::Value::from(text);
    let values =
        vec![text(reading.case_no), text(reading.purpose), text(&low), text(&high), text(reading.department)];
    let rows = store::rows(hub, sql, values).await?;
    rows.iter().map(|row| row.try_get("", "section")).collect()
}

async fn members<C: ConnectionTrait>(hub: &C, seal: &Seal, case_no: &str) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT citizen FROM case_member WHERE case_no = $1 ORDER BY ordinal";
    let rows = store::rows(hub, sql, vec![case_no.into()]).await?;
    let place = place(case_no);
    let number = |row: &QueryResult| -> Result<String, DbErr> {
        let sealed: Vec<u8> = row.try_get("", "citizen")?;
        let opened = seal.open(&place, &sealed);
        opened.ok_or_else(|| DbErr::Custom(String::from("a member of a case doesn't open")))
    };
    rows.iter().map(number).collect()
}
