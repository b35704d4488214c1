//! Certificates of the disabled persons' federation.

use yimen_entity::household::disability_certificate;

use crate::calendar::{days_before, years_after, years_before};
use crate::chunk::Chunk;
use crate::family::Disability;
use crate::scribe::{Scribe, division, text};

/// One disabled person in ten has no certificate.
pub(super) fn certificates(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for member in &scribe.family.members {
        let (Some(disability), Some(number)) = (member.disability, &member.citizen_id) else {
            continue;
        };
        if !scribe.dice.chance(0.9) {
            continue;
        }
        let status = match member.died_on {
            Some(_) => scribe.dice.weighted(&[("CANCELLED", 6), ("FROZEN", 2), ("VALID", 2)]),
            None => scribe.dice.weighted(&[("VALID", 91), ("EXPIRED", 6), ("FROZEN", 3)]),
        };
        let earliest = years_before(scribe.as_of, if status == "EXPIRED" { 15 } else { 9 });
        let latest = years_before(scribe.as_of, if status == "EXPIRED" { 11 } else { 0 });
        let valid_from = scribe.dice.day(earliest, days_before(latest, 20)).max(member.born);
        chunk.disability_certificate.push(disability_certificate::Model {
            id: scribe.id("DC"),
            citizen_id: text(number),
            number: certificate_number(scribe, number, disability),
            category_code: Some(disability.category.to_string()),
            grade_code: Some(disability.grade.to_string()),
            is_severe: Some(disability.is_severe()),
            valid_from: Some(valid_from),
            valid_to: Some(years_after(valid_from, 10)),
            status: text(status),
            division_code: division(member),
            as_of: scribe.on(),
        });
    }
}

/// The citizen number, then category and grade; an old one may have a small x.
fn certificate_number(scribe: &mut Scribe<'_>, number: &str, disability: Disability) -> Option<String> {
    let number = scribe.number_in_old_file(number)?;
    Some(format!("{number}{}{}", disability.category, disability.grade))
}
