//! A job introduced to a person, and the answer (介绍工作).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_offer")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The vacancy (岗位编号).
    pub vacancy_id: Option<String>,
    /// Offered on (介绍日期).
    pub offered_on: Option<Date>,
    /// Department that introduced it (介绍单位).
    pub introduced_by: Option<String>,
    /// Whether it suits health, capacity and duties of care (适应性).
    pub suitability: Option<String>,
    /// The answer (答复).
    pub response: Option<String>,
    /// Answered on (答复日期).
    pub responded_on: Option<Date>,
    /// Reason of a refusal (拒绝原因).
    pub reason_code: Option<String>,
    /// Whether the reason was accepted as proper, by a person (理由是否正当).
    pub reason_accepted: Option<bool>,
    /// Refused, suitable, and without an accepted reason (是否无正当理由拒绝).
    pub is_unjustified_refusal: Option<bool>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
