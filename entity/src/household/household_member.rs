//! A member of one household view (家庭成员).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_member")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Relation to the head (与户主关系).
    pub relation_to_head_code: Option<String>,
    /// Relation to the applicant, another one than to the head (与申请人关系).
    pub relation_to_applicant_code: Option<String>,
    /// Whether the member counts in a per-capita figure (是否计入人数).
    pub is_counted: Option<bool>,
    /// Whether the member needs full-time care (是否需要专人照料).
    pub needs_care: Option<bool>,
    /// Why care is needed (需要照料的原因).
    pub needs_care_reason: Option<String>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
