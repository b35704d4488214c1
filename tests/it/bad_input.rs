//! Each bad request gets a clear error with a stable code, and the process lives on.

use serde_json::{Value, json};

use crate::support::{Answer, Client, Server, yimen};

fn client(server: &Server) -> Client {
    server.client("CIVIL_AFFAIRS", "REVIEWER", "MLA_REVIEW")
}

/// The code of a document that must not be run.
#[track_caller]
fn refused(client: &Client, query: &str, variables: Value) -> String {
    let answer = client.send(query, variables);
    assert!(answer.json().get("data").is_none(), "{}", answer.text);
    assert_leaks_nothing(&answer);
    answer.codes().first().cloned().unwrap_or_default()
}

/// No SQL, no path, no policy text.
#[track_caller]
fn assert_leaks_nothing(answer: &Answer) {
    for word in ["SELECT", "sqlite", "postgres", ".cedar", "permit (", "/tmp", "src/", "panicked"] {
        assert!(!answer.text.contains(word), "{word}: {}", answer.text);
    }
}

#[test]
fn documents_that_are_wrong_are_told_so() {
    let server = Server::start();
    let client = client(&server);
    for (query, code) in [
        ("{ person(", "GRAPHQL_PARSE_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        ("{ nobody }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ person(citizenId: 5) { name } }", "BAD_USER_INPUT"),
        ("{ person(citizenId: [\"11010519491231002X\"]) { name } }", "BAD_USER_INPUT"),
        ("{ households(first: \"1\") { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ person { name } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ person(citizenId: \"x\") }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ person(citizenId: \"x\") { salary } }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...F } fragment F on Query { ...F }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { openCase }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer { role } } { viewer { role } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { viewer { role } } query B { viewer { role } }", "GRAPHQL_UNKNOWN_OPERATION_NAME"),
        ("query($id: CitizenId!) { person(citizenId: $id) { name } }", "BAD_USER_INPUT"),
    ] {
        assert_eq!(refused(&client, query, json!({})), code, "{query}");
    }
}

#[test]
fn values_that_do_not_fit_are_told_so_and_never_repeated() {
    let server = Server::start();
    let client = client(&server);
    let by_variable = "query($id: CitizenId!) { person(citizenId: $id) { name } }";
    for number in ["110105194912310021", "1101051949123100", "11010519490230002X", "", "1' OR '1'='1"] {
        for (query, variables) in [
            (by_variable.to_owned(), json!({ "id": number })),
            (format!("{{ person(citizenId: {}) {{ name }} }}", json!(number)), json!({})),
        ] {
            let answer = client.send(&query, variables);
            assert_eq!(answer.codes(), ["BAD_USER_INPUT"], "{number}");
            assert!(number.is_empty() || !answer.text.contains(number), "{}", answer.text);
        }
    }
    assert_eq!(refused(&client, by_variable, json!({ "id": ["11010519491231002X"] })), "BAD_USER_INPUT");
    let page = "query($f: HouseholdFilter) { households(filter: $f) { nodes { id } } }";
    for filter in [
        json!({ "divisionCode": { "eq": "410727" } }),
        json!({ "divisionCode": { "eq": null } }),
        json!({ "kind": { "eq": "PALACE" } }),
        json!({ "kind": null }),
        json!({ "headCitizenId": { "eq": "x" } }),
        json!({ "divisionCode": { "eq": ["410727100000"] } }),
        json!({ "divisionCode": { "in": [["410727100000"]] } }),
        json!({ "divisionCode": { "in": [null] } }),
    ] {
        assert_eq!(refused(&client, page, json!({ "f": filter })), "BAD_USER_INPUT", "{filter}");
    }
}

#[test]
fn lists_are_bounded_just_at_their_limits() {
    let server = Server::start();
    let client = client(&server);
    let query = "query($ids: [CitizenId!]!) { persons(citizenIds: $ids) { citizenId } }";
    let numbers = |count: usize| json!({ "ids": vec!["11010519491231002X"; count] });
    assert_eq!(client.send(query, numbers(5_000)).codes(), Vec::<String>::new());
    assert_eq!(refused(&client, query, numbers(5_001)), "BAD_USER_INPUT");
    let page =
        "query($in: [DivisionCode!]) { households(filter: { divisionCode: { in: $in } }) { nodes { id } } }";
    let divisions = |count: usize| json!({ "in": vec!["410727100000"; count] });
    assert_eq!(client.send(page, divisions(1_000)).codes(), Vec::<String>::new());
    assert_eq!(refused(&client, page, divisions(1_001)), "BAD_USER_INPUT");
}

#[test]
fn deep_and_wide_documents_are_refused_before_they_are_parsed() {
    let server = Server::start();
    let client = client(&server);
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{ a(b: {}{}) }}", open.repeat(depth), close.repeat(depth))
    };
    for (query, code) in [
        (nested("[", "]", 1_600), "MAX_DEPTH_LIMIT"),
        (nested("{a:", "}", 1_250), "MAX_DEPTH_LIMIT"),
        (format!("{}{}", "{a".repeat(5_000), "}".repeat(5_000)), "MAX_DEPTH_LIMIT"),
        (format!("query($a: {}Int{}) {{ a }}", "[".repeat(3_000), "]".repeat(3_000)), "MAX_DEPTH_LIMIT"),
        (format!("{{ {} }}", "viewer ".repeat(2_100)), "MAX_TOKENS_LIMIT"),
        (
            format!("{{ viewer {{ {} }} }}", (0..31).map(|i| format!("a{i}: role ")).collect::<String>()),
            "MAX_ALIASES_LIMIT",
        ),
        (
            format!("{{ {} }}", (0..21).map(|i| format!("a{i}: __typename ")).collect::<String>()),
            "MAX_ROOT_FIELDS_LIMIT",
        ),
    ] {
        assert_eq!(refused(&client, &query, json!({})), code, "{}", &query[..60.min(query.len())]);
    }
    let aliases =
        format!("{{ viewer {{ {} }} }}", (0..30).map(|i| format!("a{i}: role ")).collect::<String>());
    assert_eq!(client.send(&aliases, json!({})).codes(), Vec::<String>::new());
}

#[test]
fn tokens_are_bounded_just_at_the_limit_and_spaces_are_none() {
    let server = Server::start();
    let client = client(&server);
    let document = |fields: usize| format!("{{ viewer\n,\t{{ {} }} }}", "role ,  ".repeat(fields));
    assert_eq!(client.send(&document(1_995), json!({})).codes(), Vec::<String>::new());
    assert_eq!(refused(&client, &document(1_996), json!({})), "MAX_TOKENS_LIMIT");
}

#[test]
fn levels_are_bounded_just_at_the_limit() {
    let server = Server::start();
    let client = client(&server);
    // person, then household and members in turn, then a leaf.
    let document = |levels: usize| {
        let links = ["household", "head"];
        let inner: String = (0..levels - 2).map(|level| format!("{} {{ ", links[level % 2])).collect();
        format!(
            "{{ person(citizenId: \"11010519491231002X\") {{ {inner} __typename {} }} }}",
            "} ".repeat(levels - 2)
        )
    };
    assert_eq!(client.send(&document(12), json!({})).codes(), Vec::<String>::new());
    assert_eq!(refused(&client, &document(13), json!({})), "MAX_DEPTH_LIMIT");
}

#[test]
fn an_operation_that_would_read_too_much_is_refused() {
    let server = Server::start();
    let client = client(&server);
    let links = "household { members(first: 50) { person { household { members(first: 50) { person { memberships { id } } } } } } }";
    let query = format!("query($ids: [CitizenId!]!) {{ persons(citizenIds: $ids) {{ {links} }} }}");
    let numbers = |count: usize| json!({ "ids": vec!["11010519491231002X"; count] });
    assert_eq!(client.send(&query, numbers(10)).codes(), Vec::<String>::new());
    assert_eq!(refused(&client, &query, numbers(5_000)), "COST_ESTIMATED_TOO_EXPENSIVE");
}

#[test]
fn bodies_that_are_no_request_are_refused_by_status() {
    let server = Server::start();
    let client = client(&server);
    let post = |content_type: &str, body: String| {
        Answer::of(client.post().header("Content-Type", content_type).body(body))
    };
    let good = json!({ "query": "{ viewer { role } }" }).to_string();
    assert_eq!(post("application/json", good.clone()).status, 200);
    assert_eq!(post("application/json; charset=utf-8", good.clone()).status, 200);
    for content_type in
        ["text/plain", "application/jsonx", "application/x-www-form-urlencoded", "multipart/form-data"]
    {
        assert_eq!(post(content_type, good.clone()).status, 415, "{content_type}");
    }
    for (body, code) in [
        ("{", "BAD_USER_INPUT"),
        ("[]", "BAD_USER_INPUT"),
        ("7", "BAD_USER_INPUT"),
        ("{}", "BAD_USER_INPUT"),
        ("{\"query\": 5}", "BAD_USER_INPUT"),
        ("{\"query\": \"{ viewer { role } }\", \"variables\": 7}", "BAD_USER_INPUT"),
        ("{\"query\": \"{ viewer { role } }\", \"variables\": []}", "BATCHING_NOT_ENABLED"),
    ] {
        let answer = post("application/json", body.to_owned());
        assert_eq!((answer.status, answer.codes()), (400, vec![String::from(code)]), "{body}");
    }
    let padded = |length: usize| format!("{}{}", good, " ".repeat(length - good.len()));
    assert_eq!(post("application/json", padded(262_144)).status, 200);
    assert_eq!(post("application/json", padded(262_145)).status, 413);
    for method in [reqwest::Method::PUT, reqwest::Method::DELETE, reqwest::Method::PATCH] {
        assert_eq!(Answer::of(client.request(method.clone(), "/graphql")).status, 405, "{method}");
    }
}

#[test]
fn request_errors_have_the_status_that_their_media_type_asks_for() {
    let server = Server::start();
    let client = client(&server);
    let ask = |accept: &str| {
        let answer =
            Answer::of(client.post().header("Accept", accept).json(&json!({ "query": "{ nobody }" })));
        (answer.status, answer.headers["content-type"].to_str().unwrap().to_owned())
    };
    assert_eq!(
        ask("application/graphql-response+json"),
        (400, String::from("application/graphql-response+json; charset=utf-8"))
    );
    assert_eq!(ask("application/json"), (200, String::from("application/json; charset=utf-8")));
    assert_eq!(ask("text/html").0, 406);
}

#[test]
fn a_get_runs_a_query_with_its_parameters() {
    let server = Server::start();
    let client = client(&server);
    let get =
        |query: &[(&str, &str)]| Answer::of(client.request(reqwest::Method::GET, "/graphql").query(query));
    let answer = get(&[
        ("query", "query($t: String) { viewer { role access(type: $t) { coordinate } } }"),
        ("variables", "{\"t\":\"MlaStandard\"}"),
    ]);
    assert_eq!(answer.json()["data"]["viewer"]["role"], "REVIEWER", "{}", answer.text);
    assert_eq!(get(&[]).status, 400);
    assert_eq!(get(&[("query", "{ viewer { role } }"), ("variables", "[")]).status, 400);
}

#[test]
fn two_hosts_or_none_are_refused() {
    use std::io::{Read, Write};
    let server = Server::start();
    let status = |head: &str| {
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        stream
            .write_all(format!("GET /health/live HTTP/1.1\r\n{head}Connection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text[9..12].to_owned()
    };
    assert_eq!(status("Host: a\r\n"), "200");
    assert_eq!(status(""), "400");
    assert_eq!(status("Host: a\r\nHost: b\r\n"), "400");
}

#[test]
fn commands_say_what_is_wrong_with_their_arguments() {
    let failed = |arguments: &[&str]| {
        let output = yimen().args(arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let data = crate::support::county().to_str().unwrap();
    let token = |department: &str, role: &str, division: &str| {
        failed(&["token", "--data", data, "--department", department, "--role", role, "--division", division])
    };
    assert!(token("UNION", "KING", "410727000000").contains("HELP_CENTRE"));
    assert!(token("UNION", "HELP_CENTRE", "410727").contains("12 digits"));
    assert!(failed(&["serve", "--config", "/nonexistent.toml"]).contains("no configuration file"));
    assert!(failed(&["demo", "--only-data", "--persons", "101", "--data", data]).contains("another county"));
    assert!(failed(&["demo", "--persons", "99"]).contains("100"));
}

#[test]
fn a_case_or_a_purpose_that_cannot_be_read_is_refused_and_not_left_out() {
    let server = Server::start();
    let client = server.client("UNION", "HELP_CENTRE", "UNION_FILE_CHECK");
    let body = json!({ "query": "{ viewer { department } }" });
    let with = |name: &str, value: &[u8]| {
        let value = reqwest::header::HeaderValue::from_bytes(value).unwrap();
        Answer::of(
            client
                .post()
                .header("accept", "application/graphql-response+json")
                .header(name, value)
                .json(&body),
        )
    };
    let (fits, too_long) = ("C".repeat(256), "C".repeat(257));
    for name in ["X-Road-Id", "X-Road-Issue"] {
        assert_eq!(with(name, fits.as_bytes()).status, 200);
    }
    for name in ["Yimen-Case", "X-Road-Id"] {
        for value in [too_long.as_bytes(), "案号".as_bytes(), b"C\xff"] {
            let answer = with(name, value);
            assert_eq!(
                (answer.status, answer.codes()),
                (400, vec![String::from("BAD_USER_INPUT")]),
                "{name}"
            );
        }
    }
    // A second one isn't for choosing.
    let twice = with("Yimen-Purpose", b"SUPERVISION");
    assert_eq!((twice.status, twice.codes()), (400, vec![String::from("BAD_USER_INPUT")]));
}
