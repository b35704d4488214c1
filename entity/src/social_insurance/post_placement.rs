//! A person's placement in a public-welfare post (公益性岗位安置).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "post_placement")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The post (岗位).
    pub post_id: Option<String>,
    /// The contract (用工合同).
    pub contract_id: Option<String>,
    /// Placed on (上岗日期).
    pub started_on: Option<Date>,
    /// Left on (退出日期).
    pub ended_on: Option<Date>,
    /// Whether the placement goes on (是否在岗).
    pub is_current: Option<bool>,
    /// Hours worked in the latest month (月工作时间).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub hours: Option<Decimal>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
