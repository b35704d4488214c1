//! Medical security and health.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        medical_premium_subsidy(),
        medical_settlement(),
        medical_assistance(),
        diagnosis(),
        emergency_illness_relief(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("medical_premium_subsidy", &["citizen_id"]),
        index("medical_premium_subsidy", &["division_code"]),
        index("medical_settlement", &["citizen_id"]),
        index("medical_settlement", &["division_code"]),
        index("medical_assistance", &["citizen_id"]),
        index("medical_assistance", &["division_code", "id"]),
        index("diagnosis", &["citizen_id"]),
        index("diagnosis", &["division_code"]),
        index("emergency_illness_relief", &["citizen_id"]),
        index("emergency_illness_relief", &["division_code"]),
    ]
}

fn medical_premium_subsidy() -> TableCreateStatement {
    Table::create()
        .table("medical_premium_subsidy")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(integer_null("year"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("payer"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn medical_settlement() -> TableCreateStatement {
    Table::create()
        .table("medical_settlement")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(decimal_len_null("total", 14, 2))
        .col(decimal_len_null("eligible", 14, 2))
        .col(decimal_len_null("basic_paid", 14, 2))
        .col(decimal_len_null("serious_paid", 14, 2))
        .col(decimal_len_null("supplement_paid", 14, 2))
        .col(decimal_len_null("own_pay", 14, 2))
        .col(date_null("settled_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn medical_assistance() -> TableCreateStatement {
    Table::create()
        .table("medical_assistance")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("form"))
        .col(text_null("target_class"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("paid_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn diagnosis() -> TableCreateStatement {
    Table::create()
        .table("diagnosis")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("disease_code"))
        .col(boolean_null("is_major"))
        .col(boolean_null("is_severe_chronic"))
        .col(date_null("diagnosed_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn emergency_illness_relief() -> TableCreateStatement {
    Table::create()
        .table("emergency_illness_relief")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("hospital_id"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("granted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
