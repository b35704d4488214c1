//! An open post as published (用工岗位).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "job_vacancy")]
pub struct Model {
    /// Number of the vacancy (岗位编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Credit code of the employer (用人单位).
    pub employer_uscc: Option<String>,
    /// Title of the post (岗位名称).
    pub title: Option<String>,
    /// Occupation (职业代码).
    pub occupation_code: Option<String>,
    /// Posts open (招聘人数).
    pub open_posts: Option<i32>,
    /// Lowest wage offered (最低月薪).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub wage_from: Option<Decimal>,
    /// Highest wage offered (最高月薪).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub wage_to: Option<Decimal>,
    /// Whether it is in the zone for people in difficulty (是否专区岗位).
    pub is_for_target_group: Option<bool>,
    /// Place of work (工作地).
    pub work_division_code: Option<String>,
    /// Published on (发布日期).
    pub published_on: Option<Date>,
    /// Closed on (截止日期).
    pub closed_on: Option<Date>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
