//! What work and training a person wishes for (就业、培训意愿).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_wish")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Whether the person wants a job (就业意愿).
    pub wants_job: Option<bool>,
    /// Whether the person wants training (培训意愿).
    pub wants_training: Option<bool>,
    /// Skills (就业技能).
    pub skills: Option<String>,
    /// Occupation wished for (意向职业).
    pub occupation_code: Option<String>,
    /// Recorded on (登记日期).
    pub recorded_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
