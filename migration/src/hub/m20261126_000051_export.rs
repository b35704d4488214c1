//! Exports: jobs that write what a caller may read into files, their runs and the parts that are whole.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, IndexCreateStatement, MigrationTrait, SchemaManager, Table,
    TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, boolean, text, text_null};

use crate::index::{index, unique_index};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::create(manager, tables(), indexes()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::step::remove(manager, tables()).await
    }
}

fn tables() -> Vec<TableCreateStatement> {
    vec![job(), run(), part()]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique_index("export_job", &["id"]),
        index("export_job", &["owner", "seq"]),
        index("export_job", &["state", "seq"]),
    ]
}

/// One export. What is asked, of whom and by whom stands sealed in `asked`; `owner` is a keyed digest of the
/// caller.
fn job() -> TableCreateStatement {
    Table::create()
        .table("export_job")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(text("id"))
        .col(text("owner"))
        .col(text("state"))
        // Why it stopped: a code; and the coordinates whose decisions changed, as a JSON list.
        .col(text_null("reason"))
        .col(text("changed"))
        // Raised by each run: whoever writes for an earlier run isn't heard.
        .col(big_integer("run"))
        .col(text_null("leased_until"))
        .col(text("purpose"))
        .col(text("division"))
        .col(text("format"))
        .col(boolean("byte_order_mark"))
        // What was decided at the start: hash of document and plan, versions, what is withheld (JSON).
        .col(text("document"))
        .col(text("plan"))
        .col(text("policies"))
        .col(text("catalogue"))
        .col(text("withheld"))
        .col(binary("asked"))
        // How many people were asked for; none for pages, whose end isn't known.
        .col(big_integer_null("total"))
        .col(big_integer("done"))
        .col(big_integer("rows_written"))
        .col(big_integer("bytes"))
        // Where the last part ended, of pages.
        .col(text_null("cursor"))
        .col(text("started_at"))
        .col(text_null("ended_at"))
        .col(text_null("kept_until"))
        .to_owned()
}

/// From when to when a process worked on it, and as of when each department was read (JSON).
fn run() -> TableCreateStatement {
    Table::create()
        .table("export_run")
        .col(text("job"))
        .col(big_integer("number"))
        .col(text("started_at"))
        .col(text("as_of"))
        .primary_key(Index::create().col("job").col("number"))
        .to_owned()
}

/// A file that is whole, with the records of evidence that stand for it (JSON).
fn part() -> TableCreateStatement {
    Table::create()
        .table("export_part")
        .col(text("job"))
        .col(big_integer("number"))
        .col(big_integer("run"))
        .col(text("name"))
        .col(big_integer("first"))
        .col(big_integer("entries"))
        .col(big_integer("rows_written"))
        .col(big_integer("bytes"))
        .col(text("sha256"))
        .col(text("records"))
        .primary_key(Index::create().col("job").col("number"))
        .to_owned()
}
