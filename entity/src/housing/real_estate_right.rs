//! A registered right in real estate (不动产权利).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "real_estate_right")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the owner (权利人身份号码).
    pub owner_citizen_id: Option<String>,
    /// Code of the real-property unit (不动产单元号).
    pub unit_code: Option<String>,
    /// Kind of right (权利类型).
    pub right_kind: Option<String>,
    /// Share of the owner, from 0 to 1 (权利份额).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub share: Option<Decimal>,
    /// Floor area (建筑面积).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub area_sqm: Option<Decimal>,
    /// Registered use (用途).
    pub use_code: Option<String>,
    /// Whether the registered use is to live in (是否住宅).
    pub is_dwelling: Option<bool>,
    /// Where the property lies (坐落).
    pub address: Option<String>,
    /// Division in which the property lies (坐落区划).
    pub location_division_code: Option<String>,
    /// Registered on (登记日期).
    pub registered_on: Option<Date>,
    /// State of the right (权利状态).
    pub status: Option<String>,
    /// Where the owner lives, not where the property lies (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
