//! A few families worth showing, for queries that are ready to paste.

use anyhow::Result;

use crate::Options;
use crate::family::{Composer, Family, Member, ViewKind};
use crate::generate::county;
use crate::rows::file_no;

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
    /// The household view by which the sample is best read: the allowance unit's, the union's, the book's.
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

    fn look_at(&mut self, family: &Family) {
        let is_in_payment = |status| matches!(status, "ACTIVE" | "TAPERING" | "REDUCED");
        let hardship = &family.hardship;
        if let Some(mla) = &hardship.mla
            && mla.members.len() > 2
            && is_in_payment(mla.status)
        {
            let person = &family.members[mla.members[0]];
            keep(&mut self.allowance, family, person, ViewKind::MlaUnit);
        }
        if let Some(union) = &hardship.union
            && matches!(union.status, "HELPING" | "FILED")
        {
            keep(&mut self.union, family, &family.members[union.worker], ViewKind::UnionFile);
        }
        let mut living = family.living();
        if let Some((_, student)) = living.find(|(_, member)| member.is_at_university()) {
            keep(&mut self.student, family, student, ViewKind::Hukou);
        }
        if family.origin.is_some() {
            keep(&mut self.permit, family, family.head(), ViewKind::Survey);
        }
    }
}

/// Takes the first family that fits and whose person is alive and has a number.
fn keep(slot: &mut Option<SampleFamily>, family: &Family, person: &Member, view: ViewKind) {
    let Some(citizen_id) = person.citizen_id.clone().filter(|_| person.is_alive()) else { return };
    slot.get_or_insert_with(|| SampleFamily {
        citizen_id,
        household_id: family.view_id(view),
        file_no: family.hardship.union.as_ref().map(|_| file_no(family, false)),
        division_code: person.residence.division.clone(),
        members: family.known().map(|(_, number)| number.to_owned()).collect(),
    });
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
        sample.look_at(&family);
    }
    Ok(sample)
}
