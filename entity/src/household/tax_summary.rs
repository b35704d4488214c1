//! A person's tax of a year (个人税务年度汇总).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tax_summary")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Year (年度).
    pub year: Option<i32>,
    /// Income declared (申报收入).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub declared_income: Option<Decimal>,
    /// Tax paid (已缴税额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub tax_paid: Option<Decimal>,
    /// Band of the income as tax answers it (收入区间).
    pub income_band: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
