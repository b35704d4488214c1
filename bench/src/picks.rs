//! What requests ask for: drawn from the county by a seed, and written into the mirror with the
//! values that each statement looks up, so that the floor draws from the same picks.

use anyhow::Context;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};
use tokio_postgres::Client;
use yimen::plan::{Plan, citizen_number};

use crate::query::{BEHIND_DIVISION, DIVISION, Query};
use crate::walk::{Lists, Walker, behind, origins};

/// How many families are asked for: enough that the databases' own memory can't hold them all.
const FAMILIES: usize = 50_000;

/// How many rolls are asked for, and how many people each names.
const ROLLS: usize = 64;
const ROLL: usize = 2_000;

/// Picks whose lists are found and written together.
const BATCH: usize = 500;

/// What the requests of a query ask for.
pub(crate) struct Picks {
    /// The values of the variable; one value but for a roll.
    pub(crate) values: Vec<Vec<String>>,
}

impl Picks {
    /// Draws the picks of a query.
    pub(crate) async fn draw(mirror: &Client, query: Query, seed: u64) -> anyhow::Result<Self> {
        let mut random = StdRng::seed_from_u64(seed);
        let values = match query {
            Query::Family => singles(shuffled(numbers(mirror).await?, &mut random), FAMILIES),
            Query::Town => singles(towns(mirror).await?, usize::MAX),
            Query::Roll => rolls(numbers(mirror).await?, &mut random),
        };
        anyhow::ensure!(!values.is_empty(), "the county has nobody to ask for");
        Ok(Picks { values })
    }

    /// The variable of each request as JSON.
    pub(crate) fn fills(&self, query: Query) -> Vec<String> {
        let json = |values: &Vec<String>| match query {
            Query::Family | Query::Town => format!("\"{}\"", values[0]),
            Query::Roll => serde_json::Value::from(values.clone()).to_string(),
        };
        self.values.iter().map(json).collect()
    }

    /// Writes the picks with their lists as a table of the mirror.
    pub(crate) async fn store(&self, mirror: &Client, query: Query, plan: &Plan) -> anyhow::Result<()> {
        let table = table(query);
        let columns: Vec<String> = (0..origins(plan).len()).map(|at| format!("k{at}")).collect();
        let typed: Vec<String> = columns.iter().map(|column| format!("{column} text[]")).collect();
        // Long lists stay as they are: unpacking them would be charged to the floor.
        let storage: Vec<String> =
            columns.iter().map(|column| format!("ALTER COLUMN {column} SET STORAGE EXTERNAL")).collect();
        mirror
            .batch_execute(&format!(
                "DROP TABLE IF EXISTS {table};
                 CREATE TABLE {table} (n int PRIMARY KEY, v text, v_behind text, {});
                 ALTER TABLE {table} {}",
                typed.join(", "),
                storage.join(", ")
            ))
            .await?;
        let walker = Walker::new(mirror, plan).await?;
        let batch = match query {
            Query::Family => BATCH,
            Query::Town | Query::Roll => 1,
        };
        for (at, values) in self.values.chunks(batch).enumerate() {
            let lists = walker.lists(values).await?;
            insert(mirror, query, at * batch, values, &lists).await?;
        }
        Ok(mirror.batch_execute(&format!("VACUUM (ANALYZE) {table}")).await?)
    }
}

/// The table of a query's picks.
pub(crate) fn table(query: Query) -> String {
    format!("bench_pick_{}", query.name())
}

async fn insert(
    mirror: &Client,
    query: Query,
    first: usize,
    values: &[Vec<String>],
    lists: &[Lists],
) -> anyhow::Result<()> {
    let width = lists.first().context("an empty batch")?.len();
    let casts: Vec<String> = (0..width).map(|at| format!("(k ->> {at})::text[]")).collect();
    let sql = format!(
        "INSERT INTO {} SELECT n, v, v_behind, {}
         FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) AS t(n, v, v_behind, j),
              LATERAL (SELECT j::jsonb) AS l(k)",
        table(query),
        casts.join(", ")
    );
    let numbers: Vec<i32> =
        (0..values.len()).map(|at| i32::try_from(first + at)).collect::<Result<_, _>>()?;
    // Only a town is bound by its own code; what else is asked for is in the lists.
    let towns: Vec<Option<&String>> =
        values.iter().map(|of| of.first().filter(|_| query == Query::Town)).collect();
    let ends: Vec<Option<String>> = towns.iter().map(|town| town.map(|town| behind(town))).collect();
    let arrays: Vec<String> = lists.iter().map(literals).collect();
    mirror.execute(&sql, &[&numbers, &towns, &ends, &arrays]).await?;
    Ok(())
}

/// Lists as a JSON array of PostgreSQL's array literals.
fn literals(lists: &Lists) -> String {
    let literal = |list: &Vec<String>| {
        let quoted = list.iter().map(|value| serde_json::Value::from(value.as_str()).to_string());
        format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
    };
    serde_json::Value::from(lists.iter().map(literal).collect::<Vec<_>>()).to_string()
}

fn singles(values: Vec<String>, most: usize) -> Vec<Vec<String>> {
    // No more than half of all, so that a small county's requests differ too.
    let most = if most == usize::MAX { most } else { most.min(values.len() / 2) };
    values.into_iter().take(most).map(|value| vec![value]).collect()
}

fn shuffled(mut values: Vec<String>, random: &mut StdRng) -> Vec<String> {
    values.shuffle(random);
    values
}

fn rolls(numbers: Vec<String>, random: &mut StdRng) -> Vec<Vec<String>> {
    let each = ROLL.min(numbers.len() / 2);
    let draw = |random: &mut StdRng| numbers.choose_multiple(random, each).cloned().collect();
    (0..ROLLS).map(|_| draw(random)).collect()
}

/// The citizen numbers of everybody whom the caller may see and can name: what an old file has
/// instead of a number is no argument.
async fn numbers(mirror: &Client) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT citizen_id FROM person
               WHERE citizen_id IS NOT NULL AND division_code >= $1 AND division_code < $2 ORDER BY citizen_id";
    let rows = mirror.query(sql, &[&DIVISION, &BEHIND_DIVISION]).await?;
    let numbers = rows.iter().map(|row| row.get::<_, String>(0));
    Ok(numbers.filter(|number| citizen_number(number).as_ref() == Ok(number)).collect())
}

/// The towns that have fifty households at least.
async fn towns(mirror: &Client) -> anyhow::Result<Vec<String>> {
    let sql = "SELECT left(division_code, 9) || '000' AS town FROM household
               WHERE division_code >= $1 AND division_code < $2 GROUP BY town HAVING count(*) >= 50 ORDER BY town";
    let rows = mirror.query(sql, &[&DIVISION, &BEHIND_DIVISION]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
