//! Reading everything at start.

use std::collections::{BTreeSet, HashMap};

use ::idp::{FormPlugins, KeptPasskey, MfaPolicy, Participant, StoredIdp};
use base::id::{DirectoryGroupId, SsoApplicationId};
use sqlx::{Row as _, Sqlite, Transaction};

use super::{FORM_PLUGINS, POLICY, SETTINGS, SqliteIdp, row};
use crate::StoreError;

impl SqliteIdp {
    pub(super) async fn load_all(&self) -> Result<StoredIdp, StoreError> {
        // One snapshot: an application must not be seen without its groups.
        let mut transaction = self.pool.begin().await?;
        let mut groups = groups(&mut transaction).await?;
        let mut passkeys = passkeys(&mut transaction).await?;
        let mut participants = participants(&mut transaction).await?;
        let mut stored = StoredIdp {
            policy: policy(&mut transaction).await?,
            form_plugins: form_plugins(&mut transaction).await?,
            ..StoredIdp::default()
        };
        for row in sqlx::query("SELECT * FROM idp_applications ORDER BY id").fetch_all(&mut *transaction).await? {
            let groups = groups.remove(row.try_get::<&str, _>("id")?).unwrap_or_default();
            stored.applications.push(row::application(&row, groups)?);
        }
        for row in sqlx::query("SELECT * FROM idp_factors ORDER BY user_id").fetch_all(&mut *transaction).await? {
            let passkeys = passkeys.remove(row.try_get::<&str, _>("user_id")?).unwrap_or_default();
            stored.factors.push(row::factors(&row, passkeys)?);
        }
        for row in sqlx::query("SELECT * FROM idp_signing_keys ORDER BY id").fetch_all(&mut *transaction).await? {
            stored.keys.push(row::key(&row)?);
        }
        for row in sqlx::query("SELECT * FROM idp_api_tokens ORDER BY id").fetch_all(&mut *transaction).await? {
            stored.api_tokens.push(row::api_token(&row)?);
        }
        for row in sqlx::query("SELECT * FROM idp_sessions ORDER BY id").fetch_all(&mut *transaction).await? {
            let participants = participants.remove(row.try_get::<&str, _>("id")?).unwrap_or_default();
            stored.sessions.push(row::session(&row, participants)?);
        }
        Ok(stored)
    }
}

async fn policy(transaction: &mut Transaction<'_, Sqlite>) -> Result<MfaPolicy, StoreError> {
    Ok(setting(transaction, POLICY, MfaPolicy::from_name).await?.unwrap_or_default())
}

async fn form_plugins(transaction: &mut Transaction<'_, Sqlite>) -> Result<FormPlugins, StoreError> {
    Ok(setting(transaction, FORM_PLUGINS, FormPlugins::from_name).await?.unwrap_or_default())
}

/// `None` where nothing was set yet.
async fn setting<T>(
    transaction: &mut Transaction<'_, Sqlite>,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let query = sqlx::query("SELECT value FROM idp_settings WHERE name = ?").bind(name);
    let Some(row) = query.fetch_optional(&mut **transaction).await? else { return Ok(None) };
    let value: &str = row.try_get("value")?;
    let value = read(value).ok_or_else(|| row::broken(SETTINGS, name, format!("there is no value {value}")))?;
    Ok(Some(value))
}

async fn groups(
    transaction: &mut Transaction<'_, Sqlite>,
) -> Result<HashMap<String, BTreeSet<DirectoryGroupId>>, StoreError> {
    let mut groups: HashMap<String, BTreeSet<DirectoryGroupId>> = HashMap::new();
    for row in sqlx::query("SELECT * FROM idp_application_groups").fetch_all(&mut **transaction).await? {
        let group = DirectoryGroupId::new(row.try_get::<&str, _>("group_id")?);
        groups.entry(row.try_get("application_id")?).or_default().insert(group);
    }
    Ok(groups)
}

async fn passkeys(transaction: &mut Transaction<'_, Sqlite>) -> Result<HashMap<String, Vec<KeptPasskey>>, StoreError> {
    let mut passkeys: HashMap<String, Vec<KeptPasskey>> = HashMap::new();
    for row in
        sqlx::query("SELECT * FROM idp_passkeys ORDER BY user_id, position").fetch_all(&mut **transaction).await?
    {
        passkeys.entry(row.try_get("user_id")?).or_default().push(row::passkey(&row)?);
    }
    Ok(passkeys)
}

async fn participants(
    transaction: &mut Transaction<'_, Sqlite>,
) -> Result<HashMap<String, Vec<Participant>>, StoreError> {
    let mut participants: HashMap<String, Vec<Participant>> = HashMap::new();
    let rows = sqlx::query("SELECT * FROM idp_session_participants ORDER BY session_id, position");
    for row in rows.fetch_all(&mut **transaction).await? {
        participants.entry(row.try_get("session_id")?).or_default().push(Participant {
            application: SsoApplicationId::new(row.try_get::<&str, _>("application_id")?),
            name_id: row.try_get("name_id")?,
            name_id_format: row.try_get("name_id_format")?,
        });
    }
    Ok(participants)
}
