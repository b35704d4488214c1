//! Income of a household for each member in a month; the three terms of 003 are never swapped
//! (家庭人均收入).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_income_summary")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// Month (收入月份).
    pub year_month: Option<String>,
    /// Members the sum was divided by (计入人数).
    pub member_count: Option<i32>,
    /// Income for each member (家庭人均收入).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub per_capita_monthly: Option<Decimal>,
    /// Disposable living-expense income each, undefined in 003 (人均可支配生活费收入).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub disposable_living_per_capita: Option<Decimal>,
    /// Living-expense income each, undefined in 003 (人均生活费收入).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub living_per_capita: Option<Decimal>,
    /// Whether aid itself is counted in (是否含救助款).
    pub is_after_aid: Option<bool>,
    /// Version of the formula (规则版本).
    pub rule_version: Option<String>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
