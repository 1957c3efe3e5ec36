//! The control database can't be read or written.

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the control database can't be used: {0}")]
    Sqlite(#[from] sqlx::Error),
    #[error("migration {name} was changed after it had been applied; restore the earlier binary or the backup")]
    MigrationChanged { name: String },
    #[error("row {key} of {table} can't be read: {cause}")]
    Row { table: &'static str, key: String, cause: String },
}
