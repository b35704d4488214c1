//! A purchased or social-work service to a person (救助服务记录).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "service_record")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// Citizen number of the person (公民身份号码).
    pub citizen_id: Option<String>,
    /// Kind (服务种类).
    pub kind: Option<String>,
    /// Who served (服务机构).
    pub provider_id: Option<String>,
    /// Served on (服务日期).
    pub served_on: Option<Date>,
    /// Hours (服务时长).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub quantity: Option<Decimal>,
    /// Where the person lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
