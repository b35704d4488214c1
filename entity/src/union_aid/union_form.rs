//! A form of the file as it was signed; the notice's own layouts are not attached to it (登记表).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_form")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of form (表格种类).
    pub kind: Option<String>,
    /// Version of the layout (表格版本).
    pub version: Option<String>,
    /// The entries, which stay with the union (表格内容).
    pub content_json: Option<String>,
    /// Day of the signature (签字日期).
    pub signed_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
