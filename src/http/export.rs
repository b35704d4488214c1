//! `/exports`: starting one with a long list, and reading its files.

use std::io::SeekFrom;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path as At, State};
use axum::http::{HeaderMap, Request as HttpRequest, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use crate::auth::Caller;
use crate::clock::{Clock, SystemClock};
use crate::export::{Asked as Sealed, Job, MANIFEST, Part, SUMS, manifest, owner, sums, told};
use crate::gateway::{Reply, Request};
use crate::http::graphql::{answered, busy, no_evidence, status};
use crate::http::negotiate::{Form, accepted};
use crate::http::{App, Shared};
use crate::own::moment;
use crate::plan::{Invalid, code};
use crate::sharing::code as refusal;
use crate::telemetry;

/// Bytes that are read from a file at once.
const PIECE: usize = 64 * 1024;

/// What `/graphql` takes, with as many bytes as a batch: one of the places of batches is held meanwhile.
pub(super) async fn start(
    State(shared): State<Shared>,
    Extension(caller): Extension<Arc<Caller>>,
    http: HttpRequest<Body>,
) -> Response {
    let Some(Form::Answer(media)) = accepted(http.headers()) else {
        let message = "accept application/graphql-response+json or application/json";
        return status(StatusCode::NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message);
    };
    let Ok(_place) = shared.bounds.batches.clone().try_acquire_owned() else { return busy() };
    let began = Instant::now();
    let wide = Shared { bounds: Arc::new(shared.bounds.wide()), ..shared.clone() };
    let (outcome, response) = answered(wide, caller, http, media, began).await;
    telemetry::request(outcome, began);
    response
}

/// A file of an export of the caller's own. That it is read has a record; whoever may not read any more what is
/// in it doesn't get it.
pub(super) async fn file(
    State(shared): State<Shared>,
    Extension(caller): Extension<Arc<Caller>>,
    At((id, name)): At<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let found = match found(&shared.app, &caller, &id, &name).await {
        Ok(found) => found,
        Err(refused) => return refused_with_record(&shared.app, &caller, refused).await,
    };
    let Found { request, document, file } = found;
    let note = format!("export {id}: {name} is read");
    if !shared.app.gateway.may_download(&request, &document, note).await {
        return no_evidence();
    }
    match file {
        What::Text(text, media) => ([(header::CONTENT_TYPE, media)], text).into_response(),
        What::Part(part) => {
            let folder = shared.app.gateway.exports().folder().map(|folder| folder.join(&id));
            match folder {
                Some(folder) => send(&folder, &part, &headers).await.unwrap_or_else(|_| gone()),
                None => gone(),
            }
        }
    }
}

/// What may be read, and by which request that was decided.
struct Found {
    request: Request,
    document: String,
    file: What,
}

enum What {
    Text(String, &'static str),
    Part(Part),
}

async fn found(app: &App, caller: &Caller, id: &str, name: &str) -> Result<Found, Invalid> {
    let hub = app.log.hub().connection();
    let away = |_| Invalid::new(code::HUB_UNAVAILABLE, "the hub doesn't answer at the moment");
    let unknown = || Invalid::new(refusal::NOT_FOUND, "there is no such file for this caller");
    let owner = owner(app.gateway.person_keys(), caller);
    let now = moment(SystemClock.now());
    let job = Job::find(hub, id, &owner, &now).await.map_err(away)?.ok_or_else(unknown)?;
    let parts = job.parts(hub).await.map_err(away)?;
    let file = match name {
        _ if job.is_purged() => return Err(unknown()),
        MANIFEST => {
            let told = told(hub, &job, app.gateway.cursors()).await.map_err(away)?;
            What::Text(manifest(told), "application/json; charset=utf-8")
        }
        SUMS => What::Text(sums(&parts), "text/plain; charset=utf-8"),
        _ => What::Part(parts.into_iter().find(|part| part.name == name).ok_or_else(unknown)?),
    };
    let sealed = job.asked(hub).await.map_err(away)?;
    let asked = Sealed::open(id, &sealed, app.gateway.seal()).ok_or_else(unknown)?;
    let request = asked.request(None);
    let exportable = app.gateway.exportable(&request, asked.people.first().map(String::as_str)).await?;
    if exportable.plan != job.plan {
        let message = "what the caller may read has changed since the export began";
        return Err(Invalid::new(code::DECISIONS_CHANGED, message));
    }
    Ok(Found { request, document: job.document, file })
}

async fn refused_with_record(app: &App, caller: &Arc<Caller>, refused: Invalid) -> Response {
    let request = Request {
        query: String::new(),
        operation: None,
        variables: Default::default(),
        caller: caller.clone(),
        purpose: None,
        case: None,
        exchange: Vec::new(),
        trace: None,
        idempotency: None,
        may_change: false,
        event: None,
        names_record: false,
        export: None,
    };
    let name = refused.code().to_owned();
    let code = match name.as_str() {
        refusal::NOT_FOUND => StatusCode::NOT_FOUND,
        code::HUB_UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::FORBIDDEN,
    };
    let message = refused.errors.first().and_then(|error| error["message"].as_str()).unwrap_or_default();
    let response = status(code, &name, message);
    match app.gateway.refused(&request, refused.clone()).await {
        Reply::NoEvidence => no_evidence(),
        _ => response,
    }
}

/// A part whose file isn't where it should be.
fn gone() -> Response {
    tracing::error!("a part of an export isn't in the folder");
    status(StatusCode::INTERNAL_SERVER_ERROR, code::INTERNAL, "Internal server error")
}

/// Sends a part, or the range of it that is asked for (RFC 9110, 14).
async fn send(folder: &Path, part: &Part, headers: &HeaderMap) -> std::io::Result<Response> {
    let mut file = File::open(folder.join(&part.name)).await?;
    let length = u64::try_from(part.bytes).unwrap_or(0);
    let tag = format!("\"{}\"", part.sha256);
    let media = match part.name.ends_with(".csv") {
        true => "text/csv; charset=utf-8",
        false => "application/x-ndjson; charset=utf-8",
    };
    let head = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::ETAG, tag.clone()),
        (header::ACCEPT_RANGES, String::from("bytes")),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", part.name)),
    ];
    let range = match range(headers, length, &tag) {
        Asked::Whole => {
            let body = Body::from_stream(pieces(file, length));
            return Ok((head, [(header::CONTENT_LENGTH, length.to_string())], body).into_response());
        }
        Asked::Part(range) => range,
        Asked::Nothing => {
            let beyond = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, beyond).into_response());
        }
    };
    file.seek(SeekFrom::Start(*range.start())).await?;
    let count = range.end() - range.start() + 1;
    let own = [
        (header::CONTENT_RANGE, format!("bytes {}-{}/{length}", range.start(), range.end())),
        (header::CONTENT_LENGTH, count.to_string()),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, head, own, Body::from_stream(pieces(file, count))).into_response())
}

/// The next so many bytes of a file.
fn pieces(file: File, count: u64) -> impl futures::Stream<Item = std::io::Result<Bytes>> {
    stream::unfold((file, count), |(mut file, left)| async move {
        if left == 0 {
            return None;
        }
        let mut piece = vec![0; PIECE.min(usize::try_from(left).unwrap_or(PIECE))];
        match file.read(&mut piece).await {
            Ok(0) => Some((Err(std::io::ErrorKind::UnexpectedEof.into()), (file, 0))),
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece.into()), (file, left - read as u64)))
            }
            Err(error) => Some((Err(error), (file, 0))),
        }
    })
}

/// How much of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(RangeInclusive<u64>),
    Nothing,
}

/// The one range that a request asks for. Several, or one of another unit or another state, are the whole.
fn range(headers: &HeaderMap, length: u64, tag: &str) -> Asked {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_same = text(header::IF_RANGE).is_none_or(|other| other == tag);
    let Some(bytes) = text(header::RANGE).and_then(|range| range.strip_prefix("bytes=")) else {
        return Asked::Whole;
    };
    let Some((from, to)) = bytes.split_once('-').filter(|_| is_same && !bytes.contains(',')) else {
        return Asked::Whole;
    };
    let (from, to) = (from.trim(), to.trim());
    let range = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to => from..=to.min(length.saturating_sub(1)),
        (Ok(from), Err(_)) if to.is_empty() => from..=length.saturating_sub(1),
        (Err(_), Ok(last)) if from.is_empty() && last > 0 => {
            length.saturating_sub(last)..=length.saturating_sub(1)
        }
        (Err(_), Ok(0)) if from.is_empty() => return Asked::Nothing,
        _ => return Asked::Whole,
    };
    match *range.start() < length {
        true => Asked::Part(range),
        false => Asked::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_taken_as_the_standard_has_it() {
        let asked = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, value.parse().unwrap());
            range(&headers, 10, "\"a\"")
        };
        assert_eq!(asked("bytes=0-0"), Asked::Part(0..=0));
        assert_eq!(asked("bytes=4-"), Asked::Part(4..=9));
        assert_eq!(asked("bytes=4-99"), Asked::Part(4..=9));
        assert_eq!(asked("bytes=-3"), Asked::Part(7..=9));
        assert_eq!(asked("bytes=-99"), Asked::Part(0..=9));
        assert_eq!(asked("bytes=10-"), Asked::Nothing);
        assert_eq!(asked("bytes=-0"), Asked::Nothing);
        assert_eq!(asked("bytes=5-4"), Asked::Whole);
        assert_eq!(asked("bytes=0-1,3-4"), Asked::Whole);
        assert_eq!(asked("lines=0-1"), Asked::Whole);
    }

    #[test]
    fn a_range_of_another_state_is_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, "bytes=1-2".parse().unwrap());
        headers.insert(header::IF_RANGE, "\"b\"".parse().unwrap());
        assert_eq!(range(&headers, 10, "\"a\""), Asked::Whole);
        assert_eq!(range(&headers, 10, "\"b\""), Asked::Part(1..=2));
    }
}
