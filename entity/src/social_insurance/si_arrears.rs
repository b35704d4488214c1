//! Contributions that an employer owes (欠缴社会保险费).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "si_arrears")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Credit code of the employer (单位信用代码).
    pub uscc: Option<String>,
    /// Insurance (险种).
    pub insurance_type: Option<String>,
    /// First month owed (欠缴起始月份).
    pub start_month: Option<String>,
    /// Last month owed (欠缴截止月份).
    pub end_month: Option<String>,
    /// Amount owed (欠缴金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Whether it is repaid in full (是否补缴).
    pub is_repaid: Option<bool>,
    /// Day of repayment (补缴日期).
    pub repaid_on: Option<Date>,
    /// Where the employer is (单位所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
