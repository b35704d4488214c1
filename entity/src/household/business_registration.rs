//! A registered business (市场主体登记).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "business_registration")]
pub struct Model {
    /// Unified social credit code (统一社会信用代码).
    #[sea_orm(primary_key, auto_increment = false)]
    pub uscc: String,
    /// Name (名称).
    pub name: Option<String>,
    /// Kind (市场主体类型).
    pub kind: Option<String>,
    /// Established on (成立日期).
    pub established_on: Option<Date>,
    /// State of the registration (登记状态).
    pub status: Option<String>,
    /// Registered capital (注册资本).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub registered_capital: Option<Decimal>,
    /// Industry (行业代码).
    pub industry_code: Option<String>,
    /// Economic type (经济类型).
    pub economic_type_code: Option<String>,
    /// Whether in normal operation, undefined in the notice: an officer confirms (是否正常经营).
    pub is_operating_normally: Option<bool>,
    /// Months of normal operation (正常经营月数).
    pub months_operating: Option<i32>,
    /// Where the business is (住所地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
