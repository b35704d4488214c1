//! A motor vehicle (机动车).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "vehicle")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the owner (所有人身份号码).
    pub owner_citizen_id: Option<String>,
    /// Plate number (号牌号码).
    pub plate_no: Option<String>,
    /// Kind of plate (号牌种类).
    pub plate_kind_code: Option<String>,
    /// Type of vehicle (车辆类型).
    pub vehicle_type_code: Option<String>,
    /// Nature of use (使用性质).
    pub use_nature_code: Option<String>,
    /// First registered on (注册登记日期).
    pub registered_on: Option<Date>,
    /// State of the registration (机动车状态).
    pub status_code: Option<String>,
    /// Whether registered and neither scrapped nor cancelled (是否在用).
    pub is_in_use: Option<bool>,
    /// Assessed value (评估价值).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub assessed_value: Option<Decimal>,
    /// Where the owner lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
