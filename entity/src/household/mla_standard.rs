//! A standard of the minimum living allowance (低保标准).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mla_standard")]
pub struct Model {
    /// Number of the standard (标准编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Where it holds (适用区划).
    pub division_code: Option<String>,
    /// Urban or rural (城镇或农村).
    pub urban_rural: Option<String>,
    /// Class of recipients, where standards differ by class (对象类别).
    pub class_code: Option<String>,
    /// Amount for one person (月标准).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly: Option<Decimal>,
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
