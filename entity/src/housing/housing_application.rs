//! An application for housing security as the housing office keeps it (住房保障申请).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "housing_application")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Form of help applied for (保障方式).
    pub form: Option<String>,
    /// Class of the applicant (申请人类别).
    pub applicant_class: Option<String>,
    /// Applied on (申请日期).
    pub applied_on: Option<Date>,
    /// State of the application (申请状态).
    pub status: Option<String>,
    /// Decided on (审批日期).
    pub decided_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
