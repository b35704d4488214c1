//! Months of contribution to one insurance in one place (参保年限).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "si_contribution_summary")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Insurance (险种).
    pub insurance_type: Option<String>,
    /// Place of insurance (参保地).
    pub place_division_code: Option<String>,
    /// Months paid there (缴费月数).
    pub months: Option<i32>,
    /// First month (起始月份).
    pub first_month: Option<String>,
    /// Last month (截止月份).
    pub last_month: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
