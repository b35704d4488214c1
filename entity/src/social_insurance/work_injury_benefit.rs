//! A work-injury benefit (工伤保险待遇).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "work_injury_benefit")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind of benefit (待遇种类).
    pub kind: Option<String>,
    /// Grade of the injury, 1 the most severe (伤残等级).
    pub injury_grade: Option<i32>,
    /// Amount of one payment (待遇金额).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub amount: Option<Decimal>,
    /// Paid since (起始日期).
    pub started_on: Option<Date>,
    /// Paid until (终止日期).
    pub ended_on: Option<Date>,
    /// State of the benefit (待遇状态).
    pub status: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
