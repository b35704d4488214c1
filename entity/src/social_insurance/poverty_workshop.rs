//! A poverty-alleviation workshop (扶贫车间).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_workshop")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Kind of workshop (车间类型).
    pub kind: Option<String>,
    /// Name (车间名称).
    pub name: Option<String>,
    /// Credit code of the enterprise that runs it (设立企业).
    pub uscc: Option<String>,
    /// Where the workshop is (车间所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
