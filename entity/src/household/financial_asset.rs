//! A financial asset as a bank answered through the People's Bank (金融资产).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "financial_asset")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind (资产种类).
    pub kind: Option<String>,
    /// Balance, where the bank gave one (余额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub balance: Option<Decimal>,
    /// Band, where the bank gave a band instead (余额区间).
    pub band: Option<String>,
    /// Whether above the limit in force on that day, as the bank answered (是否超过限额).
    pub is_above_limit: Option<bool>,
    /// The institution (金融机构代码).
    pub institution_code: Option<String>,
    /// Day of the answer (反馈日期).
    pub answered_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
