//! GraphQL over WebSocket: who gets in, what is answered, how a connection ends.

mod bounds;
mod closed;
mod ends;

use serde_json::{Value, json};

use crate::authentication::{claims, signed};
use crate::support::county::value;
use crate::support::socket::{PROTOCOL, Socket, code};
use crate::support::{Client, Server};

const FAMILY: &str = "query Family($id: CitizenId!) {
  person(citizenId: $id) { name unionFiles { fileNo } hasMajorIllness }
}";

const STATUS: &str = "subscription($of: [Department!]) {
  departmentStatusChanged(departments: $of) { department status }
}";

pub(crate) const PURPOSE: &str = "MLA_REVIEW";

/// Somebody with a union file.
fn worker() -> String {
    value("union", "SELECT citizen_id FROM union_file WHERE citizen_id IS NOT NULL ORDER BY file_no LIMIT 1")
}

pub(crate) fn officer(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", PURPOSE)
}

/// A token of an officer of this name.
pub(crate) fn token(subject: &str) -> String {
    let mut claims = claims();
    claims["sub"] = json!(subject);
    claims["department"] = json!("CIVIL_AFFAIRS");
    claims["role"] = json!("REVIEWER");
    signed(&claims)
}

/// A connection of an officer.
fn connected(server: &Server) -> Socket {
    Socket::of(server, &token("officer"), PURPOSE)
}

/// An answer without the names of its decision and its record, which are its own.
fn without_name(mut answer: Value) -> Value {
    let own = answer.get_mut("extensions").and_then(Value::as_object_mut);
    if let Some(own) = own
        && own.remove("record").is_some()
        && own.is_empty()
    {
        answer.as_object_mut().unwrap().remove("extensions");
    }
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["extensions"].as_object_mut().unwrap().remove("decisionId");
    }
    answer
}

#[test]
fn a_query_is_answered_and_recorded_as_by_post() {
    let server = Server::start();
    let variables = json!({ "id": worker() });
    let posted = officer(&server).send(FAMILY, variables.clone()).json();
    let by_post = server.records().pop().unwrap();
    let answer = connected(&server).answer("1", FAMILY, &variables);
    let by_socket = server.records().pop().unwrap();
    assert!(answer["data"]["person"]["unionFiles"][0]["fileNo"].is_string(), "{answer}");
    assert_eq!(code(&answer), "UNAUTHORIZED_FIELD_OR_TYPE", "{answer}");
    assert_ne!(by_post["id"], by_socket["id"]);
    assert_eq!(answer["extensions"]["record"], by_socket["id"], "{answer}");
    assert!(posted.get("extensions").is_none(), "the header says it: {posted}");
    for part in ["kind", "operation", "document", "purpose", "coordinates", "departments"] {
        assert_eq!(by_post[part], by_socket[part], "{part}: {by_post} {by_socket}");
    }
    assert_eq!(by_post["people"]["count"], by_socket["people"]["count"]);
    assert_eq!(without_name(answer), without_name(posted));
}

#[test]
fn what_is_wrong_with_an_operation_is_its_error_and_the_connection_goes_on() {
    let server = Server::start();
    let mut socket = connected(&server);
    for (payload, expected) in [
        (json!({ "query": "{ nothing }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": "{ a(" }), "GRAPHQL_PARSE_FAILED"),
        (json!({ "query": "subscription { __typename }" }), "GRAPHQL_VALIDATION_FAILED"),
        (json!({ "query": FAMILY, "variables": { "id": "1" } }), "BAD_USER_INPUT"),
        (json!({ "query": FAMILY, "variables": [{ "id": worker() }] }), "BATCHING_NOT_ENABLED"),
        (json!({ "query": 7 }), "BAD_USER_INPUT"),
        (json!({}), "BAD_USER_INPUT"),
        (json!({ "documentId": "unknown" }), "PERSISTED_QUERY_NOT_FOUND"),
        (json!({ "query": FAMILY, "extensions": { "headers": { "Yimen-Case": 7 } } }), "BAD_USER_INPUT"),
        (
            json!({ "query": FAMILY, "extensions": { "headers": { "Yimen-Case": "C".repeat(257) } } }),
            "BAD_USER_INPUT",
        ),
        (
            json!({ "query": FAMILY, "extensions": { "headers": { "Yimen-Case": "nobody's" } } }),
            "CASE_NOT_FOUND",
        ),
        (
            json!({ "query": FAMILY, "extensions": { "headers": { "Authorization": "Bearer x" } } }),
            "BAD_USER_INPUT",
        ),
        (json!({ "query": FAMILY, "extensions": { "headers": 7 } }), "BAD_USER_INPUT"),
    ] {
        // A request whose variables are missing would be wrong for another reason.
        let mut payload = payload;
        if payload.get("variables").is_none() {
            payload["variables"] = json!({ "id": worker() });
        }
        socket.say(&json!({ "id": "w", "type": "subscribe", "payload": payload }));
        let answer = socket.answered("w");
        assert_eq!(code(&answer), expected, "{payload}: {answer}");
        assert!(answer.get("data").is_none(), "{answer}");
    }
    assert!(socket.answer("w", "{ viewer { department } }", &json!({}))["data"].is_object());
}

#[test]
fn a_mutation_is_done_once_and_only_for_whoever_may() {
    let server = Server::start();
    let query = "mutation($input: OpenCase!) { openCase(input: $input) { caseNo } }";
    let input = json!({ "input": {
        "caseNo": "WS-1", "purpose": PURPOSE, "division": "410727000000", "applicant": worker(), "members": [],
        "items": [{ "department": "UNION", "section": "UNION_FILE" }],
    } });
    let send = |socket: &mut Socket| {
        let headers = json!({ "Yimen-Case": "WS-1", "Yimen-Idempotency-Key": "key-of-a-case" });
        socket.say(&json!({ "id": "m", "type": "subscribe", "payload": {
            "query": query, "variables": input, "extensions": { "headers": headers },
        } }));
        socket.answered("m")
    };
    let citizen = signed(&{
        let mut claims = claims();
        claims["role"] = json!("CITIZEN");
        claims["department"] = json!("CIVIL_AFFAIRS");
        claims["citizen_id"] = json!(worker());
        claims
    });
    let refused = send(&mut Socket::of(&server, &citizen, "OWN_RECORDS"));
    assert_eq!(refused["data"]["openCase"], Value::Null, "{refused}");
    assert_eq!(code(&refused), "UNAUTHORIZED_FIELD_OR_TYPE", "{refused}");
    let mut socket = connected(&server);
    let done = send(&mut socket);
    assert_eq!(done["data"], json!({ "openCase": { "caseNo": "WS-1" } }));
    let again = send(&mut socket);
    assert_eq!(without_name(again.clone()), without_name(done.clone()), "sent again it is done once");
    let records = server.records();
    let changes: Vec<&Value> = records.iter().filter(|record| record["kind"] == "MUTATION").collect();
    assert_eq!(changes.len(), 3, "{changes:?}");
    let named = [&refused, &done, &again].map(|answer| &answer["extensions"]["record"]);
    assert_eq!(named, [0, 1, 2].map(|at| &changes[at]["id"]));
}

#[test]
fn who_why_and_for_which_case_come_with_the_request_or_in_messages() {
    let server = Server::start();
    let bearer = format!("Bearer {}", token("officer"));
    let viewer = "{ viewer { department purpose } }";
    // A program sends them with the request that opens the connection.
    let headers = [("authorization", bearer.as_str()), ("yimen-purpose", PURPOSE)];
    let mut socket = Socket::try_open(&server, PROTOCOL, &headers).unwrap();
    socket.say(&json!({ "type": "connection_init" }));
    assert_eq!(socket.message()["type"], "connection_ack");
    let expected = json!({ "data": { "viewer": { "department": "CIVIL_AFFAIRS", "purpose": PURPOSE } } });
    assert_eq!(without_name(socket.answer("1", viewer, &json!({}))), expected);
    // Without a purpose nothing is answered; an operation may state it.
    let mut socket = Socket::open(&server);
    socket.init(&json!({ "authorization": bearer }));
    assert_eq!(socket.message()["type"], "connection_ack");
    assert_eq!(code(&socket.answer("1", viewer, &json!({}))), "PURPOSE_REQUIRED");
    let payload = json!({ "query": viewer, "extensions": { "headers": { "yimen-purpose": PURPOSE } } });
    socket.say(&json!({ "id": "2", "type": "subscribe", "payload": payload }));
    assert_eq!(without_name(socket.answered("2")), expected);
    assert_eq!(code(&socket.answer("3", viewer, &json!({}))), "PURPOSE_REQUIRED");
}

#[test]
fn in_a_case_an_operation_is_held_to_it() {
    let server = Server::start();
    let worker = worker();
    officer(&server).open_case("WS-2", &[&worker]);
    let stranger = value(
        "union",
        &format!("SELECT citizen_id FROM union_file WHERE citizen_id <> '{worker}' ORDER BY file_no LIMIT 1"),
    );
    let query = "query($id: CitizenId!) { person(citizenId: $id) { unionFiles { fileNo } } }";
    let mut socket = connected(&server);
    let mut ask = |id: &str| {
        let extensions = json!({ "headers": { "Yimen-Case": "WS-2" } });
        let payload = json!({ "query": query, "variables": { "id": id }, "extensions": extensions });
        socket.say(&json!({ "id": "c", "type": "subscribe", "payload": payload }));
        socket.answered("c")
    };
    assert!(ask(&worker)["data"]["person"]["unionFiles"][0]["fileNo"].is_string());
    let elsewhere = ask(&stranger);
    assert_eq!(elsewhere["data"]["person"], Value::Null, "{elsewhere}");
}
