//! Migrations: applied once, in order, each in a transaction; an applied one must not change.

use sqlx::{Row as _, SqlitePool};

use crate::error::StoreError;

type Migration = (&'static str, &'static str);

const DIRECTORY: Migration = ("0010_directory", include_str!("../migrations/0010_directory.sql"));
const DIRECTORY_PROVISIONING: Migration =
    ("0011_directory_provisioning", include_str!("../migrations/0011_directory_provisioning.sql"));

/// Name and text. Append only. A text may hold several statements.
const CONTROL: &[Migration] = &[
    ("0001_audit", include_str!("../migrations/0001_audit.sql")),
    DIRECTORY,
    ("0020_center", include_str!("../migrations/0020_center.sql")),
    ("0021_control", include_str!("../migrations/0021_control.sql")),
    ("0022_access_keys", include_str!("../migrations/0022_access_keys.sql")),
    ("0030_tokens", include_str!("../migrations/0030_tokens.sql")),
    ("0031_tokens_applications", include_str!("../migrations/0031_tokens_applications.sql")),
    ("0023_center_applications", include_str!("../migrations/0023_center_applications.sql")),
    ("0024_control_warehouses", include_str!("../migrations/0024_control_warehouses.sql")),
    DIRECTORY_PROVISIONING,
    ("0040_audit_event", include_str!("../migrations/0040_audit_event.sql")),
    ("0050_source", include_str!("../migrations/0050_source.sql")),
    ("0051_sessions_federated", include_str!("../migrations/0051_sessions_federated.sql")),
    ("0070_iam", include_str!("../migrations/0070_iam.sql")),
    ("0071_sts", include_str!("../migrations/0071_sts.sql")),
    ("0072_audit_reference", include_str!("../migrations/0072_audit_reference.sql")),
    ("0073_network", include_str!("../migrations/0073_network.sql")),
    ("0074_control_options", include_str!("../migrations/0074_control_options.sql")),
    ("0076_credentials", include_str!("../migrations/0076_credentials.sql")),
    ("0075_snapshots", include_str!("../migrations/0075_snapshots.sql")),
];

/// The built-in identity provider's file: a directory of its own, and what only the provider has. Append only.
const IDP: &[Migration] = &[
    DIRECTORY,
    DIRECTORY_PROVISIONING,
    ("0060_idp", include_str!("../migrations/0060_idp.sql")),
    ("0061_openid", include_str!("../migrations/0061_openid.sql")),
    ("0062_push", include_str!("../migrations/0062_push.sql")),
    ("0063_push_begun", include_str!("../migrations/0063_push_begun.sql")),
];

/// Which tables a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    /// The control state of Gatehouse.
    Control,
    /// The built-in identity provider: it shares nothing with the control state.
    Idp,
}

impl Schema {
    const fn migrations(self) -> &'static [Migration] {
        match self {
            Self::Control => CONTROL,
            Self::Idp => IDP,
        }
    }
}

pub(crate) async fn run(pool: &SqlitePool, schema: Schema) -> Result<(), StoreError> {
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, text TEXT NOT NULL)")
        .execute(pool)
        .await?;
    for (name, text) in schema.migrations() {
        let mut transaction = pool.begin().await?;
        let applied = sqlx::query("SELECT text FROM migrations WHERE name = ?")
            .bind(*name)
            .fetch_optional(&mut *transaction)
            .await?;
        match applied {
            Some(row) if row.try_get::<String, _>("text")? == *text => {}
            Some(_) => return Err(StoreError::MigrationChanged { name: (*name).to_owned() }),
            None => {
                sqlx::raw_sql(*text).execute(&mut *transaction).await?;
                sqlx::query("INSERT INTO migrations (name, text) VALUES (?, ?)")
                    .bind(*name)
                    .bind(*text)
                    .execute(&mut *transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
    }
    Ok(())
}
