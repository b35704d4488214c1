//! The demonstration's file check: a case of one worker's family, each of whom has authorised it. It is opened by
//! the gateway's own mutations, so that its log has records of them.

use std::sync::Arc;

use anyhow::Context;
use apollo_compiler::response::JsonMap;
use chrono::{DateTime, Months, NaiveDate, Utc};
use serde_json::{Value, json};
use yimen_county::SampleFamily;

use crate::auth::{Caller, DEMO_ISSUER};
use crate::calendar::china_day;
use crate::consent::is_minor;
use crate::gateway::{Gateway, Reply, Request};

/// The number of the case.
pub(super) const CASE: &str = "DEMO-CHECK";

/// The purpose of the check.
pub(super) const PURPOSE: &str = "UNION_FILE_CHECK";

/// What is asked of whom: all that the family's query selects and a help centre may be told.
const ITEMS: [(&str, &str); 7] = [
    ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION"),
    ("CIVIL_AFFAIRS", "HOUSEHOLD_REGISTRATION"),
    ("HRSS", "SOCIAL_INSURANCE"),
    ("REAL_ESTATE_REGISTRY", "REAL_ESTATE"),
    ("EDUCATION", "EDUCATION"),
    ("PUBLIC_SECURITY", "VEHICLE"),
    ("UNION", "UNION_FILE"),
];

/// Sections that are another department's, and read with consent alone.
const SECTIONS: [&str; 5] =
    ["HOUSEHOLD_REGISTRATION", "SOCIAL_INSURANCE", "REAL_ESTATE", "EDUCATION", "VEHICLE"];

/// SHA-256 of an empty form: in an invented county nobody has signed one.
const FORM: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// How long the invented consents hold, in months.
const HELD: u32 = 12;

const OPEN: &str = "mutation($input: OpenCase!) { openCase(input: $input) { caseNo } }";
const CONSENTS: &str =
    "query($caseNo: ID!) { consents(caseNo: $caseNo) { citizenId validUntil withdrawnAt } }";
const CONSENT: &str = "mutation($input: RecordConsent!) { recordConsent(input: $input) { id } }";

/// Opens the case, unless it is there, and records a consent of whoever has none that holds.
///
/// # Errors
/// A gateway that refuses it.
pub(super) async fn open(gateway: &Gateway, family: &SampleFamily, now: DateTime<Utc>) -> anyhow::Result<()> {
    let check = Check { gateway, caller: Arc::new(help_centre()), today: china_day(now) };
    check.open_case(family).await?;
    let held = check.held().await?;
    for number in family.members.iter().filter(|number| !held.contains(number)) {
        check.consent(number, &family.members).await?;
    }
    Ok(())
}

struct Check<'a> {
    gateway: &'a Gateway,
    caller: Arc<Caller>,
    today: NaiveDate,
}

impl Check<'_> {
    async fn open_case(&self, family: &SampleFamily) -> anyhow::Result<()> {
        let others = family.members.iter().filter(|number| **number != family.citizen_id);
        // What the others are to the worker is in the register; here they are "other".
        let others: Vec<Value> =
            others.map(|number| json!({ "citizenId": number, "relation": "99" })).collect();
        let item = |(department, section)| json!({ "department": department, "section": section });
        let input = json!({
            "caseNo": CASE,
            "purpose": PURPOSE,
            "division": self.caller.division,
            "applicant": family.citizen_id,
            "members": others,
            "items": ITEMS.map(item),
        });
        self.ask(OPEN, json!({ "input": input }), "CASE_EXISTS").await.map(drop)
    }

    /// Whose consent holds today and for a month at least.
    async fn held(&self) -> anyhow::Result<Vec<String>> {
        let answer = self.ask(CONSENTS, json!({ "caseNo": CASE }), "").await?;
        let until = self.today.checked_add_months(Months::new(1)).unwrap_or(self.today).to_string();
        let consents = answer["data"]["consents"].as_array().cloned().unwrap_or_default();
        let holds = |consent: &&Value| {
            consent["withdrawnAt"].is_null()
                && consent["validUntil"].as_str().is_some_and(|day| *day >= *until)
        };
        let number = |consent: &Value| consent["citizenId"].as_str().unwrap_or_default().to_owned();
        Ok(consents.iter().filter(holds).map(number).collect())
    }

    async fn consent(&self, number: &str, family: &[String]) -> anyhow::Result<()> {
        let adult = family.iter().find(|other| !is_minor(other, self.today));
        let guardian = if is_minor(number, self.today) { adult } else { None };
        let until = self.today.checked_add_months(Months::new(HELD)).unwrap_or(self.today);
        let input = json!({
            "caseNo": CASE,
            "citizenId": number,
            "kind": "PAPER",
            "formHash": FORM,
            "witnesses": ["demo-officer", "demo-officer-2"],
            "guardian": guardian,
            "sections": SECTIONS,
            "validFrom": self.today.to_string(),
            "validUntil": until.to_string(),
        });
        self.ask(CONSENT, json!({ "input": input }), "").await.map(drop)
    }

    /// Asks as the help centre. An error of the code `may_be` is an answer too.
    async fn ask(&self, query: &str, variables: Value, may_be: &str) -> anyhow::Result<Value> {
        let variables: JsonMap = serde_json::from_value(variables)?;
        let request = Request {
            query: query.to_owned(),
            operation: None,
            variables,
            caller: self.caller.clone(),
            purpose: Some(PURPOSE.to_owned()),
            case: Some(CASE.to_owned()),
            exchange: Vec::new(),
            trace: None,
            idempotency: None,
            may_change: true,
            event: None,
            names_record: false,
            export: None,
        };
        let Reply::Data { body, .. } = self.gateway.answer(&request).await else {
            anyhow::bail!("the case of the file check can't be opened");
        };
        let answer: Value = serde_json::from_slice(&body).context("an answer that isn't JSON")?;
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        anyhow::ensure!(code.is_none_or(|code| code == may_be), "the file check is refused: {answer}");
        Ok(answer)
    }
}

/// The officer whose token the demonstration prints.
fn help_centre() -> Caller {
    Caller {
        issuer: String::from(DEMO_ISSUER),
        subject: String::from(super::OFFICER),
        department: String::from("UNION"),
        role: String::from("HELP_CENTRE"),
        division: String::from(super::DIVISION),
        token_id: None,
        person: None,
    }
}
