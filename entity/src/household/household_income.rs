//! Income of a household by month and kind (家庭收入).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_income")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the member who earned it (收入人身份号码).
    pub citizen_id: Option<String>,
    /// Month (收入月份).
    pub year_month: Option<String>,
    /// Kind (收入种类).
    pub kind: Option<String>,
    /// Declared by the family or found by verification (数据来源方式).
    pub basis: Option<String>,
    /// Amount (收入金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Necessary cost of employment that may be deducted (必要的就业成本).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub employment_cost_deduction: Option<Decimal>,
    /// Department the figure is from (来源部门).
    pub source_department: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
