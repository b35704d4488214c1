//! What a case lets be read: its family, and the sections that its open items ask for.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use futures::try_join;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use yimen_policy::Area;

use crate::area;
use crate::calendar::china_day;
use crate::case::store::place;
use crate::consent::in_force::{self, InForce};
use crate::evidence::store;
use crate::fetch::Texts;
use crate::own::Seal;

/// An open case as a read sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The day on which it was opened, in China.
    pub(crate) opened_on: Option<NaiveDate>,
    /// The sections that open items ask for.
    pub(crate) sections: BTreeSet<String>,
    /// Department and section of each open item, in the order of the case.
    pub(crate) items: Vec<(String, String)>,
    /// The family.
    pub(crate) members: Vec<Member>,
    /// Whose consent holds for which section, where consent is needed at all.
    pub(crate) consents: InForce,
}

/// A member of the family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    number: String,
    digest: Vec<u8>,
}

impl Limit {
    /// Everybody of the family.
    pub(crate) fn family(&self) -> Texts {
        self.members.iter().map(|member| &member.number).collect()
    }

    /// Those whose consent holds for a section.
    pub(crate) fn consented(&self, section: &str) -> Texts {
        let Some(digests) = self.consents.get(section) else { return Texts::default() };
        let members = self.members.iter().filter(|member| digests.contains(&member.digest));
        members.map(|member| &member.number).collect()
    }
}

/// Who reads, and what for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) case_no: &'a str,
    pub(crate) department: &'a str,
    pub(crate) area: &'a Area,
    pub(crate) purpose: &'a str,
    /// The day on which consents must hold, where they are needed.
    pub(crate) consents_on: Option<&'a str>,
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
    let consents = async {
        match reading.consents_on {
            Some(day) => in_force::of(hub, reading.case_no, day).await,
            None => Ok(InForce::new()),
        }
    };
    let members = members(hub, seal, reading.case_no);
    let ((items, opened_on), members, consents) = try_join!(items(hub, reading), members, consents)?;
    let sections = items.iter().map(|(_, section)| section.clone()).collect();
    Ok((!items.is_empty()).then_some(Limit { opened_on, sections, items, members, consents }))
}

/// Department and section of items, and the day on which their case was opened.
type Items = (Vec<(String, String)>, Option<NaiveDate>);

/// The open items; a case that isn't the caller's has none, as one that isn't there.
async fn items<C: ConnectionTrait>(hub: &C, reading: Reading<'_>) -> Result<Items, DbErr> {
    let (within, ranges) = area::condition(reading.area, "c.division", 4);
    let sql = format!(
        "SELECT i.department, i.section, c.opened_at FROM assistance_case AS c JOIN case_item AS i ON i.case_no = c.case_no \
         WHERE c.case_no = $1 AND c.status = 'OPEN' AND c.purpose = $2 AND i.state = 'OPEN' AND {within} \
         AND (c.department = $3 OR EXISTS (SELECT 1 FROM case_item AS task \
         WHERE task.case_no = c.case_no AND task.department = $3 AND task.state = 'OPEN')) ORDER BY i.ordinal"
    );
    let own = [reading.case_no, reading.purpose, reading.department];
    let values = own.into_iter().map(sea_orm::Value::from).chain(ranges).collect();
    let rows = store::rows(hub, &sql, values).await?;
    let item = |row: &QueryResult| Ok((row.try_get("", "department")?, row.try_get("", "section")?));
    let items = rows.iter().map(item).collect::<Result<_, DbErr>>()?;
    let opened: Option<String> = rows.first().map(|row| row.try_get("", "opened_at")).transpose()?;
    Ok((items, opened.and_then(|at| at.parse().ok()).map(china_day)))
}

async fn members<C: ConnectionTrait>(hub: &C, seal: &Seal, case_no: &str) -> Result<Vec<Member>, DbErr> {
    let sql = "SELECT citizen, digest FROM case_member WHERE case_no = $1 ORDER BY ordinal";
    let rows = store::rows(hub, sql, vec![case_no.into()]).await?;
    let place = place(case_no);
    let member = |row: &QueryResult| -> Result<Member, DbErr> {
        let sealed: Vec<u8> = row.try_get("", "citizen")?;
        let opened = seal.open(&place, &sealed);
        let number = opened.ok_or_else(|| DbErr::Custom(String::from("a member of a case doesn't open")))?;
        Ok(Member { number, digest: row.try_get("", "digest")? })
    };
    rows.iter().map(member).collect()
}
