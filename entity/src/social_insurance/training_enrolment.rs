//! A person's training (培训记录).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training_enrolment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The project (项目编号).
    pub project_id: Option<String>,
    /// Training plan signed on (培训计划书签订日期).
    pub plan_signed_on: Option<Date>,
    /// Began on (开始日期).
    pub started_on: Option<Date>,
    /// Completed on (结业日期).
    pub completed_on: Option<Date>,
    /// Number of the certificate (培训合格证书编号).
    pub certificate_no: Option<String>,
    /// Whether the fee was waived (是否减免培训费).
    pub is_fee_waived: Option<bool>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
