//! Family status, allowances and subsidies of civil affairs.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        marriage_registration(),
        assistance_identity(),
        mla_award(),
        mla_award_member(),
        destitute_award(),
        temporary_assistance(),
        disability_subsidy(),
        elderly_subsidy(),
        price_supplement(),
        child_register(),
        charity_aid(),
        service_record(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("marriage_registration", &["citizen_id"]),
        index("marriage_registration", &["division_code"]),
        index("assistance_identity", &["citizen_id"]),
        index("assistance_identity", &["household_id"]),
        index("assistance_identity", &["division_code", "id"]),
        index("mla_award", &["citizen_id"]),
        index("mla_award", &["household_id"]),
        index("mla_award", &["division_code", "id"]),
        index("mla_award_member", &["citizen_id"]),
        index("mla_award_member", &["award_id"]),
        index("mla_award_member", &["division_code"]),
        index("destitute_award", &["citizen_id"]),
        index("destitute_award", &["division_code", "id"]),
        index("temporary_assistance", &["citizen_id"]),
        index("temporary_assistance", &["household_id"]),
        index("temporary_assistance", &["division_code", "id"]),
        index("disability_subsidy", &["citizen_id"]),
        index("disability_subsidy", &["division_code", "id"]),
        index("elderly_subsidy", &["citizen_id"]),
        index("elderly_subsidy", &["division_code"]),
        index("price_supplement", &["citizen_id"]),
        index("price_supplement", &["household_id"]),
        index("price_supplement", &["division_code"]),
        index("child_register", &["citizen_id"]),
        index("child_register", &["division_code"]),
        index("charity_aid", &["citizen_id"]),
        index("charity_aid", &["household_id"]),
        index("charity_aid", &["division_code"]),
        index("service_record", &["citizen_id"]),
        index("service_record", &["household_id"]),
        index("service_record", &["division_code"]),
    ]
}

fn marriage_registration() -> TableCreateStatement {
    Table::create()
        .table("marriage_registration")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("spouse_citizen_id"))
        .col(text_null("kind"))
        .col(text_null("certificate_no"))
        .col(date_null("registered_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn assistance_identity() -> TableCreateStatement {
    Table::create()
        .table("assistance_identity")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("household_id"))
        .col(text_null("category"))
        .col(text_null("determined_by"))
        .col(date_null("determined_on"))
        .col(date_null("valid_to"))
        .col(date_null("next_review_on"))
        .col(text_null("status"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn mla_award() -> TableCreateStatement {
    Table::create()
        .table("mla_award")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("unit_type"))
        .col(text_null("unit_reason"))
        .col(text_null("class_code"))
        .col(integer_null("member_count"))
        .col(decimal_len_null("monthly_amount", 14, 2))
        .col(text_null("status"))
        .col(boolean_null("is_in_payment"))
        .col(date_null("started_on"))
        .col(date_null("taper_started_on"))
        .col(date_null("taper_planned_end_on"))
        .col(date_null("ended_on"))
        .col(text_null("end_reason"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn mla_award_member() -> TableCreateStatement {
    Table::create()
        .table("mla_award_member")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("award_id"))
        .col(decimal_len_null("monthly_share", 14, 2))
        .col(boolean_null("is_in_payment"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn destitute_award() -> TableCreateStatement {
    Table::create()
        .table("destitute_award")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("support_mode"))
        .col(text_null("self_care_level"))
        .col(text_null("institution_id"))
        .col(decimal_len_null("living_subsidy", 14, 2))
        .col(decimal_len_null("nursing_subsidy", 14, 2))
        .col(boolean_null("is_in_payment"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn temporary_assistance() -> TableCreateStatement {
    Table::create()
        .table("temporary_assistance")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(text_null("cause_code"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("decided_on"))
        .col(boolean_null("is_prior_relief"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn disability_subsidy() -> TableCreateStatement {
    Table::create()
        .table("disability_subsidy")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(boolean_null("is_in_payment"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn elderly_subsidy() -> TableCreateStatement {
    Table::create()
        .table("elderly_subsidy")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(boolean_null("is_in_payment"))
        .col(date_null("started_on"))
        .col(date_null("ended_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn price_supplement() -> TableCreateStatement {
    Table::create()
        .table("price_supplement")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("year_month"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("paid_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn child_register() -> TableCreateStatement {
    Table::create()
        .table("child_register")
        .col(text("id").primary_key())
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(text_null("guardian_citizen_id"))
        .col(date_null("registered_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn charity_aid() -> TableCreateStatement {
    Table::create()
        .table("charity_aid")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("organisation_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("amount", 14, 2))
        .col(date_null("given_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn service_record() -> TableCreateStatement {
    Table::create()
        .table("service_record")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(text_null("provider_id"))
        .col(date_null("served_on"))
        .col(decimal_len_null("quantity", 18, 4))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
