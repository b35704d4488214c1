//! A survey at home (入户调查).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "household_survey")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the applicant, under whom the row is kept (申请人身份号码).
    pub citizen_id: Option<String>,
    /// Purpose (调查种类).
    pub kind: Option<String>,
    /// Visited on (入户日期).
    pub visited_on: Option<Date>,
    /// Who surveyed (调查人员).
    pub surveyors: Option<String>,
    /// What was found (调查情况).
    pub findings: Option<String>,
    /// Photographs and papers, which stay with civil affairs (附件).
    pub attachments: Option<String>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
