//! Yearly tax summaries and donations deducted, of the tax office.

use chrono::Datelike;
use yimen_entity::household::{donation_deduction, tax_summary};

use crate::chunk::Chunk;
use crate::family::{Means, Member, Work};
use crate::scribe::{Scribe, division, text, yuan};

/// Income of a year from which a sample tax of three hundredths is due.
const THRESHOLD: i64 = 60_000;

pub(super) fn summaries(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let is_declared = match member.work {
            Work::Employee { .. } => scribe.dice.chance(0.9),
            Work::Migrant { .. } => scribe.dice.chance(0.35),
            Work::SelfEmployed { .. } => scribe.dice.chance(0.6),
            _ => false,
        };
        if is_declared {
            for back in 1..=scribe.dice.between(1, 2) {
                let year = scribe.as_of.year() - i32::try_from(back).unwrap_or(1);
                let row = summary(scribe, member, number, year);
                chunk.tax_summary.push(row);
            }
        }
    }
}

fn summary(scribe: &mut Scribe<'_>, member: &Member, number: &str, year: i32) -> tax_summary::Model {
    let income = member.earnings() * 12 * scribe.dice.between(92, 108) / 100;
    let band = income / 10_000 * 10_000;
    tax_summary::Model {
        id: scribe.id("TX"),
        citizen_id: text(number),
        year: Some(year),
        declared_income: yuan(income),
        tax_paid: yuan((income - THRESHOLD).max(0) * 3 / 100),
        income_band: Some(format!("[{band},{})", band + 10_000)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}

pub(super) fn donations(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let share = if scribe.family.means == Means::Well { 0.03 } else { 0.001 };
    let Some((member, number)) = scribe.family.known().find(|(member, _)| member.is_adult()) else {
        return;
    };
    if !scribe.dice.chance(share) {
        return;
    }
    let employers = &scribe.county.employers;
    let gives_as_business = scribe.dice.chance(0.3);
    let donor = gives_as_business.then(|| employers[scribe.dice.index(employers.len())].uscc.clone());
    chunk.donation_deduction.push(donation_deduction::Model {
        id: scribe.id("DD"),
        citizen_id: if donor.is_none() { text(number) } else { None },
        donor_uscc: donor,
        year: Some(scribe.as_of.year() - 1),
        amount: yuan(scribe.dice.between(2, 300) * 100),
        division_code: division(member),
        as_of: scribe.on(),
    });
}
