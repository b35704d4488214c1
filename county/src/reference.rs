//! What all families of the county share: divisions, employers, schools, offices, standards.

mod body;
mod employer;
mod office;
pub(crate) mod standard;

use anyhow::Result;

pub(crate) use body::Bodies;
pub(crate) use employer::Employer;
pub(crate) use office::Office;

use crate::Options;
use crate::division::Divisions;
use crate::random::Dice;

/// The dice by which the county's bodies come about: those of a family that can't exist.
const TOPIC: u64 = 1;
const NO_FAMILY: u64 = u64::MAX;

/// The county apart from its families. Its size hardly depends on how many people there are.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) options: Options,
    pub(crate) divisions: Divisions,
    pub(crate) employers: Vec<Employer>,
    pub(crate) bodies: Bodies,
}

impl County {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let divisions = Divisions::load()?;
        let mut dice = Dice::new(options.seed, NO_FAMILY, TOPIC);
        let employers = employer::employers(options, &divisions, &mut dice);
        let bodies = Bodies::new(&divisions);
        Ok(County { options: options.clone(), divisions, employers, bodies })
    }

    /// Dice for rows that belong to no family.
    pub(crate) fn dice(&self, topic: u64) -> Dice {
        Dice::new(self.options.seed, NO_FAMILY, topic)
    }

    /// The town or township of a village.
    pub(crate) fn town_of(&self, village: usize) -> usize {
        self.divisions.villages[village].town
    }
}
