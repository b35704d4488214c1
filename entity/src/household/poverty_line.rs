//! A provincial poverty line of a year (省定贫困线).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_line")]
pub struct Model {
    /// Number of the line (标准编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Province (省份).
    pub division_code: Option<String>,
    /// Year (年度).
    pub year: Option<i32>,
    /// Amount for one person (年标准).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub annual: Option<Decimal>,
    /// The document that sets it (依据文件).
    pub legal_basis: Option<String>,
    /// Whether an example and not an official figure (是否示例数据).
    pub is_sample: Option<bool>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
