//! Published standards.

use sea_orm_migration::prelude::{IndexCreateStatement, Table, TableCreateStatement};
use sea_orm_migration::schema::{boolean_null, date_null, decimal_len_null, text, text_null};

use crate::index::index;

pub(super) fn tables() -> Vec<TableCreateStatement> {
    vec![min_wage(), serious_illness_rule(), serious_illness_band()]
}

pub(super) fn indexes() -> Vec<IndexCreateStatement> {
    vec![index("serious_illness_band", &["rule_id"])]
}

fn min_wage() -> TableCreateStatement {
    Table::create()
        .table("min_wage")
        .col(text("id").primary_key())
        .col(text_null("division_code"))
        .col(decimal_len_null("monthly", 14, 2))
        .col(decimal_len_null("hourly", 14, 2))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text_null("legal_basis"))
        .col(boolean_null("is_sample"))
        .col(date_null("as_of"))
        .to_owned()
}

fn serious_illness_rule() -> TableCreateStatement {
    Table::create()
        .table("serious_illness_rule")
        .col(text("id").primary_key())
        .col(text_null("division_code"))
        .col(text_null("target_group"))
        .col(decimal_len_null("deductible", 14, 2))
        .col(decimal_len_null("annual_cap", 14, 2))
        .col(date_null("valid_from"))
        .col(date_null("valid_to"))
        .col(text_null("legal_basis"))
        .col(boolean_null("is_sample"))
        .col(date_null("as_of"))
        .to_owned()
}

fn serious_illness_band() -> TableCreateStatement {
    Table::create()
        .table("serious_illness_band")
        .col(text("id").primary_key())
        .col(text_null("rule_id"))
        .col(decimal_len_null("lower_bound", 14, 2))
        .col(decimal_len_null("upper_bound", 14, 2))
        .col(decimal_len_null("ratio", 18, 4))
        .col(date_null("as_of"))
        .to_owned()
}
