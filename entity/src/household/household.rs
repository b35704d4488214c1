//! A household as one purpose counts it (家庭口径); the member list differs with the purpose.

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household")]
pub struct Model {
    /// Number of the household view (家庭编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The purpose that the view serves (家庭类型).
    pub kind: Option<String>,
    /// Citizen number of the head (户主).
    pub head_citizen_id: Option<String>,
    /// Citizen number of the applicant (申请人).
    pub applicant_citizen_id: Option<String>,
    /// How many members count in a per-capita figure (家庭人口).
    pub member_count: Option<i32>,
    /// Urban or rural (城镇或农村).
    pub urban_rural: Option<String>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Address of the household (家庭住址).
    pub address: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
