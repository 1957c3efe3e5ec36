//! Identity Center's state.

mod row;
#[cfg(test)]
mod tests;

use center::{Application, CenterStore, CenterStoreError, CenterWrite, Instance, InstanceSettings, StoredCenter};
use serde_json::json;
use sqlx::SqlitePool;

use crate::{Store, StoreError, timestamp};

/// [`CenterStore`] on SQLite.
#[derive(Debug, Clone)]
pub struct SqliteCenter {
    pool: SqlitePool,
}

impl SqliteCenter {
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self { pool: store.pool().clone() }
    }

    async fn read(&self) -> Result<StoredCenter, StoreError> {
        let instance = sqlx::query("SELECT * FROM center_instance").fetch_optional(&self.pool).await?;
        let applications = sqlx::query("SELECT * FROM center_application").fetch_all(&self.pool).await?;
        let assignments = sqlx::query("SELECT * FROM center_assignment").fetch_all(&self.pool).await?;
        Ok(StoredCenter {
            instance: instance.as_ref().map(row::instance).transpose()?,
            settings: instance.as_ref().map(row::settings).transpose()?.unwrap_or_default(),
            applications: applications.iter().map(row::application).collect::<Result<_, _>>()?,
            assignments: assignments.iter().map(row::assignment).collect::<Result<_, _>>()?,
        })
    }

    async fn write(&self, write: CenterWrite) -> Result<(), StoreError> {
        match write {
            CenterWrite::CreateInstance(instance) => self.insert_instance(&instance).await,
            CenterWrite::PutInstanceSettings(settings) => self.put_settings(&settings).await,
            CenterWrite::PutApplication(application) => self.put_application(&application).await,
            CenterWrite::DeleteApplication(arn) => {
                // The assignments go with it: ON DELETE CASCADE.
                let delete = sqlx::query("DELETE FROM center_application WHERE arn = ?").bind(arn.as_str());
                delete.execute(&self.pool).await.map(drop).map_err(Into::into)
            }
            CenterWrite::CreateAssignment(arn, principal) => {
                let insert = sqlx::query("INSERT INTO center_assignment VALUES (?, ?, ?)").bind(arn.as_str());
                let insert = insert.bind(principal.kind()).bind(principal.id());
                insert.execute(&self.pool).await.map(drop).map_err(Into::into)
            }
            CenterWrite::DeleteAssignment(arn, principal) => {
                let text = "DELETE FROM center_assignment WHERE application_arn = ? AND principal_type = ? AND principal_id = ?";
                let delete = sqlx::query(text).bind(arn.as_str()).bind(principal.kind()).bind(principal.id());
                delete.execute(&self.pool).await.map(drop).map_err(Into::into)
            }
            CenterWrite::DeletePrincipal(principal) => {
                let text = "DELETE FROM center_assignment WHERE principal_type = ? AND principal_id = ?";
                let delete = sqlx::query(text).bind(principal.kind()).bind(principal.id());
                delete.execute(&self.pool).await.map(drop).map_err(Into::into)
            }
        }
    }

    async fn insert_instance(&self, instance: &Instance) -> Result<(), StoreError> {
        let text = "INSERT INTO center_instance (arn, identity_store_id, owner_account, created) VALUES (?, ?, ?, ?)";
        sqlx::query(text)
            .bind(instance.arn.as_str())
            .bind(&instance.identity_store_id)
            .bind(&instance.owner_account)
            .bind(timestamp::write("center_instance", instance.created)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn put_settings(&self, settings: &InstanceSettings) -> Result<(), StoreError> {
        // There is one instance.
        let update = sqlx::query("UPDATE center_instance SET name = ?, tags = ?").bind(&settings.name);
        let update = update.bind(json!(settings.tags).to_string());
        update.execute(&self.pool).await.map(drop).map_err(Into::into)
    }

    async fn put_application(&self, application: &Application) -> Result<(), StoreError> {
        let table = "center_application";
        let redirect_uris = application.grants.authorization_code.as_ref();
        let policy = application.authentication.as_ref();
        let creation = application.creation.as_ref();
        sqlx::query(
            "INSERT INTO center_application (arn, provider_arn, name, description, status, assignment_required, \
             redirect_uris, refresh_token, token_exchange, actor_policy, scopes, tags, client_token, \
             client_token_parameters, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (arn) DO UPDATE SET name = excluded.name, description = excluded.description, \
             status = excluded.status, assignment_required = excluded.assignment_required, \
             redirect_uris = excluded.redirect_uris, refresh_token = excluded.refresh_token, \
             token_exchange = excluded.token_exchange, actor_policy = excluded.actor_policy, \
             scopes = excluded.scopes, tags = excluded.tags",
        )
        .bind(application.arn.as_str())
        .bind(&application.provider_arn)
        .bind(&application.name)
        .bind(&application.description)
        .bind(application.status.name())
        .bind(application.assignment_required)
        .bind(redirect_uris.map(|uris| json!(uris).to_string()))
        .bind(application.grants.refresh_token)
        .bind(application.grants.token_exchange)
        .bind(policy.map(|policy| policy.document().to_string()))
        .bind(json!(application.scopes).to_string())
        .bind(json!(application.tags).to_string())
        .bind(creation.map(|creation| creation.client_token.as_str()))
        .bind(creation.map(|creation| creation.parameters.as_str()))
        .bind(timestamp::write(table, application.created)?)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl CenterStore for SqliteCenter {
    async fn load(&self) -> Result<StoredCenter, CenterStoreError> {
        self.read().await.map_err(|error| CenterStoreError(error.to_string()))
    }

    async fn apply(&self, write: CenterWrite) -> Result<(), CenterStoreError> {
        self.write(write).await.map_err(|error| CenterStoreError(error.to_string()))
    }
}
