//! Income, property, surveys and disasters, as civil affairs found them.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, integer_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![
        household_income(),
        household_income_summary(),
        household_expenditure(),
        property_assessment(),
        disaster_household(),
        relief_issue(),
        household_survey(),
        spot_check(),
        democratic_appraisal(),
    ]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        index("household_income", &["citizen_id"]),
        index("household_income", &["household_id"]),
        index("household_income", &["division_code"]),
        index("household_income_summary", &["citizen_id"]),
        index("household_income_summary", &["household_id"]),
        index("household_income_summary", &["division_code"]),
        index("household_expenditure", &["citizen_id"]),
        index("household_expenditure", &["household_id"]),
        index("household_expenditure", &["division_code"]),
        index("property_assessment", &["citizen_id"]),
        index("property_assessment", &["household_id"]),
        index("property_assessment", &["division_code"]),
        index("disaster_household", &["citizen_id"]),
        index("disaster_household", &["household_id"]),
        index("disaster_household", &["division_code", "id"]),
        index("relief_issue", &["citizen_id"]),
        index("relief_issue", &["household_id"]),
        index("relief_issue", &["division_code"]),
        index("household_survey", &["citizen_id"]),
        index("household_survey", &["household_id"]),
        index("household_survey", &["division_code"]),
        index("spot_check", &["citizen_id"]),
        index("spot_check", &["household_id"]),
        index("spot_check", &["division_code", "id"]),
        index("democratic_appraisal", &["citizen_id"]),
        index("democratic_appraisal", &["household_id"]),
        index("democratic_appraisal", &["division_code"]),
    ]
}

fn household_income() -> TableCreateStatement {
    Table::create()
        .table("household_income")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("year_month"))
        .col(text_null("kind"))
        .col(text_null("basis"))
        .col(decimal_len_null("amount", 14, 2))
        .col(decimal_len_null("employment_cost_deduction", 14, 2))
        .col(text_null("source_department"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn household_income_summary() -> TableCreateStatement {
    Table::create()
        .table("household_income_summary")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("year_month"))
        .col(integer_null("member_count"))
        .col(decimal_len_null("per_capita_monthly", 14, 2))
        .col(decimal_len_null("disposable_living_per_capita", 14, 2))
        .col(decimal_len_null("living_per_capita", 14, 2))
        .col(boolean_null("is_after_aid"))
        .col(text_null("rule_version"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn household_expenditure() -> TableCreateStatement {
    Table::create()
        .table("household_expenditure")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("period_from"))
        .col(text_null("period_to"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn property_assessment() -> TableCreateStatement {
    Table::create()
        .table("property_assessment")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(boolean_null("is_compliant"))
        .col(text_null("findings"))
        .col(text_null("rule_version"))
        .col(date_null("assessed_on"))
        .col(boolean_null("is_current"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn disaster_household() -> TableCreateStatement {
    Table::create()
        .table("disaster_household")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("event_id"))
        .col(date_null("occurred_on"))
        .col(text_null("damage_kind"))
        .col(boolean_null("is_temporarily_resettled"))
        .col(date_null("housing_solved_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn relief_issue() -> TableCreateStatement {
    Table::create()
        .table("relief_issue")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("item"))
        .col(decimal_len_null("quantity", 18, 4))
        .col(decimal_len_null("amount", 14, 2))
        .col(text_null("priority_class"))
        .col(date_null("issued_on"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn household_survey() -> TableCreateStatement {
    Table::create()
        .table("household_survey")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("kind"))
        .col(date_null("visited_on"))
        .col(text_null("surveyors"))
        .col(text_null("findings"))
        .col(text_null("attachments"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn spot_check() -> TableCreateStatement {
    Table::create()
        .table("spot_check")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(text_null("batch_id"))
        .col(text_null("selected_by"))
        .col(date_null("checked_on"))
        .col(text_null("result"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}

fn democratic_appraisal() -> TableCreateStatement {
    Table::create()
        .table("democratic_appraisal")
        .col(text("id").primary_key())
        .col(text_null("household_id"))
        .col(text_null("citizen_id"))
        .col(date_null("held_on"))
        .col(text_null("result"))
        .col(text_null("division_code"))
        .col(date_null("as_of"))
        .to_owned()
}
