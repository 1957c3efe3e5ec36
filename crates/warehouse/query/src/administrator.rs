//! A warehouse's administrator: how a new warehouse gets one, and what the control plane may change about them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{ApplicationArn, DbUserId};
use base::{ErrorKind, Secret};
use catalog::{Catalog, CatalogError, PasswordVerifier, Plan, PlanContext};
use sql::SearchPath;
use sql::statement::{
    CreateIdentityProvider, IamRoleClause, IdentityProviderType, PasswordClause, Statement, UserChange,
};

use crate::error::QueryError;
use crate::open;
use crate::settings;
use crate::warehouse::Warehouse;

/// What an empty warehouse begins with.
#[derive(Debug, Clone)]
pub struct NewWarehouse {
    pub database: String,
    pub admin_user: String,
    /// In clear.
    pub admin_password: Secret<String>,
    /// The connection to Identity Center that it has from the start.
    pub identity_provider: Option<NewIdentityProvider>,
}

/// What `CREATE IDENTITY PROVIDER name TYPE AWSIDC NAMESPACE … APPLICATION_ARN … IAM_ROLE …` would be told.
#[derive(Debug, Clone)]
pub struct NewIdentityProvider {
    pub name: String,
    pub namespace: String,
    pub application: ApplicationArn,
    /// The ARN of the role.
    pub iam_role: String,
}

impl NewWarehouse {
    /// The catalog of such a warehouse. `salt`: 32 random bytes for the password.
    ///
    /// # Errors
    /// 22023 for a password that breaks the rules or isn't clear text; what CREATE USER and CREATE IDENTITY PROVIDER refuse.
    pub fn catalog(&self, salt: [u8; 32]) -> Result<Catalog, QueryError> {
        let verifier = PasswordVerifier::from_clause(clear(&self.admin_password)?, salt)?;
        let catalog = Catalog::bootstrap(&self.database, &self.admin_user, verifier)?;
        let Some(provider) = &self.identity_provider else { return Ok(catalog) };
        let statement = Statement::CreateIdentityProvider(CreateIdentityProvider {
            name: provider.name.clone(),
            provider_type: IdentityProviderType::AwsIdc,
            namespace: provider.namespace.clone(),
            parameters: None,
            application_arn: Some(provider.application.to_string()),
            iam_role: Some(IamRoleClause::Arn(provider.iam_role.clone())),
            auto_create_roles: None,
        });
        let plan = plan(&statement, &catalog, catalog.next_id(), salt)?;
        Ok(catalog.apply_all(&plan.ops)?)
    }
}

impl Warehouse {
    /// Gives the administrator another password (in clear), as ALTER USER … PASSWORD would.
    ///
    /// # Errors
    /// 22023 for one that breaks the rules, 42704 where the administrator was dropped, 57P03 where others change the catalog all
    /// the time; the engine's errors.
    pub async fn set_admin_password(self: &Arc<Self>, password: &Secret<String>) -> Result<(), QueryError> {
        let password = clear(password)?;
        for _ in 0..open::PROVISION_ATTEMPTS_MAX {
            let snapshot = self.catalog.current();
            let name = self.admin_name().ok_or_else(no_administrator)?;
            let change = UserChange::Password(PasswordClause::Set(password.clone()));
            let statement = Statement::AlterUser { name, changes: vec![change] };
            let first_id = self.next_id.load(Ordering::Relaxed);
            let plan = plan(&statement, &snapshot.catalog, first_id, base::random::bytes())?;
            if open::apply(self, plan.ops).await? {
                return Ok(());
            }
        }
        Err(open::busy())
    }

    /// What the administrator is called now; `None` where they were dropped.
    #[must_use]
    pub fn admin_name(&self) -> Option<String> {
        let snapshot = self.catalog.current();
        let exists = snapshot.catalog.user(catalog::ADMIN_USER).is_some();
        exists.then(|| snapshot.catalog.user_name(catalog::ADMIN_USER))
    }

    /// Whether this is still the administrator's password. For the server's own use: no attempt is counted.
    #[must_use]
    pub fn is_admin_password(&self, password: &Secret<String>) -> bool {
        let snapshot = self.catalog.current();
        let verifier = snapshot.catalog.user(catalog::ADMIN_USER).and_then(|user| user.password.as_ref());
        let name = snapshot.catalog.user_name(catalog::ADMIN_USER);
        verifier.is_some_and(|verifier| verifier.check_clear(&name, password))
    }
}

fn plan(statement: &Statement, catalog: &Catalog, first_id: u32, salt: [u8; 32]) -> Result<Plan, CatalogError> {
    let user: DbUserId = catalog::ADMIN_USER;
    let context = PlanContext {
        user,
        database: &catalog.database().name,
        search_path: &SearchPath(vec!["pg_catalog".to_owned()]),
        first_id: first_id.max(catalog.next_id()),
        salt,
        query_columns: &[],
        settable: settings::is_settable,
    };
    catalog::plan(statement, catalog, &context)
}

/// SQL takes hashes in the place of a password; whoever can't write SQL means clear text.
fn clear(password: &Secret<String>) -> Result<&Secret<String>, QueryError> {
    let text = password.expose();
    let md5 =
        text.strip_prefix("md5").is_some_and(|hash| hash.len() == 32 && hash.bytes().all(|b| b.is_ascii_hexdigit()));
    if !md5 && !text.starts_with("sha256|") {
        return Ok(password);
    }
    let error = QueryError::new(ErrorKind::InvalidInput, "22023", "the password looks like a hash of a password");
    Err(error.hint("Give it in clear text; set a hash with ALTER USER … PASSWORD."))
}

fn no_administrator() -> QueryError {
    QueryError::new(ErrorKind::NotFound, "42704", "the administrator of the warehouse was dropped")
        .hint("Make another superuser with SQL, or a new warehouse.")
}

#[cfg(test)]
mod tests;
