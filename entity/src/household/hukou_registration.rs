//! A household registration (户籍登记).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hukou_registration")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Place of registration, 12 digits or 6 and zeros (户籍地).
    pub registered_division_code: Option<String>,
    /// Class of the registration; many places have given it up (户籍性质).
    pub hukou_class: Option<String>,
    /// Number of the household book (户号).
    pub household_no: Option<String>,
    /// Relation to the head in the household book (与户主关系).
    pub relation_to_head_code: Option<String>,
    /// Registered address (户籍地址).
    pub address: Option<String>,
    /// State of the registration (户籍状态).
    pub status: Option<String>,
    /// Day of the last change (变动日期).
    pub changed_on: Option<Date>,
    /// Whether the person can register a household of their own (能否单独立户).
    pub can_register_separately: Option<bool>,
    /// Where the person lives, often not the place of registration (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
