//! Logins of people with an Identity Center access token (drivers.md 3.9, 3.10; apis.md 3.6).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::ApplicationArn;
use base::{Principal, Secret};
use catalog::{Catalog, DbIdentityProvider, FederatedGroup, plan_login};
use directory::ActiveUser;
use sessions::OpenDb;
use tokens::{AccessClaims, Requirement, Scope, TokenRefusal, Verified};

use super::{Refused, StartupRequest, refusal};
use crate::connection::DbConnection;
use crate::end;
use crate::error::QueryError;
use crate::open::{self, Newcomer, Person};
use crate::warehouse::Warehouse;

pub(super) async fn login(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    token: &Secret<String>,
) -> Result<DbConnection, Refused> {
    let snapshot = warehouse.catalog.current();
    let (provider, verified) = verify(warehouse, &snapshot.catalog, startup, token).map_err(Refused::anonymous)?;
    let claims = verified.get();
    let correlation = claims.correlation.clone();
    let principal = Principal::DirectoryUser { id: claims.user.to_string(), user_name: claims.user_name.clone() };
    let refused = |error| Refused { error, principal: principal.clone(), correlation: correlation.clone() };

    let user = warehouse.directory.active_user(&claims.user).ok_or_else(|| refused(refusal::not_active()))?;
    let application = ApplicationArn::new(provider.application_arn.clone());
    warehouse.access.may_use(&user, &application).map_err(|cause| refused(refusal::not_assigned(cause)))?;
    let db_user = provision(warehouse, &provider, &user).await.map_err(refused)?;
    let name = warehouse.catalog.current().catalog.user_name(db_user);
    let opening =
        OpenDb::with_token(&user, &verified, name, startup.peer).map_err(|error| refused(end::refused(error)))?;
    let person = Some(Person { id: user.id().clone(), provider: provider.id });
    open::open(warehouse, startup, Newcomer { user: db_user, opening, person }).await.map_err(refused)
}

/// The identity provider that the token is for, and the proof that it is.
fn verify(
    warehouse: &Warehouse,
    catalog: &Catalog,
    startup: &StartupRequest,
    token: &Secret<String>,
) -> Result<(DbIdentityProvider, Verified<AccessClaims>), QueryError> {
    let wanted = startup.parameter("provider_name").or_else(|| startup.parameter("identity_namespace"));
    let matches =
        |provider: &&DbIdentityProvider| wanted.is_none_or(|name| provider.name == name || provider.namespace == name);
    let mut refused: Option<QueryError> = None;
    for provider in catalog.providers().filter(matches) {
        if !provider.enabled {
            refused.get_or_insert_with(|| refusal::disabled_identity_provider(&provider.name));
            continue;
        }
        let required = Requirement {
            scope: Scope::RedshiftConnect,
            audience: ApplicationArn::new(provider.application_arn.clone()),
            issuer: warehouse.instance.clone(),
        };
        match warehouse.tokens.verify_access(token, &required) {
            Ok(claims) => return Ok((provider.clone(), claims)),
            Err(refusal @ TokenRefusal::WrongAudience { .. }) => refused = Some(refusal::token(&refusal)),
            Err(refusal) => return Err(refusal::token(&refusal)),
        }
    }
    Err(refused.unwrap_or_else(|| refusal::no_identity_provider(wanted)))
}

/// Makes the database user `namespace:userName` and, where the provider says so, the missing roles.
async fn provision(
    warehouse: &Arc<Warehouse>,
    provider: &DbIdentityProvider,
    user: &ActiveUser,
) -> Result<base::id::DbUserId, QueryError> {
    let groups = warehouse.directory.groups_of(user.id());
    let groups: Vec<_> =
        groups.iter().map(|group| FederatedGroup { id: group.id.as_str(), name: &group.display_name }).collect();
    for _ in 0..open::PROVISION_ATTEMPTS_MAX {
        let snapshot = warehouse.catalog.current();
        let ids = u32::try_from(groups.len()).unwrap_or(u32::MAX).saturating_add(1);
        let first_id = warehouse.next_id.fetch_add(ids, Ordering::Relaxed);
        let login = plan_login(&snapshot.catalog, provider.id, user.user_name(), user.id(), &groups, first_id)?;
        if login.ops.is_empty() || open::apply(warehouse, login.ops).await? {
            return Ok(login.user);
        }
    }
    Err(open::busy())
}

#[cfg(test)]
mod tests;
