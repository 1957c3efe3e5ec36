//! The built-in identity provider as OpenID provider of its applications: codes with PKCE, device codes, refresh with rotation,
//! ID tokens, user information, revocation, logout.
//!
//! Invariants: a credential is kept as its SHA-256 only; everything that came from one authorisation belongs to one [`Grant`], and
//! revoking the grant revokes all of it; whether the person is active and may open the application is asked at each issue, each
//! refresh and each use. Nothing is found by scanning.
//! Sources: OpenID Connect Core 1.0, Discovery 1.0, RP-Initiated Logout 1.0; RFC 6749, 6750, 7009, 7636, 8252, 8628, 9207, 9700.

pub mod authorize;
pub mod client;
pub mod device;
pub mod discovery;
mod error;
mod format;
pub mod grant;
mod id_token;
pub mod interaction;
pub mod logout;
mod memory;
mod parameters;
mod port;
pub mod redirect;
mod scope;
mod service;
mod state;

pub use authorize::{AuthorizationRequest, AuthorizeRefusal, CheckedRequest, Prompt};
pub use client::PresentedClient;
pub use device::{DeviceDecision, DeviceState, StoredDevice};
pub use error::{OAuthError, OpenIdError, Refusal, Subject};
pub use grant::{Grant, GrantId, Revocation, RevokeReason, StoredAccess, StoredCode, StoredRefresh};
pub use interaction::Interaction;
pub use logout::{LogoutRefusal, LogoutRequest};
pub use memory::MemoryOpenIdStore;
pub use parameters::Parameters;
pub use port::{OpenIdStore, OpenIdStoreUnavailable, OpenIdWrite, StoredOpenId};
pub use redirect::RedirectUri;
pub use scope::Scope;
pub use service::{
    CodeExchange, DeviceExchange, DeviceQuestion, DeviceRefusal, Issued, Limits, OpenIdProvider, RefreshExchange,
    StartedDevice, UserInfo, watch,
};
