//! Documents that clients registered, where every replica finds them. Values may stand in a document's text, so that
//! Redis gets it sealed, under a name from which nobody without the secret finds the text by trying.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::own::Seal;
use crate::replicas::link::{Link, Use};
use crate::replicas::names::Names;
use crate::trusted::Store;

/// The most bytes of a text that is shared; longer ones are kept by the process that they came to.
const MAX_TEXT: usize = 256 * 1024;

/// What a seal adds to a text.
const SEALED: usize = 12 + 16;

/// The documents.
#[derive(Debug)]
pub(super) struct Documents {
    link: Arc<Link>,
    names: Names,
    seal: Seal,
}

impl Documents {
    pub(super) fn new(link: Arc<Link>, names: Names, secret: &[u8]) -> Self {
        Documents { link, names, seal: Seal::new(secret) }
    }

    async fn sealed(&self, name: &str) -> Option<Vec<u8>> {
        // One byte more than there may be, so that what is too long is seen to be.
        let mut command = redis::cmd("GETRANGE");
        command.arg(name).arg(0).arg(MAX_TEXT + SEALED);
        let told = self.link.ask(Use::Document, |mut redis, _| async move {
            command.query_async::<Vec<u8>>(&mut redis).await
        });
        told.await.ok().map(|told| told.value).filter(|sealed| sealed.len() <= MAX_TEXT + SEALED)
    }
}

impl Store for Documents {
    fn get<'a>(&'a self, sha256: &'a str) -> BoxFuture<'a, Option<String>> {
        async move {
            let name = self.names.of("document", sha256);
            let sealed = self.sealed(&name).await?;
            self.seal.open(&name, &sealed)
        }
        .boxed()
    }

    fn set<'a>(&'a self, sha256: &'a str, text: &'a str, seconds: u64) -> BoxFuture<'a, ()> {
        async move {
            if text.len() > MAX_TEXT || seconds == 0 {
                return;
            }
            let name = self.names.of("document", sha256);
            let sealed = self.seal.close(&name, text);
            let mut command = redis::cmd("SET");
            command.arg(name).arg(sealed).arg("EX").arg(seconds);
            // Whoever misses it sends it again.
            let _ = self
                .link
                .ask(Use::Document, |mut redis, _| async move { command.exec_async(&mut redis).await })
                .await;
        }
        .boxed()
    }
}
