//! The county as a stream of chunks.

use anyhow::{Result, ensure};

use crate::Options;
use crate::chunk::Chunk;
use crate::citizen_number::PERSONS_LIMIT;
use crate::family::Composer;
use crate::reference::County;
use crate::rows;

/// People in one chunk, which bounds the memory that a county takes.
const PERSONS_PER_CHUNK: usize = 4_000;

/// The rows of a county, chunk by chunk; what families share is in the first chunk.
///
/// # Errors
/// If the county would have more people than there are numbers for.
pub fn chunks(options: &Options) -> Result<impl Iterator<Item = Chunk> + Send + use<>> {
    let county = county(options)?;
    let mut composer = Composer::new();
    let mut first = Some(Chunk::default());
    if let Some(chunk) = &mut first {
        rows::of_county(&county, chunk);
    }
    Ok(std::iter::from_fn(move || {
        let begun = first.take();
        let is_first = begun.is_some();
        let mut chunk = begun.unwrap_or_default();
        while chunk.person.len() < PERSONS_PER_CHUNK
            && let Some(family) = composer.next_family(&county)
        {
            rows::of_family(&county, &family, &mut chunk);
        }
        (is_first || !chunk.person.is_empty()).then_some(chunk)
    }))
}

/// The citizen numbers of a county, in the order of its people.
///
/// # Errors
/// If the county would have more people than there are numbers for.
pub fn citizen_numbers(options: &Options) -> Result<impl Iterator<Item = String> + Send + use<>> {
    let county = county(options)?;
    let mut composer = Composer::new();
    let families = std::iter::from_fn(move || composer.next_family(&county));
    Ok(families.flat_map(|family| family.members).filter_map(|member| member.citizen_id))
}

pub(crate) fn county(options: &Options) -> Result<County> {
    let persons = options.persons;
    ensure!(
        persons <= PERSONS_LIMIT,
        "{persons} persons are more than the {PERSONS_LIMIT} that there are numbers for"
    );
    County::new(options)
}
