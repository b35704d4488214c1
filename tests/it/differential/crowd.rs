//! Many who ask one document at the same moment share statements: each must be answered, and recorded,
//! as if nobody else had asked.

use futures::future::join_all;
use serde_json::{Map, Value as Json, json};

use crate::differential::compare::{Answered, Watched};
use crate::differential::operation::Message;
use crate::differential::run::Run;
use crate::differential::setup::Asker;

/// How many ask at once.
const CROWD: usize = 240;

/// A family, with a link, a list and a summary of several departments.
const DOCUMENT: &str = "query ($number: CitizenId!) {
  person(citizenId: $number) {
    citizenId
    household { id members { person { citizenId name siEnrolments { insuranceType } dwellingCount } } }
    unionFiles { fileNo }
  }
}";

impl Run {
    /// How the answers to a crowd differ from those to each alone.
    pub(crate) async fn crowd(&self) -> Vec<String> {
        let numbers = self.numbers();
        // Neighbours ask for the same people now and then, and callers of all kinds stand side by side.
        let questions: Vec<(&Asker, Message)> = (0..CROWD)
            .map(|at| (&self.askers[at % self.askers.len()], message(&numbers[at / 3 % numbers.len()])))
            .collect();
        let together = questions.iter().map(|(asker, message)| ask(&self.bench.postgres, asker, message));
        let together = join_all(together).await;
        let mut told = Vec::new();
        for ((asker, message), together) in questions.iter().zip(together) {
            let alone = ask(&self.bench.sqlite, asker, message).await;
            if alone != together {
                told.push(format!("in a crowd {together:?}, alone {alone:?}"));
            }
        }
        told
    }

    fn numbers(&self) -> Vec<String> {
        let (catalogue, rows) = (&self.bench.county.catalogue, &self.bench.county.rows);
        let person = catalogue.resource_named("Person").unwrap();
        let key = catalogue.resource(person).key;
        let numbers = (0..rows.count(person)).filter_map(|row| rows.value(person, row, key).text());
        numbers.step_by(7).take(CROWD / 3).map(|number| number.to_string()).collect()
    }
}

fn message(number: &str) -> Message {
    let given: Map<String, Json> = serde_json::from_value(json!({ "number": number })).unwrap();
    Message { document: DOCUMENT.to_owned(), name: None, given_or_default: given.clone(), given }
}

/// Bytes of a salt, behind which a person's digest stands in a record's openings.
const SALT: usize = 16;

/// The body without the record's name, and what the record says of rows and people. Salts are random,
/// so that people are compared by the digests behind them.
async fn ask(watched: &Watched, asker: &Asker, message: &Message) -> Result<(String, String), String> {
    let Answered { body, id } = watched.answer(&asker.asking, message).await?;
    let record = watched.ledger.take(&id).ok_or("there is no record of the answer")?;
    let people: Vec<&[u8]> =
        record.people.openings().chunks(2 * SALT).map(|opening| &opening[SALT..]).collect();
    Ok((body.replace(&id, "·"), format!("{:?} {people:?}", record.departments)))
}
