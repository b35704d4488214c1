//! Files of workers in difficulty and what hangs from them.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        union_file(),
        union_file_cause(),
        union_measure(),
        union_form(),
        union_contact_card(),
        union_exit_evaluation(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("union_file", &["citizen_id"]),
        index("union_file", &["household_id"]),
        index("union_file", &["division_code", "file_no"]),
        index("union_file_cause", &["citizen_id"]),
        index("union_file_cause", &["file_no"]),
        index("union_file_cause", &["division_code"]),
        index("union_measure", &["citizen_id"]),
        index("union_measure", &["file_no"]),
        index("union_measure", &["division_code"]),
        index("union_form", &["citizen_id"]),
        index("union_form", &["file_no"]),
        index("union_form", &["division_code"]),
        index("union_contact_card", &["citizen_id"]),
        index("union_contact_card", &["file_no"]),
        index("union_contact_card", &["division_code"]),
        index("union_exit_evaluation", &["citizen_id"]),
        index("union_exit_evaluation", &["file_no"]),
        index("union_exit_evaluation", &["division_code"]),
    ]
}

fn union_file() -> TableCreateStatement {
    Table::create()
        .table("union_file")
        .col(text("file_no").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("keeping_union_id"))
        .col(text_null("level"))
        .col(text_null("target_class"))
        .col(integer_null("difficulty_class"))
        .col(text_null("depth"))
        .col(text_null("status"))
        .col(boolean_null("is_active"))
        .col(date_null("opened_on"))
        .col(date_null("closed_on"))
        .col(text_null("close_reason"))
        .col(decimal_len_null("monthly_income", 14, 2))
        .col(text_null("responsible_officer"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_file_cause() -> TableCreateStatement {
    Table::create()
        .table("union_file_cause")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("code"))
        .col(boolean_null("is_main"))
        .col(text_null("description"))
        .col(boolean_null("is_resolved"))
        .col(date_null("resolved_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_measure() -> TableCreateStatement {
    Table::create()
        .table("union_measure")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("batch"))
        .col(text_null("kind"))
        .col(text_null("responsible_department"))
        .col(date_null("planned_on"))
        .col(date_null("done_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_form() -> TableCreateStatement {
    Table::create()
        .table("union_form")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(text_null("version"))
        .col(text_null("content_json"))
        .col(date_null("signed_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_contact_card() -> TableCreateStatement {
    Table::create()
        .table("union_contact_card")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("contact_person"))
        .col(text_null("contact_phone"))
        .col(boolean_null("is_active"))
        .col(date_null("issued_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_exit_evaluation() -> TableCreateStatement {
    Table::create()
        .table("union_exit_evaluation")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(integer_null("consecutive_months_above"))
        .col(boolean_null("is_cause_resolved"))
        .col(text_null("result"))
        .col(text_null("decided_by"))
        .col(date_null("decided_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
