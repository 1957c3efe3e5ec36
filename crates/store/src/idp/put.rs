//! Inserts and replacements. Never a REPLACE, which would delete the row first and with it what belongs to it.

use ::idp::{ApiToken, Application, KeptTotp, KeyState, PersonFactors, StoredKey, StoredSession};
use serde::Serialize;
use sqlx::{Sqlite, Transaction};
use time::OffsetDateTime;

use super::{APPLICATIONS, FACTORS, KEYS, PASSKEYS, SESSIONS, TOKENS};
use crate::{StoreError, timestamp};

fn maybe(table: &'static str, at: Option<OffsetDateTime>) -> Result<Option<String>, StoreError> {
    at.map(|at| timestamp::write(table, at)).transpose()
}

fn json<T: Serialize + ?Sized>(table: &'static str, key: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| broken(table, key, &error))
}

fn number(table: &'static str, key: &str, number: impl TryInto<i64>) -> Result<i64, StoreError> {
    number.try_into().map_err(|_| broken(table, key, &"a number that doesn't fit"))
}

fn broken(table: &'static str, key: &str, cause: &dyn std::fmt::Display) -> StoreError {
    StoreError::Row { table, key: key.to_owned(), cause: cause.to_string() }
}

pub(super) async fn application(
    transaction: &mut Transaction<'_, Sqlite>,
    application: &Application,
) -> Result<(), StoreError> {
    let id = application.id.as_str();
    sqlx::query(
        "INSERT INTO idp_applications (id, slug, label, description, hidden, active, client_id, connector, version, created, modified)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET label = excluded.label, description = excluded.description, hidden = excluded.hidden,
             active = excluded.active, connector = excluded.connector, version = excluded.version, modified = excluded.modified",
    )
    .bind(id)
    .bind(application.slug.as_str())
    .bind(&application.label)
    .bind(&application.description)
    .bind(application.hidden)
    .bind(application.active)
    .bind(application.oidc().map(|oidc| oidc.client_id.as_str()))
    .bind(json(APPLICATIONS, id, &application.connector)?)
    .bind(number(APPLICATIONS, id, application.version)?)
    .bind(timestamp::write(APPLICATIONS, application.created)?)
    .bind(timestamp::write(APPLICATIONS, application.modified)?)
    .execute(&mut **transaction)
    .await?;
    super::delete(transaction, "DELETE FROM idp_application_groups WHERE application_id = ?", id).await?;
    for group in &application.groups {
        sqlx::query("INSERT INTO idp_application_groups (application_id, group_id) VALUES (?, ?)")
            .bind(id)
            .bind(group.as_str())
            .execute(&mut **transaction)
            .await?;
    }
    Ok(())
}

pub(super) async fn factors(
    transaction: &mut Transaction<'_, Sqlite>,
    factors: &PersonFactors,
) -> Result<(), StoreError> {
    let user = factors.user.as_str();
    let totp = factors.totp.as_ref();
    let step = totp.and_then(|totp| totp.last_step).map(|step| number(FACTORS, user, step)).transpose()?;
    let recovery = factors.recovery.as_ref().map(|codes| json(FACTORS, user, codes)).transpose()?;
    sqlx::query(
        "INSERT INTO idp_factors (user_id, totp_sealed, totp_enrolled, totp_last_step, recovery) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET totp_sealed = excluded.totp_sealed, totp_enrolled = excluded.totp_enrolled,
             totp_last_step = excluded.totp_last_step, recovery = excluded.recovery",
    )
    .bind(user)
    .bind(totp.map(|KeptTotp { sealed, .. }| sealed.as_slice()))
    .bind(maybe(FACTORS, totp.map(|totp| totp.enrolled))?)
    .bind(step)
    .bind(recovery)
    .execute(&mut **transaction)
    .await?;
    super::delete(transaction, "DELETE FROM idp_passkeys WHERE user_id = ?", user).await?;
    for (position, kept) in factors.passkeys.iter().enumerate() {
        let id = kept.passkey.id();
        sqlx::query(
            "INSERT INTO idp_passkeys (id, user_id, position, passkey, created, last_used) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(id)
        .bind(user)
        .bind(number(PASSKEYS, id, position)?)
        .bind(json(PASSKEYS, id, &kept.passkey)?)
        .bind(timestamp::write(PASSKEYS, kept.created)?)
        .bind(maybe(PASSKEYS, kept.last_used)?)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}

pub(super) async fn setting(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
    value: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO idp_settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn key(transaction: &mut Transaction<'_, Sqlite>, key: &StoredKey) -> Result<(), StoreError> {
    let (state, until) = match key.state {
        KeyState::Next => ("next", None),
        KeyState::Current => ("current", None),
        KeyState::Retired { until } => ("retired", Some(until)),
    };
    sqlx::query(
        "INSERT INTO idp_signing_keys (id, owner, state, retired_until, created, certificate, sealed) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, retired_until = excluded.retired_until",
    )
    .bind(&key.id)
    .bind(key.owner.name())
    .bind(state)
    .bind(maybe(KEYS, until)?)
    .bind(timestamp::write(KEYS, key.created)?)
    .bind(key.certificate.as_slice())
    .bind(key.sealed.as_slice())
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn api_token(transaction: &mut Transaction<'_, Sqlite>, token: &ApiToken) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO idp_api_tokens (id, name, hash, created, expires, revoked, last_used) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET revoked = excluded.revoked, last_used = excluded.last_used",
    )
    .bind(&token.id)
    .bind(&token.name)
    .bind(token.hash.to_hex())
    .bind(timestamp::write(TOKENS, token.created)?)
    .bind(timestamp::write(TOKENS, token.expires)?)
    .bind(maybe(TOKENS, token.revoked)?)
    .bind(maybe(TOKENS, token.last_used)?)
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

pub(super) async fn session(
    transaction: &mut Transaction<'_, Sqlite>,
    session: &StoredSession,
) -> Result<(), StoreError> {
    let id = session.id.as_str();
    sqlx::query(
        "INSERT INTO idp_sessions (id, hash, user_id, correlation, factors, authenticated, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET last_seen = excluded.last_seen",
    )
    .bind(id)
    .bind(session.hash.to_hex())
    .bind(session.user.as_str())
    .bind(session.correlation.as_str())
    .bind(json(SESSIONS, id, &session.factors)?)
    .bind(timestamp::write(SESSIONS, session.authenticated)?)
    .bind(timestamp::write(SESSIONS, session.last_seen)?)
    .execute(&mut **transaction)
    .await?;
    super::delete(transaction, "DELETE FROM idp_session_participants WHERE session_id = ?", id).await?;
    for (position, participant) in session.participants.iter().enumerate() {
        sqlx::query(
            "INSERT INTO idp_session_participants (session_id, position, application_id, name_id, name_id_format)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(id)
        .bind(number(SESSIONS, id, position)?)
        .bind(participant.application.as_str())
        .bind(&participant.name_id)
        .bind(&participant.name_id_format)
        .execute(&mut **transaction)
        .await?;
    }
    Ok(())
}
