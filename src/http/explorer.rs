//! `/explorer`: GraphiQL served from the binary, for networks that end at the building. The files hold no
//! data and need no token; whatever the explorer asks is asked with the token of the person before it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::Shared;

/// GraphiQL sets styles at run time and brings its fonts along; nothing comes from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the explorer.
struct File {
    name: &'static str,
    media: &'static str,
    bytes: &'static [u8],
    /// Whether the bytes are packed with gzip, as every browser takes them.
    packed: bool,
}

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

const FILES: [File; 6] = [
    packed("react.js", SCRIPT, include_bytes!("explorer/vendor/react.js.gz")),
    packed("react-dom.js", SCRIPT, include_bytes!("explorer/vendor/react-dom.js.gz")),
    packed("graphiql.js", SCRIPT, include_bytes!("explorer/vendor/graphiql.js.gz")),
    packed("graphiql.css", STYLE, include_bytes!("explorer/vendor/graphiql.css.gz")),
    plain("explorer.js", SCRIPT, include_bytes!("explorer/explorer.js")),
    plain("explorer.css", STYLE, include_bytes!("explorer/explorer.css")),
];

const PAGE: File = plain("", "text/html; charset=utf-8", include_bytes!("explorer/index.html"));

/// Operations to begin with.
const EXAMPLES: [(&str, &str); 3] = [
    ("access", include_str!("../../examples/access.graphql")),
    ("family", include_str!("../../examples/family.graphql")),
    ("union-files", include_str!("../../examples/union-files.graphql")),
];

const fn packed(name: &'static str, media: &'static str, bytes: &'static [u8]) -> File {
    File { name, media, bytes, packed: true }
}

const fn plain(name: &'static str, media: &'static str, bytes: &'static [u8]) -> File {
    File { name, media, bytes, packed: false }
}

pub(crate) async fn page(headers: HeaderMap) -> Response {
    PAGE.answer(&headers)
}

pub(crate) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match FILES.iter().find(|file| file.name == name) {
        Some(file) => file.answer(&headers),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Purposes that can be stated, and examples: neither is a secret.
pub(crate) async fn settings(State(shared): State<Shared>) -> Json<Value> {
    let purposes = shared.app.gateway.policies().codes().purposes.iter();
    let purposes: Vec<Value> =
        purposes.map(|purpose| json!({ "code": purpose.code, "name": purpose.name.1 })).collect();
    let examples = EXAMPLES.iter().map(|(name, document)| json!({ "name": name, "document": document }));
    Json(json!({ "purposes": purposes, "examples": examples.collect::<Vec<_>>() }))
}

impl File {
    fn answer(&self, headers: &HeaderMap) -> Response {
        if self.packed && !takes_gzip(headers) {
            return (StatusCode::NOT_ACCEPTABLE, "accept the encoding gzip\n").into_response();
        }
        let mut response = self.bytes.into_response();
        let head = response.headers_mut();
        head.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        head.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        if self.packed {
            head.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        response
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(',')).map(str::trim);
    codings.any(|coding| coding == "gzip" || coding.starts_with("gzip;") || coding == "*")
}
