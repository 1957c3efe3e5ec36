//! Sessions of roles for those whom an identity provider vouches for. Nobody signs these calls: the assertion or token is the proof.

use base::{CorrelationId, Principal};
use sts::{Attempt, Issued, Peer, SamlRequest, WebIdentityRequest};

use super::{assumed, credentials, duration, policy_arns, required};
use crate::error::ApiError;
use crate::operation::{Answer, Notes, Performed};
use crate::protocol::query::QueryParameters;
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
    if call.operation == WITH_SAML {
        with_saml(parameters, context).await
    } else {
        with_token(parameters, context).await
    }
}

/// `RoleArn`, `PrincipalArn`, `SAMLAssertion` (`Policy`, `PolicyArns`, `DurationSeconds`) → `Credentials`, `AssumedRoleUser`, `Subject`, …
async fn with_saml(parameters: QueryParameters, context: &Unsigned<'_>) -> (Principal, Performed) {
    let request = parameters.parse(WITH_SAML, |fields| {
        Ok(SamlRequest {
            role_arn: required(fields, "RoleArn", "roleArn")?,
            provider_arn: required(fields, "PrincipalArn", "principalArn")?,
            assertion: required(fields, "SAMLAssertion", "sAMLAssertion")?,
            policy: fields.optional("Policy"),
            policy_arns: policy_arns(fields)?,
            duration_seconds: duration(fields)?,
            peer: context.peer,
            correlation: context.id.clone(),
        })
    });
    let request = match request {
        Ok(request) => request,
        Err(error) => return refused(WITH_SAML, error),
    };
    context.notes.add("federated_provider", cut(&request.provider_arn));
    let attempt = context.state.sts.assume_role_with_saml(&request).await;
    answered(WITH_SAML, request.role_arn, attempt, context, |xml, issued| {
        let Some(federated) = issued.caller.role_session().and_then(|session| session.federated.as_ref()) else {
            return;
        };
        xml.text("Subject", &federated.subject);
        xml.text("SubjectType", &federated.subject_type);
        xml.text("Issuer", &federated.issuer);
        xml.text("Audience", &federated.audience);
        xml.text("NameQualifier", &federated.name_qualifier);
    })
}

/// `RoleArn`, `RoleSessionName`, `WebIdentityToken` (`Policy`, `PolicyArns`, `DurationSeconds`) → `Credentials`, `AssumedRoleUser`, … The
/// provider is known from the token: `ProviderId` (of OAuth 2.0 access tokens) is refused by name.
async fn with_token(parameters: QueryParameters, context: &Unsigned<'_>) -> (Principal, Performed) {
    let request = parameters.parse(WITH_WEB_IDENTITY, |fields| {
        Ok(WebIdentityRequest {
            role_arn: required(fields, "RoleArn", "roleArn")?,
            session_name: required(fields, "RoleSessionName", "roleSessionName")?,
            token: required(fields, "WebIdentityToken", "webIdentityToken")?,
            policy: fields.optional("Policy"),
            policy_arns: policy_arns(fields)?,
            duration_seconds: duration(fields)?,
            peer: context.peer,
            correlation: context.id.clone(),
        })
    });
    let request = match request {
        Ok(request) => request,
        Err(error) => return refused(WITH_WEB_IDENTITY, error),
    };
    let attempt = context.state.sts.assume_role_with_web_identity(&request).await;
    answered(WITH_WEB_IDENTITY, request.role_arn, attempt, context, |xml, issued| {
        let Some(federated) = issued.caller.role_session().and_then(|session| session.federated.as_ref()) else {
            return;
        };
        xml.text("SubjectFromWebIdentityToken", &federated.subject);
        xml.text("Provider", &federated.provider);
        xml.text("Audience", &federated.audience);
    })
}

fn refused(operation: &'static str, error: ApiError) -> (Principal, Performed) {
    (Principal::Anonymous, Performed { operation, resource: "*".to_owned(), result: Err(error) })
}

/// Notes what was checked, and writes the answer.
fn answered(
    operation: &'static str,
    role_arn: String,
    attempt: Attempt,
    context: &Unsigned<'_>,
    more: impl FnOnce(&mut Xml, &Issued),
) -> (Principal, Performed) {
    let Attempt { checks, assertion, person, outcome } = attempt;
    context.notes.add("checks", checks.to_json());
    if let Some(assertion) = assertion {
        context.notes.add("assertion", cut(&assertion));
    }
    if let Some(person) = person {
        context.notes.add("person", cut(&person));
    }
    let resource = cut(&role_arn);
    match outcome {
        Err(error) => (Principal::Anonymous, Performed { operation, resource, result: Err(error.into()) }),
        Ok(issued) => {
            let principal = issued.caller.principal().clone();
            context.notes.add("issued_access_key_id", issued.access_key_id.as_str());
            context.notes.add("principal_id", issued.caller.user_id());
            if let Some(session) = issued.caller.role_session() {
                context.notes.add("role_arn", session.role_arn.as_str());
            }
            let answer = Answer::Xml(Some(Xml::fragment(|xml| {
                credentials(xml, &issued);
                assumed(xml, &issued);
                more(xml, &issued);
            })));
            (principal, Performed { operation, resource, result: Ok(answer) })
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(RECORDED_CHARACTERS_MAX).collect()
}
