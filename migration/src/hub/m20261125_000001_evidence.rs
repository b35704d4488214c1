//! The tables of evidence: what waits for its place in the log, the log, and what the log is searched by.

use sea_orm_migration::async_trait::async_trait;
use sea_orm_migration::prelude::{
    ConditionalStatement, DbErr, DeriveMigrationName, Expr, ExprTrait, Index, IndexCreateStatement,
    MigrationTrait, SchemaManager, Table, TableCreateStatement,
};
use sea_orm_migration::schema::{big_integer, binary, text, text_null};

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
    vec![
        pending(),
        rejected(),
        record(),
        opening(),
        person(),
        coordinates(),
        tile(),
        checkpoint(),
        purged(),
        withholding(),
    ]
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        unique_index("evidence_record", &["id"]),
        index("evidence_record", &["at"]),
        index("evidence_record", &["caller", "log_index"]),
        index("evidence_record", &["department", "log_index"]),
        // Most accesses aren't in a case.
        index("evidence_record", &["case_no", "log_index"])
            .and_where(Expr::col("case_no").is_not_null())
            .to_owned(),
        index("evidence_record", &["coordinates", "log_index"]),
    ]
}

/// Records on disk that have no place in the log yet. One narrow table without further indexes: a
/// request waits for it. `mac` is made with the installation's secret: a row without it is nobody's record.
fn pending() -> TableCreateStatement {
    Table::create()
        .table("evidence_pending")
        .col(big_integer("seq").auto_increment().primary_key())
        .col(text("id"))
        .col(text("entry"))
        .col(binary("people"))
        .col(binary("mac"))
        .to_owned()
}

/// Rows that waited and can't have a place in the log, as they were, with what is wrong with them.
fn rejected() -> TableCreateStatement {
    Table::create()
        .table("evidence_rejected")
        .col(big_integer("place").auto_increment().primary_key())
        .col(big_integer("seq"))
        .col(text("id"))
        .col(text("entry"))
        .col(binary("people"))
        .col(binary("mac"))
        .col(text("reason"))
        .col(text("at"))
        .to_owned()
}

/// The log. `entry` is what was hashed, byte for byte; the other columns repeat parts of it for search.
fn record() -> TableCreateStatement {
    Table::create()
        .table("evidence_record")
        .col(big_integer("log_index").primary_key())
        .col(text("id"))
        .col(text("kind"))
        .col(text("at"))
        .col(text("caller"))
        .col(text("department"))
        .col(text("role"))
        .col(text("division"))
        .col(text("purpose"))
        .col(text_null("case_no"))
        .col(text_null("coordinates"))
        .col(big_integer("people"))
        .col(text("entry"))
        .to_owned()
}

/// Whom a record is about: for each person a leaf that opens a commitment, or once that was erased the commitment
/// alone, with which every proof goes on holding.
fn opening() -> TableCreateStatement {
    Table::create()
        .table("evidence_opening")
        .col(big_integer("log_index").primary_key())
        .col(text("person_key"))
        .col(binary("leaves"))
        .to_owned()
}

/// By whom records are found: the digests of leaves that can be opened.
fn person() -> TableCreateStatement {
    Table::create()
        .table("evidence_person")
        .col(binary("digest"))
        .col(big_integer("log_index"))
        .primary_key(Index::create().col("digest").col("log_index"))
        .to_owned()
}

/// Lists of coordinates with their outcomes, each of which many records name.
fn coordinates() -> TableCreateStatement {
    Table::create()
        .table("evidence_coordinates")
        .col(text("name").primary_key())
        .col(text("outcomes"))
        .to_owned()
}

/// Hash tiles; the last of each level grows.
fn tile() -> TableCreateStatement {
    Table::create()
        .table("evidence_tile")
        .col(big_integer("level"))
        .col(big_integer("tile"))
        .col(binary("hashes"))
        .primary_key(Index::create().col("level").col("tile"))
        .to_owned()
}

/// Signed tree heads, the newest with the greatest size.
fn checkpoint() -> TableCreateStatement {
    Table::create()
        .table("evidence_checkpoint")
        .col(big_integer("size").primary_key())
        .col(text("at"))
        .col(text("note"))
        .to_owned()
}

/// Up to where entries were purged after their term; their hashes stay.
fn purged() -> TableCreateStatement {
    Table::create()
        .table("evidence_purged")
        .col(big_integer("below").primary_key())
        .col(text("at"))
        .to_owned()
}

/// Accesses of a department in a case that a rule keeps from the person concerned for a time (暗访), with
/// the name of the record that says so.
fn withholding() -> TableCreateStatement {
    Table::create()
        .table("evidence_withholding")
        .col(text("case_no"))
        .col(text("department"))
        .col(text("until"))
        .col(text("basis"))
        .col(text("at"))
        .col(text("record"))
        .primary_key(Index::create().col("case_no").col("department"))
        .to_owned()
}
