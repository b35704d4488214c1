//! A start-up loan with guarantee (创业担保贷款).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "startup_loan")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the borrower (借款人身份号码).
    pub citizen_id: Option<String>,
    /// Credit code of the borrowing business (借款单位).
    pub borrower_uscc: Option<String>,
    /// Principal (贷款本金).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub principal: Option<Decimal>,
    /// Recruits who meet the loan's conditions (符合条件招用人数).
    pub qualifying_recruits: Option<i32>,
    /// Interest subsidised so far (贴息金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub interest_subsidy: Option<Decimal>,
    /// Whether a counter-guarantee was asked for (是否反担保).
    pub needs_counter_guarantee: Option<bool>,
    /// Granted on (放款日期).
    pub granted_on: Option<Date>,
    /// Repaid on (还清日期).
    pub repaid_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
