//! The file of a worker in difficulty (困难职工档案).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_file")]
pub struct Model {
    /// Number of the file (档案编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_no: String,
    /// Citizen number of the worker in whose name the file is kept (档案主体身份号码).
    pub citizen_id: Option<String>,
    /// The family as the union counts it (困难职工家庭).
    pub household_id: Option<String>,
    /// The union that keeps the file (建档工会).
    pub keeping_union_id: Option<String>,
    /// Level of the keeping union (建档层级).
    pub level: Option<String>,
    /// Target class of 003 三 (五类人员).
    pub target_class: Option<String>,
    /// The same class by its number in the notice, 1 to 5 (困难类别).
    pub difficulty_class: Option<i32>,
    /// Depth of poverty, undefined in the notice: the union's own mark (困难程度).
    pub depth: Option<String>,
    /// Where the file stands (档案状态).
    pub status: Option<String>,
    /// Whether the file counts as the household's one file: filed, helped or relieved
    /// (是否有效档案).
    pub is_active: Option<bool>,
    /// Day of opening (建档日期).
    pub opened_on: Option<Date>,
    /// Day of closing (撤档日期).
    pub closed_on: Option<Date>,
    /// Why it was closed (撤档原因).
    pub close_reason: Option<String>,
    /// Income of the family as the registration form states it (家庭月收入).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly_income: Option<Decimal>,
    /// Officer who answers for the help (帮扶责任人).
    pub responsible_officer: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
