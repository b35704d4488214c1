//! Medical assistance (医疗救助).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_assistance")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Form (救助方式).
    pub form: Option<String>,
    /// Class of the person, which follows the identity of the day of treatment (救助对象类别).
    pub target_class: Option<String>,
    /// Amount (救助金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Paid on (支付日期).
    pub paid_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
