//! A pension (养老待遇).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pension_benefit")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Pension insurance that pays (险种).
    pub insurance_type: Option<String>,
    /// Monthly amount (月待遇金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly: Option<Decimal>,
    /// Basic pension within it, for residents (基础养老金).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub basic_monthly: Option<Decimal>,
    /// Paid since (待遇起始日期).
    pub started_on: Option<Date>,
    /// Day of the latest payment (最近发放日期).
    pub paid_on: Option<Date>,
    /// State of the benefit (待遇状态).
    pub status: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
