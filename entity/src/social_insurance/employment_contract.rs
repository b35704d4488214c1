//! A contract of work (劳动、用工或承揽合同).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "employment_contract")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of contract (合同种类).
    pub kind: Option<String>,
    /// Signed on (签订日期).
    pub signed_on: Option<Date>,
    /// Begins on (起始日期).
    pub start_on: Option<Date>,
    /// Ends on (终止日期).
    pub end_on: Option<Date>,
    /// Whether it has no end (是否无固定期限).
    pub is_open_ended: Option<bool>,
    /// Credit code of the employer (用人单位).
    pub employer_uscc: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
