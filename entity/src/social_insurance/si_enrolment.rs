//! Enrolment in an insurance (参保登记).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "si_enrolment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Insurance (险种).
    pub insurance_type: Option<String>,
    /// State of the enrolment (参保状态).
    pub status: Option<String>,
    /// Place of insurance (参保地).
    pub place_division_code: Option<String>,
    /// Credit code of the employer, where one enrols (参保单位).
    pub employer_uscc: Option<String>,
    /// Enrolled since (参保日期).
    pub started_on: Option<Date>,
    /// Enrolled until (停保日期).
    pub ended_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
