//! Registration in work (就业登记).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "employment_registration")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of work (就业类型).
    pub kind: Option<String>,
    /// Credit code of the employer (用人单位).
    pub employer_uscc: Option<String>,
    /// In work since (就业日期).
    pub started_on: Option<Date>,
    /// In work until (终止日期).
    pub ended_on: Option<Date>,
    /// Whether the work goes on (是否在业).
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
