//! Sessions of roles for those whom an identity provider vouches for. Nobody signs these calls: the assertion or token is the proof.

use base::{CorrelationId, Principal};
use sts::{Attempt, Federated, FederationKind, Peer, SamlRequest, SessionRequest, WebIdentityRequest};

use super::{assumed, credentials, duration, policy_arns, required};
use crate::error::ApiError;
use crate::operation::{Answer, Notes, Performed};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::recognise::{Call, Parameters};
use crate::state::AwsState;

const WITH_SAML: &str = "AssumeRoleWithSAML";
const WITH_WEB_IDENTITY: &str = "AssumeRoleWithWebIdentity";
/// Characters of a name of a stranger's that a record keeps.
const RECORDED_CHARACTERS_MAX: usize = 256;

/// Operations that clients send without a signature, whatever key they have.
pub(crate) fn is_unsigned(operation: &str) -> bool {
    [WITH_SAML, WITH_WEB_IDENTITY].contains(&operation)
}

/// What an unsigned call works with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unsigned<'a> {
    pub(crate) state: &'a AwsState,
    pub(crate) peer: Peer,
    /// The call's own id; the session's calls are recorded under it too.
    pub(crate) id: &'a CorrelationId,
    pub(crate) notes: &'a Notes,
}

/// Carries out an unsigned call, and answers who it turned out to be: nobody, or the session that was made.
pub(crate) async fn unsigned(call: Call, context: &Unsigned<'_>) -> (Principal, Performed) {
    let Parameters::Query(parameters) = call.parameters else {
        return (Principal::Anonymous, Performed::unsupported(&call.operation));
    };
    let sts = &context.state.sts;
    if call.operation == WITH_SAML {
        match with_saml(parameters, context) {
            Err(error) => refused(WITH_SAML, "*".to_owned(), error),
            Ok(request) => {
                context.notes.add("federated_provider", cut(&request.provider_arn));
                let attempt = sts.assume_role_with_saml(&request).await;
                answered(WITH_SAML, &request.session, attempt, context)
            }
        }
    } else {
        match with_token(parameters, context) {
            Err(error) => refused(WITH_WEB_IDENTITY, "*".to_owned(), error),
            Ok(request) => {
                let attempt = sts.assume_role_with_web_identity(&request).await;
                answered(WITH_WEB_IDENTITY, &request.session, attempt, context)
            }
        }
    }
}

/// `RoleArn`, `PrincipalArn`, `SAMLAssertion` (`Policy`, `PolicyArns`, `DurationSeconds`) → `Credentials`, `AssumedRoleUser`, `Subject`, …
fn with_saml(parameters: QueryParameters, context: &Unsigned<'_>) -> Result<SamlRequest, ApiError> {
    parameters.parse(WITH_SAML, |fields| {
        Ok(SamlRequest {
            session: session(fields, context)?,
            provider_arn: required(fields, "PrincipalArn", "principalArn")?,
            assertion: required(fields, "SAMLAssertion", "sAMLAssertion")?,
        })
    })
}

/// `RoleArn`, `RoleSessionName`, `WebIdentityToken` (`Policy`, `PolicyArns`, `DurationSeconds`) → `Credentials`, `AssumedRoleUser`, … The
/// provider is known from the token: `ProviderId` (of OAuth 2.0 access tokens) is refused by name.
fn with_token(parameters: QueryParameters, context: &Unsigned<'_>) -> Result<WebIdentityRequest, ApiError> {
    parameters.parse(WITH_WEB_IDENTITY, |fields| {
        Ok(WebIdentityRequest {
            session: session(fields, context)?,
            session_name: required(fields, "RoleSessionName", "roleSessionName")?,
            token: required(fields, "WebIdentityToken", "webIdentityToken")?,
        })
    })
}

fn session(fields: &mut Fields<'_>, context: &Unsigned<'_>) -> Result<SessionRequest, ApiError> {
    Ok(SessionRequest {
        role_arn: required(fields, "RoleArn", "roleArn")?,
        policy: fields.optional("Policy"),
        policy_arns: policy_arns(fields)?,
        duration_seconds: duration(fields)?,
        peer: context.peer,
        correlation: context.id.clone(),
    })
}

fn refused(operation: &'static str, resource: String, error: ApiError) -> (Principal, Performed) {
    (Principal::Anonymous, Performed { operation, resource, result: Err(error) })
}

/// Notes what was checked, and writes the answer.
fn answered(
    operation: &'static str,
    request: &SessionRequest,
    attempt: Attempt,
    context: &Unsigned<'_>,
) -> (Principal, Performed) {
    let Attempt { checks, assertion, person, outcome } = attempt;
    context.notes.add("checks", checks.to_json());
    if let Some(assertion) = assertion {
        context.notes.add("assertion", cut(&assertion));
    }
    if let Some(person) = person {
        context.notes.add("person", cut(&person));
    }
    let resource = cut(&request.role_arn);
    let issued = match outcome {
        Ok(issued) => issued,
        Err(error) => return refused(operation, resource, error.into()),
    };
    let caller = &issued.caller;
    context.notes.add("issued_access_key_id", issued.access_key_id.as_str());
    context.notes.add("principal_id", caller.user_id());
    let session = caller.role_session();
    if let Some(session) = session {
        context.notes.add("role_arn", session.role_arn.as_str());
    }
    let answer = Answer::Xml(Some(Xml::fragment(|xml| {
        credentials(xml, &issued);
        assumed(xml, &issued);
        if let Some(who) = session.and_then(|session| session.federated.as_ref()) {
            vouched(xml, who);
        }
    })));
    (caller.principal().clone(), Performed { operation, resource, result: Ok(answer) })
}

/// What the identity provider said.
fn vouched(xml: &mut Xml, who: &Federated) {
    match who.kind {
        FederationKind::Saml => {
            xml.text("Subject", &who.subject);
            xml.text("SubjectType", &who.subject_type);
            xml.text("Issuer", &who.issuer);
            xml.text("NameQualifier", &who.name_qualifier);
        }
        FederationKind::WebIdentity => {
            xml.text("SubjectFromWebIdentityToken", &who.subject);
            xml.text("Provider", &who.provider);
        }
    }
    xml.text("Audience", &who.audience);
}

fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(RECORDED_CHARACTERS_MAX).collect()
}
