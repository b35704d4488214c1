//! Persons, households, residence and organisations.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{big_integer, boolean_null, date_null, integer_null, text, text_null};

use crate::index::{index, unique_index};

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        person(),
        household(),
        household_member(),
        support_obligation(),
        hukou_registration(),
        residence_permit(),
        residence(),
        organisation(),
        officer(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique_index("person", &["citizen_id"]),
        index("person", &["division_code"]),
        index("household", &["division_code", "id"]),
        index("household_member", &["citizen_id"]),
        index("household_member", &["household_id"]),
        index("household_member", &["division_code"]),
        index("support_obligation", &["citizen_id"]),
        index("support_obligation", &["obligor_citizen_id"]),
        index("support_obligation", &["division_code"]),
        index("hukou_registration", &["citizen_id"]),
        index("hukou_registration", &["division_code"]),
        index("residence_permit", &["citizen_id"]),
        index("residence_permit", &["division_code"]),
        index("residence", &["citizen_id"]),
        index("residence", &["division_code"]),
        index("organisation", &["division_code", "id"]),
        index("officer", &["citizen_id"]),
        index("officer", &["organisation_id"]),
        index("officer", &["division_code"]),
    ]
}

fn person() -> TableCreateStatement {
    Table::create()
        .table("person")
        .col(big_integer("row_no").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("citizen_id_legacy"))
        .col(text_null("name"))
        .col(text_null("sex_code"))
        .col(date_null("birth_date"))
        .col(text_null("ethnicity_code"))
        .col(text_null("marital_status_code"))
        .col(text_null("health_status_code"))
        .col(text_null("labour_capacity"))
        .col(text_null("temp_id"))
        .col(text_null("vital_status"))
        .col(date_null("deceased_on"))
        .col(text_null("phone"))
        .col(boolean_null("has_fixed_income"))
        .col(date_null("retirement_date"))
        .col(date_null("pension_eligible_date"))
        .col(text_null("household_id"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn household() -> TableCreateStatement {
    Table::create()
        .table("household")
        .col(text("id").primary_key())
        .col(text_null("kind"))
        .col(text_null("head_citizen_id"))
        .col(text_null("applicant_citizen_id"))
        .col(integer_null("member_count"))
        .col(text_null("urban_rural"))
        .col(text_null("division_code"))
        .col(text_null("address"))
        .col(date_null("as_of"))
        .to_owned()
}

fn household_member() -> TableCreateStatement {
    Table::create()
        .table("household_member")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("relation_to_head_code"))
        .col(text_null("relation_to_applicant_code"))
        .col(boolean_null("is_counted"))
        .col(boolean_null("needs_care"))
        .col(text_null("needs_care_reason"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn support_obligation() -> TableCreateStatement {
    Table::create()
        .table("support_obligation")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("obligor_citizen_id"))
        .col(text_null("kind"))
        .col(boolean_null("has_capacity"))
        .col(date_null("assessed_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn hukou_registration() -> TableCreateStatement {
    Table::create()
        .table("hukou_registration")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("registered_division_code"))
        .col(text_null("hukou_class"))
        .col(text_null("household_no"))
        .col(text_null("relation_to_head_code"))
        .col(text_null("address"))
        .col(text_null("status"))
        .col(date_null("changed_on"))
        .col(boolean_null("can_register_separately"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn residence_permit() -> TableCreateStatement {
    Table::create()
        .table("residence_permit")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("number"))
        .col(text_null("issuing_division_code"))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn residence() -> TableCreateStatement {
    Table::create()
        .table("residence")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("address"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn organisation() -> TableCreateStatement {
    Table::create()
        .table("organisation")
        .col(text("id").primary_key())
        .col(text_null("uscc"))
        .col(text_null("name"))
        .col(text_null("function_code"))
        .col(text_null("industry_code"))
        .col(text_null("economic_type_code"))
        .col(text_null("level"))
        .col(text_null("parent_id"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn officer() -> TableCreateStatement {
    Table::create()
        .table("officer")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("organisation_id"))
        .col(text_null("name"))
        .col(text_null("roles"))
        .col(date_null("trained_until"))
        .col(boolean_null("is_active"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
