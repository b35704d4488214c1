//! Disasters and what was issued afterwards, of civil affairs.

use yimen_entity::household::{disaster_household, relief_issue};

use crate::calendar::{days_after, days_before};
use crate::chunk::Chunk;
use crate::family::ViewKind;
use crate::scribe::{Scribe, hundredths, text, yuan};

pub(super) fn disaster(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    let Some(occurred_on) = family.hardship.disaster else { return };
    let damage = scribe.dice.weighted(&[("COLLAPSED", 1), ("SEVERE", 3), ("SLIGHT", 5), ("NONE", 3)]);
    let is_grave = matches!(damage, "COLLAPSED" | "SEVERE");
    let solved_on = (is_grave && scribe.dice.chance(0.6)).then(|| days_before(scribe.as_of, 30));
    chunk.disaster_household.push(disaster_household::Model {
        id: scribe.id("DH"),
        household_id: family.assistance_view_id(),
        citizen_id: family.head().citizen_id.clone(),
        event_id: text("EVENT-FLOOD-01"),
        occurred_on: Some(occurred_on),
        damage_kind: text(damage),
        is_temporarily_resettled: Some(is_grave && solved_on.is_none()),
        housing_solved_on: solved_on,
        division_code: scribe.home(),
        as_of: scribe.on(),
    });
    let priority = match damage {
        "COLLAPSED" => "REBUILDING",
        _ if family.view_id(ViewKind::MlaUnit).is_some() => "MLA",
        _ if family.hardship.destitution.is_some() => "DISPERSED_DESTITUTE",
        _ if family.members.iter().any(|member| member.disability.is_some()) => "DISABLED",
        _ => "OTHER",
    };
    let (item, amount, quantity) =
        scribe.dice.weighted(&[(("棉被", 0, 2), 3), (("面粉", 0, 4), 3), (("救灾款", 600, 0), 4)]);
    chunk.relief_issue.push(relief_issue::Model {
        id: scribe.id("RI"),
        household_id: family.assistance_view_id(),
        citizen_id: family.head().citizen_id.clone(),
        item: text(item),
        quantity: (quantity > 0).then(|| hundredths(quantity * 100)).flatten(),
        amount: (amount > 0).then(|| yuan(amount)).flatten(),
        priority_class: text(priority),
        issued_on: Some(days_after(occurred_on, 12)),
        division_code: scribe.home(),
        as_of: scribe.on(),
    });
}
