//! The real divisions of Fengqiu, on which the invented families live.

use anyhow::{Context, Result, bail};

use crate::random::Dice;

/// The county's own code.
pub(crate) const COUNTY: &str = "410727000000";
pub(crate) const PROVINCE: &str = "410000000000";

const TEXT: &str = include_str!("../data/divisions.csv");

/// A community of the county seat has as many families as this many villages.
const COMMUNITY_WEIGHT: u32 = 6;

/// A town or township.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) code: String,
    pub(crate) name: String,
}

/// A village or an urban community.
#[derive(Debug)]
pub(crate) struct Village {
    pub(crate) code: String,
    /// The name in addresses: `张庄村`, `东街社区`.
    pub(crate) name: String,
    /// Index into [`Divisions::towns`].
    pub(crate) town: usize,
    pub(crate) is_urban: bool,
}

/// Towns and villages in the order of their codes.
#[derive(Debug)]
pub(crate) struct Divisions {
    pub(crate) towns: Vec<Town>,
    pub(crate) villages: Vec<Village>,
    weights: Vec<(usize, u32)>,
}

impl Divisions {
    pub(crate) fn load() -> Result<Self> {
        let mut divisions = Divisions { towns: Vec::new(), villages: Vec::new(), weights: Vec::new() };
        for (number, line) in TEXT.lines().enumerate().skip(1) {
            divisions.read(line).with_context(|| format!("line {} of the divisions", number + 1))?;
        }
        Ok(divisions)
    }

    fn read(&mut self, line: &str) -> Result<()> {
        let mut cells = line.split(',');
        let (Some(code), Some(name)) = (cells.next(), cells.next()) else {
            bail!("has no two cells");
        };
        anyhow::ensure!(code.len() == 12, "has a code that hasn't 12 digits");
        // What a code leaves open are zeros.
        match (&code[6..9], &code[9..]) {
            ("000", _) => {}
            (_, "000") => self.towns.push(Town { code: code.to_owned(), name: name.to_owned() }),
            _ => self.village(code, name)?,
        }
        Ok(())
    }

    fn village(&mut self, code: &str, name: &str) -> Result<()> {
        let town = self.towns.iter().position(|town| town.code[..9] == code[..9]);
        let town = town.with_context(|| format!("`{code}` is in no town"))?;
        let (name, is_urban) = short(name);
        let weight = if is_urban { COMMUNITY_WEIGHT } else { 1 };
        self.weights.push((self.villages.len(), weight));
        self.villages.push(Village { code: code.to_owned(), name, town, is_urban });
        Ok(())
    }

    /// A village by chance, communities being larger.
    pub(crate) fn village_by_chance(&self, dice: &mut Dice) -> usize {
        dice.weighted(&self.weights)
    }

    /// `封丘县黄陵镇张庄村` and a house number.
    pub(crate) fn address(&self, village: usize, house: i64) -> String {
        let village = &self.villages[village];
        format!("封丘县{}{}{house}号", self.towns[village.town].name, village.name)
    }
}

/// The name without the words for its committee, and whether it is an urban community.
fn short(name: &str) -> (String, bool) {
    if let Some(community) = name.strip_suffix("居民委员会") {
        return (format!("{community}社区"), true);
    }
    let village = name.strip_suffix("村民委员会").unwrap_or(name);
    (if village.ends_with('村') { village.to_owned() } else { format!("{village}村") }, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_county_has_19_towns_and_609_villages() {
        let divisions = Divisions::load().unwrap();
        assert_eq!(divisions.towns.len(), 19);
        assert_eq!(divisions.villages.len(), 609);
        assert!(divisions.villages.iter().all(|village| village.code.len() == 12));
        assert!(divisions.villages.iter().all(|village| &village.code[4..6] != "99"));
    }

    #[test]
    fn an_address_names_the_village_once() {
        assert_eq!(short("张庄村民委员会").0, "张庄村");
        assert_eq!(short("闫村村民委员会").0, "闫村");
        assert_eq!(short("东街居民委员会"), (String::from("东街社区"), true));
    }
}
