//! A cause of hardship on a file (致困原因).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_file_cause")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The cause (致困原因).
    pub code: Option<String>,
    /// Whether it is the main cause (是否主要原因).
    pub is_main: Option<bool>,
    /// The cause in words (原因说明).
    pub description: Option<String>,
    /// Whether an officer certified that it is resolved (是否消除).
    pub is_resolved: Option<bool>,
    /// Day on which it was resolved (消除日期).
    pub resolved_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
