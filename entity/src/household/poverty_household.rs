//! A registered-poor household (建档立卡贫困户).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "poverty_household")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the head (户主身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
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
    /// Cause of poverty by the national register, codes not confirmed (致贫原因).
    pub cause_code: Option<String>,
    /// Whether relocated (是否易地搬迁).
    pub is_relocated: Option<bool>,
    /// Relocated on (搬迁日期).
    pub relocated_on: Option<Date>,
    /// Relocated from (迁出地).
    pub from_division_code: Option<String>,
    /// Relocated to (迁入地).
    pub to_division_code: Option<String>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
