//! A marriage registration, one row for each of the two parties (婚姻登记).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "marriage_registration")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the party (当事人身份号码).
    pub citizen_id: Option<String>,
    /// Citizen number of the other party (配偶身份号码).
    pub spouse_citizen_id: Option<String>,
    /// What was registered (登记种类).
    pub kind: Option<String>,
    /// Number of the certificate (证件编号).
    pub certificate_no: Option<String>,
    /// Registered on (登记日期).
    pub registered_on: Option<Date>,
    /// Whether it is the state of today (是否当前状态).
    pub is_current: Option<bool>,
    /// Where the party lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
