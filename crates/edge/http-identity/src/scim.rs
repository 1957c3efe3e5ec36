//! SCIM 2.0 over HTTP (RFC 7644): who asks, what for, what it came to, and a record of it.
//!
//! One handler for every path, so that nothing is answered before the token is verified, and nothing without an audit record.

mod audit;
mod discovery;
mod groups;
mod lists;
mod request;
mod respond;
mod route;
#[cfg(test)]
mod tests;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use base::{AuditLog, Secret};
use directory::{Directory, ScimClient};
use scim::ScimError;
use tracing::Instrument as _;

use audit::Trail;
use request::Call;
use respond::Reply;
use route::{Resource, Target};

/// What the SCIM routes need.
#[derive(Debug, Clone)]
pub struct ScimState {
    pub directory: Arc<Directory>,
    pub audit: Arc<dyn AuditLog>,
    /// The address that the router is mounted at, as clients know it, e.g. `https://localhost:8443/scim/v2`. It begins every
    /// `meta.location`; a trailing slash is ignored.
    pub base_url: String,
}

/// The SCIM endpoints, to be mounted with `nest_service("/scim/v2", …)`: `nest` would keep `/scim/v2/` from it.
pub fn router(state: ScimState) -> Router {
    let base_url = state.base_url.trim_end_matches('/').to_owned();
    Router::new().fallback(handle).with_state(Arc::new(ScimState { base_url, ..state }))
}

async fn handle(State(state): State<Arc<ScimState>>, request: Request) -> Response {
    let mut trail = Trail::begin(&request);
    let span = tracing::info_span!("scim", correlation = %trail.correlation());
    async {
        let outcome = answer(&state, request, &mut trail).await;
        if let Err(error) = &outcome
            && error.status() >= 500
        {
            tracing::error!(%error, "a SCIM request failed");
        }
        let status = outcome.as_ref().map_or_else(ScimError::status, |reply| reply.status().as_u16());
        let recorded = trail.record(state.audit.as_ref(), status, outcome.as_ref().err()).await;
        let response = match recorded {
            Ok(()) => respond::finish(outcome),
            Err(error) => {
                tracing::error!(%error, "a SCIM request isn't answered, since it can't be recorded");
                respond::finish(Err(ScimError::Unavailable(
                    "The audit trail can't be written. Retry later.".to_owned(),
                )))
            }
        };
        let status = response.status().as_u16().to_string();
        metrics::counter!("gatehouse_scim_requests_total", "method" => trail.method(), "status" => status).increment(1);
        response
    }
    .instrument(span)
    .await
}

async fn answer(state: &ScimState, request: Request, trail: &mut Trail) -> Result<Reply, ScimError> {
    trail.client(authenticate(state, &request)?);
    let target = route::target(request.uri().path());
    route::check(&target, request.method(), request.uri().path())?;
    let call = Call::read(request).await?;
    match (&target, call.method()) {
        (Target::List(Resource::User), &Method::POST) => users::create(state, &call, trail).await,
        (Target::List(Resource::User), _) => lists::users(state, &call).await,
        (Target::One(Resource::User, id), &Method::PUT) => users::replace(state, id, &call, trail).await,
        (Target::One(Resource::User, id), &Method::PATCH) => users::patch(state, id, &call, trail).await,
        (Target::One(Resource::User, id), &Method::DELETE) => users::delete(state, id, &call).await,
        (Target::One(Resource::User, id), _) => users::get(state, id, &call),
        (Target::List(Resource::Group), &Method::POST) => groups::create(state, &call, trail).await,
        (Target::List(Resource::Group), _) => lists::groups(state, &call).await,
        (Target::One(Resource::Group, id), &Method::PUT) => groups::replace(state, id, &call, trail).await,
        (Target::One(Resource::Group, id), &Method::PATCH) => groups::patch(state, id, &call, trail).await,
        (Target::One(Resource::Group, id), &Method::DELETE) => groups::delete(state, id, &call).await,
        (Target::One(Resource::Group, id), _) => groups::get(state, id, &call),
        (
            Target::ServiceProviderConfig
            | Target::ResourceTypes
            | Target::ResourceType(_)
            | Target::Schemas
            | Target::Schema(_),
            _,
        ) => discovery::get(&target, state, &call),
        (Target::Unsupported(_) | Target::Unknown, _) => Err(route::not_found(call.path())),
    }
}

/// RFC 6750 2.1. Every refusal is worded the same.
fn authenticate(state: &ScimState, request: &Request) -> Result<ScimClient, ScimError> {
    let refused = || {
        ScimError::Unauthorized(
            "A valid SCIM bearer token is needed. Generate one in Gatehouse and enter it in the identity provider."
                .to_owned(),
        )
    };
    let mut headers = request.headers().get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (headers.next(), headers.next()) else { return Err(refused()) };
    let (scheme, token) = header.to_str().ok().and_then(|header| header.split_once(' ')).ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    state.directory.verify_scim_token(&Secret::from(token.trim())).map_err(|refusal| {
        tracing::info!(%refusal, "a SCIM token was refused");
        refused()
    })
}
