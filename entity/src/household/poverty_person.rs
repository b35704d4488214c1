//! A member of a registered-poor household (建档立卡贫困人口).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_person")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The registered household (贫困户编号).
    pub poverty_household_id: Option<String>,
    /// State in the register (建档立卡状态).
    pub status: Option<String>,
    /// Whether registered now, for the first time or again (是否在册).
    pub is_current: Option<bool>,
    /// Registered on (建档日期).
    pub registered_on: Option<Date>,
    /// Out of poverty on (脱贫日期).
    pub exited_on: Option<Date>,
    /// Listed again on (返贫日期).
    pub relisted_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
