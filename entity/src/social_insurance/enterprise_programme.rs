//! A structural-reform programme that an enterprise is in (企业改革类别).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_programme")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Credit code of the enterprise (企业信用代码).
    pub uscc: Option<String>,
    /// Programme (类别).
    pub kind: Option<String>,
    /// Since (起始日期).
    pub started_on: Option<Date>,
    /// Until (截止日期).
    pub ended_on: Option<Date>,
    /// Where the enterprise is (企业所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
