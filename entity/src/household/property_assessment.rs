//! A test of property against the local limits (财产状况认定).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "property_assessment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// Whether within the limits (是否符合规定).
    pub is_compliant: Option<bool>,
    /// What was found, item by item (认定情况).
    pub findings: Option<String>,
    /// Version of the local rule (规则版本).
    pub rule_version: Option<String>,
    /// Assessed on (认定日期).
    pub assessed_on: Option<Date>,
    /// Whether it is the assessment in force (是否有效).
    pub is_current: Option<bool>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
