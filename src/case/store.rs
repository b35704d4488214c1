//! Cases in the hub, read whole.

use sea_orm::{DbErr, QueryResult};
use yimen_policy::Reach;

use crate::area;
use crate::case::code;
use crate::own::{Call, Refused};

/// A case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) case_no: String,
    pub(crate) purpose: String,
    pub(crate) division: String,
    pub(crate) department: String,
    pub(crate) status: String,
    pub(crate) opened_at: String,
    pub(crate) closed_at: Option<String>,
    pub(crate) outcome: Option<String>,
    pub(crate) version: i64,
}

/// A member of a family.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) number: String,
    pub(crate) relation: String,
    pub(crate) is_applicant: bool,
}

/// What is asked of a department.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) department: String,
    pub(crate) section: String,
    pub(crate) state: String,
    pub(crate) asked_at: String,
    pub(crate) answered_at: Option<String>,
}

/// The columns of a case, in the order that [`Case::of`] reads them by name.
pub(crate) const COLUMNS: &str =
    "case_no, purpose, division, department, status, opened_at, closed_at, outcome, version";

/// Where a member's number is sealed for.
pub(crate) fn place(case_no: &str) -> String {
    format!("member of case {case_no}")
}

impl Case {
    pub(crate) fn of(row: &QueryResult) -> Result<Case, DbErr> {
        Ok(Case {
            case_no: row.try_get("", "case_no")?,
            purpose: row.try_get("", "purpose")?,
            division: row.try_get("", "division")?,
            department: row.try_get("", "department")?,
            status: row.try_get("", "status")?,
            opened_at: row.try_get("", "opened_at")?,
            closed_at: row.try_get("", "closed_at")?,
            outcome: row.try_get("", "outcome")?,
            version: row.try_get("", "version")?,
        })
    }

    /// A case of this caller. A change holds it until its transaction ends.
    ///
    /// # Errors
    /// `CASE_NOT_FOUND`, whether there is none or it isn't the caller's.
    pub(crate) async fn find(call: &Call<'_>, case_no: &str) -> Result<Case, Refused> {
        let (within, mut values) = scope(call, 2);
        values.insert(0, case_no.into());
        let sql = format!("SELECT {COLUMNS} FROM assistance_case WHERE case_no = $1 AND {within}");
        let rows = call.rows(&sql, values).await?;
        match rows.first() {
            Some(row) => Ok(Case::of(row)?),
            None => Err(Refused::new(code::CASE_NOT_FOUND, "there is no such case for this caller")),
        }
    }

    /// A case of this caller that is open.
    ///
    /// # Errors
    /// As [`Case::find`]; a closed case is told like one that isn't there.
    pub(crate) async fn find_open(call: &Call<'_>, case_no: &str) -> Result<Case, Refused> {
        let case = Case::find(call, case_no).await?;
        match case.status.as_str() {
            "OPEN" => Ok(case),
            _ => Err(Refused::new(code::CASE_NOT_FOUND, "there is no such case for this caller")),
        }
    }

    /// The family, the applicant first.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub(crate) async fn members(&self, call: &Call<'_>) -> Result<Vec<Member>, Refused> {
        let sql = "SELECT ordinal, citizen, relation FROM case_member WHERE case_no = $1 ORDER BY ordinal";
        let rows = call.rows(sql, vec![self.case_no.as_str().into()]).await?;
        let place = place(&self.case_no);
        let member = |row: &QueryResult| -> Result<Option<Member>, DbErr> {
            let sealed: Vec<u8> = row.try_get("", "citizen")?;
            let ordinal: i64 = row.try_get("", "ordinal")?;
            let relation: String = row.try_get("", "relation")?;
            let number = call.seal.open(&place, &sealed);
            Ok(number.map(|number| Member { number, relation, is_applicant: ordinal == 0 }))
        };
        let members = rows.iter().map(member).collect::<Result<Option<Vec<Member>>, DbErr>>()?;
        members.ok_or_else(|| {
            tracing::error!("a member of a case doesn't open: the hub belongs to another secret");
            Refused::new(crate::plan::code::INTERNAL, "Internal server error")
        })
    }

    /// What is asked of which department.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub(crate) async fn items(&self, call: &Call<'_>) -> Result<Vec<Item>, DbErr> {
        let sql = "SELECT department, section, state, asked_at, answered_at FROM case_item \
                   WHERE case_no = $1 ORDER BY ordinal";
        let rows = call.rows(sql, vec![self.case_no.as_str().into()]).await?;
        let item = |row: &QueryResult| {
            Ok(Item {
                department: row.try_get("", "department")?,
                section: row.try_get("", "section")?,
                state: row.try_get("", "state")?,
                asked_at: row.try_get("", "asked_at")?,
                answered_at: row.try_get("", "answered_at")?,
            })
        };
        rows.iter().map(item).collect()
    }
}

/// The condition that a case is the caller's, with its values, numbered from `at`: those that the caller's
/// department opened or has a task in, in the caller's division; for supervision those of every department.
pub(crate) fn scope(call: &Call<'_>, at: usize) -> (String, Vec<sea_orm::Value>) {
    let (mut condition, mut values) = area::condition(call.area, "division", at);
    let next = at + values.len();
    match call.allowed.reach() {
        Reach::Division => {}
        Reach::Department => {
            condition.push_str(&format!(
                " AND (department = ${next} OR EXISTS (SELECT 1 FROM case_item AS task \
                 WHERE task.case_no = assistance_case.case_no AND task.department = ${next}))"
            ));
            values.push(call.caller.department.as_str().into());
        }
        Reach::Own => {
            let person = call.caller.person.as_deref();
            let digest = person.map(|number| call.people.digest(DIGEST, number).to_vec());
            condition.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM case_member AS member \
                 WHERE member.case_no = assistance_case.case_no AND member.digest = ${next})"
            ));
            values.push(digest.unwrap_or_default().into());
        }
    }
    (condition, values)
}

/// The key that members are found by: one for the life of the installation, for a case outlives years.
pub(crate) const DIGEST: &str = "cases";

/// Whether somebody belongs to an open case of the caller's, which has the purpose that the request states.
///
/// # Errors
/// `CASE_NOT_FOUND` for cases that are unknown, foreign, closed or for another purpose; `BAD_USER_INPUT` for
/// somebody who isn't in it.
pub(crate) async fn has_member(call: &Call<'_>, case_no: &str, number: &str) -> Result<(), Refused> {
    let case = Case::find(call, case_no).await?;
    if case.status != "OPEN" || case.purpose != call.table.profile().purpose {
        return Err(Refused::new(code::CASE_NOT_FOUND, "there is no such case for this caller"));
    }
    let members = case.members(call).await?;
    match members.iter().any(|member| member.number == number) {
        true => Ok(()),
        false => Err(Refused::new(crate::plan::code::BAD_USER_INPUT, "the case has no such member")),
    }
}
