//! An award of destitute support (特困供养).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "destitute_award")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Mode of support (供养方式).
    pub support_mode: Option<String>,
    /// Capacity for self-care (生活自理能力).
    pub self_care_level: Option<String>,
    /// Institution that gives the support (供养机构).
    pub institution_id: Option<String>,
    /// Living subsidy (基本生活费).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub living_subsidy: Option<Decimal>,
    /// Nursing subsidy (照料护理费).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub nursing_subsidy: Option<Decimal>,
    /// Whether it is paid now (是否发放中).
    pub is_in_payment: Option<bool>,
    /// Paid since (起始日期).
    pub started_on: Option<Date>,
    /// Ended on (终止日期).
    pub ended_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
