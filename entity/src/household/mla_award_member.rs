//! A person's share in an allowance award (低保成员).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mla_award_member")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The award (低保编号).
    pub award_id: Option<String>,
    /// The person's own share, which alone refusals of work can cut (本人保障金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly_share: Option<Decimal>,
    /// Whether the share is paid now (是否发放中).
    pub is_in_payment: Option<bool>,
    /// Paid since (起始日期).
    pub started_on: Option<Date>,
    /// Ended on (终止日期).
    pub ended_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
