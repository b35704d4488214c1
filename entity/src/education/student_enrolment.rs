//! A pupil's or student's enrolment (学籍).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "student_enrolment")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Student number (学籍号).
    pub student_no: Option<String>,
    /// The school (学校).
    pub school_id: Option<String>,
    /// Code of the school (学校代码).
    pub school_code: Option<String>,
    /// Stage (学段).
    pub stage: Option<String>,
    /// Grade within the stage (年级).
    pub grade: Option<i32>,
    /// State of the enrolment (学籍状态).
    pub status: Option<String>,
    /// Enrolled on (入学日期).
    pub enrolled_on: Option<Date>,
    /// Expected graduation (预计毕业日期).
    pub expected_graduation_on: Option<Date>,
    /// Whether at university or college (是否大学).
    pub is_tertiary: Option<bool>,
    /// Year of graduation (毕业年度).
    pub graduation_year: Option<i32>,
    /// Whether a fresh graduate, another condition than the graduation year (是否应届毕业生).
    pub is_fresh_graduate: Option<bool>,
    /// Whether left after secondary school without going on (是否未继续升学).
    pub is_not_continuing: Option<bool>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
