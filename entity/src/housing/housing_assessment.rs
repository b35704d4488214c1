//! A test of housing difficulty against the local limit (住房困难认定).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "housing_assessment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Floor area for each member (人均住房面积).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub per_capita_area_sqm: Option<Decimal>,
    /// Whether in housing difficulty (是否住房困难).
    pub is_difficult: Option<bool>,
    /// Version of the local rule (规则版本).
    pub rule_version: Option<String>,
    /// Assessed on (认定日期).
    pub assessed_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
