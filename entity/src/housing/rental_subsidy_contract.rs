//! A lease with a rental subsidy; without a filed contract nothing is paid (租赁补贴合同).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rental_subsidy_contract")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Filing number (备案号).
    pub filed_no: Option<String>,
    /// Filed on (备案日期).
    pub filed_on: Option<Date>,
    /// Begins on (起始日期).
    pub start_on: Option<Date>,
    /// Ends on (终止日期).
    pub end_on: Option<Date>,
    /// Monthly subsidy (月补贴金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly: Option<Decimal>,
    /// State of the subsidy (补贴状态).
    pub status: Option<String>,
    /// Next review due, the interval being a local parameter (下次复核日期).
    pub next_review_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
