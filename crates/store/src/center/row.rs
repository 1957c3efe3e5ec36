//! Rows of Identity Center's tables, read back. A row that can't be read stops the start: a guess could open what was closed.

use base::id::{ApplicationArn, InstanceArn};
use center::{
    ActorPolicy, Application, ApplicationGrants, ApplicationStatus, AssignedPrincipal, Creation, Instance,
    InstanceSettings,
};
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::{StoreError, timestamp};

const APPLICATIONS: &str = "center_application";

pub(super) fn instance(row: &SqliteRow) -> Result<Instance, StoreError> {
    Ok(Instance {
        arn: InstanceArn::new(row.try_get::<String, _>("arn")?),
        identity_store_id: row.try_get("identity_store_id")?,
        owner_account: row.try_get("owner_account")?,
        created: timestamp::read("center_instance", row.try_get("created")?)?,
    })
}

pub(super) fn settings(row: &SqliteRow) -> Result<InstanceSettings, StoreError> {
    let tags = json("center_instance", row.try_get("arn")?, row.try_get("tags")?)?;
    Ok(InstanceSettings { name: row.try_get("name")?, tags })
}

pub(super) fn application(row: &SqliteRow) -> Result<Application, StoreError> {
    let arn: String = row.try_get("arn")?;
    let status: String = row.try_get("status")?;
    let broken = |cause: String| StoreError::Row { table: APPLICATIONS, key: arn.clone(), cause };
    let policy = row.try_get::<Option<String>, _>("actor_policy")?;
    let policy = policy.map(|text| {
        let document = json(APPLICATIONS, &arn, &text)?;
        ActorPolicy::parse(document).map_err(|error| broken(error.to_string()))
    });
    Ok(Application {
        provider_arn: row.try_get("provider_arn")?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        status: ApplicationStatus::from_name(&status).ok_or_else(|| broken(format!("unknown status {status}")))?,
        assignment_required: row.try_get("assignment_required")?,
        grants: grants(&arn, row)?,
        authentication: policy.transpose()?,
        scopes: json(APPLICATIONS, &arn, row.try_get("scopes")?)?,
        tags: json(APPLICATIONS, &arn, row.try_get("tags")?)?,
        creation: creation(row)?,
        created: timestamp::read(APPLICATIONS, row.try_get("created")?)?,
        arn: ApplicationArn::new(arn),
    })
}

fn grants(arn: &str, row: &SqliteRow) -> Result<ApplicationGrants, StoreError> {
    let redirect_uris: Option<String> = row.try_get("redirect_uris")?;
    Ok(ApplicationGrants {
        authorization_code: redirect_uris.map(|text| json(APPLICATIONS, arn, &text)).transpose()?,
        refresh_token: row.try_get("refresh_token")?,
        token_exchange: row.try_get("token_exchange")?,
    })
}

fn creation(row: &SqliteRow) -> Result<Option<Creation>, StoreError> {
    let Some(client_token) = row.try_get("client_token")? else { return Ok(None) };
    Ok(Some(Creation { client_token, parameters: row.try_get("client_token_parameters")? }))
}

pub(super) fn assignment(row: &SqliteRow) -> Result<(ApplicationArn, AssignedPrincipal), StoreError> {
    let arn: String = row.try_get("application_arn")?;
    let kind: String = row.try_get("principal_type")?;
    let principal =
        AssignedPrincipal::from_parts(&kind, row.try_get("principal_id")?).ok_or_else(|| StoreError::Row {
            table: "center_assignment",
            key: arn.clone(),
            cause: format!("unknown principal type {kind}"),
        })?;
    Ok((ApplicationArn::new(arn), principal))
}

fn json<T: DeserializeOwned>(table: &'static str, key: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Row { table, key: key.to_owned(), cause: error.to_string() })
}
