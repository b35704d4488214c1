//! A consumer price index of a month (居民消费价格指数).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "price_index")]
pub struct Model {
    /// Number of the entry (指数编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Where it holds (适用区划).
    pub division_code: Option<String>,
    /// Month (月份).
    pub year_month: Option<String>,
    /// Index, the same month of the year before being 100 (指数).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub value: Option<Decimal>,
    /// The publication it is from (发布文件).
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
