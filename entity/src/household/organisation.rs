//! An organisation that other rows name: office, union, school, hospital, institution (机构).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "organisation")]
pub struct Model {
    /// Number in the organisation register, for bodies without a credit code too (机构编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Unified social credit code (统一社会信用代码).
    pub uscc: Option<String>,
    /// Name (机构名称).
    pub name: Option<String>,
    /// Department whose function it has, whatever its local name (职能代码).
    pub function_code: Option<String>,
    /// Industry (行业代码).
    pub industry_code: Option<String>,
    /// Economic type (经济类型).
    pub economic_type_code: Option<String>,
    /// Level (级别).
    pub level: Option<String>,
    /// The organisation above it (上级机构).
    pub parent_id: Option<String>,
    /// Where the organisation is (所在地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
