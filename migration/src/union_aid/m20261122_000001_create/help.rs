//! Membership, work, events, aid and visits.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![union_membership(), worker_profile(), hardship_event(), union_aid(), union_visit()]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("union_membership", &["citizen_id"]),
        index("union_membership", &["division_code"]),
        index("worker_profile", &["citizen_id"]),
        index("worker_profile", &["division_code"]),
        index("hardship_event", &["citizen_id"]),
        index("hardship_event", &["file_no"]),
        index("hardship_event", &["division_code"]),
        index("union_aid", &["citizen_id"]),
        index("union_aid", &["file_no"]),
        index("union_aid", &["household_id"]),
        index("union_aid", &["division_code", "id"]),
        index("union_visit", &["citizen_id"]),
        index("union_visit", &["file_no"]),
        index("union_visit", &["division_code"]),
    ]
}

fn union_membership() -> TableCreateStatement {
    Table::create()
        .table("union_membership")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("union_id"))
        .col(date_null("joined_on"))
        .col(date_null("left_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn worker_profile() -> TableCreateStatement {
    Table::create()
        .table("worker_profile")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("status"))
        .col(boolean_null("is_migrant_worker"))
        .col(text_null("employer_uscc"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn hardship_event() -> TableCreateStatement {
    Table::create()
        .table("hardship_event")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(date_null("occurred_on"))
        .col(decimal_len_null("expense", 14, 2))
        .col(decimal_len_null("loss", 14, 2))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_aid() -> TableCreateStatement {
    Table::create()
        .table("union_aid")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("in_kind"))
        .col(date_null("given_on"))
        .col(text_null("fund"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn union_visit() -> TableCreateStatement {
    Table::create()
        .table("union_visit")
        .col(text("id").primary_key())
        .col(text_null("file_no"))
        .col(text_null("citizen_id"))
        .col(date_null("visited_on"))
        .col(text_null("officer_id"))
        .col(text_null("findings"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
