//! Media types of GraphQL over HTTP, and of the other forms of answers.

use axum::http::{HeaderMap, header};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Media {
    /// `application/graphql-response+json`: the status tells request errors.
    GraphQl,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Media::GraphQl => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
        }
    }
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// One answer.
    Answer(Media),
    /// `text/event-stream`: answers as they come.
    Events,
    /// `application/jsonl`: a line for each set of variables.
    Lines,
}

/// What the caller prefers among what we have: the greatest `q`, and of equal ones the first. Without a header, JSON;
/// `None` where we have nothing that is accepted.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<Form> {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return Some(Form::Answer(Media::Json));
    }
    let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut best: Option<(f32, Form)> = None;
    for range in ranges {
        let Some((form, quality)) = parse(range) else { continue };
        if quality > 0.0 && best.is_none_or(|(known, _)| quality > known) {
            best = Some((quality, form));
        }
    }
    best.map(|(_, form)| form)
}

fn parse(range: &str) -> Option<(Form, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let form = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/graphql-response+json" => Form::Answer(Media::GraphQl),
        "application/json" | "application/*" | "*/*" => Form::Answer(Media::Json),
        "text/event-stream" => Form::Events,
        "application/jsonl" => Form::Lines,
        _ => return None,
    };
    let mut quality = 1.0;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "q" => quality = value.trim().parse().ok()?,
            "charset" if value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8") => {}
            "charset" => return None,
            _ => {}
        }
    }
    Some((form, quality))
}

/// Whether a body is JSON in UTF-8. Anything else could be sent by any web page.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Ok(text) = value.to_str() else { return false };
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|media| media.eq_ignore_ascii_case("application/json"));
    is_json
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().unwrap());
        accepted(&headers)
    }

    #[test]
    fn the_caller_gets_what_it_accepts_or_nothing() {
        assert_eq!(accepted(&HeaderMap::new()), Some(Form::Answer(Media::Json)));
        assert_eq!(accept("*/*"), Some(Form::Answer(Media::Json)));
        assert_eq!(
            accept("application/graphql-response+json, application/json;q=0.9"),
            Some(Form::Answer(Media::GraphQl))
        );
        assert_eq!(
            accept("application/graphql-response+json;q=0.1, application/json"),
            Some(Form::Answer(Media::Json))
        );
        assert_eq!(accept("application/json; charset=utf-8"), Some(Form::Answer(Media::Json)));
        assert_eq!(accept("application/json; charset=latin1"), None);
        assert_eq!(accept("text/html"), None);
        assert_eq!(accept("application/json;q=0"), None);
    }

    #[test]
    fn lines_and_events_are_chosen_by_preference_and_not_by_presence() {
        let json = Some(Form::Answer(Media::Json));
        assert_eq!(accept("application/jsonl"), Some(Form::Lines));
        assert_eq!(accept("application/json, application/jsonl"), json);
        assert_eq!(accept("application/jsonl, application/json"), Some(Form::Lines));
        assert_eq!(accept("application/jsonl;q=0.5, application/json"), json);
        assert_eq!(accept("application/json;q=0.5, application/jsonl"), Some(Form::Lines));
        assert_eq!(accept("application/jsonl;q=0, application/json;q=0.1"), json);
        assert_eq!(accept("application/jsonl;q=0"), None);
        assert_eq!(accept("text/event-stream"), Some(Form::Events));
        assert_eq!(accept("text/event-stream;q=0.1, */*"), json);
        assert_eq!(accept("text/html, text/event-stream;q=0.1"), Some(Form::Events));
    }

    #[test]
    fn only_json_in_utf8_is_a_body() {
        for (value, expected) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=utf-16", false),
            ("application/jsonx", false),
            ("text/plain", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            assert_eq!(is_json(&headers), expected, "{value}");
        }
    }
}
