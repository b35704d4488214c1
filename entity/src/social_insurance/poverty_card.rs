//! The targeted-identification card of a registered-poor person (精准识别卡).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_card")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// State of the card, never deleted (卡状态).
    pub status: Option<String>,
    /// Version (版本).
    pub version: Option<i32>,
    /// Issued on (建卡日期).
    pub issued_on: Option<Date>,
    /// Who checked the person (核查人).
    pub checked_by: Option<String>,
    /// Checked on (核查日期).
    pub checked_on: Option<Date>,
    /// Entries; the notice's annex with the layout is missing (卡内容).
    pub content: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
