//! An award of the minimum living allowance (低保).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mla_award")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// Whether for a family or one person of it (保障单位).
    pub unit_type: Option<String>,
    /// Why for one person (单人户原因).
    pub unit_reason: Option<String>,
    /// Class of recipients, by local rules (对象类别).
    pub class_code: Option<String>,
    /// Members covered (保障人数).
    pub member_count: Option<i32>,
    /// Monthly amount of the award (保障金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly_amount: Option<Decimal>,
    /// State of the award (保障状态).
    pub status: Option<String>,
    /// Whether money is paid now: active, tapering or reduced (是否发放中).
    pub is_in_payment: Option<bool>,
    /// Paid since (起始日期).
    pub started_on: Option<Date>,
    /// Tapering since (渐退起始日期).
    pub taper_started_on: Option<Date>,
    /// Planned end of tapering, at least a year on (渐退计划截止日期).
    pub taper_planned_end_on: Option<Date>,
    /// Ended on (终止日期).
    pub ended_on: Option<Date>,
    /// Why it ended (终止原因).
    pub end_reason: Option<String>,
    /// Where the household lives, which is where the award is made public (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
