//! RegisterClient, CreateToken, and the operations of sso-oidc that are refused by name.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use base::id::ClientId;
use base::{AuditEvent, AuditStep, CorrelationId, Outcome, Principal, Secret};
use pages::Connection;
use tokens::{ClientRegistration, CodeExchange, IssuedTokens, OAuthCode, RefreshExchange, TokenError};

use crate::oauth::body::{
    self, CreateToken, CreatedToken, Refused, RegisterClient, RegisteredClient, foreign, missing,
};
use crate::oauth::iam::{self, Head};
use crate::state::IdentityState;

/// `POST /client/register`
pub(super) async fn register_client(
    State(state): State<IdentityState>,
    connection: Connection,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let asked: RegisterClient = match body::read(body) {
        Ok(asked) => asked,
        Err(refused) => return count("RegisterClient", body::refuse(refused.code, &refused.description)),
    };
    let registration = ClientRegistration {
        name: asked.client_name.unwrap_or_default(),
        client_type: asked.client_type.unwrap_or_default(),
        scopes: asked.scopes.unwrap_or_default(),
        redirect_uris: asked.redirect_uris.unwrap_or_default(),
        grant_types: asked.grant_types.unwrap_or_default(),
        issuer_url: asked.issuer_url,
        entitled_application_arn: asked.entitled_application_arn,
    };
    let result = state.tokens.register_client(&registration).await;
    let event = |outcome| {
        AuditEvent::new(AuditStep::ClientRegistration, outcome, CorrelationId::fresh(), Principal::Anonymous)
            .action("sso-oauth:RegisterClient")
            .field("peer", connection.peer.ip().to_string())
    };
    let event = match &result {
        Ok(new) => {
            event(Outcome::Allowed).target(new.client.id.as_str()).field("client_name", new.client.name.as_str())
        }
        Err(cause) => event(outcome(cause)).field("reason", reason(cause)),
    };
    if state.record(event).await.is_err() {
        return count("RegisterClient", body::unavailable());
    }
    let response = match result {
        Ok(new) => body::answer(&RegisteredClient {
            client_id: new.client.id.as_str(),
            client_secret: new.secret.expose(),
            client_id_issued_at: new.client.issued.unix_timestamp(),
            client_secret_expires_at: new.client.expires.unix_timestamp(),
            authorization_endpoint: format!("{}/authorize", state.settings.public_https_url),
            token_endpoint: format!("{}/token", state.settings.public_https_url),
        }),
        Err(cause) => body::failed(&cause),
    };
    count("RegisterClient", response)
}

/// `POST /device_authorization`: refused by name.
pub(super) async fn start_device_authorization() -> Response {
    let text =
        "StartDeviceAuthorization is not carried out by this server; use the grant authorization_code with PKCE.";
    count("StartDeviceAuthorization", body::refuse(OAuthCode::UnsupportedGrantType, text))
}

/// A CreateToken call, understood.
enum Exchange {
    Code(CodeExchange),
    Refresh(RefreshExchange),
}

/// `POST /token`; with `aws_iam` in the query it is CreateTokenWithIAM.
pub(super) async fn create_token(
    State(state): State<IdentityState>,
    connection: Connection,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let query = uri.query().unwrap_or_default().to_owned();
    if url::form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "aws_iam") {
        let head = Head { path: uri.path(), query: &query, headers: &headers };
        return count("CreateTokenWithIAM", iam::create_token(&state, connection, &head, body).await);
    }
    let exchange = match body::read(body).and_then(understand) {
        Ok(exchange) => exchange,
        Err(refused) => return count("CreateToken", body::refuse(refused.code, &refused.description)),
    };
    let (action, client, result) = match exchange {
        Exchange::Code(asked) => ("authorization_code", asked.client.clone(), state.tokens.exchange_code(asked).await),
        Exchange::Refresh(asked) => ("refresh_token", asked.client.clone(), state.tokens.refresh(asked).await),
    };
    let event = audit_event(&result).action(format!("sso-oauth:CreateToken {action}")).field("client", client.as_str());
    if state.record(event.field("peer", connection.peer.ip().to_string())).await.is_err() {
        // What was issued is never told to anybody, so that it is worth nothing.
        return count("CreateToken", body::unavailable());
    }
    let response = match &result {
        Ok(issued) => body::answer(&CreatedToken {
            access_token: issued.access.expose(),
            token_type: "Bearer",
            expires_in: issued.expires_in.whole_seconds(),
            refresh_token: issued.refresh.as_ref().map(|token| token.expose().as_str()),
        }),
        Err(cause) => body::failed(cause),
    };
    count("CreateToken", response)
}

fn understand(asked: CreateToken) -> Result<Exchange, Refused> {
    let grant_type = asked.grant_type.ok_or_else(|| missing("grantType"))?;
    let client = ClientId::new(asked.client_id.ok_or_else(|| missing("clientId"))?);
    let client_secret = Secret::new(asked.client_secret.ok_or_else(|| missing("clientSecret"))?);
    let scopes = asked.scope.unwrap_or_default();
    match grant_type.as_str() {
        "authorization_code" => {
            foreign(
                &grant_type,
                &[("deviceCode", asked.device_code.is_some()), ("refreshToken", asked.refresh_token.is_some())],
            )?;
            Ok(Exchange::Code(CodeExchange {
                client,
                client_secret,
                code: Secret::new(asked.code.ok_or_else(|| missing("code"))?),
                redirect_uri: asked.redirect_uri.ok_or_else(|| missing("redirectUri"))?,
                verifier: Secret::new(asked.code_verifier.ok_or_else(|| missing("codeVerifier"))?),
                scopes,
            }))
        }
        "refresh_token" => {
            foreign(
                &grant_type,
                &[
                    ("deviceCode", asked.device_code.is_some()),
                    ("code", asked.code.is_some()),
                    ("redirectUri", asked.redirect_uri.is_some()),
                    ("codeVerifier", asked.code_verifier.is_some()),
                ],
            )?;
            let refresh_token = Secret::new(asked.refresh_token.ok_or_else(|| missing("refreshToken"))?);
            Ok(Exchange::Refresh(RefreshExchange { client, client_secret, refresh_token, scopes }))
        }
        _ => {
            let text = "grantType: this server carries out authorization_code and refresh_token only.";
            Err(Refused::new(OAuthCode::UnsupportedGrantType, text))
        }
    }
}

fn audit_event(result: &Result<IssuedTokens, TokenError>) -> AuditEvent {
    match result {
        Ok(issued) => {
            let claims = &issued.claims;
            let principal =
                Principal::DirectoryUser { id: claims.user.to_string(), user_name: claims.user_name.clone() };
            AuditEvent::new(AuditStep::Token, Outcome::Allowed, claims.correlation.clone(), principal)
                .target(claims.audience.as_str())
                .field("grant", claims.grant.as_str())
        }
        Err(cause) => {
            let subject = match cause {
                TokenError::Refused(refusal) => refusal.subject.clone(),
                TokenError::Unavailable(_) => None,
            };
            let (correlation, principal) = match subject {
                Some(subject) => {
                    let principal =
                        Principal::DirectoryUser { id: subject.user.to_string(), user_name: subject.user_name };
                    (subject.correlation, principal)
                }
                None => (CorrelationId::fresh(), Principal::Anonymous),
            };
            AuditEvent::new(AuditStep::Token, outcome(cause), correlation, principal).field("reason", reason(cause))
        }
    }
}

const fn outcome(cause: &TokenError) -> Outcome {
    match cause {
        TokenError::Refused(_) => Outcome::Denied,
        TokenError::Unavailable(_) => Outcome::Failed,
    }
}

fn reason(cause: &TokenError) -> String {
    cause.to_string()
}

fn count(operation: &'static str, response: Response) -> Response {
    let outcome = if response.status().is_success() { "allowed" } else { "refused" };
    metrics::counter!("gatehouse_oauth_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
    response
}
