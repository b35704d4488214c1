//! Work away from home, organised for registered-poor people (转移就业).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfer_employment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Place of work (就业地).
    pub work_division_code: Option<String>,
    /// Since (转移日期).
    pub started_on: Option<Date>,
    /// Until (返回日期).
    pub ended_on: Option<Date>,
    /// Who organised it (组织单位).
    pub organised_by: Option<String>,
    /// Follow-ups so far (跟踪次数).
    pub follow_up_count: Option<i32>,
    /// Latest follow-up (最近跟踪日期).
    pub last_followed_up_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
