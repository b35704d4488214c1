//! A provident-fund account (住房公积金账户).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "housing_fund_account")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Account number (公积金账号).
    pub account_no: Option<String>,
    /// Credit code of the employer (缴存单位).
    pub employer_uscc: Option<String>,
    /// Deposit base, from which the wage can be told (缴存基数).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub base: Option<Decimal>,
    /// Monthly deposit of both parts (月缴存额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly_deposit: Option<Decimal>,
    /// Balance (账户余额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub balance: Option<Decimal>,
    /// Balance of a fund loan (贷款余额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub loan_balance: Option<Decimal>,
    /// Latest month with a deposit (最近缴存月份).
    pub last_deposit_month: Option<String>,
    /// State of the account (账户状态).
    pub status: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
