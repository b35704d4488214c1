//! An assessment of vocational skill (职业技能鉴定).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "skill_assessment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Where the assessment body is, and where the subsidy is claimed (鉴定机构所在地).
    pub body_division_code: Option<String>,
    /// Whether the person's first (是否初次鉴定).
    pub is_first: Option<bool>,
    /// Certificate obtained (证书种类).
    pub certificate_kind: Option<String>,
    /// Standard fee (鉴定费标准).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub fee_standard: Option<Decimal>,
    /// Fee paid (实际鉴定费).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub fee_actual: Option<Decimal>,
    /// Passed on (通过日期).
    pub passed_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
