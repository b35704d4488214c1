//! A person's role in a business (工商登记角色).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "business_role")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Credit code of the business (统一社会信用代码).
    pub uscc: Option<String>,
    /// Role (角色).
    pub role: Option<String>,
    /// Share, from 0 to 1 (出资比例).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub share_ratio: Option<Decimal>,
    /// Whether the person has the role now, in a business in existence (是否有效).
    pub is_active: Option<bool>,
    /// Since (起始日期).
    pub started_on: Option<Date>,
    /// Until (截止日期).
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
