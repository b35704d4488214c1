//! An event with a big expense or loss; how big is undefined in the notice (大量支出、损失).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "hardship_event")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of event (事件种类).
    pub kind: Option<String>,
    /// Day of the event (发生日期).
    pub occurred_on: Option<Date>,
    /// Expense (支出金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub expense: Option<Decimal>,
    /// Loss (损失金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub loss: Option<Decimal>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
