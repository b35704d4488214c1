//! A major or severe chronic illness (重大疾病、长期重症慢性病).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "diagnosis")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Disease (疾病代码).
    pub disease_code: Option<String>,
    /// Whether on the local list of major illnesses (是否重大疾病).
    pub is_major: Option<bool>,
    /// Whether a long-term severe chronic illness (是否长期重症慢性病).
    pub is_severe_chronic: Option<bool>,
    /// Diagnosed on (确诊日期).
    pub diagnosed_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
