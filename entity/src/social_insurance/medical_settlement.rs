//! A settlement of a medical bill (医疗费用结算).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "medical_settlement")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Total cost (医疗总费用).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub total: Option<Decimal>,
    /// Cost within the rules of the insurance (合规医疗费用).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub eligible: Option<Decimal>,
    /// Paid by basic insurance (基本医保支付).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub basic_paid: Option<Decimal>,
    /// Paid by serious-illness insurance (大病保险支付).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub serious_paid: Option<Decimal>,
    /// Paid by supplementary insurance (补充保险支付).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub supplement_paid: Option<Decimal>,
    /// Paid by the person (个人自负).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub own_pay: Option<Decimal>,
    /// Settled on (结算日期).
    pub settled_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
