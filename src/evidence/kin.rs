//! Officers who read themselves or somebody of their own family.
//!
//! A token says nothing of an officer's family, and the hub keeps no list of it: whoever asks brings the
//! list that officers have declared, and it is forgotten with the answer.

use std::collections::{BTreeMap, HashMap};

use crate::evidence::anomaly::{Days, Seen, What};
use crate::evidence::log::Log;
use crate::evidence::people::PersonKeys;
use crate::evidence::store;

/// The most lines of a list.
pub const MAX_LINES: usize = 100_000;

/// Digests that one statement looks for.
const DIGESTS: usize = 500;

/// Officers by the digests of themselves and their families.
#[derive(Clone, Debug, Default)]
pub struct Kin {
    officers: HashMap<Vec<u8>, Vec<String>>,
}

impl Log {
    /// Reads a list of families: a line for each member, the officer's name as tokens have it (`sub`), a
    /// comma, and the member's citizen number. Digests are made under every key that records may have.
    ///
    /// # Errors
    /// The line that is none, without what stands in it; too many lines; a hub that doesn't answer.
    pub async fn kin(&self, keys: &PersonKeys, list: &str) -> anyhow::Result<Kin> {
        let names = self.key_names(keys).await?;
        let mut kin = Kin::default();
        let lines = list.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        for (at, line) in lines {
            anyhow::ensure!(at < MAX_LINES, "the list of families has more than {MAX_LINES} lines");
            let number = line.rsplit_once(',').map(|(officer, number)| (officer.trim(), number.trim()));
            let read = number.and_then(|(officer, number)| {
                let number = crate::plan::citizen_number(number).ok()?;
                (!officer.is_empty()).then_some((officer, number))
            });
            let Some((officer, number)) = read else {
                anyhow::bail!("line {} of the list must be an officer, a comma and a citizen number", at + 1)
            };
            for name in &names {
                let officers = kin.officers.entry(keys.digest(name, &number).to_vec()).or_default();
                officers.push(officer.to_owned());
            }
        }
        Ok(kin)
    }

    /// Adds the operations between two times by which officers read their own.
    pub(crate) async fn kin_of(
        &self,
        kin: &Kin,
        (from, to): (&str, &str),
        days: &mut Days,
    ) -> anyhow::Result<()> {
        let digests: Vec<&Vec<u8>> = kin.officers.keys().collect();
        let mut read: BTreeMap<i64, (Seen, u64)> = BTreeMap::new();
        for some in digests.chunks(DIGESTS) {
            let places: Vec<String> = (3..some.len() + 3).map(|at| format!("${at}")).collect();
            let sql = format!(
                "SELECT p.digest, r.log_index, r.caller, r.department, r.at FROM evidence_person p \
                 JOIN evidence_record r ON r.log_index = p.log_index \
                 WHERE r.at >= $1 AND r.at < $2 AND r.kind = 'QUERY' AND p.digest IN ({})",
                places.join(",")
            );
            let mut values = vec![from.into(), to.into()];
            values.extend(some.iter().map(|digest| (*digest).clone().into()));
            for row in store::rows(self.hub().connection(), &sql, values).await? {
                let digest: Vec<u8> = row.try_get("", "digest")?;
                let Some(seen) = Seen::read(&row)? else { continue };
                let officers = kin.officers.get(&digest);
                if officers.is_some_and(|officers| officers.iter().any(|officer| officer == seen.officer())) {
                    read.entry(row.try_get("", "log_index")?).or_insert((seen, 0)).1 += 1;
                }
            }
        }
        read.values().for_each(|(seen, people)| days.add(What::Kin, seen, *people));
        Ok(())
    }
}
