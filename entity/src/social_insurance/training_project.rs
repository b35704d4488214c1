//! A training course as published (培训项目).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "training_project")]
pub struct Model {
    /// Number of the project (项目编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Name (项目名称).
    pub name: Option<String>,
    /// Kind of training (培训种类).
    pub kind: Option<String>,
    /// Length in days (培训天数).
    pub days: Option<i32>,
    /// Training institution (培训机构).
    pub provider_id: Option<String>,
    /// Whether it is on the list of free training (是否免费培训).
    pub is_free: Option<bool>,
    /// Begins on (开班日期).
    pub starts_on: Option<Date>,
    /// Where it is held (培训地).
    pub place_division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
