//! The tables.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![student_enrolment(), student_aid(), student_loan(), tuition_charge()]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("student_enrolment", &["citizen_id"]),
        index("student_enrolment", &["division_code", "id"]),
        index("student_aid", &["citizen_id"]),
        index("student_aid", &["division_code", "id"]),
        index("student_loan", &["citizen_id"]),
        index("student_loan", &["division_code"]),
        index("tuition_charge", &["citizen_id"]),
        index("tuition_charge", &["division_code"]),
    ]
}

fn student_enrolment() -> TableCreateStatement {
    Table::create()
        .table("student_enrolment")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("student_no"))
        .col(text_null("school_id"))
        .col(text_null("school_code"))
        .col(text_null("stage"))
        .col(integer_null("grade"))
        .col(text_null("status"))
        .col(date_null("enrolled_on"))
        .col(date_null("expected_graduation_on"))
        .col(boolean_null("is_tertiary"))
        .col(integer_null("graduation_year"))
        .col(boolean_null("is_fresh_graduate"))
        .col(boolean_null("is_not_continuing"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn student_aid() -> TableCreateStatement {
    Table::create()
        .table("student_aid")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("amount", 14, 2))
        .col(integer_null("school_year"))
        .col(text_null("provider"))
        .col(date_null("granted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn student_loan() -> TableCreateStatement {
    Table::create()
        .table("student_loan")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(decimal_len_null("balance", 14, 2))
        .col(boolean_null("is_active"))
        .col(date_null("granted_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn tuition_charge() -> TableCreateStatement {
    Table::create()
        .table("tuition_charge")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("item"))
        .col(integer_null("school_year"))
        .col(decimal_len_null("due", 14, 2))
        .col(decimal_len_null("waived", 14, 2))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
