//! A person (人员), known by the citizen number.

use sea_orm::entity::prelude::*;

/// One row of the table.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// Number of the row, since somebody without a citizen number has a row too.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_no: i64,
    /// Citizen number of 18 characters (公民身份号码).
    #[sea_orm(unique)]
    pub citizen_id: Option<String>,
    /// Number of 15 digits in old files (旧身份号码).
    pub citizen_id_legacy: Option<String>,
    /// Name (姓名).
    pub name: Option<String>,
    /// Sex (性别).
    pub sex_code: Option<String>,
    /// Date of birth (出生日期).
    pub birth_date: Option<Date>,
    /// Ethnicity (民族).
    pub ethnicity_code: Option<String>,
    /// Marital status as the person register has it (婚姻状况).
    pub marital_status_code: Option<String>,
    /// Health status (健康状况).
    pub health_status_code: Option<String>,
    /// Capacity for work (劳动能力).
    pub labour_capacity: Option<String>,
    /// Temporary number of somebody without a citizen number (临时编号).
    pub temp_id: Option<String>,
    /// Alive or deceased (生存状态).
    pub vital_status: Option<String>,
    /// Day of death (死亡日期).
    pub deceased_on: Option<Date>,
    /// Phone number (联系电话).
    pub phone: Option<String>,
    /// Whether there is a fixed income, which the notice doesn't define (有无固定经济收入).
    pub has_fixed_income: Option<bool>,
    /// Statutory retirement date under the local parameter (法定退休日期).
    pub retirement_date: Option<Date>,
    /// Date of entitlement to a social pension, another one than retirement (享受养老待遇日期).
    pub pension_eligible_date: Option<Date>,
    /// The registration household view the person belongs to (户籍家庭).
    pub household_id: Option<String>,
    /// Where the person lives, not where the person is registered (居住地).
    pub division_code: Option<String>,
    /// Day on which this was true (数据日期).
    pub as_of: Option<Date>,
}

/// Rows are reached through the catalogue's links, not through relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
