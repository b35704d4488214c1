//! The request that opens a WebSocket connection (RFC 6455, 4.2), and who may send it.

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::http::graphql::Rejected;
use crate::plan::code;

/// The one protocol that is spoken.
const PROTOCOL: &str = "graphql-transport-ws";

/// The version of WebSocket.
pub(crate) const VERSION: &str = "13";

/// Whether a request asks for a WebSocket connection.
pub(super) fn is_wanted(http: &Request<Body>) -> bool {
    http.uri().path() == "/graphql" && lists(http.headers(), header::UPGRADE, "websocket")
}

/// The key of a request that may open a connection.
///
/// # Errors
/// The refusal of any other.
pub(super) fn check(http: &Request<Body>, origins: &[String]) -> Result<String, Rejected> {
    let headers = http.headers();
    let bad = |message| Rejected::Status(StatusCode::BAD_REQUEST, code::BAD_USER_INPUT, message);
    if http.method() != Method::GET || http.version() != Version::HTTP_11 {
        return Err(bad("a WebSocket connection is opened by GET of HTTP/1.1"));
    }
    if !is_from_here(headers) && !is_from(headers, origins) {
        let message = "this page's origin may open no connection: `server.origins`";
        return Err(Rejected::Status(StatusCode::FORBIDDEN, "CSRF_PREVENTION_FAILED", message));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        let message = "the version of WebSocket must be 13";
        return Err(Rejected::Status(StatusCode::UPGRADE_REQUIRED, "UPGRADE_REQUIRED", message));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
    let is_key = |key: &&str| STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16);
    let key = key.filter(is_key).filter(|_| lists(headers, header::CONNECTION, "upgrade"));
    let key = key.ok_or_else(|| bad("the request is no WebSocket handshake (RFC 6455, 4.2.1)"))?;
    if !lists(headers, header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL) {
        return Err(bad("the subprotocol must be `graphql-transport-ws`"));
    }
    Ok(key.to_owned())
}

/// The answer after which the connection speaks WebSocket.
pub(super) fn accepted(key: &str) -> Response {
    let head = [
        (header::CONNECTION, String::from("upgrade")),
        (header::UPGRADE, String::from("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes())),
        (header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL.to_owned()),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, head).into_response()
}

/// Whether a header's list has an element.
fn lists(headers: &HeaderMap, name: header::HeaderName, element: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(element))
}

/// Whether no web page asks, or one of the gateway's own host. Browsers let any page open a connection, and say
/// which page it is.
fn is_from_here(headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_same = |(_, from): (&str, &str)| host.is_some_and(|host| host.eq_ignore_ascii_case(from));
    origins.next().is_none() && origin.is_some_and(is_same)
}

/// Whether a page of these asks.
fn is_from(headers: &HeaderMap, known: &[String]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return false };
    origin.to_str().is_ok_and(|origin| known.iter().any(|known| known.eq_ignore_ascii_case(origin)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::negotiate::Media;

    fn request(headers: &[(&str, &str)]) -> Request<Body> {
        let good = [
            ("host", "gateway.gov:8080"),
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-protocol", "another, graphql-transport-ws"),
        ];
        let mut request = Request::get("/graphql").body(Body::empty()).unwrap();
        for (name, value) in good.iter().chain(headers) {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    }

    fn refused(headers: &[(&str, &str)]) -> Option<u16> {
        let origins = [String::from("https://page.gov")];
        let refused = check(&request(headers), &origins).err()?.answer(Media::Json);
        Some(refused.status().as_u16())
    }

    #[test]
    fn a_handshake_is_one_or_it_is_refused() {
        assert_eq!(refused(&[]), None);
        assert_eq!(refused(&[("sec-websocket-version", "8")]), Some(426));
        assert_eq!(refused(&[("sec-websocket-key", "c2hvcnQ=")]), Some(400));
        assert_eq!(refused(&[("connection", "close")]), Some(400));
        assert_eq!(refused(&[("sec-websocket-protocol", "graphql-ws")]), Some(400));
        assert_eq!(derive_accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn pages_of_elsewhere_open_nothing() {
        for (origin, expected) in [
            ("https://gateway.gov:8080", None),
            ("https://page.gov", None),
            ("https://page.gov:444", Some(403)),
            ("http://page.gov", Some(403)),
            ("https://gateway.gov", Some(403)),
            ("https://gateway.gov:8080.elsewhere.net", Some(403)),
            ("null", Some(403)),
            ("", Some(403)),
        ] {
            assert_eq!(refused(&[("origin", origin)]), expected, "{origin}");
        }
    }
}
