//! Witnesses: whose signatures are taken, of which heads, and how often.

use tempfile::TempDir;
use yimen::clock::SystemClock;
use yimen::evidence::note::{Note, SigningKey, Suite, VerifyingKey};
use yimen::evidence::{Evidence, Hub, Ledger, Log, LogOptions, PersonKeys};

use crate::evidence::clock::{At, ledger, options, record};
use crate::evidence::url;
use crate::support::{Server, county, yimen};

/// Heads that stay for witnesses.
const RECENT: usize = 64;

struct Watched {
    _own: TempDir,
    log: Log,
    ledger: Ledger,
    keys: PersonKeys,
}

fn witness(name: &str) -> (SigningKey, VerifyingKey) {
    let key = SigningKey::generate(name).unwrap();
    let public = key.public().of(Suite::Cosignature);
    (key, public)
}

impl Watched {
    async fn by(witnesses: Vec<VerifyingKey>) -> Watched {
        let own = TempDir::new().unwrap();
        let hub = Hub::migrate(&url(&own.path().join("hub.db"))).await.unwrap();
        let log = Log::new(LogOptions { witnesses, ..options(&hub, SystemClock::shared()) });
        Watched { _own: own, log, ledger: ledger(&hub), keys: PersonKeys::new(&[1; 32], 0) }
    }

    /// The text of a new head.
    async fn grow(&self) -> String {
        self.ledger.append(record(At::now(), &self.keys)).await.unwrap();
        self.log.integrate_all().await.unwrap();
        let note = self.log.checkpoint().await.unwrap().unwrap();
        Note::parse(&note).unwrap().text.to_owned()
    }

    /// How many signatures the head of a text has.
    async fn signatures(&self, text: &str) -> usize {
        use sea_orm::{ConnectionTrait, Statement};
        let connection = self.log.hub().connection();
        let sql = "SELECT note FROM evidence_checkpoint WHERE note LIKE $1";
        let statement = Statement::from_sql_and_values(
            connection.get_database_backend(),
            sql,
            [format!("{text}%").into()],
        );
        let found = connection.query_one_raw(statement).await.unwrap();
        found.map_or(0, |row| {
            let note: String = row.try_get("", "note").unwrap();
            Note::parse(&note).unwrap().signatures.len()
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_signs_any_recent_head_once_and_whatever_else_comes_with_it_is_left() {
    let ((one, one_key), (two, two_key), (other, _)) = (witness("one"), witness("two"), witness("other"));
    let watched = Watched::by(vec![one_key, two_key]).await;
    let text = watched.grow().await;
    watched.grow().await;
    let lines = [
        other.cosign(&text, 1),
        String::from("not a line\n"),
        one.cosign(&text, 1_800_000_000),
        one.cosign(&text, 1_800_000_001),
        two.cosign("another head\n", 1),
    ];
    assert!(watched.log.cosign(&lines.concat()).await.unwrap());
    assert_eq!(watched.signatures(&text).await, 2, "the log's and one of the witness");
    assert!(watched.log.cosign(&one.cosign(&text, 1_800_000_002)).await.unwrap(), "it is signed already");
    assert_eq!(watched.signatures(&text).await, 2);
    assert!(watched.log.cosign(&two.cosign(&text, 1_800_000_002)).await.unwrap());
    assert_eq!(watched.signatures(&text).await, 3);
    for nobody in [other.cosign(&text, 1), two.cosign("another head\n", 1), String::new()] {
        assert!(!watched.log.cosign(&nobody).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_are_for_witnesses_as_long_as_they_are_recent_and_signed_ones_stay() {
    let (one, key) = witness("one");
    let watched = Watched::by(vec![key]).await;
    let mut texts = Vec::new();
    for _ in 0..RECENT + 2 {
        texts.push(watched.grow().await);
        // The second is signed as soon as it is there.
        if texts.len() == 2 {
            assert!(watched.log.cosign(&one.cosign(&texts[1], 1)).await.unwrap());
        }
    }
    assert!(!watched.log.cosign(&one.cosign(&texts[0], 1)).await.unwrap(), "it is too old");
    assert!(watched.log.cosign(&one.cosign(&texts[2], 1)).await.unwrap(), "the oldest that is recent");
    assert_eq!(watched.signatures(&texts[1]).await, 2, "it stays for whoever checks the witness");
    assert_eq!(watched.signatures(&texts[3]).await, 1);
}

#[test]
fn a_key_that_isnt_a_witnesss_is_refused_at_the_start() {
    let key = SigningKey::generate("witness.example").unwrap().public().to_string();
    let mut serve = yimen();
    serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(county());
    let output = serve.env("YIMEN__EVIDENCE__WITNESSES", format!("[\"{key}\"]")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && text.contains("isn't a witness's (type 0x04)"), "{text}");
    // The same key as a witness signs with is taken.
    let key = VerifyingKey::parse(&key).unwrap().of(Suite::Cosignature).to_string();
    Server::set(&[("YIMEN__EVIDENCE__WITNESSES", &format!("[\"{key}\"]"))]).stop();
}
