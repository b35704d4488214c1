//! What banks answered through the People's Bank: a band as a rule, a balance now and then.

use yimen_entity::household::financial_asset;

use crate::calendar::days_before;
use crate::chunk::Chunk;
use crate::family::{Means, Member};
use crate::reference::standard::FINANCIAL_LIMIT;
use crate::scribe::{Scribe, division, text, yuan};

pub(super) fn assets(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let hardship = &scribe.family.hardship;
    let is_asked = hardship.mla.is_some() || hardship.union.is_some() || hardship.housing.is_some();
    let share = if is_asked { 0.8 } else { 0.27 };
    for (member, number) in scribe.family.known() {
        if member.is_adult() && scribe.dice.chance(share) {
            let first = asset(scribe, member, number, "DEPOSIT");
            chunk.financial_asset.push(first);
            let kind = scribe.dice.weighted(&[("", 70), ("INSURANCE", 18), ("SECURITIES", 8), ("OTHER", 4)]);
            if !kind.is_empty() {
                let second = asset(scribe, member, number, kind);
                chunk.financial_asset.push(second);
            }
        }
    }
}

fn asset(scribe: &mut Scribe<'_>, member: &Member, number: &str, kind: &str) -> financial_asset::Model {
    let most = match scribe.family.means {
        Means::Poor => 18_000,
        Means::Modest => 45_000,
        Means::Middling => 160_000,
        Means::Well => 900_000,
    };
    // Somebody who looks poor may have put a lot aside.
    let most = if scribe.dice.chance(0.02) { most * 12 } else { most };
    let balance = scribe.dice.between(50, most);
    let is_answered_in_bands = scribe.dice.chance(0.75);
    let low = balance / 10_000 * 10_000;
    financial_asset::Model {
        id: scribe.id("FA"),
        citizen_id: text(number),
        kind: text(kind),
        balance: if is_answered_in_bands { None } else { yuan(balance) },
        band: is_answered_in_bands.then(|| format!("[{low},{})", low + 10_000)),
        is_above_limit: Some(balance > FINANCIAL_LIMIT),
        institution_code: Some(format!("SAMPLE{:03}", scribe.dice.between(1, 12))),
        answered_on: Some(days_before(scribe.as_of, scribe.dice.between(1, 90).unsigned_abs())),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
