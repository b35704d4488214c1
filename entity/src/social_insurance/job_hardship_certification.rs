//! Certification as hard to employ (就业困难人员认定).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_hardship_certification")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Category of the local rules, none being in the notices (困难类别).
    pub category: Option<String>,
    /// Whether “especially hard”, undefined in the notice (是否特别困难).
    pub is_severe: Option<bool>,
    /// Valid from (有效期起).
    pub valid_from: Option<Date>,
    /// Valid to (有效期止).
    pub valid_to: Option<Date>,
    /// Whether it is in force (是否有效).
    pub is_current: Option<bool>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
