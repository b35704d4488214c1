//! The card that names a worker's contact person (联系卡).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "union_contact_card")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The file (档案编号).
    pub file_no: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Contact person (联系人).
    pub contact_person: Option<String>,
    /// Phone of the contact person (联系人电话).
    pub contact_phone: Option<String>,
    /// Whether it is the active card (是否有效).
    pub is_active: Option<bool>,
    /// Day of issue (发卡日期).
    pub issued_on: Option<Date>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
