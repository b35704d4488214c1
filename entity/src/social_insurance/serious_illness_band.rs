//! A band of cost and the ratio paid in it (大病保险分段比例).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "serious_illness_band")]
pub struct Model {
    /// Number of the band (分段编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The rule (规则编号).
    pub rule_id: Option<String>,
    /// From, inclusive (分段下限).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub lower_bound: Option<Decimal>,
    /// To, none in the highest band (分段上限).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub upper_bound: Option<Decimal>,
    /// Ratio paid, from 0 to 1; “5 %” more in 002 may mean points or parts (支付比例).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub ratio: Option<Decimal>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
