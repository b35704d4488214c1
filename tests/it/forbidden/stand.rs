//! What the search stands on: a gateway over the county, and a hub whose grants it watches.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use tempfile::TempDir;
use tokio::sync::Mutex;
use yimen::auth::Caller;
use yimen::clock::{Clock, SystemClock};
use yimen::config::{Config, Department};
use yimen::evidence::Hub;
use yimen::gateway::{Gateway, Reply, Request, Setup};
use yimen::sharing::{InForce, Watch, WatchOptions};
use yimen::start;
use yimen_migration::ExchangeDatabase;
use yimen_schema::Catalogue;

use crate::differential::databases::sqlite;
use crate::differential::ledger::Ledger;
use crate::differential::operation::Operation;
use crate::differential::resolve::County;
use crate::differential::rows::Rows;
use crate::forbidden::decision::{Asker, Row};
use crate::forbidden::divisions;
use crate::forbidden::grants::TODAY;
use crate::forbidden::marks;

/// Noon of the one day.
#[derive(Debug)]
struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        format!("{TODAY}T12:00:00+08:00").parse().unwrap()
    }

    fn id(&self) -> String {
        SystemClock.id()
    }
}

/// The gateway, its county and its hub.
pub(crate) struct Stand {
    pub(crate) county: Arc<County>,
    pub(crate) in_force: Arc<InForce>,
    gateway: Gateway,
    ledger: Arc<Ledger>,
    watch: Mutex<Watch>,
    folder: TempDir,
}

/// An answer without what it is named.
pub(crate) enum Answer {
    Data(String),
    /// The errors of an operation that can't be run.
    Refused(String),
}

impl Stand {
    pub(crate) async fn new(seed: u64) -> Stand {
        let folder = TempDir::new().unwrap();
        let mut config = Config::read(None).unwrap();
        config.fetch.deadline_ms = 60_000;
        divisions::write(&folder.path().join("policy"));
        config.policy.folders.push(folder.path().join("policy"));
        let catalogue = start::catalogue(&config).unwrap();
        marks::write(folder.path(), &catalogue, seed).await;
        let url = |owner: &str| sqlite(folder.path(), ExchangeDatabase::of_department(owner).unwrap());
        for resource in &catalogue.resources {
            config.departments.insert(
                resource.owner.to_string(),
                Department { url: url(&resource.owner), ..Department::default() },
            );
        }
        let file = |owner: &str| url(owner).trim_start_matches("sqlite://").to_owned();
        let rows = Rows::load(&catalogue, &file);
        let policies = start::policies(&config, catalogue.clone()).unwrap();
        let ledger = Arc::new(Ledger::default());
        let in_force = Arc::new(InForce::new(policies.clone(), Duration::from_secs(3_600)));
        let gateway = Gateway::new(Setup {
            policies,
            sources: start::sources(&config, &catalogue).unwrap(),
            evidence: ledger.clone(),
            clock: Arc::new(Noon),
            limits: config.limits.clone(),
            row_limit: config.fetch.rows,
            bulk_requests: config.fetch.bulk_requests,
            secret: vec![7; 32],
        });
        let hub =
            Hub::migrate(&format!("sqlite://{}", folder.path().join("hub.db").display())).await.unwrap();
        let (second, most) = (Duration::from_secs(1), 1_000);
        let options = WatchOptions { pause: second, deadline: Duration::from_secs(60), most };
        let watch = Mutex::new(Watch::new(hub, in_force.clone(), Arc::new(Noon), options));
        let gateway = gateway.with_grants(in_force.clone());
        Stand { county: Arc::new(County { catalogue, rows }), in_force, gateway, ledger, watch, folder }
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        &self.county.catalogue
    }

    /// Brings grants into force as a server does: from the rows of its hub.
    pub(crate) async fn grant(&self, rows: &[Row]) {
        let mut hub = Connection::open(self.folder.path().join("hub.db")).unwrap();
        let transaction = hub.transaction().unwrap();
        transaction.execute_batch("DELETE FROM sharing_grant; DELETE FROM sharing_request").unwrap();
        for row in rows {
            insert(&transaction, row);
        }
        transaction.execute("UPDATE sharing_version SET version = version + 1", []).unwrap();
        transaction.commit().unwrap();
        assert!(self.watch.lock().await.look().await.unwrap(), "the grants changed");
    }

    /// The answer to an operation.
    pub(crate) async fn answer(&self, asker: &Asker, operation: &Operation) -> Answer {
        match self.gateway.answer(&request(asker, operation)).await {
            Reply::Data { body, id, .. } => {
                drop(self.ledger.take(&id).unwrap());
                Answer::Data(String::from_utf8(body).unwrap().replace(&id, "·"))
            }
            Reply::Invalid { invalid, id } => {
                Answer::Refused(serde_json::to_string(&invalid.errors).unwrap().replace(&id, "·"))
            }
            Reply::TooLate { .. } | Reply::NoEvidence => panic!("no answer"),
        }
    }
}

fn insert(hub: &Connection, row: &Row) {
    let grant = &row.grant;
    if row.state == "REFUSED" {
        let sql = "INSERT INTO sharing_request (id, bundle, version, state, owner, requester, role, purpose, division, \
                   items, effect, until, basis, scene, asked_by, asked_at) \
                   VALUES (?1, ?1, 2, 'REFUSED', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'a test', 'officer', ?11)";
        let values = params![
            grant.id,
            grant.owner,
            grant.department,
            grant.role,
            grant.purpose,
            grant.division,
            grant.items,
            grant.effect,
            grant.valid_until,
            grant.basis,
            grant.valid_from
        ];
        hub.execute(sql, values).unwrap();
        return;
    }
    let sql = "INSERT INTO sharing_grant (id, owner, department, role, purpose, division, items, effect, basis, \
               valid_from, valid_until, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let values = params![
        grant.id,
        grant.owner,
        grant.department,
        grant.role,
        grant.purpose,
        grant.division,
        grant.items,
        grant.effect,
        grant.basis,
        grant.valid_from,
        grant.valid_until,
        row.state
    ];
    hub.execute(sql, values).unwrap();
}

/// The caller of an asker.
pub(crate) fn caller(asker: &Asker) -> Arc<Caller> {
    Arc::new(Caller {
        issuer: String::new(),
        subject: String::from("officer"),
        department: asker.profile.department.clone(),
        role: asker.profile.role.clone(),
        division: asker.division.clone(),
        token_id: None,
        person: None,
    })
}

fn request(asker: &Asker, operation: &Operation) -> Request {
    let message = operation.message();
    let variables = serde_json::to_vec(&message.given).unwrap();
    Request {
        query: message.document,
        operation: message.name,
        variables: serde_json::from_slice(&variables).unwrap(),
        caller: caller(asker),
        purpose: Some(asker.profile.purpose.clone()),
        case: None,
        exchange: Vec::new(),
        trace: None,
        idempotency: None,
        may_change: false,
        event: None,
        names_record: false,
        export: None,
    }
}
