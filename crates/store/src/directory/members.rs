//! Memberships: many in one statement, and by their numbers.

use std::collections::HashMap;

use base::id::{DirectoryGroupId, DirectoryUserId};
use sqlx::{Row as _, Sqlite, SqlitePool, Transaction};

use super::{MEMBERS, row};
use crate::StoreError;

/// People of one statement. More gains nothing, and the text of a parameter is bounded.
const ROWS: usize = 2_000;

/// The ids as a JSON list: one text for any number of them, so that the statement is prepared once.
fn list<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    serde_json::Value::from_iter(ids).to_string()
}

pub(super) async fn add(
    transaction: &mut Transaction<'_, Sqlite>,
    group: &DirectoryGroupId,
    users: &[DirectoryUserId],
) -> Result<(), StoreError> {
    let insert = "INSERT INTO directory_members (group_id, user_id) SELECT ?1, value FROM json_each(?2) WHERE TRUE
                  ON CONFLICT (group_id, user_id) DO NOTHING";
    in_parts(transaction, insert, group, users).await
}

pub(super) async fn remove(
    transaction: &mut Transaction<'_, Sqlite>,
    group: &DirectoryGroupId,
    users: &[DirectoryUserId],
) -> Result<(), StoreError> {
    let delete = "DELETE FROM directory_members WHERE group_id = ?1 AND user_id IN (SELECT value FROM json_each(?2))";
    in_parts(transaction, delete, group, users).await
}

/// Runs the statement with the group and a bounded part of the people, until all had their turn.
async fn in_parts(
    transaction: &mut Transaction<'_, Sqlite>,
    statement: &'static str,
    group: &DirectoryGroupId,
    users: &[DirectoryUserId],
) -> Result<(), StoreError> {
    for some in users.chunks(ROWS) {
        sqlx::query(statement)
            .bind(group.as_str())
            .bind(list(some.iter().map(DirectoryUserId::as_str)))
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn numbers(
    pool: &SqlitePool,
    memberships: &[(DirectoryGroupId, DirectoryUserId)],
) -> Result<Vec<Option<u64>>, StoreError> {
    let pairs = memberships.iter().map(|(group, user)| serde_json::json!([group.as_str(), user.as_str()]));
    let rows = sqlx::query(
        "SELECT member.number, pair.key AS place
         FROM json_each(?1) AS pair
         JOIN directory_members AS member
           ON member.group_id = pair.value ->> 0 AND member.user_id = pair.value ->> 1",
    )
    .bind(serde_json::Value::from_iter(pairs).to_string())
    .fetch_all(pool)
    .await?;
    let mut found = HashMap::new();
    for row in rows {
        found.insert(row.try_get::<i64, _>("place")?, row::number(&row)?);
    }
    let places = (0_i64..).take(memberships.len());
    Ok(places.map(|place| found.get(&place).copied()).collect())
}

pub(super) async fn by_number(
    pool: &SqlitePool,
    number: u64,
) -> Result<Option<(DirectoryGroupId, DirectoryUserId)>, StoreError> {
    // A number that can't be a row's is nobody's.
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    let row = sqlx::query("SELECT group_id, user_id FROM directory_members WHERE number = ?")
        .bind(number)
        .fetch_optional(pool)
        .await?;
    row.map(|row| {
        let group = DirectoryGroupId::new(row.try_get::<&str, _>("group_id")?);
        Ok((group, DirectoryUserId::new(row.try_get::<&str, _>("user_id")?)))
    })
    .transpose()
    .map_err(|error: sqlx::Error| StoreError::Row {
        table: MEMBERS,
        key: number.to_string(),
        cause: error.to_string(),
    })
}
