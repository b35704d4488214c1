//! A grant of an employment subsidy (就业补贴).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subsidy_grant")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of subsidy (补贴种类).
    pub kind: Option<String>,
    /// Amount of the grant (补贴金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// First month (补贴起始月份).
    pub period_from: Option<String>,
    /// Last month (补贴截止月份).
    pub period_to: Option<String>,
    /// Months that count towards the limit (计入月数).
    pub months_counted: Option<i32>,
    /// Credit code of the payee, where it isn't the person (领取单位).
    pub payee_uscc: Option<String>,
    /// The training it is for, by which three payees are told from one claim (培训记录).
    pub training_enrolment_id: Option<String>,
    /// Fund that paid (资金代码).
    pub fund_code: Option<String>,
    /// Granted on (批准日期).
    pub granted_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
