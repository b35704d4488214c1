//! Every answer is looked at: cheaply where it is one of millions, as a whole where its expected
//! value is known.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::Context;
use memchr::memmem;
use serde_json::Value;

use crate::client::Answer;
use crate::query::{Marks, Query};

/// What answers must be.
pub(crate) enum Checks {
    /// Answers of the gateway.
    Answers(Answers),
    /// A body that is always the same.
    Length(usize),
}

/// What the answers to picks must be.
#[derive(Clone)]
pub(crate) struct Answers {
    query: Query,
    /// The first key in the answer of each pick.
    firsts: Vec<String>,
    /// How many rows each answer has.
    rows: Vec<usize>,
    /// Whole answers of a sample of picks.
    samples: HashMap<usize, Value>,
    /// Makes of what a server writes in its own way what is expected; nothing for the gateway.
    adapt: fn(&mut Value),
}

impl Answers {
    /// Checks of a query's answers.
    pub(crate) fn new(
        query: Query,
        firsts: Vec<String>,
        rows: Vec<usize>,
        samples: HashMap<usize, Value>,
    ) -> Self {
        Answers { query, firsts, rows, samples, adapt: |_| () }
    }

    /// The same of a server that writes values in its own way.
    pub(crate) fn adapted(self, adapt: fn(&mut Value)) -> Self {
        Answers { adapt, ..self }
    }

    /// The picks whose whole answers are known.
    pub(crate) fn sampled(&self) -> Vec<usize> {
        let mut picks: Vec<usize> = self.samples.keys().copied().collect();
        picks.sort_unstable();
        picks
    }

    fn check(&self, pick: usize, body: &[u8]) -> anyhow::Result<bool> {
        let Marks { opening, each } = self.query.marks();
        let first = self.firsts[pick].as_bytes();
        let opens = body.strip_prefix(opening.as_bytes()).is_some_and(|rest| rest.starts_with(first));
        anyhow::ensure!(opens, "an answer to another question: {}", excerpt(body));
        anyhow::ensure!(
            memmem::find(body, b"\"errors\":").is_none(),
            "an answer with errors: {}",
            excerpt(body)
        );
        let rows = memmem::find_iter(body, each.as_bytes()).count();
        anyhow::ensure!(rows == self.rows[pick], "{rows} rows instead of {}", self.rows[pick]);
        match self.samples.get(&pick) {
            Some(expected) => compare(expected, body, self.adapt).map(|()| true),
            None => Ok(false),
        }
    }
}

impl Checks {
    /// Checks an answer; says whether the whole of it was compared.
    pub(crate) fn check(&self, pick: usize, answer: &Answer<'_>) -> anyhow::Result<bool> {
        anyhow::ensure!(answer.status == 200, "status {}: {}", answer.status, excerpt(answer.body));
        match self {
            Checks::Answers(answers) => answers.check(pick, answer.body),
            Checks::Length(length) => {
                anyhow::ensure!(answer.body.len() == *length, "a body of {} bytes", answer.body.len());
                Ok(false)
            }
        }
    }
}

fn compare(expected: &Value, body: &[u8], adapt: fn(&mut Value)) -> anyhow::Result<()> {
    let mut found: Value = serde_json::from_slice(body).context("an answer that isn't JSON")?;
    adapt(&mut found["data"]);
    match difference(expected, &found["data"], &mut String::new()) {
        None => Ok(()),
        Some(difference) => anyhow::bail!("a wrong answer: {difference}"),
    }
}

/// The first place where two values differ, with both.
fn difference(expected: &Value, found: &Value, path: &mut String) -> Option<String> {
    let length = path.len();
    let mut below = |key: &dyn std::fmt::Display, expected: &Value, found: &Value| {
        let _ = write!(path, "/{key}");
        let difference = difference(expected, found, path);
        path.truncate(length);
        difference
    };
    match (expected, found) {
        (Value::Object(wanted), Value::Object(there)) if wanted.len() == there.len() => {
            wanted.iter().find_map(|(key, value)| match there.get(key) {
                Some(there) => below(key, value, there),
                None => Some(format!("`{key}` is missing")),
            })
        }
        (Value::Array(wanted), Value::Array(there)) if wanted.len() == there.len() => {
            let mut pairs = wanted.iter().zip(there).enumerate();
            pairs.find_map(|(at, (wanted, there))| below(&at, wanted, there))
        }
        _ if expected == found => None,
        _ => Some(format!("`{path}` is {} instead of {}", short(found), short(expected))),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    excerpt(text.as_bytes())
}

/// Everybody in these databases is invented, so that an answer may be shown.
fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_wrong_answer_is_told_by_its_place() {
        let expected = json!({ "a": [{ "b": 1 }, { "b": null }] });
        let compare = |expected, body| super::compare(expected, body, |_| ());
        assert!(compare(&expected, br#"{"data":{"a":[{"b":1},{"b":null}]}}"#.as_slice()).is_ok());
        let error =
            compare(&expected, br#"{"data":{"a":[{"b":1},{"b":2}]}}"#.as_slice()).unwrap_err().to_string();
        assert_eq!(error, "a wrong answer: `/a/1/b` is 2 instead of null");
        assert!(compare(&expected, br#"{"data":{"a":[{"b":1}]}}"#.as_slice()).is_err());
        assert!(compare(&expected, br#"{"data":{"a":[{"b":1},{"c":null}]}}"#.as_slice()).is_err());
    }
}
