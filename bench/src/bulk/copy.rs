//! The same statements for the same people, read by `COPY (…) TO STDOUT`, each department on a connection of
//! its own and all at once.

use std::collections::BTreeMap;

use anyhow::Context;
use futures::future::try_join_all;
use futures::{SinkExt, StreamExt};
use tokio_postgres::Client;
use yimen::plan::{Bind, Input, Plan};

use crate::county;
use crate::database::connect;
use crate::place::Place;
use crate::query::{BEHIND_DIVISION, DIVISION};
use crate::script::substitute;

/// Statements by the database that they are read from.
pub(crate) struct Copies {
    each: Vec<(Client, Vec<String>)>,
}

impl Copies {
    /// Puts the people into each department's database, for this connection alone.
    pub(crate) async fn prepare(place: &Place, plan: &Plan, people: &[String]) -> anyhow::Result<Self> {
        let mut statements: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for fetch in &plan.fetches {
            let places: Vec<String> = fetch.binds.iter().map(place_of).collect::<anyhow::Result<_>>()?;
            let sql = format!("COPY ({}) TO STDOUT", substitute(&fetch.sql, &places)?);
            statements.entry(database_of(&fetch.department)?).or_default().push(sql);
        }
        let mut each = Vec::new();
        for (database, statements) in statements {
            let client = connect(place, &database).await?;
            // The settings of the gateway's own session for many values.
            let session = "SET jit = off; SET max_parallel_workers_per_gather = 0; \
                           CREATE TEMPORARY TABLE asked (number text)";
            client.batch_execute(session).await?;
            let sink = client.copy_in("COPY asked FROM STDIN").await?;
            futures::pin_mut!(sink);
            sink.send(bytes::Bytes::from(people.join("\n"))).await?;
            sink.close().await?;
            client.batch_execute("ANALYZE asked").await?;
            each.push((client, statements));
        }
        Ok(Copies { each })
    }

    /// Reads all of them, and gives the number of rows.
    pub(crate) async fn read(&self) -> anyhow::Result<usize> {
        let counts = self.each.iter().map(|(client, statements)| async move {
            let mut rows = 0;
            for sql in statements {
                let stream = client.copy_out(sql.as_str()).await?;
                futures::pin_mut!(stream);
                while let Some(bytes) = stream.next().await {
                    rows += memchr::memchr_iter(b'\n', &bytes?).count();
                }
            }
            anyhow::Ok(rows)
        });
        Ok(try_join_all(counts).await?.into_iter().sum())
    }
}

fn database_of(department: &str) -> anyhow::Result<String> {
    let mut databases = county::databases().into_iter();
    let found = databases.find(|database| database.departments().contains(&department));
    found.map(county::name_of).with_context(|| format!("no database of {department}"))
}

fn place_of(bind: &Bind) -> anyhow::Result<String> {
    let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
    Ok(match bind {
        Bind::Keys => String::from("(ARRAY(SELECT number FROM asked))"),
        Bind::DivisionLow(_) => text(DIVISION),
        Bind::DivisionHigh(_) => text(BEHIND_DIVISION),
        Bind::Rows(rows) => rows.to_string(),
        Bind::Literal(Input::Text(value)) => text(value),
        Bind::Literal(Input::List(_))
        | Bind::Values(_)
        | Bind::Variable(_)
        | Bind::WithinLow(..)
        | Bind::WithinHigh(..)
        | Bind::Cursor(_)
        | Bind::Members(_)
        | Bind::CaseOpened
        | Bind::Today
        | Bind::Moved => anyhow::bail!("the measured document has no such parameter: {bind:?}"),
    })
}
