//! SCIM 2.0 over HTTP (RFC 7644): who asks, what for, what it came to, and a record of it.
//!
//! One handler for every path, so that nothing is answered before the token is verified, and nothing without an audit record.

mod audit;
mod bulk;
mod discovery;
mod dry_run;
mod found;
mod groups;
mod lists;
pub mod preview;
mod request;
mod respond;
mod route;
mod scan;
#[cfg(test)]
mod tests;
mod users;

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::response::Response;
use base::{AuditLog, Secret};
use directory::{Directory, ScimClient};
pub use scim::Profile;
use scim::{ScimError, idc_compat};
use tracing::Instrument as _;

use audit::Trail;
pub use preview::{AccessPreview, TableAccess};
use request::Call;
use respond::{Asked, Reply};
use route::{Resource, Target};

const UNRECORDED: &str = "The audit trail can't be written. Retry later.";
const MOUNT: &str = "/scim/v2";

/// What the SCIM routes need.
#[derive(Debug, Clone)]
pub struct ScimState {
    pub directory: Arc<Directory>,
    pub audit: Arc<dyn AuditLog>,
    /// The address of `/scim/v2` as clients know it, e.g. `https://localhost:8443/scim/v2`. It begins every `meta.location`; a
    /// trailing slash is ignored.
    pub base_url: String,
    pub profile: Profile,
    /// The id of the identity store, `d-…`: the address of AWS's form is `/{tenant}/scim/v2`.
    pub tenant: String,
    /// Who could read what, for dry runs.
    pub preview: Arc<dyn AccessPreview>,
}

/// Where requests come in.
#[derive(Debug)]
struct Door {
    state: ScimState,
    /// The address names the tenant.
    names_tenant: bool,
}

/// The SCIM endpoints at `/scim/v2` and at `/{tenant}/scim/v2`, to be merged into the server's router. Trailing slashes on either
/// are fine. The locations in an answer begin with the address that was asked.
pub fn routers(state: ScimState) -> Router {
    let base_url = state.base_url.trim_end_matches('/').to_owned();
    let origin = base_url.strip_suffix(MOUNT).unwrap_or(&base_url);
    let tenant_url = format!("{origin}/{}{MOUNT}", state.tenant);
    let door = |base_url: String, names_tenant| {
        let state = ScimState { base_url, ..state.clone() };
        Router::new().fallback(handle).with_state(Arc::new(Door { state, names_tenant }))
    };
    // `nest` would keep `/scim/v2/` from it
    Router::new()
        .nest_service(MOUNT, door(base_url.clone(), false))
        .nest_service(&format!("/{{tenant}}{MOUNT}"), door(tenant_url, true))
}

async fn handle(State(door): State<Arc<Door>>, request: Request) -> Response {
    let trail = Trail::begin(&request);
    let span = tracing::info_span!("scim", correlation = %trail.correlation());
    let asked = Asked { profile: door.state.profile, correlation: trail.correlation().clone() };
    let reads = request.method() == Method::GET;
    let work = serve(door, request, trail, asked.clone()).instrument(span);
    if reads {
        return work.await;
    }
    // a client that leaves must not part a change from its record, or the operations of a bulk request from each other
    base::task::spawn("SCIM request", work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a SCIM request failed");
        respond::finish(Err(ScimError::Internal(error.to_string())), &asked)
    })
}

async fn serve(door: Arc<Door>, request: Request, mut trail: Trail, asked: Asked) -> Response {
    let outcome = answer(&door, request, &mut trail, &asked).await;
    if let Err(error @ (ScimError::Internal(_) | ScimError::Unavailable(_))) = &outcome {
        tracing::error!(%error, "a SCIM request failed");
    }
    let status = outcome.as_ref().map_or_else(ScimError::status, |reply| reply.status().as_u16());
    let recorded = trail.record(door.state.audit.as_ref(), status, outcome.as_ref().err()).await;
    let response = match recorded {
        Ok(()) => respond::finish(outcome, &asked),
        Err(error) => {
            tracing::error!(%error, "a SCIM request isn't answered, since it can't be recorded");
            respond::finish(Err(ScimError::Unavailable(UNRECORDED.to_owned())), &asked)
        }
    };
    let status = response.status().as_u16().to_string();
    metrics::counter!("gatehouse_scim_requests_total", "method" => trail.method(), "status" => status).increment(1);
    response
}

async fn answer(door: &Door, request: Request, trail: &mut Trail, asked: &Asked) -> Result<Reply, ScimError> {
    let state = &door.state;
    let request = check_tenant(door, request).await?;
    trail.client(authenticate(state, &request)?);
    let target = route::target(request.uri().path());
    route::check(&target, request.method(), request.uri().path(), state.profile)?;
    let call = Call::read(request, route::longest_body(&target)).await?;
    if *call.method() == Method::PATCH && state.profile == Profile::IdcCompat {
        idc_compat::user_agent(call.user_agent())?;
    }
    let writes = *call.method() != Method::GET && !matches!(target, Target::Search(_));
    if writes && call.is_dry_run() {
        return dry_run::run(state, &target, &call, trail, asked).await;
    }
    carry_out(state, &target, &call, trail, asked).await
}

async fn carry_out(
    state: &ScimState,
    target: &Target,
    call: &Call,
    trail: &mut Trail,
    asked: &Asked,
) -> Result<Reply, ScimError> {
    match target {
        Target::List(resource) if *call.method() == Method::GET => lists::get(state, *resource, call).await,
        Target::List(_) | Target::One(..) => perform(state, target, call, trail).await,
        Target::Search(resource) => lists::search(state, *resource, call).await,
        Target::Bulk => bulk::run(state, call, trail, asked).await,
        Target::ServiceProviderConfig
        | Target::ResourceTypes
        | Target::ResourceType(_)
        | Target::Schemas
        | Target::Schema(_) => discovery::get(target, state, call),
        Target::Unsupported(_) | Target::Unknown => Err(route::not_found(call.path())),
    }
}

/// What is about one person or one group: by itself, or as part of a bulk request.
async fn perform(state: &ScimState, target: &Target, call: &Call, trail: &mut Trail) -> Result<Reply, ScimError> {
    match (target, call.method()) {
        (Target::List(Resource::User), &Method::POST) => users::create(state, call, trail).await,
        (Target::One(Resource::User, id), &Method::PUT) => users::replace(state, id, call, trail).await,
        (Target::One(Resource::User, id), &Method::PATCH) => users::patch(state, id, call, trail).await,
        (Target::One(Resource::User, id), &Method::DELETE) => users::delete(state, id, call, trail).await,
        (Target::One(Resource::User, id), &Method::GET) => users::get(state, id, call),
        (Target::List(Resource::Group), &Method::POST) => groups::create(state, call, trail).await,
        (Target::One(Resource::Group, id), &Method::PUT) => groups::replace(state, id, call, trail).await,
        (Target::One(Resource::Group, id), &Method::PATCH) => groups::patch(state, id, call, trail).await,
        (Target::One(Resource::Group, id), &Method::DELETE) => groups::delete(state, id, call, trail).await,
        (Target::One(Resource::Group, id), &Method::GET) => groups::get(state, id, call).await,
        (_, _) => Err(route::not_found(call.path())),
    }
}

/// The words for every refusal of a stranger.
fn refused() -> ScimError {
    ScimError::Unauthorized(
        "A valid SCIM bearer token is needed. Generate one in Gatehouse and enter it in the identity provider."
            .to_owned(),
    )
}

/// A token is bound to one tenant: the wrong tenant is refused like a wrong token.
async fn check_tenant(door: &Door, request: Request) -> Result<Request, ScimError> {
    if !door.names_tenant {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let parameters = RawPathParams::from_request_parts(&mut parts, &()).await.map_err(|_| refused())?;
    let named = parameters.iter().any(|(name, value)| name == "tenant" && value == door.state.tenant);
    if named { Ok(Request::from_parts(parts, body)) } else { Err(refused()) }
}

/// RFC 6750 2.1. Every refusal is worded the same.
fn authenticate(state: &ScimState, request: &Request) -> Result<ScimClient, ScimError> {
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
