//! The grants that requests lead to: what the policies of the owners are widened by while it is in force.
//! Every change raises the version in the same transaction, so that replicas notice.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::evidence::store;
use crate::sharing::request::{Effect, Request};

/// Brings what was granted of a request into force, on the basis that the owner answers by.
pub(crate) async fn enter<C: ConnectionTrait>(
    connection: &C,
    request: &Request,
    (effect, division, until): (Effect, &str, NaiveDate),
    today: NaiveDate,
) -> Result<(), DbErr> {
    let into = "sharing_grant (id, owner, department, role, purpose, division, items, effect, basis, valid_from, \
                valid_until, state)";
    let row: Vec<Value> = vec![
        request.id.clone().into(),
        request.owner.clone().into(),
        request.requester.clone().into(),
        request.role.clone().into(),
        request.purpose.clone().into(),
        division.into(),
        serde_json::json!(request.items).to_string().into(),
        effect.as_str().into(),
        request.basis.clone().into(),
        today.to_string().into(),
        until.to_string().into(),
        "IN_FORCE".into(),
    ];
    store::insert(connection, into, vec![row], "").await?;
    raise(connection).await
}

/// Ends what was granted of a request.
pub(crate) async fn end<C: ConnectionTrait>(connection: &C, id: &str) -> Result<(), DbErr> {
    let sql = "UPDATE sharing_grant SET state = 'REVOKED' WHERE id = $1";
    store::run(connection, sql, vec![id.into()]).await?;
    raise(connection).await
}

async fn raise<C: ConnectionTrait>(connection: &C) -> Result<(), DbErr> {
    let raised =
        store::run(connection, "UPDATE sharing_version SET version = version + 1", Vec::new()).await?;
    // Without the row no replica would ever notice: nothing comes into force then.
    if raised == 1 { Ok(()) } else { Err(DbErr::Custom("`sharing_version` must have one row".into())) }
}
