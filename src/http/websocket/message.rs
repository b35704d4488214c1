//! Messages of `graphql-transport-ws`, and the codes by which a connection is closed.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::plan::Invalid;
use crate::subscription::Told;

/// The most characters of an operation's name in a connection.
const MAX_ID: usize = 128;

/// Why a connection is closed: a code and a reason of at most 123 bytes (RFC 6455, 5.5).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    /// Nothing was under way for too long.
    pub(super) const IDLE: Close = Close::new(1000, "Nothing is under way");
    /// The process ends.
    pub(super) const AWAY: Close = Close::new(1001, "Going away");
    /// A frame isn't one.
    pub(super) const PROTOCOL: Close = Close::new(1002, "Protocol error");
    /// Text isn't UTF-8.
    pub(super) const TEXT: Close = Close::new(1007, "Text must be UTF-8");
    /// A message is larger than one may be.
    pub(super) const SIZE: Close = Close::new(1009, "Message too big");
    /// All places are taken, or all of the caller.
    pub(super) const AGAIN: Close = Close::new(1013, "Too many connections");
    /// An operation before the caller was known.
    pub(super) const UNAUTHORIZED: Close = Close::new(4401, "Unauthorized");
    /// The token isn't good, or not any more.
    pub(super) const FORBIDDEN: Close = Close::new(4403, "Forbidden");
    /// The caller didn't say who they are.
    pub(super) const INIT_TIMEOUT: Close = Close::new(4408, "Connection initialisation timeout");
    /// The caller says so again.
    pub(super) const INIT_TWICE: Close = Close::new(4429, "Too many initialisation requests");

    const fn new(code: u16, reason: &'static str) -> Close {
        Close { code, reason: Cow::Borrowed(reason) }
    }

    /// A message that isn't one.
    pub(super) fn bad(reason: impl Into<Cow<'static, str>>) -> Close {
        Close { code: 4400, reason: reason.into() }
    }

    /// An operation of this name is under way.
    pub(super) fn exists(id: &str) -> Close {
        let shown: String = id.chars().take(MAX_SHOWN).collect();
        Close { code: 4409, reason: format!("Subscriber for {shown} already exists").into() }
    }
}

/// Characters of a name that a reason has room for, whatever they are.
const MAX_SHOWN: usize = 23;

/// What a client says.
#[derive(Debug)]
pub(super) enum Heard<'m> {
    /// Who the caller is, and what counts for all operations.
    Init(Map<String, Value>),
    Ping,
    Pong,
    /// An operation of any kind.
    Subscribe {
        id: String,
        payload: &'m RawValue,
    },
    /// The client doesn't want more of an operation.
    Complete {
        id: String,
    },
}

/// Reads a message.
///
/// # Errors
/// 4400 for anything that the protocol doesn't know. Reasons repeat nothing of the message.
pub(super) fn read(text: &str) -> Result<Heard<'_>, Close> {
    #[derive(Deserialize)]
    struct Message<'m> {
        #[serde(rename = "type")]
        kind: String,
        id: Option<String>,
        #[serde(borrow)]
        payload: Option<&'m RawValue>,
    }
    let message: Message<'_> = serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => Close::bad("A message is an object with the texts `type` and `id`"),
        false => Close::bad("The message isn't JSON"),
    })?;
    let id = |id: Option<String>| {
        let fits = id.filter(|id| !id.is_empty() && id.chars().count() <= MAX_ID);
        fits.ok_or_else(|| Close::bad("`id` must be a text of 1 to 128 characters"))
    };
    let object = |payload: Option<&RawValue>| {
        let payload = payload.map_or("null", RawValue::get);
        let map: Result<Option<Map<String, Value>>, _> = serde_json::from_str(payload);
        map.map(Option::unwrap_or_default).map_err(|_| Close::bad("`payload` must be an object"))
    };
    Ok(match message.kind.as_str() {
        "connection_init" => Heard::Init(object(message.payload)?),
        "ping" => object(message.payload).map(|_| Heard::Ping)?,
        "pong" => object(message.payload).map(|_| Heard::Pong)?,
        "subscribe" => {
            let payload = message.payload.ok_or_else(|| Close::bad("`payload` must be an object"))?;
            Heard::Subscribe { id: id(message.id)?, payload }
        }
        "complete" => Heard::Complete { id: id(message.id)? },
        _ => return Err(Close::bad("Unknown `type`")),
    })
}

/// The caller is known.
pub(super) const ACK: &str = "{\"type\":\"connection_ack\"}";
/// The answer to a ping.
pub(super) const PONG: &str = "{\"type\":\"pong\"}";

/// An answer of an operation, and whether it is the last because it is an error.
pub(super) fn next(id: &str, told: Told) -> (String, bool) {
    match told {
        Told::Errors(invalid) => (error(id, &invalid), true),
        Told::Data(body) => {
            let mut text = format!("{{\"id\":{},\"type\":\"next\",\"payload\":", json!(id));
            text.push_str(&String::from_utf8_lossy(&body));
            text.push('}');
            (text, false)
        }
    }
}

/// An operation wasn't run, or not to its end.
pub(super) fn error(id: &str, invalid: &Invalid) -> String {
    json!({ "id": id, "type": "error", "payload": invalid.errors }).to_string()
}

/// An operation has no more answers.
pub(super) fn complete(id: &str) -> String {
    json!({ "id": id, "type": "complete" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_protocol_are_read() {
        assert!(
            matches!(read("{\"type\":\"connection_init\"}"), Ok(Heard::Init(payload)) if payload.is_empty())
        );
        assert!(matches!(read("{\"type\":\"ping\",\"payload\":null}"), Ok(Heard::Ping)));
        let subscribe = "{\"id\":\"a\",\"type\":\"subscribe\",\"payload\":{\"query\":\"{a}\"}}";
        assert!(matches!(read(subscribe), Ok(Heard::Subscribe { id, .. }) if id == "a"));
        let long = format!("{{\"type\":\"complete\",\"id\":\"{}\"}}", "名".repeat(128));
        assert!(read(&long).is_ok());
        for wrong in [
            "",
            "[]",
            "{\"type\":7}",
            "{\"type\":\"start\",\"id\":\"a\"}",
            "{\"type\":\"subscribe\",\"id\":\"a\"}",
            "{\"type\":\"subscribe\",\"payload\":{}}",
            "{\"type\":\"complete\",\"id\":\"\"}",
            "{\"type\":\"complete\",\"id\":7}",
            "{\"type\":\"ping\",\"payload\":7}",
            "{\"type\":\"ping\",\"type\":\"pong\"}",
            &long.replacen('名', "名名", 1),
        ] {
            assert_eq!(read(wrong).unwrap_err().code, 4400, "{wrong}");
        }
    }

    #[test]
    fn reasons_fit_into_a_frame() {
        assert!(Close::exists(&"\u{10FFFF}".repeat(128)).reason.len() <= 123);
    }
}
