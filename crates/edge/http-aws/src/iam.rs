//! iam: users, groups, roles, policies, identity providers, and what they would be allowed. Its addresses are global: it is signed
//! for us-east-1 alone.

mod absent;
mod account;
mod call;
mod fields;
mod groups;
mod holders;
mod oidc_providers;
mod policies;
mod roles;
mod saml_providers;
mod service_provider;
mod simulate;
mod tagging;
mod target;
mod users;
mod write;

pub use self::service_provider::service_provider_router;
use crate::operation::{Context, Performed};
use crate::protocol::query::QueryParameters;

/// Every operation that is carried out, by group.
const OPERATIONS: [&[call::Entry]; 9] = [
    users::OPERATIONS,
    groups::OPERATIONS,
    roles::OPERATIONS,
    policies::OPERATIONS,
    saml_providers::OPERATIONS,
    oidc_providers::OPERATIONS,
    account::OPERATIONS,
    simulate::OPERATIONS,
    absent::OPERATIONS,
];

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    let entry = OPERATIONS.iter().copied().flatten().find(|entry| entry.name == operation);
    match entry {
        Some(entry) => (entry.perform)(parameters, context).await,
        None => Performed::unsupported(operation),
    }
}
