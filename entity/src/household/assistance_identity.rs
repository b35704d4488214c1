//! The category in which the county recognised a family, one row for each member (困难家庭身份).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assistance_identity")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Category (困难家庭类别).
    pub category: Option<String>,
    /// Office that determined it, of the county's civil affairs (认定机关).
    pub determined_by: Option<String>,
    /// Determined on (认定日期).
    pub determined_on: Option<Date>,
    /// Valid to (有效期止).
    pub valid_to: Option<Date>,
    /// Next review (下次复核日期).
    pub next_review_on: Option<Date>,
    /// State of the identity (身份状态).
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
