//! A residence permit for people registered elsewhere (居住证).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "residence_permit")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Number of the permit (居住证编号).
    pub number: Option<String>,
    /// Division that issued it (签发地).
    pub issuing_division_code: Option<String>,
    /// First day of validity (有效期起).
    pub valid_from: Option<Date>,
    /// Last day of validity (有效期止).
    pub valid_to: Option<Date>,
    /// State of the permit (证件状态).
    pub status: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
