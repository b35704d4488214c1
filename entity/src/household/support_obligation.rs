//! A duty by law to support somebody (赡养、抚养、扶养义务).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "support_obligation")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person to be supported (被赡养、抚养、扶养人).
    pub citizen_id: Option<String>,
    /// Citizen number of the person bound to support (义务人).
    pub obligor_citizen_id: Option<String>,
    /// Kind of duty (义务种类).
    pub kind: Option<String>,
    /// Whether the person bound is able to (有无履行义务能力).
    pub has_capacity: Option<bool>,
    /// Day of the assessment (评估日期).
    pub assessed_on: Option<Date>,
    /// Where the person to be supported lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
