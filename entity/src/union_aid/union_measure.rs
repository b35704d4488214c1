//! A measure of help on a file (帮扶措施).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_measure")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The batch of 003 四(二) that it belongs to (四个一批).
    pub batch: Option<String>,
    /// The measure in words (措施内容).
    pub kind: Option<String>,
    /// Department that carries it out (责任单位).
    pub responsible_department: Option<String>,
    /// Planned day (计划日期).
    pub planned_on: Option<Date>,
    /// Day on which it was done (完成日期).
    pub done_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
