//! Tuition or a fee due for a school year (学杂费).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tuition_charge")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// What is charged (收费项目).
    pub item: Option<String>,
    /// Year in which the school year begins (学年).
    pub school_year: Option<i32>,
    /// Amount due (应缴金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub due: Option<Decimal>,
    /// Amount waived (减免金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub waived: Option<Decimal>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
