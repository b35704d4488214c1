//! A WebSocket client that says whatever a test wants to be said, right or wrong.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::{ClientRequestBuilder, client};
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket};

use crate::support::Server;

/// The protocol that the gateway speaks.
pub(crate) const PROTOCOL: &str = "graphql-transport-ws";

/// A connection.
pub(crate) struct Socket(WebSocket<TcpStream>);

/// What came.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Message(Value),
    Closed(u16),
    /// The connection ended without a word.
    Cut,
}

impl Socket {
    /// Opens a connection with these headers.
    ///
    /// # Errors
    /// The status of a refusal.
    pub(crate) fn try_open(server: &Server, protocol: &str, headers: &[(&str, &str)]) -> Result<Socket, u16> {
        let stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let uri = format!("ws://{}/graphql", server.address()).parse().unwrap();
        let mut request = ClientRequestBuilder::new(uri).with_sub_protocol(protocol);
        for (name, value) in headers {
            request = request.with_header(*name, *value);
        }
        match client(request, stream) {
            Ok((socket, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], PROTOCOL);
                assert_eq!(response.headers()["cache-control"], "no-store");
                Ok(Socket(socket))
            }
            Err(HandshakeError::Failure(Error::Http(response))) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// A connection whose caller isn't known yet.
    pub(crate) fn open(server: &Server) -> Socket {
        Socket::try_open(server, PROTOCOL, &[]).unwrap()
    }

    /// A connection of a caller, for a purpose.
    #[track_caller]
    pub(crate) fn of(server: &Server, token: &str, purpose: &str) -> Socket {
        let mut socket = Socket::open(server);
        socket.init(&json!({ "Authorization": format!("Bearer {token}"), "Yimen-Purpose": purpose }));
        assert_eq!(socket.message(), json!({ "type": "connection_ack" }));
        socket
    }

    pub(crate) fn init(&mut self, payload: &Value) {
        self.say(&json!({ "type": "connection_init", "payload": payload }));
    }

    pub(crate) fn say(&mut self, message: &Value) {
        self.text(message.to_string());
    }

    /// A text, whether or not it is a message. The other end may have closed meanwhile.
    pub(crate) fn text(&mut self, text: String) {
        let _ = self.0.send(Message::text(text));
    }

    pub(crate) fn binary(&mut self, bytes: Vec<u8>) {
        let _ = self.0.send(Message::binary(bytes));
    }

    /// Bytes that may be no frame.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let _ = std::io::Write::write_all(self.0.get_mut(), bytes);
    }

    pub(crate) fn subscribe(&mut self, id: &str, query: &str, variables: &Value) {
        self.say(&json!({
            "id": id,
            "type": "subscribe",
            "payload": { "query": query, "variables": variables },
        }));
    }

    /// What comes next; pings are answered and not told.
    pub(crate) fn hear(&mut self) -> Heard {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Heard::Message(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(frame)) => {
                    return frame.map_or(Heard::Cut, |frame| Heard::Closed(frame.code.into()));
                }
                Ok(_) => {}
                Err(Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("nothing came for half a minute")
                }
                Err(_) => return Heard::Cut,
            }
        }
    }

    #[track_caller]
    pub(crate) fn message(&mut self) -> Value {
        match self.hear() {
            Heard::Message(message) => message,
            other => panic!("{other:?}"),
        }
    }

    /// The one answer of an operation: the body that any other way would give.
    #[track_caller]
    pub(crate) fn answer(&mut self, id: &str, query: &str, variables: &Value) -> Value {
        self.subscribe(id, query, variables);
        self.answered(id)
    }

    /// The answer of an operation that was sent.
    #[track_caller]
    pub(crate) fn answered(&mut self, id: &str) -> Value {
        let message = self.message();
        assert_eq!(message["id"], id, "{message}");
        match message["type"].as_str() {
            Some("error") => json!({ "errors": message["payload"] }),
            Some("next") => {
                assert_eq!(self.message(), json!({ "id": id, "type": "complete" }));
                message["payload"].clone()
            }
            _ => panic!("{message}"),
        }
    }
}

/// The code of an answer's first error.
pub(crate) fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_default()
}
