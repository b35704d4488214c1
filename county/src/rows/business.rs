//! Businesses that families run, and roles of persons in businesses, of market supervision.

use chrono::NaiveDate;
use yimen_entity::household::{business_registration, business_role};

use crate::calendar::{months_before, years_before};
use crate::chunk::Chunk;
use crate::credit_code::{Register, credit_code};
use crate::family::{Family, Means, Member, Work};
use crate::reference::Office;
use crate::scribe::{Scribe, division, text, yuan};

/// Credit code of the business that a member of the family runs, if one does.
pub(super) fn own_business(family: &Family) -> Option<(usize, String)> {
    let owner = |(_, member): &(usize, &Member)| matches!(member.work, Work::SelfEmployed { .. });
    let (at, _) = family.living().find(owner)?;
    Some((at, credit_code(Register::SelfEmployed, family.number)))
}

pub(super) fn businesses(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let family = scribe.family;
    if let Some((at, uscc)) = own_business(family) {
        own(scribe, chunk, &family.members[at], uscc);
    }
    if !family.is_urban && scribe.dice.chance(0.006) {
        cooperative(scribe, chunk);
    }
    if family.means == Means::Well && scribe.dice.chance(0.04) {
        enterprise_roles(scribe, chunk);
    }
}

fn own(scribe: &mut Scribe<'_>, chunk: &mut Chunk, owner: &Member, uscc: String) {
    let status = scribe.dice.weighted(&[("ACTIVE", 88), ("SUSPENDED", 4), ("REVOKED", 3), ("CANCELLED", 5)]);
    let established_on = scribe.dice.day(years_before(scribe.as_of, 9), months_before(scribe.as_of, 2));
    let trades = [
        ("餐饮店", "H6210"),
        ("百货店", "F5211"),
        ("理发店", "O8040"),
        ("汽修部", "O8111"),
        ("早餐店", "H6291"),
    ];
    let (trade, industry) = trades[scribe.dice.index(trades.len())];
    let row = Registration {
        uscc: &uscc,
        name: format!("封丘县示例{trade}{:07}号", scribe.family.number),
        kind: "SELF_EMPLOYED",
        status,
        established_on,
        capital: scribe.dice.between(1, 20) * 10_000,
        industry,
    };
    let row = registration(scribe, row);
    chunk.business_registration.push(row);
    if let Some(number) = &owner.citizen_id {
        let is_active = status == "ACTIVE";
        let role = Role { uscc: &uscc, kind: "OPERATOR", share: None, is_active, since: established_on };
        let row = business_role(scribe, owner, number, role);
        chunk.business_role.push(row);
    }
}

/// A farmers' cooperative with the family's grown-ups as members.
fn cooperative(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let uscc = credit_code(Register::Cooperative, scribe.family.number);
    let established_on = scribe.dice.day(years_before(scribe.as_of, 8), years_before(scribe.as_of, 1));
    let row = Registration {
        uscc: &uscc,
        name: format!("封丘示例种植专业合作社{:07}号", scribe.family.number),
        kind: "COOPERATIVE",
        status: "ACTIVE",
        established_on,
        capital: scribe.dice.between(5, 100) * 10_000,
        industry: "A0111",
    };
    let row = registration(scribe, row);
    chunk.business_registration.push(row);
    for (member, number) in scribe.family.known().filter(|(member, _)| member.is_adult()) {
        let role =
            Role { uscc: &uscc, kind: "MEMBER", share: Some(5), is_active: true, since: established_on };
        let row = business_role(scribe, member, number, role);
        chunk.business_role.push(row);
    }
}

/// The head of a well-off family as a legal representative, shareholder or manager.
fn enterprise_roles(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    let Some((member, number)) = scribe.family.known().next() else { return };
    let employers = &scribe.county.employers;
    let employer = &employers[scribe.dice.index(employers.len())];
    let kind = scribe.dice.weighted(&[("LEGAL_REPRESENTATIVE", 3), ("SHAREHOLDER", 4), ("MANAGER", 3)]);
    let role = Role {
        uscc: &employer.uscc,
        kind,
        share: (kind == "SHAREHOLDER").then(|| scribe.dice.between(1, 90)),
        is_active: employer.status == "ACTIVE" && scribe.dice.chance(0.85),
        since: employer.established_on,
    };
    let row = business_role(scribe, member, number, role);
    chunk.business_role.push(row);
}

/// What tells one registration from another.
struct Registration<'a> {
    uscc: &'a str,
    name: String,
    kind: &'a str,
    status: &'a str,
    established_on: NaiveDate,
    capital: i64,
    industry: &'a str,
}

fn registration(scribe: &Scribe<'_>, row: Registration<'_>) -> business_registration::Model {
    let months = (scribe.as_of - row.established_on).num_days() / 30;
    let is_active = row.status == "ACTIVE";
    business_registration::Model {
        uscc: row.uscc.to_owned(),
        name: Some(row.name),
        kind: text(row.kind),
        established_on: Some(row.established_on),
        status: text(row.status),
        registered_capital: yuan(row.capital),
        industry_code: text(row.industry),
        economic_type_code: text(if row.kind == "COOPERATIVE" { "130" } else { "175" }),
        is_operating_normally: Some(is_active),
        months_operating: i32::try_from(if is_active { months } else { 0 }).ok(),
        division_code: scribe.home(),
        as_of: Some(Office::MarketRegulation.as_of(scribe.county.options.as_of)),
    }
}

/// A role in a business; the share is in hundredths.
struct Role<'a> {
    uscc: &'a str,
    kind: &'a str,
    share: Option<i64>,
    is_active: bool,
    since: NaiveDate,
}

fn business_role(
    scribe: &mut Scribe<'_>,
    member: &Member,
    number: &str,
    role: Role<'_>,
) -> business_role::Model {
    let Role { uscc, kind, share, is_active, since } = role;
    business_role::Model {
        id: scribe.id("BR"),
        citizen_id: text(number),
        uscc: text(uscc),
        role: text(kind),
        share_ratio: share.and_then(crate::scribe::hundredths),
        is_active: Some(is_active),
        started_on: Some(since),
        ended_on: (!is_active).then(|| months_before(scribe.as_of, 6).max(since)),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
