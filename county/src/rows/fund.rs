//! Accounts of the housing provident fund.

use yimen_entity::housing::housing_fund_account;

use crate::calendar::{month, months_before};
use crate::chunk::Chunk;
use crate::family::{Means, Member, Work};
use crate::rows::employment::employer_of;
use crate::scribe::{Scribe, division, text, yuan};

pub(super) fn accounts(scribe: &mut Scribe<'_>, chunk: &mut Chunk) {
    for (member, number) in scribe.family.known() {
        let share = match (member.work, scribe.family.means) {
            (Work::Employee { .. }, Means::Well) => 0.85,
            (Work::Employee { .. }, _) => 0.5,
            (Work::LaidOff { .. }, _) => 0.4,
            (Work::Retired { is_employee: true }, _) => 0.1,
            _ => 0.0,
        };
        if share > 0.0 && scribe.dice.chance(share) {
            let row = account(scribe, member, number);
            chunk.housing_fund_account.push(row);
        }
    }
}

fn account(scribe: &mut Scribe<'_>, member: &Member, number: &str) -> housing_fund_account::Model {
    let status = match member.work {
        Work::Employee { .. } => scribe.dice.weighted(&[("ACTIVE", 94), ("SEALED", 6)]),
        Work::Retired { .. } => "CLOSED",
        _ => "SEALED",
    };
    let gap = match status {
        "ACTIVE" => 1,
        _ => u32::try_from(scribe.dice.between(3, 60)).unwrap_or(3),
    };
    let base = member.earnings().max(2000);
    let deposit = base / 10 * 2;
    let balance = deposit * scribe.dice.between(3, 120);
    let has_loan = status == "ACTIVE" && scribe.dice.chance(0.2);
    housing_fund_account::Model {
        id: scribe.id("HF"),
        citizen_id: text(number),
        account_no: Some(format!("GJJ799{:08}", member.row_no)),
        employer_uscc: employer_of(scribe, member),
        base: yuan(base),
        monthly_deposit: yuan(deposit),
        balance: yuan(if status == "CLOSED" { 0 } else { balance }),
        loan_balance: has_loan.then(|| yuan(scribe.dice.between(5, 40) * 10_000)).flatten(),
        last_deposit_month: Some(month(months_before(scribe.as_of, gap))),
        status: text(status),
        division_code: division(member),
        as_of: scribe.on(),
    }
}
