//! Inserts and replacements.

use ::directory::{DirectoryGroup, DirectoryUser, ResetLink, ScimToken, StoredPassword};
use base::Secret;
use sqlx::{Sqlite, Transaction};
use time::OffsetDateTime;

use super::{GROUPS, LINKS, PASSWORDS, TOKENS, USERS, row};
use crate::{StoreError, timestamp};

fn maybe(table: &'static str, at: Option<OffsetDateTime>) -> Result<Option<String>, StoreError> {
    at.map(|at| timestamp::write(table, at)).transpose()
}

pub(super) async fn user(transaction: &mut Transaction<'_, Sqlite>, user: &DirectoryUser) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_users (id, user_name, user_name_key, external_id, active, display_name, given_name,
             family_name, email, attributes, origin, version, created, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET user_name = excluded.user_name, user_name_key = excluded.user_name_key,
             external_id = excluded.external_id, active = excluded.active, display_name = excluded.display_name,
             given_name = excluded.given_name, family_name = excluded.family_name, email = excluded.email,
             attributes = excluded.attributes, origin = excluded.origin, version = excluded.version,
             modified = excluded.modified",
    )
    .bind(user.id.as_str())
    .bind(&user.user_name)
    .bind(::directory::fold(&user.user_name))
    .bind(&user.external_id)
    .bind(user.active)
    .bind(&user.display_name)
    .bind(&user.given_name)
    .bind(&user.family_name)
    .bind(&user.email)
    .bind(row::json(&user.attributes))
    .bind(user.origin.name())
    .bind(row::version(USERS, user.id.as_str(), user.version)?)
    .bind(timestamp::write(USERS, user.created)?)
    .bind(timestamp::write(USERS, user.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn group(transaction: &mut Transaction<'_, Sqlite>, group: &DirectoryGroup) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_groups (id, display_name, display_name_key, external_id, attributes, origin, version,
             created, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, display_name_key = excluded.display_name_key,
             external_id = excluded.external_id, attributes = excluded.attributes, origin = excluded.origin,
             version = excluded.version, modified = excluded.modified",
    )
    .bind(group.id.as_str())
    .bind(&group.display_name)
    .bind(::directory::fold(&group.display_name))
    .bind(&group.external_id)
    .bind(row::json(&group.attributes))
    .bind(group.origin.name())
    .bind(row::version(GROUPS, group.id.as_str(), group.version)?)
    .bind(timestamp::write(GROUPS, group.created)?)
    .bind(timestamp::write(GROUPS, group.modified)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn scim_token(transaction: &mut Transaction<'_, Sqlite>, token: &ScimToken) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_scim_tokens (id, hash, created, expires, revoked, last_used) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET revoked = excluded.revoked, last_used = excluded.last_used",
    )
    .bind(&token.id)
    .bind(token.hash.expose())
    .bind(timestamp::write(TOKENS, token.created)?)
    .bind(timestamp::write(TOKENS, token.expires)?)
    .bind(maybe(TOKENS, token.revoked)?)
    .bind(maybe(TOKENS, token.last_used)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn password(
    transaction: &mut Transaction<'_, Sqlite>,
    password: &StoredPassword,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_passwords (user_id, hash, must_change, changed) VALUES (?, ?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, must_change = excluded.must_change, changed = excluded.changed",
    )
    .bind(password.user.as_str())
    .bind(password.hash.as_ref().map(Secret::expose))
    .bind(password.must_change)
    .bind(timestamp::write(PASSWORDS, password.changed)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn reset_link(transaction: &mut Transaction<'_, Sqlite>, link: &ResetLink) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO directory_reset_links (user_id, hash, created, expires, ended) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, created = excluded.created, expires = excluded.expires,
             ended = excluded.ended",
    )
    .bind(link.user.as_str())
    .bind(link.hash.expose())
    .bind(timestamp::write(LINKS, link.created)?)
    .bind(timestamp::write(LINKS, link.expires)?)
    .bind(maybe(LINKS, link.ended)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}
