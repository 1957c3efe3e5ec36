//! Logins of people with an Identity Center access token (drivers.md 3.9, 3.10; apis.md 3.6).

use std::sync::Arc;
use std::sync::atomic::Ordering;

use base::id::{ApplicationArn, DbIdentityProviderId};
use base::{Principal, Secret};
use catalog::{Catalog, DbIdentityProvider, FederatedGroup, plan_login};
use directory::ActiveUser;
use sessions::OpenDb;
use tokens::{Audience, Requirement, Scope};

use super::{Refused, StartupRequest, refusal};
use crate::connection::DbConnection;
use crate::end;
use crate::error::QueryError;
use crate::live::Arrival;
use crate::open::{self, Newcomer, Person, Standing};
use crate::warehouse::Warehouse;

pub(super) async fn login(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    arrival: Arrival,
    token: &Secret<String>,
) -> Result<DbConnection, Refused> {
    let required = Requirement {
        scope: Scope::RedshiftConnect,
        audience: Audience::AnyRedshift,
        issuer: warehouse.instance.clone(),
    };
    let verified = warehouse.tokens.verify_access(token, &required);
    let verified = verified.map_err(|refusal| Refused::anonymous(refusal::token(&refusal)))?;
    let claims = verified.get();
    let correlation = claims.correlation.clone();
    let principal = Principal::DirectoryUser { id: claims.user.to_string(), user_name: claims.user_name.clone() };
    let refused = |error| Refused::known(error, principal.clone(), correlation.clone(), Vec::new());

    let user = warehouse.directory.active_user(&claims.user).ok_or_else(|| refused(refusal::not_active()))?;
    let snapshot = warehouse.catalog.current();
    let (provider, application) = provider_for(warehouse, &snapshot.catalog, startup, &user).map_err(refused)?;
    let db_user = provision(warehouse, &provider, &user).await.map_err(refused)?;
    let name = warehouse.catalog.current().catalog.user_name(db_user);
    let opening = OpenDb::with_token(&user, &verified, &warehouse.id, &application, name, startup.peer)
        .map_err(|error| refused(end::refused(error)))?;
    let standing = Standing::Federated(Person { id: user.id().clone(), provider: provider.id });
    let newcomer = Newcomer { user: db_user, arrival, opening, standing, told: Vec::new() };
    open::open(warehouse, startup, newcomer).await.map_err(refused)
}

/// The first of the warehouse's identity providers that the client means and whose application the person may use; else why not
/// the first one.
fn provider_for(
    warehouse: &Warehouse,
    catalog: &Catalog,
    startup: &StartupRequest,
    user: &ActiveUser,
) -> Result<(DbIdentityProvider, ApplicationArn), QueryError> {
    let wanted = startup.parameter("provider_name").or_else(|| startup.parameter("identity_namespace"));
    let matches =
        |provider: &&DbIdentityProvider| wanted.is_none_or(|name| provider.name == name || provider.namespace == name);
    let mut refused: Option<QueryError> = None;
    for provider in catalog.providers().filter(matches) {
        let Some(application) = provider.application_arn().map(ApplicationArn::new) else { continue };
        let cause = if provider.enabled {
            match may_enter(warehouse, user, &application) {
                Ok(()) => return Ok((provider.clone(), application)),
                Err(cause) => cause,
            }
        } else {
            refusal::disabled_identity_provider(&provider.name)
        };
        refused.get_or_insert(cause);
    }
    Err(refused.unwrap_or_else(|| refusal::no_identity_provider(wanted)))
}

/// An administrator can name any application in CREATE IDENTITY PROVIDER; only Redshift's own open a warehouse, as
/// [`Audience::AnyRedshift`] asks of the token.
fn may_enter(warehouse: &Warehouse, user: &ActiveUser, application: &ApplicationArn) -> Result<(), QueryError> {
    warehouse.access.may_use(user, application).map_err(refusal::no_access)?;
    let redshift = warehouse.access.application(application).is_some_and(|application| application.redshift);
    if redshift { Ok(()) } else { Err(refusal::not_redshift(application)) }
}

async fn provision(
    warehouse: &Arc<Warehouse>,
    provider: &DbIdentityProvider,
    user: &ActiveUser,
) -> Result<base::id::DbUserId, QueryError> {
    let groups = warehouse.directory.groups_of(user.id());
    let groups: Vec<_> =
        groups.iter().map(|group| FederatedGroup { id: group.id.as_str(), name: &group.display_name }).collect();
    make_user(warehouse, provider.id, (user.user_name(), user.id().as_str()), &groups).await
}

/// Makes the database user `namespace:userName` and, where the provider says so, the missing roles. Of the person: the name, and the
/// id that the provider never gives to anybody else.
pub(super) async fn make_user(
    warehouse: &Arc<Warehouse>,
    provider: DbIdentityProviderId,
    (name, external_id): (&str, &str),
    groups: &[FederatedGroup<'_>],
) -> Result<base::id::DbUserId, QueryError> {
    for _ in 0..open::PROVISION_ATTEMPTS_MAX {
        let snapshot = warehouse.catalog.current();
        let ids = u32::try_from(groups.len()).unwrap_or(u32::MAX).saturating_add(1);
        let first_id = warehouse.next_id.fetch_add(ids, Ordering::Relaxed);
        let login = plan_login(&snapshot.catalog, provider, name, external_id, groups, first_id)?;
        if login.ops.is_empty() || open::apply(warehouse, login.ops).await? {
            return Ok(login.user);
        }
    }
    Err(open::busy())
}

#[cfg(test)]
mod tests;
