//! Relief money or goods issued (救灾款物发放).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relief_issue")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the recipient (领取人身份号码).
    pub citizen_id: Option<String>,
    /// What was issued (款物名称).
    pub item: Option<String>,
    /// Quantity in the unit of the goods (数量).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub quantity: Option<Decimal>,
    /// Amount of money (金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Priority class of 001 二(二) (优先类别).
    pub priority_class: Option<String>,
    /// Issued on (发放日期).
    pub issued_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
