//! The tables.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        real_estate_right(),
        housing_assessment(),
        housing_application(),
        public_rental(),
        rental_subsidy_contract(),
        rental_subsidy_payment(),
        rental_subsidy_review(),
        housing_fund_account(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("real_estate_right", &["owner_citizen_id"]),
        index("real_estate_right", &["division_code"]),
        index("housing_assessment", &["citizen_id"]),
        index("housing_assessment", &["household_id"]),
        index("housing_assessment", &["division_code"]),
        index("housing_application", &["citizen_id"]),
        index("housing_application", &["household_id"]),
        index("housing_application", &["division_code", "id"]),
        index("public_rental", &["citizen_id"]),
        index("public_rental", &["household_id"]),
        index("public_rental", &["division_code"]),
        index("rental_subsidy_contract", &["citizen_id"]),
        index("rental_subsidy_contract", &["household_id"]),
        index("rental_subsidy_contract", &["division_code", "id"]),
        index("rental_subsidy_payment", &["citizen_id"]),
        index("rental_subsidy_payment", &["contract_id"]),
        index("rental_subsidy_payment", &["division_code"]),
        index("rental_subsidy_review", &["citizen_id"]),
        index("rental_subsidy_review", &["contract_id"]),
        index("rental_subsidy_review", &["division_code"]),
        index("housing_fund_account", &["citizen_id"]),
        index("housing_fund_account", &["division_code"]),
    ]
}

fn real_estate_right() -> TableCreateStatement {
    Table::create()
        .table("real_estate_right")
        .col(text("id").primary_key())
        .col(text_null("owner_citizen_id"))
        .col(text_null("unit_code"))
        .col(text_null("right_kind"))
        .col(decimal_len_null("share", 18, 4))
        .col(decimal_len_null("area_sqm", 18, 4))
        .col(text_null("use_code"))
        .col(boolean_null("is_dwelling"))
        .col(text_null("address"))
        .col(text_null("location_division_code"))
        .col(date_null("registered_on"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn housing_assessment() -> TableCreateStatement {
    Table::create()
        .table("housing_assessment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(decimal_len_null("per_capita_area_sqm", 18, 4))
        .col(boolean_null("is_difficult"))
        .col(text_null("rule_version"))
        .col(date_null("assessed_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn housing_application() -> TableCreateStatement {
    Table::create()
        .table("housing_application")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("form"))
        .col(text_null("applicant_class"))
        .col(date_null("applied_on"))
        .col(text_null("status"))
        .col(date_null("decided_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn public_rental() -> TableCreateStatement {
    Table::create()
        .table("public_rental")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("application_id"))
        .col(text_null("address"))
        .col(decimal_len_null("area_sqm", 18, 4))
        .col(decimal_len_null("monthly_rent", 14, 2))
        .col(text_null("status"))
        .col(date_null("allocated_on"))
        .col(date_null("exited_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn rental_subsidy_contract() -> TableCreateStatement {
    Table::create()
        .table("rental_subsidy_contract")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("filed_no"))
        .col(date_null("filed_on"))
        .col(date_null("start_on"))
        .col(date_null("end_on"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(text_null("status"))
        .col(date_null("next_review_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn rental_subsidy_payment() -> TableCreateStatement {
    Table::create()
        .table("rental_subsidy_payment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("contract_id"))
        .col(text_null("year_month"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("paid_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn rental_subsidy_review() -> TableCreateStatement {
    Table::create()
        .table("rental_subsidy_review")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("contract_id"))
        .col(date_null("due_on"))
        .col(date_null("done_on"))
        .col(text_null("result"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn housing_fund_account() -> TableCreateStatement {
    Table::create()
        .table("housing_fund_account")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("account_no"))
        .col(text_null("employer_uscc"))
        .col(decimal_len_null("base", 14, 2))
        .col(decimal_len_null("monthly_deposit", 14, 2))
        .col(decimal_len_null("balance", 14, 2))
        .col(decimal_len_null("loan_balance", 14, 2))
        .col(text_null("last_deposit_month"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
