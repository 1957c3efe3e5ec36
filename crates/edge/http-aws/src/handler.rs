//! The way of every call: recognise, verify, authorise, perform, record, answer.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal};
use bytes::Bytes;
use sigv4::{Credential, Expected, SigV4Error, VerifiedRequest};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Performed};
use crate::protocol::{json, query};
use crate::recognise::{Call, Head, Parameters, assumed_protocol, recognise};
use crate::service::{Protocol, Service};
use crate::state::AwsState;
use crate::{
    BODY_BYTES_MAX, administration, cloudtrail, identitystore, organizations, recorded, redshift, redshift_serverless,
    sso_admin, sts,
};

/// Characters of a header or a name from the client that an audit record keeps.
const RECORDED_CHARACTERS_MAX: usize = 256;
/// Characters of a refusal's reason that an audit record keeps: it may repeat what a stranger sent.
const REASON_CHARACTERS_MAX: usize = 1024;

/// An answer that is ready to be sent.
struct Sent {
    status: u16,
    content_type: &'static str,
    body: String,
}

pub(crate) async fn handle(State(state): State<AwsState>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let id = CorrelationId::fresh();
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| ApiError::BodyTooLarge);
    let head = Head::read(&parts);
    let protocol = head.as_ref().map_or(Protocol::Query, assumed_protocol);
    let sent = match head.and_then(|head| Ok((head, body?))) {
        Err(error) => unrecognised(&error, protocol, &id),
        Ok((head, body)) => {
            // In a task of its own: a client that goes away must not part an operation from its record.
            let own_id = id.clone();
            let serving = base::task::spawn("aws call", async move { serve(&state, &head, &body, &own_id).await });
            serving.await.unwrap_or_else(|error| {
                tracing::error!(%error, "an AWS call panicked");
                unrecognised(&ApiError::Interrupted, protocol, &id)
            })
        }
    };
    respond(sent, &id)
}

async fn serve(state: &AwsState, head: &Head, body: &Bytes, id: &CorrelationId) -> Sent {
    let call = match recognise(head, body) {
        Ok(call) => call,
        Err(error) => return unrecognised(&error, assumed_protocol(head), id),
    };
    let (service, named) = (call.service, call.operation.clone());
    let (principal, performed, known) = match verify(state, head, body, service) {
        Ok(caller) => {
            // What a stranger asked for isn't kept: it would be theirs to choose what fills the disk.
            let parameters = match &call.parameters {
                Parameters::Query(parameters) => recorded::query(service, parameters),
                Parameters::Json => recorded::json(service, body),
            };
            let performed = dispatch(call, body, &Context { state, service, caller: &caller }).await;
            (caller.principal().clone(), performed, Some((caller.access_key_id().to_owned(), parameters)))
        }
        // None of them is carried out yet: who calls one is told so, not that a signature is missing.
        Err(SigV4Error::MissingAuthenticationToken) if service == Service::Sts && sts::is_unsigned(&named) => {
            (Principal::Anonymous, Performed::unsupported(&named), None)
        }
        Err(error) => {
            let performed = Performed { operation: "unverified", resource: "*".to_owned(), result: Err(error.into()) };
            (Principal::Anonymous, performed, None)
        }
    };
    let mut event = AuditEvent::new(AuditStep::ApiCall, outcome(&performed.result), id.clone(), principal)
        .action(format!("{}:{}", service.action_prefix(), cut(&named)))
        .target(cut(&performed.resource))
        .field("source_ip", head.peer().map_or_else(|| "unknown".to_owned(), |peer| peer.ip().to_string()))
        .field("user_agent", cut(head.header("user-agent").unwrap_or_default()));
    if let Some((key, parameters)) = known {
        event = event.field("access_key_id", key).field("request_parameters", parameters);
    }
    if let Err(error) = &performed.result {
        event = event
            .field("error_code", error.shown(service.protocol()).code)
            .field("reason", cut_to(REASON_CHARACTERS_MAX, &error.to_string()));
    }
    let result = match state.audit.record(event).await {
        Ok(()) => performed.result,
        Err(error) => {
            tracing::error!(%error, "an AWS call can't be recorded");
            Err(ApiError::AuditUnavailable)
        }
    };
    let sent = render(service, &named, result, id);
    count(service.signing_name(), performed.operation, sent.status);
    sent
}

fn verify(state: &AwsState, head: &Head, body: &[u8], service: Service) -> Result<VerifiedRequest, SigV4Error> {
    let find = |key: &str| {
        let (secret, principal) = state.access_keys.find(key)?;
        Some(Credential { secret, session_token: None, principal })
    };
    let ours = [state.region(), "us-east-1"];
    let regions = if service.takes_global_region() { ours.as_slice() } else { ours.split_at(1).0 };
    let expected = Expected { now: state.clock.now(), regions, service: service.signing_name() };
    head.with_signed(body, |request| sigv4::verify(request, &find, &expected))
}

async fn dispatch(call: Call, body: &[u8], context: &Context<'_>) -> Performed {
    let operation = call.operation.as_str();
    match (call.service, call.parameters) {
        (Service::Sts, Parameters::Query(parameters)) => sts::dispatch(operation, parameters, context).await,
        (Service::Redshift, Parameters::Query(parameters)) => redshift::dispatch(operation, parameters, context).await,
        (Service::SsoAdmin, Parameters::Json) => sso_admin::dispatch(operation, body, context).await,
        (Service::IdentityStore, Parameters::Json) => identitystore::dispatch(operation, body, context).await,
        (Service::Organizations, Parameters::Json) => organizations::dispatch(operation, body, context).await,
        (Service::RedshiftServerless, Parameters::Json) => {
            redshift_serverless::dispatch(operation, body, context).await
        }
        (Service::CloudTrail, Parameters::Json) => cloudtrail::dispatch(operation, body, context).await,
        (Service::Gatehouse, Parameters::Json) => administration::dispatch(operation, body, context).await,
        (Service::Sts | Service::Redshift, Parameters::Json)
        | (
            Service::SsoAdmin
            | Service::IdentityStore
            | Service::Organizations
            | Service::RedshiftServerless
            | Service::CloudTrail
            | Service::Gatehouse,
            Parameters::Query(_),
        ) => Performed::unsupported(operation),
    }
}

fn outcome(result: &Result<Answer, ApiError>) -> Outcome {
    match result {
        Ok(_) => Outcome::Allowed,
        Err(ApiError::Signature(_) | ApiError::AccessDenied { .. }) => Outcome::Denied,
        Err(_) => Outcome::Failed,
    }
}

/// A text of the client's as an audit record keeps it.
fn cut(text: &str) -> String {
    cut_to(RECORDED_CHARACTERS_MAX, text)
}

fn cut_to(most: usize, text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect()
}

/// Answers what calls no service of ours. There is nobody and nothing to record.
fn unrecognised(error: &ApiError, protocol: Protocol, id: &CorrelationId) -> Sent {
    let sent = match protocol {
        Protocol::Query => failure(Service::Sts, error, id),
        Protocol::Json => failure(Service::SsoAdmin, error, id),
    };
    count("unrecognised", "unrecognised", sent.status);
    sent
}

fn render(service: Service, operation: &str, result: Result<Answer, ApiError>, id: &CorrelationId) -> Sent {
    match result {
        Ok(Answer::Xml(result)) => Sent {
            status: 200,
            content_type: query::CONTENT_TYPE,
            body: query::success(service, operation, result.as_deref(), id),
        },
        Ok(Answer::Json(value)) => Sent { status: 200, content_type: json::CONTENT_TYPE, body: value.to_string() },
        Err(error) => failure(service, &error, id),
    }
}

fn failure(service: Service, error: &ApiError, id: &CorrelationId) -> Sent {
    let shown = error.shown(service.protocol());
    match service.protocol() {
        Protocol::Query => {
            Sent { status: shown.status, content_type: query::CONTENT_TYPE, body: query::failure(service, &shown, id) }
        }
        Protocol::Json => {
            Sent { status: shown.status, content_type: json::CONTENT_TYPE, body: json::failure(service, &shown, id) }
        }
    }
}

fn count(service: &'static str, operation: &'static str, status: u16) {
    metrics::counter!(
        "gatehouse_aws_requests_total",
        "service" => service,
        "operation" => operation,
        "status" => status.to_string()
    )
    .increment(1);
}

fn respond(sent: Sent, id: &CorrelationId) -> Response {
    let mut response = Response::new(Body::from(sent.body));
    *response.status_mut() =
        axum::http::StatusCode::from_u16(sent.status).unwrap_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(sent.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
