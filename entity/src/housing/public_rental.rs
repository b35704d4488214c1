//! A dwelling let to a household as public rental housing (公租房).

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "public_rental")]
pub struct Model {
    /// Number of the row in the owner's register (记录编号).
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Citizen number of the tenant (承租人身份号码).
    pub citizen_id: Option<String>,
    /// The household view (家庭编号).
    pub household_id: Option<String>,
    /// The application (申请编号).
    pub application_id: Option<String>,
    /// Address of the dwelling (房屋坐落).
    pub address: Option<String>,
    /// Floor area (建筑面积).
    #[sea_orm(column_type = "Decimal(Some((18, 4)))", nullable)]
    pub area_sqm: Option<Decimal>,
    /// Rent (月租金).
    #[sea_orm(column_type = "Decimal(Some((14, 2)))", nullable)]
    pub monthly_rent: Option<Decimal>,
    /// State of the tenancy (配租状态).
    pub status: Option<String>,
    /// Allocated on (配租日期).
    pub allocated_on: Option<Date>,
    /// Left on (退出日期).
    pub exited_on: Option<Date>,
    /// Where the household lives (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
