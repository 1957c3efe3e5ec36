//! Entities as rows: JSON, with secrets sealed.

use std::sync::Arc;

use base::{Sealer, Secret};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::state::Step;
use crate::{AccessKey, IamKind, IamRow, IamStoreUnavailable, IamWrite, KeyOwner, SamlProvider, Tags, names};

#[derive(Serialize, Deserialize)]
struct StoredSamlProvider {
    name: String,
    arn: String,
    uuid: String,
    metadata: String,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    tags: Tags,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    owner: KeyOwner,
    active: bool,
    #[serde(with = "time::serde::rfc3339")]
    created: OffsetDateTime,
    /// Sealed.
    secret: String,
}

/// What a step is in the store. `is_new` says whether the entity is.
pub(crate) fn write(step: &Step, is_new: bool, sealer: &Sealer) -> Result<IamWrite, IamStoreUnavailable> {
    let row = match step {
        Step::PutUser(user) => row(IamKind::User, &user.id, names::folded(&user.name), &**user),
        Step::PutGroup(group) => row(IamKind::Group, &group.id, names::folded(&group.name), &**group),
        Step::PutRole(role) => row(IamKind::Role, &role.id, names::folded(&role.name), &**role),
        Step::PutPolicy(policy) => row(IamKind::Policy, &policy.id, names::folded(&policy.name), &**policy),
        Step::PutSamlProvider(provider) => {
            row(IamKind::SamlProvider, &provider.uuid, provider.arn.clone(), &saml_provider(provider))
        }
        Step::PutOidcProvider(provider) => {
            row(IamKind::OidcProvider, &provider.uuid, provider.arn.clone(), &**provider)
        }
        Step::PutKey(key) => row(IamKind::AccessKey, &key.id, key.id.clone(), &stored_key(key, sealer)?),
        Step::DeleteUser(user) => return Ok(delete(IamKind::User, &user.id)),
        Step::DeleteGroup(group) => return Ok(delete(IamKind::Group, &group.id)),
        Step::DeleteRole(role) => return Ok(delete(IamKind::Role, &role.id)),
        Step::DeletePolicy(policy) => return Ok(delete(IamKind::Policy, &policy.id)),
        Step::DeleteSamlProvider(provider) => return Ok(delete(IamKind::SamlProvider, &provider.uuid)),
        Step::DeleteOidcProvider(provider) => return Ok(delete(IamKind::OidcProvider, &provider.uuid)),
        Step::DeleteKey(key) => return Ok(delete(IamKind::AccessKey, &key.id)),
    }?;
    Ok(if is_new { IamWrite::Create(row) } else { IamWrite::Put(row) })
}

fn delete(kind: IamKind, id: &str) -> IamWrite {
    IamWrite::Delete { kind, id: id.to_owned() }
}

fn row(kind: IamKind, id: &str, name: String, entity: &impl Serialize) -> Result<IamRow, IamStoreUnavailable> {
    let definition = serde_json::to_string(entity).map_err(|error| broken(kind, id, error))?;
    Ok(IamRow { kind, id: id.to_owned(), name, definition })
}

fn broken(kind: IamKind, id: &str, cause: impl std::fmt::Display) -> IamStoreUnavailable {
    IamStoreUnavailable(format!("{} {id}: {cause}", kind.name()))
}

fn saml_provider(provider: &SamlProvider) -> StoredSamlProvider {
    StoredSamlProvider {
        name: provider.name.clone(),
        arn: provider.arn.clone(),
        uuid: provider.uuid.clone(),
        metadata: provider.metadata.clone(),
        created: provider.created,
        tags: provider.tags.clone(),
    }
}

fn purpose(key_id: &str) -> String {
    format!("iam access key {key_id}")
}

fn stored_key(key: &AccessKey, sealer: &Sealer) -> Result<StoredKey, IamStoreUnavailable> {
    let sealed = sealer.seal_text(&purpose(&key.id), key.secret.expose().as_bytes());
    Ok(StoredKey {
        owner: key.owner.clone(),
        active: key.active,
        created: key.created,
        secret: sealed.map_err(|error| broken(IamKind::AccessKey, &key.id, error))?,
    })
}

/// The step that puts a stored row into memory.
pub(crate) fn read(row: &IamRow, sealer: &Sealer) -> Result<Step, IamStoreUnavailable> {
    Ok(match row.kind {
        IamKind::User => Step::PutUser(Arc::new(entity(row)?)),
        IamKind::Group => Step::PutGroup(Arc::new(entity(row)?)),
        IamKind::Role => Step::PutRole(Arc::new(entity(row)?)),
        IamKind::Policy => Step::PutPolicy(Arc::new(entity(row)?)),
        IamKind::SamlProvider => Step::PutSamlProvider(Arc::new(read_saml_provider(row)?)),
        IamKind::OidcProvider => Step::PutOidcProvider(Arc::new(entity(row)?)),
        IamKind::AccessKey => Step::PutKey(Arc::new(read_key(row, sealer)?)),
    })
}

fn entity<T: DeserializeOwned>(row: &IamRow) -> Result<T, IamStoreUnavailable> {
    serde_json::from_str(&row.definition).map_err(|error| broken(row.kind, &row.id, error))
}

fn read_saml_provider(row: &IamRow) -> Result<SamlProvider, IamStoreUnavailable> {
    let stored: StoredSamlProvider = entity(row)?;
    let idp = saml::metadata::read_idp(stored.metadata.as_bytes()).map_err(|error| broken(row.kind, &row.id, error))?;
    Ok(SamlProvider {
        name: stored.name,
        arn: stored.arn,
        uuid: stored.uuid,
        metadata: stored.metadata,
        valid_until: idp.valid_until,
        idp: Arc::new(idp),
        created: stored.created,
        tags: stored.tags,
    })
}

fn read_key(row: &IamRow, sealer: &Sealer) -> Result<AccessKey, IamStoreUnavailable> {
    let stored: StoredKey = entity(row)?;
    let secret = sealer.open_text(&purpose(&row.id), &stored.secret).and_then(|secret| {
        let text = String::from_utf8(secret.into_exposed()).ok()?;
        Some(Secret::new(text))
    });
    let missing =
        "its secret was sealed with another key; put back the file secrets/sealing-key that it was sealed with";
    Ok(AccessKey {
        id: row.id.clone(),
        secret: secret.ok_or_else(|| broken(row.kind, &row.id, missing))?,
        owner: stored.owner,
        active: stored.active,
        created: stored.created,
    })
}
