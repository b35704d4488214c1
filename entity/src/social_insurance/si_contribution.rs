//! A month's contribution to one insurance (缴费记录).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "si_contribution")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Insurance (险种).
    pub insurance_type: Option<String>,
    /// Month (费款所属期).
    pub year_month: Option<String>,
    /// Contribution base, from which the wage can be told (缴费基数).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub base: Option<Decimal>,
    /// The person's part (个人缴费).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub personal: Option<Decimal>,
    /// The employer's part (单位缴费).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub employer: Option<Decimal>,
    /// Day of payment (到账日期).
    pub paid_on: Option<Date>,
    /// Who pays (缴费主体).
    pub payer_kind: Option<String>,
    /// Credit code of the paying employer (缴费单位).
    pub employer_uscc: Option<String>,
    /// Place of insurance (参保地).
    pub place_division_code: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
