//! Rigid expenditure of a household (刚性支出).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_expenditure")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// Kind (支出种类).
    pub kind: Option<String>,
    /// Amount over the whole period (支出金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// First month of the period (起始月份).
    pub period_from: Option<String>,
    /// Last month of the period (截止月份).
    pub period_to: Option<String>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
