//! Parameters of serious-illness insurance (大病保险参数).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "serious_illness_rule")]
pub struct Model {
    /// Number of the rule (规则编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Where it holds (适用区划).
    pub division_code: Option<String>,
    /// Whom it is for (适用人群).
    pub target_group: Option<String>,
    /// Deductible (起付标准).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub deductible: Option<Decimal>,
    /// Cap of a year (年度最高支付限额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub annual_cap: Option<Decimal>,
    /// In force from (施行日期).
    pub valid_from: Option<Date>,
    /// In force until (停止日期).
    pub valid_to: Option<Date>,
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
