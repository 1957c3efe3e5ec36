//! Telling an application who somebody is.

use std::sync::Arc;

use base::id::{DirectoryGroupId, DirectoryUserId};
use base::{Checks, ErrorKind, Fault, PublicMessage};
use directory::DirectoryUser;
use saml::idp::{Attribute, AttributeFormat, ExpectedRequest, Issue, ReceivedRequest, Refuse, RefuseStatus};
use saml::{Incoming, Outgoing, Verdict};
use serde_json::{Map, Value};
use time::Duration;

use super::IdentityProvider;
use crate::application::{Application, GroupAttribute, GroupsSent, SamlApplication};
use crate::attributes::{self, AttributeProblem, SentAttribute};
use crate::error::IdpError;
use crate::opening::{Decision, Denial};
use crate::session::{IdpSession, Participant};

/// How far a service provider's clock may be from ours.
const SKEW: Duration = Duration::minutes(3);

/// A response with an assertion, ready to be sent once it is recorded.
#[derive(Debug, Clone)]
pub struct IssuedAssertion {
    pub outgoing: Outgoing,
    pub assertion_id: String,
    pub audience: String,
    pub recipient: String,
    pub name_id: String,
    pub checks: Checks,
}

/// Why an application wasn't told who somebody is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The application isn't configured yet: full sentences.
    #[error("the application isn't configured: {}", .0.join(" "))]
    Missing(Vec<String>),
    #[error(transparent)]
    Attribute(#[from] AttributeProblem),
    #[error("the request asks for a NameID in the format {asked}, and the application has {configured}")]
    NameIdFormat { asked: String, configured: String },
    /// The session isn't what the request asks for.
    #[error("the request asks for the authentication context {}", .0.join(" or "))]
    AuthnContext(Vec<String>),
    /// Since the page was asked for.
    #[error("the session has ended")]
    SessionEnded,
    #[error("the response can't be made: {0}")]
    Saml(String),
    #[error(transparent)]
    Idp(#[from] IdpError),
}

impl OpenError {
    /// A stable name for the audit.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Denied(denial) => denial.name(),
            Self::Missing(_) => "not_configured",
            Self::Attribute(_) => "attribute",
            Self::NameIdFormat { .. } => "name_id_format",
            Self::AuthnContext(_) => "authn_context",
            Self::SessionEnded => "session_ended",
            Self::Saml(_) => "saml",
            Self::Idp(_) => "identity_provider",
        }
    }

    /// What an administrator can do about it.
    #[must_use]
    pub fn mend(&self) -> String {
        match self {
            Self::Denied(denial) => denial.mend(),
            Self::Missing(missing) => missing.join(" "),
            Self::Attribute(problem) => format!("{}: {}", problem.attribute, problem.rule),
            Self::NameIdFormat { asked, .. } => format!("Set the application's NameID format to {asked}."),
            Self::AuthnContext(_) => {
                "Require a second factor for everybody, or take the authentication context out of the service provider's \
                 configuration."
                    .to_owned()
            }
            Self::SessionEnded => "The person signs in again.".to_owned(),
            Self::Saml(_) | Self::Idp(_) => "See the server's log.".to_owned(),
        }
    }

    /// What a service provider is answered that asked for it.
    #[must_use]
    pub const fn status(&self) -> RefuseStatus {
        match self {
            Self::Denied(_) => RefuseStatus::RequestDenied,
            Self::NameIdFormat { .. } => RefuseStatus::InvalidNameIdPolicy,
            Self::AuthnContext(_) => RefuseStatus::NoAuthnContext,
            Self::SessionEnded => RefuseStatus::AuthnFailed,
            Self::Missing(_) | Self::Attribute(_) | Self::Saml(_) | Self::Idp(_) => RefuseStatus::Responder,
        }
    }
}

impl Fault for OpenError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(denial) => denial.kind(),
            Self::Missing(_) | Self::Attribute(_) => ErrorKind::Conflict,
            Self::NameIdFormat { .. } | Self::AuthnContext(_) => ErrorKind::Unsupported,
            Self::SessionEnded => ErrorKind::Unauthenticated,
            Self::Saml(_) => ErrorKind::Internal,
            Self::Idp(error) => error.kind(),
        }
    }

    fn public(&self) -> PublicMessage {
        match self {
            Self::Denied(denial) => denial.public(),
            Self::Missing(missing) => PublicMessage::new("This application isn't set up completely.")
                .with_detail(missing.join(" "))
                .with_hint("Tell your administrator."),
            Self::Attribute(problem) => PublicMessage::new(format!(
                "This application can't be told about you: {} can't be sent.",
                problem.attribute
            ))
            .with_detail(format!("{} It is \"{}\".", problem.rule, problem.found))
            .with_hint("Tell your administrator."),
            Self::AuthnContext(asked) => {
                PublicMessage::new("The application asks for another way of signing in than the one that you used.")
                    .with_detail(format!("{}.", crate::error::capitalised(&self.to_string())))
                    .with_hint(context_hint(asked))
            }
            Self::SessionEnded => PublicMessage::new("You have been signed out.").with_hint("Sign in again."),
            Self::NameIdFormat { .. } => {
                PublicMessage::new("The application asks for something that this provider doesn't give it.")
                    .with_detail(format!("{}.", crate::error::capitalised(&self.to_string())))
                    .with_hint("Tell your administrator.")
            }
            Self::Saml(_) => PublicMessage::new("The sign-in to the application failed.")
                .with_hint("The server's log has the cause."),
            Self::Idp(error) => error.public(),
        }
    }
}

/// What the person can do about a context that their session doesn't have.
fn context_hint(asked: &[String]) -> &'static str {
    let asks = |context: &str| asked.iter().any(|asked| asked == context);
    if asks(saml::idp::CONTEXT_MFA) {
        return "Set up a second step in your account, sign out, then sign in with it.";
    }
    if asks(saml::idp::CONTEXT_PASSWORD) {
        return "Sign out, then sign in with your password.";
    }
    "Tell your administrator."
}

/// What an assertion is made of, before it is signed.
struct Told<'a> {
    saml: &'a SamlApplication,
    audience: &'a str,
    recipient: &'a str,
    name_id: String,
    context: &'static str,
    attributes: Vec<SentAttribute>,
}

impl IdentityProvider {
    /// Reads a sign-in request of the application's service provider.
    ///
    /// # Errors
    /// `NotSaml`.
    pub fn receive(
        &self,
        application: &Application,
        message: &Incoming<'_>,
    ) -> Result<Verdict<ReceivedRequest>, IdpError> {
        let saml = application.saml().ok_or_else(|| IdpError::NotSaml(application.id.clone()))?;
        let destination = self.saml_sso_url(application);
        Ok(saml::idp::read_request(
            message,
            &ExpectedRequest {
                sp_entity_id: saml.sp_entity_id.as_deref(),
                acs_urls: &saml.acs_urls,
                certificates: &saml.sp_certificates,
                must_be_signed: saml.requests_signed,
                destination: &destination,
                now: self.now(),
                skew: SKEW,
            },
        ))
    }

    /// Tells the application who is signed in. `request`: its request, `None` when the sign-in begins here; then `relay_state` is the
    /// application's own unless one is given. To be recorded before it is sent.
    ///
    /// # Errors
    /// Everything that [`OpenError`] names; nothing is sent then.
    pub async fn assertion(
        &self,
        session: &IdpSession,
        application: &Application,
        request: Option<&ReceivedRequest>,
        relay_state: Option<&str>,
    ) -> Result<IssuedAssertion, OpenError> {
        let mut checks = Checks::default();
        // As it is now: the page may have been open for hours.
        let state = self.state();
        let application = super::applications::known(&state, &application.id)?;
        let (user, groups) = self.entitled(session.user().id(), application, &mut checks)?;
        let told = told(application, &user, &groups, session, request, &mut checks)?;
        let key = self.saml_key(&application.id)?;
        let participant = Participant {
            application: application.id.clone(),
            name_id: told.name_id.clone(),
            name_id_format: told.saml.name_id.format.urn().to_owned(),
        };
        self.note_participant(session.id(), participant).await?;
        // Whoever ended the session before it was noted didn't find the application among those to be told.
        if !self.session_is_live(session.id()) {
            return Err(OpenError::SessionEnded);
        }
        let (issuer, assertion_id, now) = (self.saml_sso_url(application), saml::message_id(), self.now());
        let attributes: Vec<Attribute<'_>> = told.attributes.iter().map(sent).collect();
        let issue = Issue {
            issuer: &issuer,
            audience: told.audience,
            recipient: told.recipient,
            in_response_to: request.map(|request| request.id.as_str()),
            name_id: &told.name_id,
            name_id_format: told.saml.name_id.format.urn(),
            attributes: &attributes,
            authn_instant: session.authenticated_at(),
            authn_context: told.context,
            session_index: session.id().as_str(),
            lifetime: told.saml.lifetime,
            session_not_on_or_after: told.saml.session_end.then(|| session.expires()),
            now,
            response_id: &saml::message_id(),
            assertion_id: &assertion_id,
            sign_response: told.saml.sign_response,
        };
        let issued = saml::idp::issue(&issue, &key).map_err(unmade)?;
        let own = || told.saml.relay_state.as_deref().filter(|_| request.is_none());
        let outgoing = issued.post(told.recipient, relay_state.or_else(own)).map_err(unmade)?;
        Ok(IssuedAssertion {
            outgoing,
            assertion_id: issued.assertion_id,
            audience: told.audience.to_owned(),
            recipient: told.recipient.to_owned(),
            name_id: told.name_id,
            checks,
        })
    }

    /// Tells the service provider that its request isn't fulfilled.
    ///
    /// # Errors
    /// `Saml`, `Idp`.
    pub fn refusal(
        &self,
        application: &Application,
        request: &ReceivedRequest,
        status: RefuseStatus,
        message: Option<&str>,
    ) -> Result<Outgoing, OpenError> {
        let key = self.saml_key(&application.id)?;
        let refuse = Refuse {
            issuer: &self.saml_sso_url(application),
            destination: &request.acs_url,
            in_response_to: Some(&request.id),
            response_id: &saml::message_id(),
            status,
            message,
            now: self.now(),
        };
        let refused = saml::idp::refuse(&refuse, &key).map_err(unmade)?;
        refused.post(&request.acs_url, request.relay_state.as_deref()).map_err(unmade)
    }

    /// The claims beyond `sub` and those of the standard scopes.
    ///
    /// # Errors
    /// `Denied`, `Attribute`, `Idp` (`NotOpenId`).
    pub fn claims(&self, user: &DirectoryUserId, application: &Application) -> Result<Map<String, Value>, OpenError> {
        let oidc = application.oidc().ok_or_else(|| IdpError::NotOpenId(application.id.clone()))?;
        let (user, groups) = self.entitled(user, application, &mut Checks::default())?;
        Ok(attributes::claims(oidc, &user, &groups)?)
    }

    /// The person, who may open the application, with the names of the groups that it is told.
    fn entitled(
        &self,
        user: &DirectoryUserId,
        application: &Application,
        checks: &mut Checks,
    ) -> Result<(Arc<DirectoryUser>, Vec<String>), OpenError> {
        let decision = self.may_open(user, application);
        let found = match &decision {
            Decision::Allowed { by } => self.names(by).join(", "),
            Decision::Denied(denial) => denial.to_string(),
        };
        checks.note("authorisation", "a group of the person that is authorised", &found, decision.is_allowed());
        let by = match decision {
            Decision::Allowed { by } => by,
            Decision::Denied(denial) => return Err(denial.into()),
        };
        let missing = application.missing();
        if !missing.is_empty() {
            return Err(OpenError::Missing(missing));
        }
        let person = self.people().user(user).ok_or(Denial::PersonInactive)?;
        let groups = match application.connector.groups_sent() {
            None => Vec::new(),
            Some(GroupAttribute { which: GroupsSent::OfApplication, .. }) => self.names(&by),
            Some(GroupAttribute { which: GroupsSent::OfPerson, .. }) => {
                self.people().groups_of(user).iter().map(|group| group.display_name.clone()).collect()
            }
        };
        Ok((person, groups))
    }

    fn names(&self, groups: &[DirectoryGroupId]) -> Vec<String> {
        groups.iter().filter_map(|id| self.people().group(id)).map(|group| group.display_name.clone()).collect()
    }
}

fn unmade(error: saml::SamlError) -> OpenError {
    OpenError::Saml(error.to_string())
}

fn told<'a>(
    application: &'a Application,
    user: &DirectoryUser,
    groups: &[String],
    session: &IdpSession,
    request: Option<&'a ReceivedRequest>,
    checks: &mut Checks,
) -> Result<Told<'a>, OpenError> {
    let saml = application.saml().ok_or_else(|| IdpError::NotSaml(application.id.clone()))?;
    let missing = || OpenError::Missing(application.missing());
    let configured = saml.name_id.format.urn();
    if let Some(asked) = request.and_then(|request| request.name_id_format.as_deref())
        && !checks.note("name id format", configured, asked, asked == configured)
    {
        return Err(OpenError::NameIdFormat { asked: asked.to_owned(), configured: configured.to_owned() });
    }
    let context = context(session, request)?;
    let name_id = attributes::name_id(&saml.name_id, user)?;
    checks.note("name id", &saml.name_id.from.name(), &name_id, true);
    let attributes = attributes::saml(saml, user, groups)?;
    for attribute in &attributes {
        checks.note("attribute", &attribute.name, &attribute.values.join(", "), true);
    }
    let first = saml.acs_urls.first().ok_or_else(missing)?;
    Ok(Told {
        saml,
        audience: saml.sp_entity_id.as_deref().ok_or_else(missing)?,
        recipient: request.map_or(first.as_str(), |request| &request.acs_url),
        name_id,
        context,
        attributes,
    })
}

/// The authentication context to state: the first of ours that the request takes.
fn context(session: &IdpSession, request: Option<&ReceivedRequest>) -> Result<&'static str, OpenError> {
    let takes = |context: &&'static str| request.is_none_or(|request| request.accepts_context(context));
    let found = session.authn_contexts().into_iter().find(takes);
    found.ok_or_else(|| OpenError::AuthnContext(request.map(|request| request.contexts().to_vec()).unwrap_or_default()))
}

fn sent(attribute: &SentAttribute) -> Attribute<'_> {
    // AWS and others compare names only; a name that is a URI says so.
    let name_format = if attribute.name.contains(':') { AttributeFormat::Uri } else { AttributeFormat::Basic };
    Attribute { name: &attribute.name, name_format, values: &attribute.values }
}
