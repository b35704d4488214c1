//! A donation for public good deducted from income tax (公益捐赠税前扣除).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "donation_deduction")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the donor, where a person gave (捐赠人身份号码).
    pub citizen_id: Option<String>,
    /// Credit code of the donor, where an organisation gave (捐赠单位).
    pub donor_uscc: Option<String>,
    /// Year (年度).
    pub year: Option<i32>,
    /// Amount deducted (扣除金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Where the donor is (捐赠人所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
