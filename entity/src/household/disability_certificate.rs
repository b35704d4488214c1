//! A disability certificate (残疾人证).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disability_certificate")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Number of the certificate (残疾证号).
    pub number: Option<String>,
    /// Category, 1 to 7 (残疾类别).
    pub category_code: Option<String>,
    /// Grade, 1 the most severe to 4 (残疾等级).
    pub grade_code: Option<String>,
    /// Severe by the local parameter; no notice says which grades (是否重度残疾).
    pub is_severe: Option<bool>,
    /// Valid from (有效期起).
    pub valid_from: Option<Date>,
    /// Valid to (有效期止).
    pub valid_to: Option<Date>,
    /// State of the certificate (证件状态).
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
