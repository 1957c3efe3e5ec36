//! CreateTokenWithIAM (`POST /token?aws_iam=t`): the tokens of an application, for a caller that signs (Signature V4) and whom IAM
//! and the application's actor policy allow it. `clientId` is the application's ARN (apis.md 3.2).

mod understand;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use base::{AuditEvent, AuditStep, CorrelationId, Fault as _, Outcome, Principal};
use pages::Connection;
use serde_json::json;
use sigv4::{Expected, SigV4Error, VerifiedRequest};
use sts::{Ask, Caller, Peer};
use tokens::{ApplicationCaller, IamCaller, IssuedTokens, TokenError};

use crate::oauth::body::{self, CreateTokenWithIam, CreatedTokenWithIam, Refused};
use crate::state::IdentityState;
use understand::{Asked, Grant, understand};

const ACTION: &str = "sso-oauth:CreateTokenWithIAM";
const SIGNING_NAME: &str = "sso-oauth";
/// Characters of a client's text that a record keeps, and of a refusal's reason, which may repeat some.
const RECORDED_CHARACTERS_MAX: usize = 256;
const REASON_CHARACTERS_MAX: usize = 1024;

/// What the signature covers beside the body.
pub(super) struct Head<'a> {
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
}

/// Why a call isn't carried out.
enum Failure {
    Signature(SigV4Error),
    /// Signed for another region than this server's.
    Region,
    /// IAM doesn't allow it to the caller.
    Denied {
        message: String,
        mend: String,
    },
    Refused(Refused),
    Tokens(TokenError),
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<TokenError> for Failure {
    fn from(cause: TokenError) -> Self {
        Self::Tokens(cause)
    }
}

/// What is known of a call, for its record.
#[derive(Default)]
struct Known {
    caller: Option<VerifiedRequest<Caller>>,
    client: String,
    grant_type: String,
}

pub(super) async fn create_token(
    state: &IdentityState,
    connection: Connection,
    head: &Head<'_>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let mut known = Known::default();
    let result = carry_out(state, connection, head, body, &mut known).await;
    let event = event(&known, &result)
        .field("source_ip", connection.peer.ip().to_string())
        .field("user_agent", recorded(header(head.headers, "user-agent")));
    let correlation = event.correlation.clone();
    if state.record(event).await.is_err() {
        // What was issued is never told to anybody, so that it is worth nothing.
        return with_id(body::unavailable(), &correlation);
    }
    let response = match &result {
        Ok((asked, issued)) => answer(asked, issued),
        Err(failure) => refuse(state, failure),
    };
    with_id(response, &correlation)
}

async fn carry_out(
    state: &IdentityState,
    connection: Connection,
    head: &Head<'_>,
    body: Result<Bytes, BytesRejection>,
    known: &mut Known,
) -> Result<(Asked, IssuedTokens), Failure> {
    let bytes = body.map_err(|why| body::unreadable(&why))?;
    let caller = verify(state, head, &bytes).map_err(Failure::Signature)?;
    let caller = known.caller.insert(caller);
    if caller.region() != state.settings.region {
        return Err(Failure::Region);
    }
    if head.query != "aws_iam=t" {
        let text = "The query of CreateTokenWithIAM is aws_iam=t, and nothing else.";
        return Err(Refused::new(tokens::OAuthCode::InvalidRequest, text).into());
    }
    let input: CreateTokenWithIam = body::read(Ok(bytes))?;
    let client = input.client_id.clone().ok_or_else(|| body::missing("clientId"))?;
    known.client = recorded(&client);
    known.grant_type = recorded(input.grant_type.as_deref().unwrap_or_default());
    let peer = Peer { address: Some(connection.peer.ip()), secure: connection.encrypted };
    allowed(state, caller.caller(), &client, peer)?;
    // Before anything else is said about the request: who may not call isn't told how to.
    let caller = caller.caller();
    let context = state.sts.context(caller, &Ask::new(ACTION, &client), peer);
    let caller = IamCaller { subject: caller.subject(), context: &context };
    let application = state.tokens.application_caller(&client, &caller)?;
    let asked = understand(input)?;
    let issued = exchange(state, application, &asked).await?;
    Ok((asked, issued))
}

/// Both must allow it: IAM to the caller, and the application's actor policy.
fn allowed(state: &IdentityState, caller: &Caller, application: &str, peer: Peer) -> Result<(), Failure> {
    let decision = state.sts.authorize(caller, &[Ask::new(ACTION, application)], peer);
    if decision.allowed {
        return Ok(());
    }
    let principal = caller.principal().to_string();
    let application = recorded(application);
    let message = format!(
        "User: {principal} is not authorized to perform: {ACTION} on resource: {application} {}",
        decision.because
    );
    Err(Failure::Denied { message, mend: decision.mend(&principal) })
}

async fn exchange(
    state: &IdentityState,
    application: ApplicationCaller,
    asked: &Asked,
) -> Result<IssuedTokens, TokenError> {
    let scopes = asked.scopes.clone();
    match &asked.grant {
        Grant::Code { code, redirect_uri, verifier } => {
            let (code, redirect_uri, verifier) = (code.clone(), redirect_uri.clone(), verifier.clone());
            state.tokens.exchange_code_with_iam(application, code, redirect_uri, verifier, scopes).await
        }
        Grant::Refresh { token } => state.tokens.refresh_with_iam(application, token, &scopes).await,
        Grant::Exchange(exchange) => state.tokens.exchange_subject(application, exchange.clone()).await,
    }
}

fn verify(state: &IdentityState, head: &Head<'_>, body: &[u8]) -> Result<VerifiedRequest<Caller>, SigV4Error> {
    let ours = state.settings.region.as_str();
    // A signature for another region is verified too, so that its holder can be told the right one by the error's name.
    let named = region(header(head.headers, "authorization")).unwrap_or(ours);
    let regions = [ours, named];
    let expected = Expected { now: state.clock.now(), regions: &regions, service: SIGNING_NAME };
    let headers: Option<Vec<(&str, &str)>> =
        head.headers.iter().map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let unreadable = || SigV4Error::Incomplete("A header is not visible ASCII.".to_owned());
    let headers = headers.ok_or_else(unreadable)?;
    let request = sigv4::Request { method: "POST", path: head.path, query: head.query, headers: &headers, body };
    sigv4::verify(&request, &*state.sts, &expected)
}

/// The region of `… Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
fn region(authorization: &str) -> Option<&str> {
    let (_, credential) = authorization.split_once("Credential=")?;
    credential.split(',').next()?.split('/').nth(2)
}

fn event(known: &Known, result: &Result<(Asked, IssuedTokens), Failure>) -> AuditEvent {
    let principal = known.caller.as_ref().map_or(Principal::Anonymous, |caller| caller.caller().principal().clone());
    let subject = match result {
        Err(Failure::Tokens(TokenError::Refused(refusal))) => refusal.subject.as_ref(),
        Ok(_) | Err(_) => None,
    };
    let (outcome, person) = match result {
        Ok((_, issued)) => {
            let claims = &issued.claims;
            (Outcome::Allowed, Some((&claims.user, &claims.user_name, &claims.correlation)))
        }
        Err(failure) => {
            let person = subject.map(|subject| (&subject.user, &subject.user_name, &subject.correlation));
            (failure.outcome(), person)
        }
    };
    let correlation = person.map_or_else(CorrelationId::fresh, |(_, _, correlation)| correlation.clone());
    let mut event = AuditEvent::new(AuditStep::ApiCall, outcome, correlation, principal)
        .action(ACTION)
        .target(known.client.as_str())
        .field("grant_type", known.grant_type.as_str());
    if let Some(caller) = &known.caller {
        event = event.field("access_key_id", caller.access_key_id());
    }
    if let Some((user, user_name, _)) = person {
        event = event.field("user_id", user.as_str()).field("user_name", user_name.as_str());
    }
    match result {
        Ok((_, issued)) => event.field("grant", issued.claims.grant.as_str()),
        Err(failure) => {
            let event = event
                .field("error_code", failure.shape())
                .field("reason", cut(&failure.reason(), REASON_CHARACTERS_MAX));
            match failure {
                Failure::Denied { mend, .. } => event.field("mend", cut(mend, REASON_CHARACTERS_MAX)),
                Failure::Signature(_) | Failure::Region | Failure::Refused(_) | Failure::Tokens(_) => event,
            }
        }
    }
}

impl Failure {
    const fn outcome(&self) -> Outcome {
        match self {
            Self::Tokens(TokenError::Unavailable(_)) => Outcome::Failed,
            Self::Signature(_)
            | Self::Region
            | Self::Denied { .. }
            | Self::Refused(_)
            | Self::Tokens(TokenError::Refused(_)) => Outcome::Denied,
        }
    }

    const fn shape(&self) -> &'static str {
        match self {
            Self::Signature(error) => error.aws_json_name(),
            Self::Region => "InvalidRequestRegionException",
            Self::Denied { .. } => "AccessDeniedException",
            Self::Refused(refused) => body::shape(refused.code).1,
            Self::Tokens(TokenError::Refused(refusal)) => body::shape(refusal.code).1,
            Self::Tokens(TokenError::Unavailable(_)) => "InternalServerException",
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Signature(error) => error.to_string(),
            Self::Region => "signed for another region".to_owned(),
            Self::Denied { message, .. } => message.clone(),
            Self::Refused(refused) => refused.description.clone(),
            Self::Tokens(cause) => cause.to_string(),
        }
    }
}

fn refuse(state: &IdentityState, failure: &Failure) -> Response {
    match failure {
        Failure::Signature(error) => {
            let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::FORBIDDEN);
            body::error(status, error.aws_json_name(), "access_denied", &error.public().message)
        }
        Failure::Region => {
            let (region, endpoint) = (&state.settings.region, &state.settings.public_https_url);
            let text =
                format!("This instance of IAM Identity Center is in {region}; sign for it, and send to {endpoint}.");
            let body = json!({
                "error": "invalid_request", "error_description": text, "message": text, "region": region, "endpoint": endpoint,
            });
            body::error_with(StatusCode::BAD_REQUEST, "InvalidRequestRegionException", &body)
        }
        Failure::Denied { message, .. } => {
            body::error(StatusCode::BAD_REQUEST, "AccessDeniedException", "access_denied", message)
        }
        Failure::Refused(refused) => body::refuse(refused.code, &refused.description),
        Failure::Tokens(cause) => body::failed(cause),
    }
}

fn answer(asked: &Asked, issued: &IssuedTokens) -> Response {
    body::answer(&CreatedTokenWithIam {
        access_token: issued.access.expose(),
        token_type: "Bearer",
        expires_in: issued.expires_in.whole_seconds(),
        refresh_token: issued.refresh.as_ref().map(|token| token.expose().as_str()),
        issued_token_type: asked.issued_token_type(issued.refresh.is_some()),
        scope: issued.claims.scopes.iter().map(|scope| scope.name()).collect(),
    })
}

/// The client is told the id under which the trail has its call.
fn with_id(mut response: Response, id: &CorrelationId) -> Response {
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert("x-amzn-requestid", id);
    }
    response
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn recorded(text: &str) -> String {
    cut(text, RECORDED_CHARACTERS_MAX)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(most).collect()
}
