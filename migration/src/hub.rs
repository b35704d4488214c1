//! Migrations of the hub: what the gateway itself keeps, beside the departments' exchange databases.

mod m20261125_000001_evidence;
mod m20261126_000001_sharing_grant;
mod m20261126_000002_case;
mod m20261126_000003_consent;
mod m20261126_000011_sharing_request;
mod m20261126_000012_objection;
mod m20261126_000013_catalogue;
mod m20261126_000021_evidence_seal;
mod m20261126_000031_policy_shadow;
mod m20261126_000041_supervision_task;
mod m20261126_000051_export;
mod m20261126_000061_catalogue_measure;

use sea_orm_migration::prelude::{DynIden, IntoIden, MigrationTrait, MigratorTrait};

pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261125_000001_evidence::Migration),
            Box::new(m20261126_000001_sharing_grant::Migration),
            Box::new(m20261126_000002_case::Migration),
            Box::new(m20261126_000003_consent::Migration),
            Box::new(m20261126_000011_sharing_request::Migration),
            Box::new(m20261126_000012_objection::Migration),
            Box::new(m20261126_000013_catalogue::Migration),
            Box::new(m20261126_000021_evidence_seal::Migration),
            Box::new(m20261126_000031_policy_shadow::Migration),
            Box::new(m20261126_000051_export::Migration),
            Box::new(m20261126_000041_supervision_task::Migration),
            Box::new(m20261126_000061_catalogue_measure::Migration),
        ]
    }

    /// A table of its own, so that the hub may share one server's database with an exchange database.
    fn migration_table_name() -> DynIden {
        "hub_migrations".into_iden()
    }
}
