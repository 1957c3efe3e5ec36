//! Identity Center's state.

#[cfg(test)]
mod tests;

use base::id::{ApplicationArn, InstanceArn};
use center::{
    Application, ApplicationStatus, AssignedPrincipal, CenterStore, CenterStoreError, CenterWrite, Instance,
    StoredCenter,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqlitePool};

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
            instance: instance.as_ref().map(instance_of).transpose()?,
            applications: applications.iter().map(application_of).collect::<Result<_, _>>()?,
            assignments: assignments.iter().map(assignment_of).collect::<Result<_, _>>()?,
        })
    }

    async fn write(&self, write: CenterWrite) -> Result<(), StoreError> {
        match write {
            CenterWrite::CreateInstance(instance) => self.insert_instance(&instance).await,
            CenterWrite::CreateApplication(application) => self.insert_application(&application).await,
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
        sqlx::query("INSERT INTO center_instance VALUES (?, ?, ?, ?, ?)")
            .bind(instance.arn.as_str())
            .bind(&instance.identity_store_id)
            .bind(&instance.owner_account)
            .bind(&instance.name)
            .bind(timestamp::write("center_instance", instance.created)?)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn insert_application(&self, application: &Application) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO center_application VALUES (?, ?, ?, ?, ?, ?)")
            .bind(application.arn.as_str())
            .bind(&application.provider_arn)
            .bind(&application.name)
            .bind(application.status.name())
            .bind(application.assignment_required)
            .bind(timestamp::write("center_application", application.created)?)
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

fn instance_of(row: &SqliteRow) -> Result<Instance, StoreError> {
    Ok(Instance {
        arn: InstanceArn::new(row.try_get::<String, _>("arn")?),
        identity_store_id: row.try_get("identity_store_id")?,
        owner_account: row.try_get("owner_account")?,
        name: row.try_get("name")?,
        created: timestamp::read("center_instance", row.try_get("created")?)?,
    })
}

fn application_of(row: &SqliteRow) -> Result<Application, StoreError> {
    let table = "center_application";
    let arn: String = row.try_get("arn")?;
    let status: String = row.try_get("status")?;
    let unknown = || StoreError::Row { table, key: arn.clone(), cause: format!("unknown status {status}") };
    Ok(Application {
        status: ApplicationStatus::from_name(&status).ok_or_else(unknown)?,
        provider_arn: row.try_get("provider_arn")?,
        name: row.try_get("name")?,
        assignment_required: row.try_get("assignment_required")?,
        created: timestamp::read(table, row.try_get("created")?)?,
        arn: ApplicationArn::new(arn),
    })
}

fn assignment_of(row: &SqliteRow) -> Result<(ApplicationArn, AssignedPrincipal), StoreError> {
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
