//! A few families worth showing, for queries that are ready to paste.

use anyhow::Result;

use crate::chunk::Chunk;
use crate::family::{Composer, Family, ViewKind};
use crate::generate::county;
use crate::reference::County;
use crate::{Options, rows};

/// Families that a demonstration begins with; none where the county is too small to have one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// A family of several people with an allowance in payment.
    pub allowance: Option<SampleFamily>,
    /// A family with a union file in force.
    pub union: Option<SampleFamily>,
    /// A family with a child at university; the person is the student.
    pub student: Option<SampleFamily>,
    /// Somebody from another province with a residence permit.
    pub permit: Option<SampleFamily>,
}

/// One family of the sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleFamily {
    /// Citizen number of the person whom the sample is about.
    pub citizen_id: String,
    /// The household view that the sample is about: the allowance unit's, the union's, the book's, and for a
    /// permit holder the housing office's, if there is one.
    pub household_id: Option<String>,
    /// Number of the union file.
    pub file_no: Option<String>,
    /// The village or community in which the person lives.
    pub division_code: String,
    /// Citizen numbers of the family's living members.
    pub members: Vec<String>,
}

impl Sample {
    fn is_complete(&self) -> bool {
        let Sample { allowance, union, student, permit } = self;
        allowance.is_some() && union.is_some() && student.is_some() && permit.is_some()
    }

    fn look_at(&mut self, county: &County, family: &Family) {
        let look = Look { county, family };
        if let Some(mla) = &family.hardship.mla
            && mla.members.len() > 2
        {
            look.keep(&mut self.allowance, mla.members[0], ViewKind::MlaUnit, |chunk| {
                chunk.mla_award.iter().any(|row| row.is_in_payment == Some(true))
            });
        }
        if let Some(union) = &family.hardship.union {
            look.keep(&mut self.union, union.worker, ViewKind::UnionFile, |chunk| {
                let is_active = chunk.union_file.iter().all(|row| row.is_active == Some(true));
                is_active && !chunk.union_aid.is_empty() && !chunk.union_measure.is_empty()
            });
        }
        let student = family.living().find(|(_, member)| member.is_at_university());
        if let Some((student, _)) = student {
            look.keep(&mut self.student, student, ViewKind::Hukou, |chunk| {
                let mut rows = chunk.student_enrolment.iter();
                let is_at_university = rows
                    .any(|row| row.is_tertiary == Some(true) && row.status.as_deref() == Some("ENROLLED"));
                is_at_university && !chunk.student_aid.is_empty()
            });
        }
        if family.origin.is_some() {
            look.keep(&mut self.permit, 0, ViewKind::Housing, |chunk| {
                chunk.residence_permit.iter().all(|row| row.status.as_deref() == Some("VALID"))
                    && !chunk.residence_permit.is_empty()
            });
        }
    }
}

/// A family that may become part of the sample.
struct Look<'a> {
    county: &'a County,
    family: &'a Family,
}

impl Look<'_> {
    /// Takes the first family that fits, whose person can be found, and of which the offices wrote
    /// down what the sample is meant to show.
    fn keep(
        &self,
        slot: &mut Option<SampleFamily>,
        person: usize,
        view: ViewKind,
        is_worth_showing: impl Fn(&Chunk) -> bool,
    ) {
        let person = &self.family.members[person];
        let (Some(number), true) = (&person.citizen_id, person.is_alive()) else { return };
        if slot.is_some() {
            return;
        }
        let mut chunk = Chunk::default();
        rows::of_family(self.county, self.family, &mut chunk);
        if is_worth_showing(&chunk) {
            *slot = Some(SampleFamily {
                citizen_id: number.clone(),
                household_id: self.family.view_id(view),
                file_no: chunk.union_file.first().map(|file| file.file_no.clone()),
                division_code: person.residence.division.clone(),
                members: self.family.known().map(|(_, number)| number.to_owned()).collect(),
            });
        }
    }
}

/// Finds the sample families of a county without writing anything.
///
/// # Errors
/// If the county would have more people than there are numbers for.
pub fn sample(options: &Options) -> Result<Sample> {
    let county = county(options)?;
    let mut composer = Composer::new();
    let mut sample = Sample::default();
    while !sample.is_complete()
        && let Some(family) = composer.next_family(&county)
    {
        sample.look_at(&county, &family);
    }
    Ok(sample)
}
