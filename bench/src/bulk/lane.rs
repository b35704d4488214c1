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

/// Sends all people as one batch and reads it to its end.
pub(crate) async fn lines(address: SocketAddr, token: &str, people: &[String]) -> anyhow::Result<usize> {
    let variables: Vec<Value> = people.iter().map(|person| json!({ "citizenId": person })).collect();
    let body = json!({ "query": DOCUMENT, "variables": variables }).to_string();
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head("/graphql", token, "application/jsonl", body.len(), "close").as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let (mut buffer, mut count) = (Vec::with_capacity(1 << 20), 0);
    while stream.read_buf(&mut buffer).await? > 0 {
        count += memmem::find_iter(&buffer, MARK).count();
        // A mark may have begun at the end.
        let keep = buffer.len().saturating_sub(MARK.len() - 1);
        buffer.drain(..keep);
    }
    anyhow::ensure!(count == people.len(), "{count} lines of {}", people.len());
    Ok(count)
}
