//! The wordings of refused logins (sql.md 7.1). All are fatal, and 28000 where it is about who somebody is; DETAIL tells the true
//! cause.

use base::ErrorKind;
use base::id::ApplicationArn;
use catalog::quote;
use oidc::{Check, OidcRefusal};
use sessions::GroundsEnded;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokens::{NoAccess, RevokeReason, TokenRefusal};

use super::StartupRequest;
use crate::error::QueryError;
use crate::gate::{NetworkRefusal, NoWarehouse};

fn unauthenticated(message: impl Into<String>) -> QueryError {
    QueryError::new(ErrorKind::Unauthenticated, "28000", message).fatal()
}

/// The same words for an unknown user, a wrong password, a disabled and an expired one.
pub(super) fn wrong_password(user: &str) -> QueryError {
    unauthenticated(format!("password authentication failed for user \"{user}\""))
}

pub(super) fn too_many_attempts(retry_after_seconds: u64) -> QueryError {
    unauthenticated("too many failed password attempts").hint(format!("Try again in {retry_after_seconds} seconds."))
}

/// Told only to who proved the password.
pub(super) fn credential_expired(since: OffsetDateTime) -> QueryError {
    let since = since.format(&Rfc3339).unwrap_or_default();
    unauthenticated("the temporary password has expired")
        .detail(format!("It was good until {since}."))
        .hint("Get new credentials: redshift GetClusterCredentials, redshift-serverless GetCredentials.")
}

pub(super) fn other_database(login_name: &str, issued_for: &str) -> QueryError {
    unauthenticated(format!("the temporary credentials of \"{login_name}\" are for the database \"{issued_for}\""))
        .hint("Get credentials for this database (DbName), or without naming one.")
}

pub(super) fn not_allowed(ended: GroundsEnded) -> QueryError {
    unauthenticated("IAM no longer allows what the temporary credentials were issued on")
        .detail(ended.reason)
        .hint(ended.mend)
}

pub(super) fn no_user() -> QueryError {
    unauthenticated("no PostgreSQL user name specified in startup packet")
        .hint("Give a user name, or use a driver plugin that signs in with IAM Identity Center.")
}

pub(super) fn wrong_answer() -> QueryError {
    unauthenticated("the client answered another authentication method than the one asked for")
}

pub(super) fn not_encrypted(what: &str) -> QueryError {
    unauthenticated(format!("{what} is accepted only over an encrypted connection"))
        .hint("Connect with TLS, e.g. sslmode=verify-full and the certificate authority in GATEHOUSE_CA.")
}

/// The words of Redshift, which PostgreSQL says where pg_hba.conf has no line for a connection without TLS.
pub(super) fn ssl_required(startup: &StartupRequest) -> QueryError {
    let host = startup.peer.ip().to_canonical();
    let user = startup.parameter("user").unwrap_or_default();
    let database = startup.parameter("database").unwrap_or(user);
    unauthenticated(format!(
        "no pg_hba.conf entry for host \"{host}\", user \"{user}\", database \"{database}\", SSL off"
    ))
    .detail("The warehouse takes encrypted connections only: its parameter require_ssl is true.")
    .hint("Connect with TLS, e.g. sslmode=verify-full and the certificate authority in GATEHOUSE_CA.")
}

pub(super) fn unsupported_idp_type(idp_type: &str) -> QueryError {
    unauthenticated(format!("identity provider type \"{idp_type}\" is not supported"))
        .hint(
            "Use a plugin of IAM Identity Center (BrowserIdcAuthPlugin, IdpTokenAuthPlugin), or BasicJwtCredentialsProvider with an \
             identity provider of type azure.",
        )
}

pub(super) fn unsupported_token_type(token_type: &str) -> QueryError {
    unauthenticated(format!("token type \"{token_type}\" is not supported")).hint("Use token_type ACCESS_TOKEN.")
}

pub(super) fn no_identity_provider(namespace: Option<&str>) -> QueryError {
    let error = unauthenticated("AWS IdC identity provider does not exist");
    let error = match namespace {
        Some(name) => error.detail(format!("This warehouse has no identity provider \"{name}\".")),
        None => error.detail("This warehouse has no identity provider of type AWSIDC."),
    };
    error.hint("See select * from identity_providers; make one with CREATE IDENTITY PROVIDER … TYPE AWSIDC ….")
}

/// `issuer`: the token's, if it has one.
pub(super) fn no_token_provider(wanted: Option<&str>, issuer: Option<&str>) -> QueryError {
    let Some(issuer) = issuer else {
        return unauthenticated("invalid token")
            .detail("The token is no JSON Web Token with an issuer (iss).")
            .hint("Give the ID token. An access token does only where the provider issues it as a JSON Web Token.");
    };
    let detail = match wanted {
        Some(name) => format!("No identity provider \"{name}\" of type azure has the token's issuer: {issuer}."),
        None => format!("No identity provider of type azure has the token's issuer: {issuer}."),
    };
    unauthenticated("identity provider for the token does not exist").detail(detail).hint(
        "See select * from identity_providers; an administrator makes one with CREATE IDENTITY PROVIDER … TYPE azure, its issuer to the \
         letter as the token's claim iss.",
    )
}

/// A token that a provider of type azure doesn't take: the check that failed.
pub(super) fn jwt(provider: &str, refusal: &OidcRefusal) -> QueryError {
    let named = quote::ident(provider);
    let hint = if refusal.check == Check::Audience {
        format!(
            "Get a token for this warehouse, or have an administrator add its audience: ALTER IDENTITY PROVIDER {named} PARAMETERS …."
        )
    } else if refusal.check == Check::Expiry {
        "Get a new token.".to_owned()
    } else if matches!(refusal.check, Check::Discovery | Check::Keys) {
        format!(
            "An administrator checks the issuer of the identity provider {named}: its documents must be reachable from this server; at a \
             private address only with gatehouse up --private-providers."
        )
    } else {
        refusal.mend()
    };
    let timely = !matches!(refusal.check, Check::Expiry | Check::NotBefore | Check::IssuedAt);
    let message = if timely { "invalid token" } else { "Token credentials expired or invalid" };
    unauthenticated(message).detail(refusal.to_string()).hint(hint)
}

/// A token that was verified, and doesn't say whom to let in.
pub(super) fn jwt_person(reason: &str) -> QueryError {
    unauthenticated("invalid token")
        .detail(reason)
        .hint("This is to be mended at the provider: what it writes into the token.")
}

pub(super) fn disabled_identity_provider(name: &str) -> QueryError {
    unauthenticated(format!("identity provider \"{name}\" is disabled"))
        .hint(format!("An administrator enables it with ALTER IDENTITY PROVIDER \"{name}\" ENABLE;"))
}

pub(super) fn invalid_scope(detail: impl Into<String>, hint: impl Into<String>) -> QueryError {
    unauthenticated("Invalid scope. User's credentials are not authorized to connect to Redshift.")
        .detail(detail)
        .hint(hint)
}

pub(super) fn no_access(cause: NoAccess) -> QueryError {
    let NoAccess { application: _, lack: _, reason, hint } = cause;
    invalid_scope(reason, hint)
}

pub(super) fn not_redshift(application: &ApplicationArn) -> QueryError {
    invalid_scope(
        format!("The identity provider's application {application} is not an application of Amazon Redshift."),
        "An administrator makes an identity provider with the IdcManagedApplicationArn of redshift \
         DescribeRedshiftIdcApplications.",
    )
}

pub(super) fn not_active() -> QueryError {
    unauthenticated("Token credentials expired or invalid")
        .detail("The person that the token was issued for was deactivated or deleted at the identity provider.")
}

pub(super) fn token(refusal: &TokenRefusal) -> QueryError {
    let again = "Sign in again to get a new access token.";
    let error = match refusal {
        TokenRefusal::Malformed | TokenRefusal::JwtNotAccepted | TokenRefusal::Unknown => {
            unauthenticated("invalid token").hint(again)
        }
        TokenRefusal::Revoked { reason: RevokeReason::AccessRemoved } => {
            let hint =
                "Ask your administrator to assign you or one of your groups (sso-admin CreateApplicationAssignment).";
            return invalid_scope(refusal.reason(), hint);
        }
        TokenRefusal::ApplicationClosed { reason, hint } => return invalid_scope(reason, hint),
        TokenRefusal::Revoked { reason: _ } | TokenRefusal::Expired { since: _ } => {
            unauthenticated("Token credentials expired or invalid").hint(again)
        }
        TokenRefusal::WrongIssuer { .. } | TokenRefusal::WrongAudience { .. } | TokenRefusal::MissingScope { .. } => {
            return invalid_scope(
                refusal.reason(),
                "Sign in for this warehouse's application with the scope redshift:connect.",
            );
        }
    };
    error.detail(refusal.reason()).log(refusal.to_string())
}

pub(crate) fn too_many_sessions(user: &str, limit: u32) -> QueryError {
    QueryError::new(ErrorKind::LimitExceeded, "53300", format!("too many connections for user \"{user}\""))
        .detail(format!("The user's CONNECTION LIMIT is {limit}."))
        .fatal()
}

/// Connections that lead to no warehouse, or to one that doesn't take them. 08004: the server rejected the connection (SQL standard, class 08).
pub(super) fn no_warehouse(cause: NoWarehouse) -> QueryError {
    let rejected = |message: String| QueryError::new(ErrorKind::NotFound, "08004", message).fatal();
    match cause {
        NoWarehouse::Unknown { server_name } => rejected(format!("there is no warehouse at \"{server_name}\""))
            .detail("No cluster and no workgroup has this endpoint; it may have been deleted.")
            .hint("Look the endpoint up: redshift DescribeClusters, redshift-serverless ListWorkgroups."),
        NoWarehouse::NotAvailable { endpoint } => {
            let message = format!("the warehouse \"{endpoint}\" is being created, changed or deleted");
            QueryError::new(ErrorKind::Unavailable, "57P03", message)
                .hint("Wait until redshift DescribeClusters or redshift-serverless GetWorkgroup shows it available.")
                .fatal()
        }
        NoWarehouse::Paused { cluster } => {
            QueryError::new(ErrorKind::Unavailable, "57P03", format!("the cluster \"{cluster}\" is paused"))
                .hint(format!("Resume it: aws redshift resume-cluster --cluster-identifier {cluster}"))
                .fatal()
        }
        NoWarehouse::Nothing { port } => rejected(format!("there is no warehouse at port {port}"))
            .detail("The connection names no endpoint (TLS server name), and none is reached at this port without a name.")
            .hint(
                "Connect with TLS to the endpoint's address (redshift DescribeClusters, redshift-serverless ListWorkgroups); where \
                 there is none, create a cluster.",
            ),
        NoWarehouse::NotPublic { peer } => {
            let message = format!("the warehouse takes no connections from {peer}");
            let error = QueryError::new(ErrorKind::Denied, "08004", message).fatal();
            error.detail("It isn't publicly accessible: it is reached from private, link-local and loopback addresses only.").hint(
                "Connect from a private address, or ask your administrator to make it publicly accessible (redshift ModifyCluster, \
                 redshift-serverless UpdateWorkgroup).",
            )
        }
        NoWarehouse::NotAdmitted { name, refusal: NetworkRefusal { peer, reason, mend, checks: _ } } => {
            let message = format!("the warehouse \"{name}\" takes no connections from {peer}");
            let error = QueryError::new(ErrorKind::Denied, "08004", message).fatal().detail(reason);
            match mend {
                Some(mend) => error.hint(format!("Ask your administrator for a rule: {mend}")),
                None => error,
            }
        }
        NoWarehouse::OutOfService { name, log } => {
            QueryError::new(ErrorKind::Unavailable, "57P03", format!("the warehouse \"{name}\" is out of service"))
                .hint("Try again in a moment; where it stays so, ask the administrator: the server's log has the cause.")
                .log(log)
                .fatal()
        }
    }
}
