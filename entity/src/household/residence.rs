//! A place where a person lives or lived (居住地).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "residence")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Address (居住地址).
    pub address: Option<String>,
    /// Lives there since (居住起始日期).
    pub started_on: Option<Date>,
    /// Lived there until (居住截止日期).
    pub ended_on: Option<Date>,
    /// Whether the person lives there now (是否现居住地).
    pub is_current: Option<bool>,
    /// Division of this residence (居住地区划).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
