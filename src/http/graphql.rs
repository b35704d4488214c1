//! `/graphql`: a request in the form of GraphQL over HTTP, an answer with the right status.

use std::sync::Arc;
use std::time::{Duration, Instant};

use apollo_compiler::response::JsonMap;
use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request as HttpRequest, StatusCode, Uri, header,
};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tokio::sync::OwnedSemaphorePermit;

use crate::answer::request_error;
use crate::auth::Caller;
use crate::gateway::{Cost, Reply, Request};
use crate::http::finish::Finished;
use crate::http::negotiate::{Form, Media, accepted, is_json};
use crate::http::websocket::handshake::VERSION;
use crate::http::{App, Bounds, Shared, batch, sse};
use crate::plan::{Invalid, code};
use crate::telemetry;
use crate::trusted::Named;

/// The headers that say why, and for which case.
pub(crate) const PURPOSE: &str = "yimen-purpose";
pub(crate) const CASE: &str = "yimen-case";

/// The header by which a mutation that is sent again is known.
pub(crate) const IDEMPOTENCY: &str = "yimen-idempotency-key";

/// Headers of X-Road's message protocol for REST that are recorded.
pub(crate) const EXCHANGE: [&str; 5] =
    ["x-road-client", "x-road-id", "x-road-userid", "x-road-issue", "x-road-represented-party"];

/// The longest value of a header that goes into a record.
const MAX_HEADER: usize = 256;

/// The body of a POST, or the parameters of a GET.
#[derive(Default, Deserialize)]
pub(crate) struct Posted<V = JsonMap> {
    #[serde(default)]
    query: Option<String>,
    /// The appendix on persisted documents of GraphQL over HTTP.
    #[serde(rename = "documentId", default)]
    document_id: Option<String>,
    /// Relay's name of the same.
    #[serde(default)]
    doc_id: Option<String>,
    #[serde(rename = "operationName", default)]
    operation: Option<String>,
    #[serde(default = "Option::default")]
    variables: Option<V>,
    #[serde(default)]
    extensions: Option<serde_json::Map<String, serde_json::Value>>,
}

/// Apollo's `extensions.persistedQuery`.
#[derive(Deserialize)]
struct Persisted {
    version: u32,
    #[serde(rename = "sha256Hash")]
    sha256: String,
}

/// A request that gets no GraphQL answer, or one with errors alone.
pub(crate) enum Rejected {
    Status(StatusCode, &'static str, &'static str),
    Invalid(Invalid),
}

pub(crate) async fn handle(
    State(shared): State<Shared>,
    Extension(caller): Extension<Arc<Caller>>,
    http: HttpRequest<Body>,
) -> Response {
    let began = Instant::now();
    let (outcome, response) = match accepted(http.headers()) {
        Some(Form::Answer(media)) => answered(shared, caller, http, media, began).await,
        Some(Form::Events) => sse::answer(shared, caller, http).await,
        Some(Form::Lines) => batch::answer(shared, caller, http).await,
        None => {
            let message = "accept application/graphql-response+json, application/json, text/event-stream or \
                           application/jsonl";
            ("rejected", status(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message))
        }
    };
    telemetry::request(outcome, began);
    response
}

/// What became of a request, in a word for those who watch, and its answer.
pub(crate) async fn answered(
    shared: Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
    media: Media,
    began: Instant,
) -> (&'static str, Response) {
    let Some(slot) = slot(&shared.bounds) else { return ("busy", busy()) };
    let rejected = match request(&shared, caller, http).await {
        Ok((request, named)) => {
            let time = shared.bounds.request_timeout.saturating_sub(began.elapsed());
            let answered = Finished::new(async move {
                let _slot = slot;
                answer(&shared, request, named, time).await
            });
            let answered = answered.await;
            return (answered.word(), reply(answered, media));
        }
        Err(rejected) => rejected.answer(media),
    };
    ("rejected", rejected)
}

impl Rejected {
    pub(crate) fn answer(self, media: Media) -> Response {
        match self {
            Rejected::Status(StatusCode::METHOD_NOT_ALLOWED, name, message) => {
                let refused = status(StatusCode::METHOD_NOT_ALLOWED, name, message);
                ([(header::ALLOW, "GET, POST")], refused).into_response()
            }
            Rejected::Status(StatusCode::UPGRADE_REQUIRED, name, message) => {
                let refused = status(StatusCode::UPGRADE_REQUIRED, name, message);
                ([(header::SEC_WEBSOCKET_VERSION, VERSION)], refused).into_response()
            }
            // The rest of the body isn't read, so that this connection ends: the client mustn't use it again.
            Rejected::Status(
                code @ (StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT),
                name,
                message,
            ) => ([(header::CONNECTION, "close")], status(code, name, message)).into_response(),
            Rejected::Status(code, name, message) => status(code, name, message),
            Rejected::Invalid(invalid) => body(StatusCode::BAD_REQUEST, media, request_error(&invalid)),
        }
    }
}

/// Finds the document that a request names, and answers it.
async fn answer(shared: &Shared, mut request: Request, named: Named, time: Duration) -> Reply {
    match find(&shared.app, &mut request, named).await {
        Ok(is_new) => answer_found(&shared.app, &request, is_new, time).await,
        Err(refused) => refused,
    }
}

/// Finds the document that a request names. Says whether the client registers it with this request.
///
/// # Errors
/// A document that isn't known is a refusal like any other, with its record.
pub(crate) async fn find(app: &App, request: &mut Request, named: Named) -> Result<bool, Reply> {
    let is_new = matches!(named, Named::Hash { text: Some(_), .. });
    match app.trusted.text(named).await {
        Ok(text) => request.query = text,
        Err(invalid) => return Err(app.gateway.refused(request, invalid).await),
    }
    Ok(is_new)
}

/// Answers a request, and keeps its document where the client registered one that could be run.
pub(crate) async fn answer_found(app: &App, request: &Request, is_new: bool, time: Duration) -> Reply {
    let reply = app.gateway.answer_within(request, time).await;
    if is_new && matches!(reply, Reply::Data { .. }) {
        app.trusted.keep(&request.query).await;
    }
    reply
}

pub(crate) async fn request(
    shared: &Shared,
    caller: Arc<Caller>,
    http: HttpRequest<Body>,
) -> Result<(Request, Named), Rejected> {
    let (parts, body) = http.into_parts();
    check_headers(&parts.headers)?;
    let posted = match parts.method {
        Method::POST => post(shared, &parts.headers, body).await?,
        Method::GET => get(&parts.headers, &parts.uri)?,
        _ => {
            return Err(Rejected::Status(
                StatusCode::METHOD_NOT_ALLOWED,
                "METHOD_NOT_ALLOWED",
                "use POST or GET",
            ));
        }
    };
    posted.at(&parts.uri).request(&parts.headers, parts.method == Method::POST, caller)
}

impl Posted {
    /// One request from JSON.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Rejected> {
        serde_json::from_slice(bytes).map_err(|error| unfit(bytes, &error))
    }

    /// Takes one of the extensions out.
    pub(crate) fn extension(&mut self, name: &str) -> Option<serde_json::Value> {
        self.extensions.as_mut()?.remove(name)
    }

    /// The same with the document that the path names, where it does.
    pub(crate) fn at(mut self, uri: &Uri) -> Self {
        if let Some(id) = uri.path().strip_prefix("/graphql/") {
            self.document_id = Some(id.to_owned());
        }
        self
    }

    /// The request, and how it names its document.
    pub(crate) fn request(
        mut self,
        headers: &HeaderMap,
        may_change: bool,
        caller: Arc<Caller>,
    ) -> Result<(Request, Named), Rejected> {
        let named = named(&mut self)?;
        let request = Request {
            query: String::new(),
            operation: self.operation.filter(|name| !name.is_empty()),
            variables: self.variables.unwrap_or_default(),
            caller,
            purpose: text(headers, PURPOSE),
            case: text(headers, CASE),
            exchange: exchange(headers),
            trace: text(headers, "traceparent"),
            idempotency: headers.get(IDEMPOTENCY).map(key_text),
            may_change,
            event: None,
            names_record: false,
            export: None,
        };
        Ok((request, named))
    }
}

/// A batch's body without its variables, and these as they stand in it.
pub(crate) fn batched(bytes: &[u8]) -> Result<(Posted, Option<&RawValue>), Rejected> {
    let posted: Posted<&RawValue> = serde_json::from_slice(bytes).map_err(|error| unfit(bytes, &error))?;
    let Posted { query, document_id, doc_id, operation, variables, extensions } = posted;
    Ok((Posted { query, document_id, doc_id, operation, variables: None, extensions }, variables))
}

/// Headers that say why, for which case and through whom: a request whose case can't be read must not run as one
/// without a case.
pub(crate) fn check_headers(headers: &HeaderMap) -> Result<(), Rejected> {
    let is_fit = |name: &&str| {
        let mut values = headers.get_all(*name).iter();
        let first = values.next().is_none_or(|value| value.len() <= MAX_HEADER && value.to_str().is_ok());
        first && values.next().is_none()
    };
    match [PURPOSE, CASE].iter().chain(&EXCHANGE).find(|name| !is_fit(name)) {
        None => Ok(()),
        Some(name) => {
            let message =
                format!("the header `{name}` must be there once, with at most {MAX_HEADER} ASCII characters");
            Err(Rejected::Invalid(Invalid::new(code::BAD_USER_INPUT, message)))
        }
    }
}

/// How the request names its document: exactly one way.
fn named(posted: &mut Posted) -> Result<Named, Rejected> {
    let bad = |message: &'static str| Rejected::Invalid(Invalid::new(code::BAD_USER_INPUT, message));
    let persisted = posted.extensions.as_mut().and_then(|extensions| extensions.remove("persistedQuery"));
    let query = posted.query.take();
    let id = posted.document_id.take().or(posted.doc_id.take());
    match (query, id, persisted) {
        (Some(text), None, None) => Ok(Named::Text(text)),
        (None, Some(id), None) => Ok(Named::Id(id)),
        (text, None, Some(persisted)) => match serde_json::from_value(persisted) {
            Ok(Persisted { version: 1, sha256 }) => Ok(Named::Hash { sha256, text }),
            _ => Err(bad("`persistedQuery` has `version` 1 and the text `sha256Hash`")),
        },
        (None, None, None) => Err(bad("the request has neither `query` nor `documentId`")),
        _ => Err(bad("the request names its document in more than one way")),
    }
}

async fn post(shared: &Shared, headers: &HeaderMap, body: Body) -> Result<Posted, Rejected> {
    let bytes = body_of(&shared.bounds, headers, body, shared.bounds.body_bytes).await?;
    Posted::read(&bytes)
}

/// The bytes of a body, at most so many, within its time.
pub(crate) async fn body_of(
    bounds: &Bounds,
    headers: &HeaderMap,
    body: Body,
    most: usize,
) -> Result<Bytes, Rejected> {
    if !is_json(headers) {
        let message = "the body must be application/json in UTF-8";
        return Err(Rejected::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", message));
    }
    let time = bounds.body_timeout.min(bounds.request_timeout);
    let bytes = tokio::time::timeout(time, to_bytes(body, most)).await;
    let Ok(bytes) = bytes else {
        return Err(Rejected::Status(
            StatusCode::REQUEST_TIMEOUT,
            "REQUEST_TIMEOUT",
            "the body took too long",
        ));
    };
    let too_large =
        |_| Rejected::Status(StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "the body is too large");
    bytes.map_err(too_large)
}

/// A body that isn't a request: several of them, or something else.
fn unfit(bytes: &[u8], error: &serde_json::Error) -> Rejected {
    #[derive(Deserialize)]
    struct Listed {
        #[serde(rename = "variables")]
        _variables: Vec<IgnoredAny>,
    }
    let is_several = error.is_data()
        && (serde_json::from_slice::<Vec<IgnoredAny>>(bytes).is_ok()
            || serde_json::from_slice::<Listed>(bytes).is_ok());
    if is_several { batch::not_enabled() } else { malformed(error) }
}

/// A body that isn't a request. The library's text names fields and places, and may repeat a value
/// of a wrong type, so only the place is told.
fn malformed(error: &serde_json::Error) -> Rejected {
    let (line, column) = (error.line(), error.column());
    let message = if error.is_data() {
        format!(
            "the body isn't a GraphQL request, see line {line} column {column}: `query`, `documentId` and `operationName` are strings, `variables` and `extensions` are objects"
        )
    } else {
        format!("the body isn't JSON, see line {line} column {column}")
    };
    Rejected::Invalid(Invalid::new(code::BAD_USER_INPUT, message))
}

/// A query by GET; a mutation is refused later, by its record.
fn get(headers: &HeaderMap, uri: &Uri) -> Result<Posted, Rejected> {
    if headers.contains_key(header::CONTENT_TYPE) && !is_json(headers) {
        let message = "a GET with a body type other than application/json is refused";
        return Err(Rejected::Status(StatusCode::UNSUPPORTED_MEDIA_TYPE, "CSRF_PREVENTION_FAILED", message));
    }
    let mut posted = Posted::default();
    for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match &*name {
            "query" => posted.query = Some(value.into_owned()),
            "documentId" => posted.document_id = Some(value.into_owned()),
            "doc_id" => posted.doc_id = Some(value.into_owned()),
            "operationName" => posted.operation = Some(value.into_owned()),
            "variables" if !value.is_empty() => {
                let is_list = serde_json::from_str::<Vec<IgnoredAny>>(&value).is_ok();
                let unfit = |error| if is_list { batch::not_enabled() } else { malformed(&error) };
                posted.variables = Some(serde_json::from_str(&value).map_err(unfit)?);
            }
            "extensions" if !value.is_empty() => {
                posted.extensions = Some(serde_json::from_str(&value).map_err(|error| malformed(&error))?);
            }
            _ => {}
        }
    }
    Ok(posted)
}

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty() && value.len() <= MAX_HEADER).then(|| value.to_owned())
}

/// A key that can't be read is kept as one that is refused: without it the request would be done twice.
fn key_text(value: &HeaderValue) -> String {
    value.to_str().unwrap_or_default().trim().to_owned()
}

fn exchange(headers: &HeaderMap) -> Vec<(String, String)> {
    EXCHANGE.iter().filter_map(|name| Some(((*name).to_owned(), text(headers, name)?))).collect()
}

pub(crate) fn reply(reply: Reply, media: Media) -> Response {
    match reply {
        Reply::Data { body: bytes, id, cost } => {
            let mut answer = ([("yimen-record", id)], body(StatusCode::OK, media, bytes)).into_response();
            let Cost { requested, limit, remaining } = cost;
            tell_cost(answer.headers_mut(), Some(requested), Some(limit), remaining);
            answer
        }
        Reply::Invalid { invalid, id } if invalid.code() == code::RATE_LIMITED => {
            let refused = body(StatusCode::TOO_MANY_REQUESTS, media, request_error(&invalid));
            let mut answer = ([("yimen-record", id)], refused).into_response();
            if let Some(after_s) = invalid.number("retryAfter") {
                answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(after_s));
            }
            tell_cost(answer.headers_mut(), invalid.number("cost"), None, Some(0));
            answer
        }
        Reply::Invalid { invalid, id } => {
            if invalid.code() == code::METHOD_NOT_ALLOWED {
                let refused = body(StatusCode::METHOD_NOT_ALLOWED, media, request_error(&invalid));
                return ([("yimen-record", id), ("allow", String::from("POST"))], refused).into_response();
            }
            let code = match media {
                Media::GraphQl => StatusCode::BAD_REQUEST,
                Media::Json => StatusCode::OK,
            };
            let mut answer =
                ([("yimen-record", id)], body(code, media, request_error(&invalid))).into_response();
            tell_cost(answer.headers_mut(), invalid.number("cost"), invalid.number("limit"), None);
            answer
        }
        Reply::TooLate { id } => {
            let late = status(StatusCode::GATEWAY_TIMEOUT, code::TIMEOUT, "the request took too long");
            ([("yimen-record", id)], late).into_response()
        }
        Reply::NoEvidence => no_evidence(),
    }
}

/// What an operation costs in rows that it reads as a rule, how much one may, and what is left of the quota.
fn tell_cost(headers: &mut HeaderMap, requested: Option<u64>, limit: Option<u64>, remaining: Option<u32>) {
    let remaining = remaining.map(u64::from);
    for (name, value) in
        [("x-cost-requested", requested), ("x-cost-limit", limit), ("x-cost-remaining", remaining)]
    {
        if let Some(value) = value {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
}

/// Nothing can be recorded, so nothing leaves.
pub(crate) fn no_evidence() -> Response {
    status(
        StatusCode::SERVICE_UNAVAILABLE,
        code::EVIDENCE_UNAVAILABLE,
        "evidence can't be written, so nothing is answered",
    )
}

/// A place among the requests that are worked on; `None` where there is none.
pub(crate) fn slot(bounds: &Bounds) -> Option<OwnedSemaphorePermit> {
    bounds.requests.clone().try_acquire_owned().ok()
}

/// All places are taken.
pub(crate) fn busy() -> Response {
    let message = "too many requests at once";
    let busy = status(StatusCode::SERVICE_UNAVAILABLE, code::CONCURRENCY, message);
    ([(header::RETRY_AFTER, "1")], busy).into_response()
}

fn body(status: StatusCode, media: Media, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, media.content_type())], bytes).into_response()
}

/// An error that is no GraphQL answer.
pub(crate) fn status(status: StatusCode, name: &str, message: &str) -> Response {
    body(status, Media::Json, request_error(&Invalid::new(name, message)))
}
