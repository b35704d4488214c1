//! Mutations that a caller sends again, because the first answer was lost, happen once.
//!
//! A request may carry `Yimen-Idempotency-Key`. The first to carry it does the work, and its answer stays,
//! sealed, in the same transaction; whoever sends the same again gets that answer.

use chrono::Duration;
use sea_orm::DbErr;
use serde_json::Value;

use crate::clock::hex;
use crate::evidence::store;
use crate::own::{Call, Refused, moment};
use crate::plan::code;

/// How long an answer is remembered.
const DAYS: i64 = 7;

/// The least and the most characters of a key: shorter ones are guessed or collide.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// A key that a caller gave, bound to the caller and to what was asked.
#[derive(Debug)]
pub(crate) struct Key {
    name: String,
    asked: String,
}

/// What is known of a key.
#[derive(Debug)]
pub(crate) enum Known {
    /// Nothing: the work is to be done.
    New,
    /// It was done, with this answer.
    Done(Value),
}

impl Key {
    /// The key of a call. Two callers never meet in one key.
    ///
    /// # Errors
    /// `BAD_USER_INPUT` for a key that is too short or too long.
    pub(crate) fn of(call: &Call<'_>, given: &str) -> Result<Key, Refused> {
        if !LENGTH.contains(&given.chars().count()) {
            let (least, most) = (LENGTH.start(), LENGTH.end());
            let message =
                format!("the header `Yimen-Idempotency-Key` must have {least} to {most} characters");
            return Err(Refused::new(code::BAD_USER_INPUT, message));
        }
        let caller = call.caller;
        let parts = [&caller.department, &caller.role, &caller.subject, call.allowed.field(), given];
        let arguments = Value::Object(call.arguments.clone()).to_string();
        let digest = |text: String| hex(&call.people.digest("idempotency", &text));
        Ok(Key { name: digest(parts.join("\0")), asked: digest(arguments) })
    }

    /// Takes the key for this transaction, or finds what was done under it. A second request with the
    /// same key waits here until the first has ended.
    ///
    /// # Errors
    /// The key stands for another request, or the hub doesn't answer.
    pub(crate) async fn take(&self, call: &Call<'_>) -> Result<Known, Refused> {
        let old = moment(call.now - Duration::days(DAYS));
        call.run("DELETE FROM command_done WHERE at < $1", vec![old.into()]).await?;
        let sql = "INSERT INTO command_done (name, at, asked) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let values = vec![self.name.as_str().into(), call.at().into(), self.asked.as_str().into()];
        if call.run(sql, values).await? == 1 {
            return Ok(Known::New);
        }
        let sql = "SELECT asked, answer FROM command_done WHERE name = $1";
        let rows = call.rows(sql, vec![self.name.as_str().into()]).await?;
        let read = |row: &sea_orm::QueryResult| -> Result<(String, Option<Vec<u8>>), DbErr> {
            Ok((row.try_get("", "asked")?, row.try_get("", "answer")?))
        };
        match rows.first().map(read).transpose()? {
            Some((asked, Some(sealed))) if asked == self.asked => self.open(call, &sealed),
            _ => Err(Refused::new(
                code::IDEMPOTENCY_KEY_REUSED,
                "the header `Yimen-Idempotency-Key` stands for another request",
            )),
        }
    }

    fn open(&self, call: &Call<'_>, sealed: &[u8]) -> Result<Known, Refused> {
        let answer = call.seal.open(&self.name, sealed).and_then(|text| serde_json::from_str(&text).ok());
        answer.map(Known::Done).ok_or_else(|| Refused::new(code::INTERNAL, "Internal server error"))
    }

    /// Keeps the answer with the key.
    ///
    /// # Errors
    /// A hub that doesn't answer.
    pub(crate) async fn keep(&self, call: &Call<'_>, answer: &Value) -> Result<(), DbErr> {
        let sealed = call.seal.close(&self.name, &answer.to_string());
        let sql = "UPDATE command_done SET answer = $1 WHERE name = $2";
        store::run(&call.hub, sql, vec![sealed.into(), self.name.as_str().into()]).await.map(|_| ())
    }
}
