//! A public-welfare post (公益性岗位).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_welfare_post")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Kind of post (岗位种类).
    pub kind: Option<String>,
    /// Credit code of the employing body (用人单位).
    pub employer_uscc: Option<String>,
    /// How many people it can take (岗位数).
    pub quota: Option<i32>,
    /// Level of government that pays (出资层级).
    pub funder_level: Option<String>,
    /// Where the post is (岗位所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
