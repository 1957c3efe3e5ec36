//! The way of every call: recognise, verify, authorise, perform, record, answer.

mod record;

use ::sts::Caller;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use base::CorrelationId;
use bytes::Bytes;
use record::Known;
use sigv4::{Expected, SigV4Error, VerifiedRequest};

use crate::error::ApiError;
use crate::operation::{Answer, Context, Notes, Performed};
use crate::protocol::{json, query};
use crate::recognise::{Call, Head, Parameters, assumed_protocol, recognise};
use crate::service::{Protocol, Service};
use crate::state::AwsState;
use crate::sts::Unsigned;
use crate::{
    BODY_BYTES_MAX, administration, cloudtrail, ec2, iam, identitystore, organizations, recorded, redshift,
    redshift_serverless, secretsmanager, sso_admin, sts,
};

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
    let (service, named, peer) = (call.service, call.operation.clone(), head.peer());
    let (known, performed) = carry_out(state, head, body, call, id).await;
    let from = (peer, head.header("user-agent").unwrap_or_default());
    let event = record::event(service, &named, from, id, known, &performed);
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

/// Who calls, and what became of it.
async fn carry_out(state: &AwsState, head: &Head, body: &Bytes, call: Call, id: &CorrelationId) -> (Known, Performed) {
    let (service, peer, notes) = (call.service, head.peer(), Notes::default());
    if service == Service::Sts && sts::is_unsigned(&call.operation) {
        let mut known = Known::stranger(id);
        let (principal, performed) = sts::unsigned(call, &Unsigned { state, peer, id, notes: &notes }).await;
        known.principal = principal;
        known.fields = notes.into_fields();
        return (known, performed);
    }
    let verified = match verify(state, head, body, service) {
        Ok(verified) => verified,
        Err(error) => {
            let performed = Performed { operation: "unverified", resource: "*".to_owned(), result: Err(error.into()) };
            return (Known::stranger(id), performed);
        }
    };
    let caller = verified.caller();
    state.iam.note_key_used(caller.access_key_id(), service.signing_name(), verified.region());
    if let Some(session) = caller.role_session() {
        state.iam.note_role_used(&session.role_id, verified.region());
    }
    // What a stranger asked for isn't kept: it would be theirs to choose what fills the disk.
    let parameters = match &call.parameters {
        Parameters::Query(parameters) => recorded::query(service, parameters),
        Parameters::Json => recorded::json(service, body),
    };
    let mut known = Known::of(caller, id, parameters);
    let correlation = known.correlation.clone();
    let context = Context { state, service, caller, peer, request_id: id, correlation: &correlation, notes: &notes };
    let performed = dispatch(call, body, &context).await;
    known.fields.extend(notes.into_fields());
    (known, performed)
}

fn verify(state: &AwsState, head: &Head, body: &[u8], service: Service) -> Result<VerifiedRequest<Caller>, SigV4Error> {
    let ours = [state.region(), "us-east-1"];
    let regions = match (service.takes_global_region(), service == Service::Iam) {
        // It has one address for all regions, and every client signs for that.
        (_, true) => ours.split_at(1).1,
        (true, false) => ours.as_slice(),
        (false, false) => ours.split_at(1).0,
    };
    let expected = Expected { now: state.clock.now(), regions, service: service.signing_name() };
    head.with_signed(body, |request| sigv4::verify(request, &*state.sts, &expected))
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
        (Service::SecretsManager, Parameters::Json) => secretsmanager::dispatch(operation, body, context).await,
        (Service::CloudTrail, Parameters::Json) => cloudtrail::dispatch(operation, body, context).await,
        (Service::Gatehouse, Parameters::Json) => administration::dispatch(operation, body, context).await,
        (Service::Iam, Parameters::Query(parameters)) => iam::dispatch(operation, parameters, context).await,
        (Service::Ec2, Parameters::Query(parameters)) => ec2::dispatch(operation, parameters, context).await,
        (Service::Sts | Service::Iam | Service::Ec2 | Service::Redshift, Parameters::Json)
        | (
            Service::SsoAdmin
            | Service::IdentityStore
            | Service::Organizations
            | Service::RedshiftServerless
            | Service::SecretsManager
            | Service::CloudTrail
            | Service::Gatehouse,
            Parameters::Query(_),
        ) => Performed::unsupported(operation),
    }
}

/// Answers what calls no service of ours. There is nobody and nothing to record.
fn unrecognised(error: &ApiError, protocol: Protocol, id: &CorrelationId) -> Sent {
    let sent = match protocol {
        Protocol::Query | Protocol::Ec2 => failure(Service::Sts, error, id),
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
            body: match service.protocol() {
                Protocol::Ec2 => query::ec2_success(service, operation, result.as_deref(), id),
                Protocol::Query | Protocol::Json => query::success(service, operation, result.as_deref(), id),
            },
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
        Protocol::Ec2 => {
            Sent { status: shown.status, content_type: query::CONTENT_TYPE, body: query::ec2_failure(&shown, id) }
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
