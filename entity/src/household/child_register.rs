//! A child in the child register (儿童台账).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "child_register")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the child (儿童身份号码).
    pub citizen_id: Option<String>,
    /// Why the child is registered (儿童类别).
    pub kind: Option<String>,
    /// Citizen number of the guardian (监护人身份号码).
    pub guardian_citizen_id: Option<String>,
    /// Registered on (登记日期).
    pub registered_on: Option<Date>,
    /// Whether still registered (是否在册).
    pub is_current: Option<bool>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
