//! Who gets in: for every right token a wrong one beside it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{Answer, Client, Server, county, yimen};

const QUERY: &str = "{ viewer { department role division purpose } }";

/// Claims that the gateway takes; tests change one of them.
pub(crate) fn claims() -> Value {
    let now = now();
    json!({
        "iss": "https://issuer.demo.yimen.invalid", "aud": "yimen", "sub": "officer", "iat": now, "exp": now + 600,
        "department": "UNION", "role": "HELP_CENTRE", "division": "410727000000",
    })
}

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

fn header() -> Header {
    let jwks: Value =
        serde_json::from_slice(&std::fs::read(county().join("issuer/jwks.json")).unwrap()).unwrap();
    let mut header = Header::new(Algorithm::ES256);
    header.kid = jwks["keys"][0]["kid"].as_str().map(str::to_owned);
    header
}

pub(crate) fn signed(claims: &Value) -> String {
    let key = std::fs::read(county().join("issuer/key.pkcs8")).unwrap();
    encode(&header(), claims, &EncodingKey::from_ec_der(&key)).unwrap()
}

fn with(claim: &str, value: Value) -> String {
    let mut claims = claims();
    claims[claim] = value;
    signed(&claims)
}

fn ask(server: &Server, token: Option<&str>) -> Answer {
    Client::new(&server.url(), token, Some("UNION_FILE_CHECK")).send(QUERY, json!({}))
}

#[test]
fn a_right_token_is_taken_and_says_who_asks() {
    let server = Server::start();
    let answer = ask(&server, Some(&signed(&claims())));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let viewer = json!({ "department": "UNION", "role": "HELP_CENTRE", "division": "410727000000", "purpose": "UNION_FILE_CHECK" });
    assert_eq!(answer.json()["data"]["viewer"], viewer);
    let several = with("aud", json!(["another", "yimen"]));
    assert_eq!(ask(&server, Some(&several)).status, 200);
}

#[test]
fn a_token_of_the_command_line_is_taken_for_what_it_says_and_as_long_as_it_says() {
    let server = Server::set(&[("YIMEN__AUTH__LEEWAY_S", "0")]);
    let token = |more: &[&str]| {
        let mut command = yimen();
        command.args([
            "token",
            "--department",
            "UNION",
            "--role",
            "HELP_CENTRE",
            "--division",
            "410727000000",
        ]);
        let output = command.arg("--data").arg(county()).args(more).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    };
    let answer = ask(&server, Some(&token(&[])));
    assert_eq!(answer.json()["data"]["viewer"]["role"], "HELP_CENTRE", "{}", answer.text);
    let short = token(&["--ttl", "1"]);
    let is_over = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        ask(&server, Some(&short)).status == 401
    });
    assert!(is_over, "the token is good for longer than it says");
    assert_eq!(ask(&server, Some(&token(&[]))).status, 200);
}

#[test]
fn without_a_token_there_is_nothing_to_see() {
    let server = Server::start();
    for path in ["/graphql", "/schema.graphql"] {
        let client = Client::new(&server.url(), None, None);
        let answer = Answer::of(client.request(reqwest::Method::GET, path));
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"), "{path}");
        assert!(!answer.text.contains("type "), "{}", answer.text);
    }
    let answer = ask(&server, None);
    assert_eq!((answer.status, answer.codes()), (401, vec![String::from("UNAUTHENTICATED")]));
}

#[test]
fn each_wrong_claim_is_refused() {
    let server = Server::start();
    let now = now();
    for (claim, value) in [
        ("iss", json!("https://elsewhere.invalid")),
        ("iss", json!(["https://issuer.demo.yimen.invalid"])),
        ("aud", json!("another")),
        ("aud", json!({})),
        ("sub", json!(" ")),
        ("sub", json!(7)),
        ("sub", json!("of\u{0}ficer")),
        ("sub", json!("officer\n")),
        ("sub", json!("o".repeat(257))),
        ("sub", json!("cn-11010519491231002x")),
        ("exp", json!(now - 3600)),
        ("exp", json!("soon")),
        ("iat", json!(now + 3600)),
        ("nbf", json!(now + 3600)),
        ("department", json!("NOBODY")),
        ("role", json!("KING")),
        ("division", json!("410727")),
        ("division", json!("000000000000")),
    ] {
        let answer = ask(&server, Some(&with(claim, value.clone())));
        assert_eq!(answer.status, 401, "{claim} {value}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"), "{claim}");
    }
    for claim in ["iss", "aud", "sub", "iat", "exp", "department", "role", "division"] {
        let mut claims = claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(ask(&server, Some(&signed(&claims))).status, 401, "without {claim}");
    }
}

#[test]
fn forged_tokens_are_refused() {
    let server = Server::start();
    let good = signed(&claims());
    let (head, signature) = good.rsplit_once('.').unwrap();
    let claims_part = head.split_once('.').unwrap().1;
    let segment = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let kid = header().kid.unwrap();
    let none = format!("{}.{claims_part}.", segment(json!({ "alg": "none", "typ": "JWT", "kid": kid })));
    let jwks = std::fs::read(county().join("issuer/jwks.json")).unwrap();
    let mut hmac_header = Header::new(Algorithm::HS256);
    hmac_header.kid = Some(kid.clone());
    let hmac = encode(&hmac_header, &claims(), &EncodingKey::from_secret(&jwks)).unwrap();
    let other_key = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &aws_lc_rs::rand::SystemRandom::new(),
    );
    let other = encode(&header(), &claims(), &EncodingKey::from_ec_der(other_key.unwrap().as_ref())).unwrap();
    let changed =
        format!("{}.{}.{signature}", head.split_once('.').unwrap().0, segment(with_role("STEWARD")));
    let critical = critical_header(&kid);
    for (what, token) in [
        ("none", none),
        ("hmac", hmac),
        ("another key", other),
        ("changed claims", changed),
        ("crit", critical),
        ("no token", String::from("x.y.z")),
    ] {
        assert_eq!(ask(&server, Some(&token)).status, 401, "{what}");
    }
    assert_eq!(ask(&server, Some(&good)).status, 200);
}

fn with_role(role: &str) -> Value {
    let mut claims = claims();
    claims["role"] = json!(role);
    claims
}

/// A token that is signed well but asks for an extension that nobody here knows.
fn critical_header(kid: &str) -> String {
    let mut header = header();
    header.kid = Some(kid.to_owned());
    header.crit = Some(vec![String::from("exp")]);
    let key = std::fs::read(county().join("issuer/key.pkcs8")).unwrap();
    encode(&header, &claims(), &EncodingKey::from_ec_der(&key)).unwrap()
}

#[test]
fn a_key_that_joins_the_set_is_found_and_a_key_that_left_is_not() {
    let own = tempfile::tempdir().unwrap();
    let path = own.path().join("jwks.json");
    std::fs::copy(county().join("issuer/jwks.json"), &path).unwrap();
    let server = Server::set(&[("YIMEN__AUTH__JWKS", path.to_str().unwrap())]);
    let key = aws_lc_rs::signature::EcdsaKeyPair::generate_pkcs8(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        &aws_lc_rs::rand::SystemRandom::new(),
    );
    let key = EncodingKey::from_ec_der(key.unwrap().as_ref());
    let mut jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
    jwk.common.key_id = Some(String::from("new"));
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(String::from("new"));
    let token = encode(&header, &claims(), &key).unwrap();
    assert_eq!(ask(&server, Some(&token)).status, 401);
    std::fs::write(&path, json!({ "keys": [jwk] }).to_string()).unwrap();
    // An unknown key makes the set be read again, but not more often than every two seconds.
    let taken = (0..30).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(200));
        ask(&server, Some(&token)).status == 200
    });
    assert!(taken, "the new key wasn't found");
    assert_eq!(ask(&server, Some(&signed(&claims()))).status, 401, "a key that left is still taken");
}

/// An issuer's address that answers every request with the key set of a file.
fn issuer_at(path: std::path::PathBuf) -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4_096]);
            let body = std::fs::read(&path).unwrap();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        }
    });
    url
}

#[test]
fn keys_are_read_from_an_address_as_from_a_file() {
    let url = issuer_at(county().join("issuer/jwks.json"));
    let server = Server::set(&[("YIMEN__AUTH__JWKS", &url)]);
    assert_eq!(ask(&server, Some(&signed(&claims()))).status, 200);
    assert_eq!(ask(&server, Some(&with("aud", json!("another")))).status, 401);
}
