//! A household hit by a disaster (受灾家庭).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disaster_household")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the head (户主身份号码).
    pub citizen_id: Option<String>,
    /// The disaster (灾害事件).
    pub event_id: Option<String>,
    /// Day of the disaster (受灾日期).
    pub occurred_on: Option<Date>,
    /// Damage to the dwelling (房屋损毁情况).
    pub damage_kind: Option<String>,
    /// Whether still in temporary shelter (是否临时安置).
    pub is_temporarily_resettled: Option<bool>,
    /// Housing solved on (住房解决日期).
    pub housing_solved_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
