//! Subsidies, training, start-ups, workshops and enterprises.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        subsidy_grant(),
        training_project(),
        training_enrolment(),
        skill_assessment(),
        startup_loan(),
        startup_subsidy(),
        poverty_workshop(),
        workshop_contract(),
        workshop_payment(),
        poverty_card(),
        enterprise_credit(),
        enterprise_programme(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("subsidy_grant", &["citizen_id"]),
        index("subsidy_grant", &["division_code", "id"]),
        index("training_enrolment", &["citizen_id"]),
        index("training_enrolment", &["division_code"]),
        index("skill_assessment", &["citizen_id"]),
        index("skill_assessment", &["division_code"]),
        index("startup_loan", &["citizen_id"]),
        index("startup_loan", &["division_code"]),
        index("startup_subsidy", &["citizen_id"]),
        index("startup_subsidy", &["division_code"]),
        index("poverty_workshop", &["division_code"]),
        index("workshop_contract", &["citizen_id"]),
        index("workshop_contract", &["workshop_id"]),
        index("workshop_contract", &["division_code"]),
        index("workshop_payment", &["citizen_id"]),
        index("workshop_payment", &["contract_id"]),
        index("workshop_payment", &["division_code"]),
        index("poverty_card", &["citizen_id"]),
        index("poverty_card", &["division_code", "id"]),
        index("enterprise_credit", &["uscc"]),
        index("enterprise_credit", &["division_code"]),
        index("enterprise_programme", &["uscc"]),
        index("enterprise_programme", &["division_code"]),
    ]
}

fn subsidy_grant() -> TableCreateStatement {
    Table::create()
        .table("subsidy_grant")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("period_from"))
        .col(text_null("period_to"))
        .col(integer_null("months_counted"))
        .col(text_null("payee_uscc"))
        .col(text_null("training_enrolment_id"))
        .col(text_null("fund_code"))
        .col(date_null("granted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn training_project() -> TableCreateStatement {
    Table::create()
        .table("training_project")
        .col(text("id").primary_key())
        .col(text_null("name"))
        .col(text_null("kind"))
        .col(integer_null("days"))
        .col(text_null("provider_id"))
        .col(boolean_null("is_free"))
        .col(date_null("starts_on"))
        .col(text_null("place_division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn training_enrolment() -> TableCreateStatement {
    Table::create()
        .table("training_enrolment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("project_id"))
        .col(date_null("plan_signed_on"))
        .col(date_null("started_on"))
        .col(date_null("completed_on"))
        .col(text_null("certificate_no"))
        .col(boolean_null("is_fee_waived"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn skill_assessment() -> TableCreateStatement {
    Table::create()
        .table("skill_assessment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("body_division_code"))
        .col(boolean_null("is_first"))
        .col(text_null("certificate_kind"))
        .col(decimal_len_null("fee_standard", 14, 2))
        .col(decimal_len_null("fee_actual", 14, 2))
        .col(date_null("passed_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn startup_loan() -> TableCreateStatement {
    Table::create()
        .table("startup_loan")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("borrower_uscc"))
        .col(decimal_len_null("principal", 14, 2))
        .col(integer_null("qualifying_recruits"))
        .col(decimal_len_null("interest_subsidy", 14, 2))
        .col(boolean_null("needs_counter_guarantee"))
        .col(date_null("granted_on"))
        .col(date_null("repaid_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn startup_subsidy() -> TableCreateStatement {
    Table::create()
        .table("startup_subsidy")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("uscc"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("granted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn poverty_workshop() -> TableCreateStatement {
    Table::create()
        .table("poverty_workshop")
        .col(text("id").primary_key())
        .col(text_null("kind"))
        .col(text_null("name"))
        .col(text_null("uscc"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn workshop_contract() -> TableCreateStatement {
    Table::create()
        .table("workshop_contract")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("workshop_id"))
        .col(date_null("signed_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn workshop_payment() -> TableCreateStatement {
    Table::create()
        .table("workshop_payment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("contract_id"))
        .col(date_null("paid_on"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn poverty_card() -> TableCreateStatement {
    Table::create()
        .table("poverty_card")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("status"))
        .col(integer_null("version"))
        .col(date_null("issued_on"))
        .col(text_null("checked_by"))
        .col(date_null("checked_on"))
        .col(text_null("content"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn enterprise_credit() -> TableCreateStatement {
    Table::create()
        .table("enterprise_credit")
        .col(text("id").primary_key())
        .col(text_null("uscc"))
        .col(text_null("grade"))
        .col(date_null("valid_from"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn enterprise_programme() -> TableCreateStatement {
    Table::create()
        .table("enterprise_programme")
        .col(text("id").primary_key())
        .col(text_null("uscc"))
        .col(text_null("kind"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
