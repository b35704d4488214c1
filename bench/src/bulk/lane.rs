//! One batch: its lines are counted as they come.

use std::net::SocketAddr;

use memchr::memmem;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bulk::DOCUMENT;
use crate::query::PURPOSE;

/// What each line has once, and no value.
const MARK: &[u8] = b"\"variableIndex\":";

/// The head of a request.
pub(crate) fn head(path: &str, token: &str, accept: &str, length: usize, connection: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nYimen-Purpose: {PURPOSE}\r\n\
         Content-Type: application/json\r\nAccept: {accept}\r\nContent-Length: {length}\r\n\
         Connection: {connection}\r\n\r\n"
    )
}

/// A request for all people as one batch, written before the clock starts, as `COPY` has its people in a table before.
pub(crate) fn request(token: &str, people: &[String]) -> Vec<u8> {
    let variables: Vec<Value> = people.iter().map(|person| json!({ "citizenId": person })).collect();
    let body = json!({ "query": DOCUMENT, "variables": variables }).to_string();
    format!("{}{body}", head("/graphql", token, "application/jsonl", body.len(), "close")).into_bytes()
}

/// Sends a batch, and reads its lines to their end.
pub(crate) async fn lines(address: SocketAddr, request: &[u8], people: usize) -> anyhow::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let (mut buffer, mut count) = (Vec::with_capacity(1 << 20), 0);
    while stream.read_buf(&mut buffer).await? > 0 {
        count += memmem::find_iter(&buffer, MARK).count();
        // A mark may have begun at the end.
        let keep = buffer.len().saturating_sub(MARK.len() - 1);
        buffer.drain(..keep);
    }
    anyhow::ensure!(count == people, "{count} lines of {people}");
    Ok(count)
}
