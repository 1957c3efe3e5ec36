//! The questions that only Identity Center can answer: assignments, applications, and who may act for one.

use base::id::ApplicationArn;
use directory::ActiveUser;
use policy::{Context, Subject};

use crate::application::OAuthApplication;
use crate::claims::Scope;
use crate::error::OAuthCode;
use crate::grant::RevokeReason;
use crate::redirect::RedirectUri;

/// What is lacking, for code that acts on it; the sentences are in [`NoAccess`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lack {
    /// No warehouse is connected to Identity Center.
    NoWarehouse,
    UnknownApplication,
    /// The application is disabled.
    Disabled,
    /// The application doesn't have the scope.
    Scope,
    /// The application doesn't have the grant.
    Grant,
    /// The application's grant doesn't list the redirect URI.
    Redirect,
    /// Neither the person nor one of their groups is assigned.
    Assignment,
}

impl Lack {
    /// Why grants for the application are worth nothing any more.
    #[must_use]
    pub const fn revokes(self) -> RevokeReason {
        match self {
            Self::Assignment => RevokeReason::AccessRemoved,
            Self::NoWarehouse
            | Self::UnknownApplication
            | Self::Disabled
            | Self::Scope
            | Self::Grant
            | Self::Redirect => RevokeReason::ApplicationClosed,
        }
    }

    /// What a client is told that asks for tokens.
    #[must_use]
    pub const fn code(self) -> OAuthCode {
        match self {
            Self::NoWarehouse | Self::Assignment => OAuthCode::AccessDenied,
            Self::UnknownApplication => OAuthCode::InvalidClient,
            Self::Disabled | Self::Grant | Self::Redirect => OAuthCode::UnauthorizedClient,
            Self::Scope => OAuthCode::InvalidScope,
        }
    }
}

/// Why there is no way to an application. `reason` and `hint` are full sentences for the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct NoAccess {
    /// The application they would need, where it is known which.
    pub application: Option<ApplicationArn>,
    pub lack: Lack,
    pub reason: String,
    /// What would change it (the call that gives it back), and whom to ask.
    pub hint: String,
}

/// Who calls CreateTokenWithIAM, as policies see it; their own policies allow it already.
#[derive(Debug, Clone, Copy)]
pub struct IamCaller<'a> {
    pub subject: &'a Subject,
    /// The condition keys of the call.
    pub context: &'a Context,
}

/// Why an IAM principal may not ask for an application's tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallRefusal {
    #[error("the application doesn't exist")]
    UnknownApplication,
    /// By the application's actor policy. Full sentences.
    #[error("{reason}")]
    Denied { reason: String, hint: String },
}

/// What Identity Center says. Answers from memory.
pub trait AccessDecision: Send + Sync + std::fmt::Debug {
    /// The Redshift application to issue a token for. Drivers don't name one: it is the default warehouse's if the person may use
    /// that, else the first by ARN that a warehouse is connected to and the person may use.
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess>;

    /// Whether this person may (still) use this application: it exists, is enabled, has the scope `redshift:connect`, and the
    /// person is assigned to it directly or by a group, or it requires no assignment.
    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess>;

    /// An application's settings, as they are now.
    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication>;

    /// Whether a token of `subject` with this scope may be used at `target` (the scope's authorized targets).
    fn reaches(&self, subject: &ApplicationArn, scope: Scope, target: &ApplicationArn) -> bool;

    /// Whether the grant `authorization_code` of some application lists exactly this redirect URI.
    fn lists_redirect(&self, redirect: &RedirectUri) -> bool;

    /// Whether the application's actor policy lets this IAM principal call `sso-oauth:CreateTokenWithIAM` for it.
    fn may_call(&self, caller: &IamCaller<'_>, application: &ApplicationArn) -> Result<(), CallRefusal>;
}
