//! Headers of a connection and of its operations: those of the request that opened it, then those that messages
//! give by the same names.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use serde_json::{Map, Value};

use crate::http::graphql::{CASE, EXCHANGE, IDEMPOTENCY, PURPOSE};

/// The headers that say why, for which case and through whom.
fn stated() -> impl Iterator<Item = &'static str> {
    [PURPOSE, CASE].into_iter().chain(EXCHANGE)
}

/// What counts for the whole connection of the headers of the request that opened it.
pub(super) fn of_request(headers: &HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in stated().chain([header::AUTHORIZATION.as_str()]) {
        if let Some(value) = headers.get(name) {
            kept.insert(HeaderName::from_static(name), value.clone());
        }
    }
    kept
}

/// The same with what `connection_init` gives.
///
/// # Errors
/// What is wrong with it, without its values.
pub(super) fn of_connection(headers: &HeaderMap, given: &Map<String, Value>) -> Result<HeaderMap, String> {
    with(headers, given, |name| name == header::AUTHORIZATION.as_str() || stated().any(|known| known == name))
}

/// The headers of an operation. The token is the connection's.
///
/// # Errors
/// What is wrong with them, without their values.
pub(super) fn of_operation(headers: &HeaderMap, given: &Map<String, Value>) -> Result<HeaderMap, String> {
    if given.keys().any(|name| name.eq_ignore_ascii_case(header::AUTHORIZATION.as_str())) {
        return Err(String::from("the token is the connection's: an operation can't bring another"));
    }
    with(headers, given, |name| name == IDEMPOTENCY || stated().any(|known| known == name))
}

/// Headers with those of a payload in their places. Names of no meaning here are ignored, as they are among
/// headers.
fn with(
    headers: &HeaderMap,
    given: &Map<String, Value>,
    is_known: impl Fn(&str) -> bool,
) -> Result<HeaderMap, String> {
    let mut all = headers.clone();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in given {
        let name = name.to_ascii_lowercase();
        if !is_known(&name) {
            continue;
        }
        let value =
            value.as_str().filter(|text| text.is_ascii()).and_then(|text| HeaderValue::from_str(text).ok());
        let value = value.ok_or_else(|| format!("`{name}` must be a text of ASCII characters"))?;
        if seen.contains(&name) {
            return Err(format!("`{name}` must be there once"));
        }
        let known = HeaderName::try_from(&name).map_err(|error| error.to_string())?;
        all.insert(known, value);
        seen.push(name);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn what_a_message_gives_goes_before_what_the_connection_has() {
        let opened = of_request(&HeaderMap::from_iter([
            (HeaderName::from_static(PURPOSE), HeaderValue::from_static("A")),
            (header::COOKIE, HeaderValue::from_static("a=b")),
        ]));
        assert_eq!(opened.len(), 1);
        let given = map(json!({ "Yimen-Purpose": "B", "Authorization": "Bearer x", "other": 7 }));
        let connection = of_connection(&opened, &given).unwrap();
        assert_eq!(
            (&connection[PURPOSE], &connection["authorization"]),
            (&"B".parse().unwrap(), &"Bearer x".parse().unwrap())
        );
        let operation = of_operation(&connection, &map(json!({ "yimen-case": "C" }))).unwrap();
        assert_eq!((&operation[CASE], &operation[PURPOSE]), (&"C".parse().unwrap(), &"B".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_not_left_out() {
        let none = HeaderMap::new();
        for given in
            [json!({ "Yimen-Case": 7 }), json!({ "yimen-case": "案" }), json!({ "yimen-case": "a\nb" })]
        {
            assert!(of_connection(&none, &map(given.clone())).is_err(), "{given}");
        }
        assert!(of_connection(&none, &map(json!({ "Yimen-Case": "A", "yimen-case": "B" }))).is_err());
        assert!(of_operation(&none, &map(json!({ "AUTHORIZATION": "Bearer x" }))).is_err());
        assert!(of_connection(&none, &map(json!({ "yimen-idempotency-key": "k" }))).unwrap().is_empty());
    }
}
