//! Logins with a JSON Web Token of an identity provider of type azure (drivers.md 3.8): BasicJwtCredentialsProvider.

mod grounds;
mod person;

use std::sync::Arc;

use base::{Checks, CorrelationId, Principal, Secret};
use catalog::{Catalog, DbIdentityProvider, FederatedGroup};
use grounds::ProviderGrounds;
use oidc::IdentityToken;
use person::NamedPerson;
use sessions::{OpenDb, WithProviderToken};

use super::{Refused, StartupRequest, refusal, token as directory_token};
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::live::Arrival;
use crate::open::{self, Bearer, Newcomer, Standing};
use crate::warehouse::Warehouse;

/// Characters of an issuer that a refusal repeats.
const LONGEST_SHOWN: usize = 200;

/// What is known of who tries, for the record.
#[derive(Debug, Default)]
struct Story {
    checks: Checks,
    provider: Option<String>,
    issuer: Option<String>,
    token_id: Option<String>,
    person: Option<String>,
    /// `namespace:name`
    db_user: Option<String>,
}

impl Story {
    fn told(&self) -> Vec<(&'static str, String)> {
        let known = [
            ("identity_provider", &self.provider),
            ("issuer", &self.issuer),
            ("token_id", &self.token_id),
            ("person", &self.person),
        ];
        let mut told: Vec<_> = known.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect();
        told.push(("checks", self.checks.to_json()));
        told
    }

    fn principal(&self) -> Principal {
        self.db_user.clone().map_or(Principal::Anonymous, |name| Principal::DbUser { name })
    }
}

/// A token that was verified.
struct Proven {
    provider: DbIdentityProvider,
    token: IdentityToken,
    person: NamedPerson,
}

pub(super) async fn login(
    warehouse: &Arc<Warehouse>,
    startup: &StartupRequest,
    arrival: Arrival,
    token: &Secret<String>,
) -> Result<DbConnection, Refused> {
    let (mut story, correlation) = (Story::default(), CorrelationId::fresh());
    let proven = proven(warehouse, startup, token, &mut story).await;
    let told = story.told();
    let refused = |error| Refused::known(error, story.principal(), correlation.clone(), told.clone());
    let Proven { provider, token, person } = proven.map_err(refused)?;
    let groups: Vec<_> = person.groups.iter().map(|name| FederatedGroup { id: name, name }).collect();
    let named = (person.name.as_str(), person.external_id.as_str());
    let user = directory_token::make_user(warehouse, provider.id, named, &groups).await.map_err(refused)?;
    let proof = WithProviderToken {
        person: person.name.clone(),
        grounds: Arc::new(ProviderGrounds::new(warehouse, &provider, &token)),
        correlation: correlation.clone(),
    };
    let db_user = warehouse.catalog.current().catalog.user_name(user);
    let opening = OpenDb::with_provider_token(&warehouse.id, db_user, proof, startup.peer);
    let standing = Standing::Bearer(Bearer { provider: provider.id, groups: person.groups.into() });
    let newcomer = Newcomer { user, arrival, opening, standing, told: told.clone() };
    open::open(warehouse, startup, newcomer).await.map_err(refused)
}

async fn proven(
    warehouse: &Warehouse,
    startup: &StartupRequest,
    token: &Secret<String>,
    story: &mut Story,
) -> Result<Proven, QueryError> {
    let snapshot = warehouse.catalog.current();
    let providers = providers_for(&snapshot.catalog, startup, token, story)?;
    let mut first_refusal = None;
    for provider in providers {
        let Some(azure) = provider.azure() else { continue };
        let (keys, network) = (&warehouse.issuers.keys, warehouse.issuers.network);
        let verdict = keys.verify_access(&azure.issuer, network, token.expose(), azure.audiences()).await;
        match verdict.outcome {
            Ok(token) => {
                story.checks.extend(verdict.checks);
                story.provider = Some(provider.name.clone());
                story.token_id = token.id().map(str::to_owned);
                let person =
                    person::read(&token, &mut story.checks).map_err(|refusal| refusal::jwt_person(&refusal))?;
                story.person = Some(person.name.clone());
                story.db_user = Some(format!("{}:{}", provider.namespace, person.name));
                return Ok(Proven { provider, token, person });
            }
            Err(refusal) => {
                first_refusal.get_or_insert((verdict.checks, provider.name, refusal));
            }
        }
    }
    let Some((checks, provider, refusal)) = first_refusal else {
        return Err(refusal::no_token_provider(None, None));
    };
    story.checks.extend(checks);
    let error = refusal::jwt(&provider, &refusal);
    story.provider = Some(provider);
    Err(error)
}

/// The enabled providers of type azure that the client means (`provider_name`, `identity_namespace`) and that the token's issuer is
/// one of; never none.
fn providers_for(
    catalog: &Catalog,
    startup: &StartupRequest,
    token: &Secret<String>,
    story: &mut Story,
) -> Result<Vec<DbIdentityProvider>, QueryError> {
    let issuer = oidc::issuer_of(token.expose());
    let shown: Option<String> =
        issuer.as_deref().map(|it| it.chars().filter(|c| !c.is_control()).take(LONGEST_SHOWN).collect());
    story.issuer.clone_from(&shown);
    let found = shown.as_deref().unwrap_or("no JSON Web Token with an issuer");
    let wanted = startup.parameter("provider_name").or_else(|| startup.parameter("identity_namespace"));
    let meant = catalog.providers().filter(|provider| {
        let named = wanted.is_none_or(|name| provider.name == name || provider.namespace == name);
        named && provider.azure().is_some_and(|azure| Some(azure.issuer.as_str()) == issuer.as_deref())
    });
    let meant: Vec<&DbIdentityProvider> = meant.collect();
    let expected = "the issuer of an identity provider of type azure";
    if !story.checks.note("identity provider", expected, found, !meant.is_empty()) {
        return Err(refusal::no_token_provider(wanted, shown.as_deref()));
    }
    let enabled: Vec<_> = meant.iter().filter(|provider| provider.enabled).copied().cloned().collect();
    let name = meant.first().map(|provider| provider.name.as_str()).unwrap_or_default();
    if enabled.is_empty() {
        story.checks.note("enabled", &format!("identity provider \"{name}\" is enabled"), "disabled", false);
        return Err(refusal::disabled_identity_provider(name));
    }
    Ok(enabled)
}

#[cfg(test)]
mod tests;
