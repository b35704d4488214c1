//! Enrolment, contributions and benefits.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        si_enrolment(),
        si_contribution(),
        si_contribution_summary(),
        si_arrears(),
        pension_benefit(),
        unemployment_benefit(),
        work_injury_benefit(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("si_enrolment", &["citizen_id"]),
        index("si_enrolment", &["division_code"]),
        index("si_contribution", &["citizen_id"]),
        index("si_contribution", &["division_code"]),
        index("si_contribution_summary", &["citizen_id"]),
        index("si_contribution_summary", &["division_code"]),
        index("si_arrears", &["uscc"]),
        index("si_arrears", &["division_code"]),
        index("pension_benefit", &["citizen_id"]),
        index("pension_benefit", &["division_code"]),
        index("unemployment_benefit", &["citizen_id"]),
        index("unemployment_benefit", &["division_code"]),
        index("work_injury_benefit", &["citizen_id"]),
        index("work_injury_benefit", &["division_code"]),
    ]
}

fn si_enrolment() -> TableCreateStatement {
    Table::create()
        .table("si_enrolment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("insurance_type"))
        .col(text_null("status"))
        .col(text_null("place_division_code"))
        .col(text_null("employer_uscc"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn si_contribution() -> TableCreateStatement {
    Table::create()
        .table("si_contribution")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("insurance_type"))
        .col(text_null("year_month"))
        .col(decimal_len_null("base", 14, 2))
        .col(decimal_len_null("personal", 14, 2))
        .col(decimal_len_null("employer", 14, 2))
        .col(date_null("paid_on"))
        .col(text_null("payer_kind"))
        .col(text_null("employer_uscc"))
        .col(text_null("place_division_code"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn si_contribution_summary() -> TableCreateStatement {
    Table::create()
        .table("si_contribution_summary")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("insurance_type"))
        .col(text_null("place_division_code"))
        .col(integer_null("months"))
        .col(text_null("first_month"))
        .col(text_null("last_month"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn si_arrears() -> TableCreateStatement {
    Table::create()
        .table("si_arrears")
        .col(text("id").primary_key())
        .col(text_null("uscc"))
        .col(text_null("insurance_type"))
        .col(text_null("start_month"))
        .col(text_null("end_month"))
        .col(decimal_len_null("amount", 14, 2))
        .col(boolean_null("is_repaid"))
        .col(date_null("repaid_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn pension_benefit() -> TableCreateStatement {
    Table::create()
        .table("pension_benefit")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("insurance_type"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(decimal_len_null("basic_monthly", 14, 2))
        .col(date_null("started_on"))
        .col(date_null("paid_on"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn unemployment_benefit() -> TableCreateStatement {
    Table::create()
        .table("unemployment_benefit")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(integer_null("granted_months"))
        .col(integer_null("paid_months"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn work_injury_benefit() -> TableCreateStatement {
    Table::create()
        .table("work_injury_benefit")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(integer_null("injury_grade"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
