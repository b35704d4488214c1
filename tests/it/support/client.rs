//! Requests as a department's front end makes them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::day;

/// What a case may ask of whom: every section about people, of each department that answers for it.
const ITEMS: [(&str, &str); 21] = [
    ("PUBLIC_SECURITY", "HOUSEHOLD_REGISTRATION"),
    ("CIVIL_AFFAIRS", "HOUSEHOLD_REGISTRATION"),
    ("CIVIL_AFFAIRS", "MARRIAGE"),
    ("CIVIL_AFFAIRS", "ASSISTANCE_IDENTITY"),
    ("CIVIL_AFFAIRS", "ALLOWANCE"),
    ("CIVIL_AFFAIRS", "ECONOMIC_VERIFICATION"),
    ("HRSS", "SOCIAL_INSURANCE"),
    ("HRSS", "EMPLOYMENT"),
    ("HEALTH", "MEDICAL"),
    ("MEDICAL_SECURITY", "MEDICAL"),
    ("DPF", "DISABILITY"),
    ("MARKET_REGULATION", "BUSINESS"),
    ("TAX", "TAX"),
    ("REAL_ESTATE_REGISTRY", "REAL_ESTATE"),
    ("HOUSING", "HOUSING_SECURITY"),
    ("PUBLIC_SECURITY", "VEHICLE"),
    ("HOUSING_FUND", "HOUSING_FUND"),
    ("PBOC", "FINANCE"),
    ("EDUCATION", "EDUCATION"),
    ("UNION", "UNION_FILE"),
    ("POVERTY_ALLEVIATION", "POVERTY_REGISTER"),
];

/// A caller with a token and a purpose.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::blocking::Client,
    url: String,
    token: Option<String>,
    purpose: Option<String>,
    case: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Client {
    pub(crate) fn new(url: &str, token: Option<&str>, purpose: Option<&str>) -> Client {
        Client {
            http: reqwest::blocking::Client::builder()
                .timeout(std::time::Duration::from_secs(30))
                .build()
                .unwrap(),
            url: url.to_owned(),
            token: token.map(str::to_owned),
            purpose: purpose.map(str::to_owned),
            case: None,
        }
    }

    /// The same caller in a case.
    pub(crate) fn in_case(&self, case_no: &str) -> Client {
        Client { case: Some(case_no.to_owned()), ..self.clone() }
    }

    /// The same caller for another purpose, or for none.
    pub(crate) fn purpose(&self, purpose: Option<&str>) -> Client {
        Client { purpose: purpose.map(str::to_owned), ..self.clone() }
    }

    /// A POST to `/graphql` with this caller's headers, yet without a body.
    pub(crate) fn post(&self) -> reqwest::blocking::RequestBuilder {
        self.request(reqwest::Method::POST, "/graphql")
    }

    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::blocking::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(purpose) = &self.purpose {
            request = request.header("Yimen-Purpose", purpose);
        }
        if let Some(case_no) = &self.case {
            request = request.header("Yimen-Case", case_no);
        }
        request
    }

    /// The same caller of another server.
    pub(crate) fn at(&self, url: &str) -> Client {
        Client { url: url.to_owned(), ..self.clone() }
    }

    /// Sends a document to a server that may go meanwhile.
    pub(crate) fn try_send(&self, query: &str, variables: &Value) -> Option<Answer> {
        Answer::try_of(self.post().json(&json!({ "query": query, "variables": variables })))
    }

    /// Opens a case for people, who consent, in which all that concerns them may be asked for; a case that is there
    /// already stays as it is.
    pub(crate) fn open_case(&self, case_no: &str, people: &[&str]) {
        self.open_case_in("410727000000", case_no, people);
    }

    /// The same in another division.
    pub(crate) fn open_case_in(&self, division: &str, case_no: &str, people: &[&str]) {
        let query = "mutation($input: OpenCase!) { openCase(input: $input) { caseNo } }";
        let members: Vec<Value> =
            people[1..].iter().map(|id| json!({ "citizenId": id, "relation": "99" })).collect();
        let item = |(department, section)| json!({ "department": department, "section": section });
        let input = json!({
            "caseNo": case_no,
            "purpose": self.purpose,
            "division": division,
            "applicant": people[0],
            "members": members,
            "items": ITEMS.map(item),
        });
        let answer = self.in_case(case_no).send(query, json!({ "input": input }));
        let codes = answer.codes();
        assert!(codes.iter().all(|code| code == "CASE_EXISTS"), "{}", answer.text);
        if codes.is_empty() {
            people.iter().for_each(|number| self.consent(case_no, number));
        }
    }

    /// Records somebody's consent to what an opened case asks for.
    fn consent(&self, case_no: &str, number: &str) {
        let query = "mutation($input: RecordConsent!) { recordConsent(input: $input) { id } }";
        let yesterday = day::days_ago(1);
        let sections: BTreeSet<&str> = ITEMS.iter().map(|(_, section)| *section).collect();
        let input = json!({
            "caseNo": case_no,
            "citizenId": number,
            "kind": "PAPER",
            "formHash": "ab".repeat(32),
            "witnesses": ["officer-1", "officer-2"],
            "guardian": day::is_minor(number).then_some("11010519491231002X"),
            "sections": sections,
            "validFrom": yesterday,
            "validUntil": day::months_after(yesterday, 6),
        });
        let answer = self.in_case(case_no).send(query, json!({ "input": input }));
        assert_eq!(answer.codes(), Vec::<String>::new(), "{}", answer.text);
    }

    /// Sends a document with variables.
    pub(crate) fn send(&self, query: &str, variables: Value) -> Answer {
        Answer::of(self.post().json(&json!({ "query": query, "variables": variables })))
    }

    /// Sends a document that must be answered without errors, and gives its data.
    #[track_caller]
    pub(crate) fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.send(query, variables);
        let json = answer.json();
        assert!(json.get("errors").is_none(), "{}", answer.text);
        json["data"].clone()
    }
}

impl Answer {
    pub(crate) fn of(request: reqwest::blocking::RequestBuilder) -> Answer {
        Answer::whole(request).unwrap_or_else(|error| panic!("{error:?}"))
    }

    /// The answer, if all of it came.
    pub(crate) fn try_of(request: reqwest::blocking::RequestBuilder) -> Option<Answer> {
        Answer::whole(request).ok()
    }

    fn whole(request: reqwest::blocking::RequestBuilder) -> reqwest::Result<Answer> {
        let response = request.send()?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text()? })
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The codes of the errors, in order.
    pub(crate) fn codes(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["extensions"]["code"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
