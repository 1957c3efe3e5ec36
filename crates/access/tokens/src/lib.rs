//! OAuth tokens of the Identity Center instance: clients, authorisation codes, access and refresh tokens.
//!
//! Invariants: a credential is kept as its SHA-256 only; everything that came from one authorisation shares one [`Grant`], and
//! revoking the grant revokes all of it at once; [`Verified`] is made only by [`Tokens::verify_access`].
//! Sources: the sso-oidc service model, RFC 6749, RFC 7636, RFC 8252, RFC 9700.

mod access;
pub mod application;
pub mod authorize;
mod claims;
mod client;
mod error;
mod format;
pub mod grant;
mod port;
mod redirect;
mod service;
mod state;
pub mod verify;

pub use access::{AccessDecision, CallRefusal, IamCaller, Lack, NoAccess};
pub use application::OAuthApplication;
pub use authorize::{AuthorizationRequest, AuthorizeRefusal, CheckedAuthorization};
pub use claims::{AccessClaims, GrantId, Scope, Verified};
pub use client::{Client, ClientRegistration, NewClient};
pub use error::{OAuthCode, Refusal, Subject, TokenError};
pub use grant::{Grant, Revocation, RevokeReason, StoredAccess, StoredCode, StoredRefresh};
pub use port::{StoredTokens, TokenStore, TokenStoreUnavailable, TokenWrite};
pub use redirect::RedirectUri;
pub use service::{
    ApplicationCaller, CodeExchange, IssuedTokens, Lifetimes, RefreshExchange, RequestedToken, SubjectExchange,
    TokenSettings, Tokens,
};
pub use verify::{Audience, Requirement, TokenRefusal};
