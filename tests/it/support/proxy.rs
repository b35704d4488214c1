//! A proxy before a database that can be frozen: connections stay open and are taken, and nothing passes.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::postgres::Database;

/// The proxy, which lives as long as the test.
pub(crate) struct Proxy {
    is_frozen: Arc<AtomicBool>,
}

/// How often it is looked whether it is frozen.
const LOOK: Duration = Duration::from_millis(10);

impl Proxy {
    /// A proxy before a database, and the database's address through it.
    pub(crate) fn before(database: &Database) -> (Proxy, String) {
        let url = database.url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let (user, upstream) = server.rsplit_once('@').unwrap_or(("postgres", server));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_frozen = Arc::new(AtomicBool::new(false));
        let (upstream, frozen) = (upstream.to_owned(), is_frozen.clone());
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&upstream) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to, frozen) =
                        (from.try_clone().unwrap(), to.try_clone().unwrap(), frozen.clone());
                    std::thread::spawn(move || pass(from, to, &frozen));
                }
            }
        });
        (Proxy { is_frozen }, format!("{scheme}://{user}@{address}/{name}"))
    }

    pub(crate) fn freeze(&self, is_frozen: bool) {
        self.is_frozen.store(is_frozen, Ordering::Relaxed);
    }
}

/// Passes bytes on until one end closes.
fn pass(mut from: TcpStream, mut to: TcpStream, is_frozen: &AtomicBool) {
    from.set_read_timeout(Some(LOOK)).unwrap();
    let mut bytes = [0; 16 * 1024];
    loop {
        while is_frozen.load(Ordering::Relaxed) {
            std::thread::sleep(LOOK);
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
