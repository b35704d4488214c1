//! Vehicles, businesses, tax and finance.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        vehicle(),
        business_registration(),
        business_role(),
        tax_summary(),
        donation_deduction(),
        financial_asset(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("vehicle", &["owner_citizen_id"]),
        index("vehicle", &["division_code"]),
        index("business_registration", &["division_code", "uscc"]),
        index("business_role", &["citizen_id"]),
        index("business_role", &["uscc"]),
        index("business_role", &["division_code"]),
        index("tax_summary", &["citizen_id"]),
        index("tax_summary", &["division_code"]),
        index("donation_deduction", &["citizen_id"]),
        index("donation_deduction", &["division_code"]),
        index("financial_asset", &["citizen_id"]),
        index("financial_asset", &["division_code"]),
    ]
}

fn vehicle() -> TableCreateStatement {
    Table::create()
        .table("vehicle")
        .col(text("id").primary_key())
        .col(text_null("owner_citizen_id"))
        .col(text_null("plate_no"))
        .col(text_null("plate_kind_code"))
        .col(text_null("vehicle_type_code"))
        .col(text_null("use_nature_code"))
        .col(date_null("registered_on"))
        .col(text_null("status_code"))
        .col(boolean_null("is_in_use"))
        .col(decimal_len_null("assessed_value", 14, 2))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn business_registration() -> TableCreateStatement {
    Table::create()
        .table("business_registration")
        .col(text("uscc").primary_key())
        .col(text_null("name"))
        .col(text_null("kind"))
        .col(date_null("established_on"))
        .col(text_null("status"))
        .col(decimal_len_null("registered_capital", 14, 2))
        .col(text_null("industry_code"))
        .col(text_null("economic_type_code"))
        .col(boolean_null("is_operating_normally"))
        .col(integer_null("months_operating"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn business_role() -> TableCreateStatement {
    Table::create()
        .table("business_role")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("uscc"))
        .col(text_null("role"))
        .col(decimal_len_null("share_ratio", 18, 4))
        .col(boolean_null("is_active"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn tax_summary() -> TableCreateStatement {
    Table::create()
        .table("tax_summary")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(integer_null("year"))
        .col(decimal_len_null("declared_income", 14, 2))
        .col(decimal_len_null("tax_paid", 14, 2))
        .col(text_null("income_band"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn donation_deduction() -> TableCreateStatement {
    Table::create()
        .table("donation_deduction")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("donor_uscc"))
        .col(integer_null("year"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn financial_asset() -> TableCreateStatement {
    Table::create()
        .table("financial_asset")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("balance", 14, 2))
        .col(text_null("band"))
        .col(boolean_null("is_above_limit"))
        .col(text_null("institution_code"))
        .col(date_null("answered_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
