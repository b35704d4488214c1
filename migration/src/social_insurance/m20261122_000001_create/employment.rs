//! Registration, contracts, posts and offers of work.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        unemployment_registration(),
        employment_registration(),
        employment_contract(),
        job_hardship_certification(),
        flexible_employment(),
        public_welfare_post(),
        post_placement(),
        job_vacancy(),
        job_offer(),
        job_wish(),
        transfer_employment(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("unemployment_registration", &["citizen_id"]),
        index("unemployment_registration", &["division_code", "id"]),
        index("employment_registration", &["citizen_id"]),
        index("employment_registration", &["division_code"]),
        index("employment_contract", &["citizen_id"]),
        index("employment_contract", &["division_code"]),
        index("job_hardship_certification", &["citizen_id"]),
        index("job_hardship_certification", &["division_code", "id"]),
        index("flexible_employment", &["citizen_id"]),
        index("flexible_employment", &["division_code"]),
        index("public_welfare_post", &["division_code", "id"]),
        index("post_placement", &["citizen_id"]),
        index("post_placement", &["post_id"]),
        index("post_placement", &["division_code"]),
        index("job_offer", &["citizen_id"]),
        index("job_offer", &["division_code"]),
        index("job_wish", &["citizen_id"]),
        index("job_wish", &["division_code"]),
        index("transfer_employment", &["citizen_id"]),
        index("transfer_employment", &["division_code"]),
    ]
}

fn unemployment_registration() -> TableCreateStatement {
    Table::create()
        .table("unemployment_registration")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(date_null("registered_on"))
        .col(text_null("status"))
        .col(text_null("place_division_code"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn employment_registration() -> TableCreateStatement {
    Table::create()
        .table("employment_registration")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(text_null("employer_uscc"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn employment_contract() -> TableCreateStatement {
    Table::create()
        .table("employment_contract")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(date_null("signed_on"))
        .col(date_null("start_on"))
        .col(date_null("end_on"))
        .col(boolean_null("is_open_ended"))
        .col(text_null("employer_uscc"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn job_hardship_certification() -> TableCreateStatement {
    Table::create()
        .table("job_hardship_certification")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("category"))
        .col(boolean_null("is_severe"))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn flexible_employment() -> TableCreateStatement {
    Table::create()
        .table("flexible_employment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(date_null("recognised_on"))
        .col(date_null("valid_to"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn public_welfare_post() -> TableCreateStatement {
    Table::create()
        .table("public_welfare_post")
        .col(text("id").primary_key())
        .col(text_null("kind"))
        .col(text_null("employer_uscc"))
        .col(integer_null("quota"))
        .col(text_null("funder_level"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn post_placement() -> TableCreateStatement {
    Table::create()
        .table("post_placement")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("post_id"))
        .col(text_null("contract_id"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(boolean_null("is_current"))
        .col(decimal_len_null("hours", 18, 4))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn job_vacancy() -> TableCreateStatement {
    Table::create()
        .table("job_vacancy")
        .col(text("id").primary_key())
        .col(text_null("employer_uscc"))
        .col(text_null("title"))
        .col(text_null("occupation_code"))
        .col(integer_null("open_posts"))
        .col(decimal_len_null("wage_from", 14, 2))
        .col(decimal_len_null("wage_to", 14, 2))
        .col(boolean_null("is_for_target_group"))
        .col(text_null("work_division_code"))
        .col(date_null("published_on"))
        .col(date_null("closed_on"))
        .col(date_null("as_of"))
        .to_owned()
}

fn job_offer() -> TableCreateStatement {
    Table::create()
        .table("job_offer")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("vacancy_id"))
        .col(date_null("offered_on"))
        .col(text_null("introduced_by"))
        .col(text_null("suitability"))
        .col(text_null("response"))
        .col(date_null("responded_on"))
        .col(text_null("reason_code"))
        .col(boolean_null("reason_accepted"))
        .col(boolean_null("is_unjustified_refusal"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn job_wish() -> TableCreateStatement {
    Table::create()
        .table("job_wish")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(boolean_null("wants_job"))
        .col(boolean_null("wants_training"))
        .col(text_null("skills"))
        .col(text_null("occupation_code"))
        .col(date_null("recorded_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn transfer_employment() -> TableCreateStatement {
    Table::create()
        .table("transfer_employment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("work_division_code"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("organised_by"))
        .col(integer_null("follow_up_count"))
        .col(date_null("last_followed_up_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
