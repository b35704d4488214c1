//! An officer who accepts, surveys, reviews or decides (经办人).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "officer")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the officer, which kinship checks need (经办人身份号码).
    pub citizen_id: Option<String>,
    /// The organisation the officer works for (所在机构).
    pub organisation_id: Option<String>,
    /// Name (姓名).
    pub name: Option<String>,
    /// Roles, separated by commas (岗位角色).
    pub roles: Option<String>,
    /// Until when the training counts (培训有效期).
    pub trained_until: Option<Date>,
    /// Whether the officer is in post (是否在岗).
    pub is_active: Option<bool>,
    /// Division of the office (任职地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
