//! A test whether a worker is relieved or out of hardship (解困、脱困评估).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_exit_evaluation")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Months in a row above the standard of each month; a gap ends the run (连续超标准月数).
    pub consecutive_months_above: Option<i32>,
    /// Whether the cause is certified as resolved (致困因素是否消除).
    pub is_cause_resolved: Option<bool>,
    /// Result, a person's decision (评估结果).
    pub result: Option<String>,
    /// Who decided (认定人).
    pub decided_by: Option<String>,
    /// Day of the decision (认定日期).
    pub decided_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day for which the evaluation holds (评估日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
