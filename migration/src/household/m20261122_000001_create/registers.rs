//! Disability, the registered poor, and published standards.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        disability_certificate(),
        mla_standard(),
        poverty_line(),
        price_index(),
        poverty_household(),
        poverty_person(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("disability_certificate", &["citizen_id"]),
        index("disability_certificate", &["division_code", "id"]),
        index("poverty_household", &["citizen_id"]),
        index("poverty_household", &["household_id"]),
        index("poverty_household", &["division_code", "id"]),
        index("poverty_person", &["citizen_id"]),
        index("poverty_person", &["poverty_household_id"]),
        index("poverty_person", &["division_code"]),
    ]
}

fn disability_certificate() -> TableCreateStatement {
    Table::create()
        .table("disability_certificate")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("number"))
        .col(text_null("category_code"))
        .col(text_null("grade_code"))
        .col(boolean_null("is_severe"))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn mla_standard() -> TableCreateStatement {
    Table::create()
        .table("mla_standard")
        .col(text("id").primary_key())
        .col(text_null("division_code"))
        .col(text_null("urban_rural"))
        .col(text_null("class_code"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text_null("legal_basis"))
        .col(boolean_null("is_sample"))
        .col(date_null("as_of"))
        .to_owned()
}

fn poverty_line() -> TableCreateStatement {
    Table::create()
        .table("poverty_line")
        .col(text("id").primary_key())
        .col(text_null("division_code"))
        .col(integer_null("year"))
        .col(decimal_len_null("annual", 14, 2))
        .col(text_null("legal_basis"))
        .col(boolean_null("is_sample"))
        .col(date_null("as_of"))
        .to_owned()
}

fn price_index() -> TableCreateStatement {
    Table::create()
        .table("price_index")
        .col(text("id").primary_key())
        .col(text_null("division_code"))
        .col(text_null("year_month"))
        .col(decimal_len_null("value", 18, 4))
        .col(text_null("legal_basis"))
        .col(boolean_null("is_sample"))
        .col(date_null("as_of"))
        .to_owned()
}

fn poverty_household() -> TableCreateStatement {
    Table::create()
        .table("poverty_household")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("status"))
        .col(boolean_null("is_current"))
        .col(date_null("registered_on"))
        .col(date_null("exited_on"))
        .col(date_null("relisted_on"))
        .col(text_null("cause_code"))
        .col(boolean_null("is_relocated"))
        .col(date_null("relocated_on"))
        .col(text_null("from_division_code"))
        .col(text_null("to_division_code"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn poverty_person() -> TableCreateStatement {
    Table::create()
        .table("poverty_person")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("poverty_household_id"))
        .col(text_null("status"))
        .col(boolean_null("is_current"))
        .col(date_null("registered_on"))
        .col(date_null("exited_on"))
        .col(date_null("relisted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
