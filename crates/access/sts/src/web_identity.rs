//! AssumeRoleWithWebIdentity: a session of a role for the bearer of an OpenID Connect provider's token.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::CorrelationId;
use iam::{IamRole, OidcProvider};
use oidc::{Check, IdentityToken, OidcRefusal};
use policy::{Context, Subject, SubjectKind};

use crate::alive::mark_of_oidc;
use crate::attempt::{Attempt, Story};
use crate::caller::CallerIdentity;
use crate::decide::{self, Held};
use crate::error::{StsCode, StsError};
use crate::parameters;
use crate::peer::Peer;
use crate::saml::within_role;
use crate::service::{Draft, Issued, Sts, trust_policy};
use crate::session::{Federated, FederationKind, Origin, RoleSession};
use crate::trust::{self, Assuming};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
/// Characters of a token.
const LONGEST: usize = 20_000;

/// A call of AssumeRoleWithWebIdentity, as it came.
#[derive(Debug)]
pub struct WebIdentityRequest {
    pub role_arn: String,
    pub session_name: String,
    pub token: String,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub duration_seconds: Option<i64>,
    pub peer: Peer,
    /// What the session's calls are recorded under: this call's own.
    pub correlation: CorrelationId,
}

impl Sts {
    /// A session of a role for the bearer of a provider's token.
    pub async fn assume_role_with_web_identity(&self, request: &WebIdentityRequest) -> Attempt {
        let mut story = Story::default();
        let outcome = self.assumed_with_web_identity(&mut story, request).await;
        story.attempt(outcome)
    }

    async fn assumed_with_web_identity(
        &self,
        story: &mut Story,
        request: &WebIdentityRequest,
    ) -> Result<Issued, StsError> {
        parameters::arn("roleArn", &request.role_arn)?;
        parameters::session_name(&request.session_name)?;
        let duration = parameters::duration(request.duration_seconds, parameters::USUAL, parameters::LONGEST)?;
        let policies = parameters::session_policies(&self.iam, request.policy.as_deref(), &request.policy_arns)?;
        let packed_policy_size = parameters::packed_size(&policies, &BTreeMap::new())?;
        if !(4..=LONGEST).contains(&request.token.chars().count()) {
            let rule = format!("have length greater than or equal to 4 and less than or equal to {LONGEST}");
            return Err(parameters::invalid("webIdentityToken", "(not shown)", &rule));
        }
        let provider = self.issuer(story, &request.token)?;
        let token = self.verified(story, &provider, &request.token).await?;
        story.assertion = token.id().map(str::to_owned);
        story.person = Some(token.verified_email().unwrap_or(token.subject()).to_owned());
        let role = self.trusted_by_role(story, request, &provider, &token)?;
        within_role(story, &role, duration)?;
        let session = RoleSession {
            role_id: role.id.clone(),
            role_arn: role.arn.clone(),
            role_name: role.name.clone(),
            session_name: request.session_name.clone(),
            policies,
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            source_identity: None,
            federated: Some(federated(&provider, &token)),
            behind: None,
        };
        self.iam.note_role_used(&role.id, &self.region);
        self.issue(Draft {
            identity: CallerIdentity::Role(Box::new(session)),
            origin: vec![Origin::Provider { arn: provider.arn.clone(), made: mark_of_oidc(&provider) }],
            duration,
            mfa: false,
            correlation: request.correlation.clone(),
            packed_policy_size,
        })
    }

    fn issuer(&self, story: &mut Story, token: &str) -> Result<Arc<OidcProvider>, StsError> {
        let issuer = oidc::issuer_of(token);
        let provider = issuer.as_deref().and_then(|issuer| self.iam.oidc_provider_of_issuer(issuer));
        let found = issuer.unwrap_or_else(|| "no issuer".to_owned());
        story.checks.note("OpenID Connect provider", "a provider of this account", &found, provider.is_some());
        provider.ok_or_else(|| {
            StsError::refused(
                StsCode::InvalidIdentityToken,
                "No OpenIDConnect provider found in your account for the token's issuer",
                format!("there is no OpenID Connect provider for the issuer {}", parameters::shown(&found)),
                "Make it with CreateOpenIDConnectProvider, with the issuer to the letter as the token has it.",
            )
        })
    }

    async fn verified(
        &self,
        story: &mut Story,
        provider: &OidcProvider,
        token: &str,
    ) -> Result<IdentityToken, StsError> {
        let audiences = provider.client_ids.iter().map(String::as_str);
        let verdict = self.issuers.verify(&provider.url, self.network, token, audiences).await;
        story.checks.extend(verdict.checks);
        verdict.outcome.map_err(|refusal| refused(&refusal))
    }

    fn trusted_by_role(
        &self,
        story: &mut Story,
        request: &WebIdentityRequest,
        provider: &OidcProvider,
        token: &IdentityToken,
    ) -> Result<Arc<IamRole>, StsError> {
        let arn = parameters::shown(&request.role_arn);
        let role = self.iam.role_by_arn(&request.role_arn);
        story.checks.note("role", "a role of this account", &arn, role.is_some());
        let role = role.ok_or_else(|| {
            let mend = "Make the role with CreateRole, or name another.";
            StsError::refused(StsCode::AccessDenied, NOT_AUTHORIZED, format!("there is no role {arn}"), mend)
        })?;
        let mut context = decide::surroundings(self.clock.now(), request.peer, &self.region, self.account());
        add_keys(&mut context, provider, token, &request.session_name);
        let kind = SubjectKind::Federated { provider: provider.arn.clone() };
        let subject = Subject { account: String::new(), kind };
        let assuming = Assuming {
            subject: &subject,
            action: ACTION,
            role_arn: &role.arn,
            context: &context,
            tagged: false,
            identified: false,
        };
        let nothing = Held { identity: &[], boundary: None, session: None };
        let decided = trust::decide(&assuming, &trust_policy(&role), &nothing);
        let explained = match &decided {
            Ok(decision) | Err((_, decision)) => decision.explain().join("; "),
        };
        let expected = format!("the trust policy of role {} allows {ACTION}", role.name);
        story.checks.note("trust policy", &expected, &explained, decided.is_ok());
        if decided.is_ok() {
            return Ok(role);
        }
        let mend = format!(
            "Change the trust policy of role {} so that it allows {ACTION} to {}, or have another token issued: its audience is \"{}\", \
             its subject \"{}\". {explained}.",
            role.name,
            provider.arn,
            token.audience(),
            token.subject(),
        );
        let reason = format!("the trust policy of role {} doesn't allow {ACTION}: {explained}", role.name);
        Err(StsError::refused(StsCode::AccessDenied, NOT_AUTHORIZED, reason, mend))
    }
}

/// The keys of a token, under the name of its issuer (IAM "available keys for AWS OIDC federation").
fn add_keys(context: &mut Context, provider: &OidcProvider, token: &IdentityToken, session_name: &str) {
    let issuer = provider.url.trim_start_matches("https://").trim_start_matches("http://");
    context.set(&format!("{issuer}:sub"), token.subject());
    context.set(&format!("{issuer}:aud"), token.audience());
    context.set_all(&format!("{issuer}:amr"), token.texts("amr"));
    if token.claim("azp").is_some() {
        context.set_all(&format!("{issuer}:oaud"), token.texts("aud"));
    }
    context.set("aws:FederatedProvider", provider.arn.as_str());
    context.set("sts:RoleSessionName", session_name);
}

fn federated(provider: &OidcProvider, token: &IdentityToken) -> Federated {
    Federated {
        provider: provider.arn.clone(),
        kind: FederationKind::WebIdentity,
        subject: token.subject().to_owned(),
        email: token.verified_email().map(str::to_owned),
        subject_type: String::new(),
        name_qualifier: String::new(),
        issuer: provider.url.clone(),
        audience: token.audience().to_owned(),
        assertion: token.id().unwrap_or_default().to_owned(),
    }
}

/// AWS's code and text for a failed check.
fn refused(refusal: &OidcRefusal) -> StsError {
    let (code, message) = match refusal.check {
        Check::Discovery | Check::Keys | Check::TokenEndpoint | Check::UserInfo => (
            StsCode::IdpCommunicationError,
            "The documents of the identity provider can't be read; try again, and check that this server reaches it",
        ),
        Check::Expiry | Check::AuthenticationTime => (StsCode::ExpiredToken, "Token expired"),
        Check::NotBefore | Check::IssuedAt => (StsCode::InvalidIdentityToken, "Token is not yet valid"),
        Check::Audience | Check::AuthorisedParty => (StsCode::InvalidIdentityToken, "Incorrect token audience"),
        Check::Signature | Check::Key => {
            (StsCode::InvalidIdentityToken, "Couldn't retrieve verification key from your identity provider")
        }
        Check::Issuer => (StsCode::InvalidIdentityToken, "Issuer of the token is not the provider's"),
        Check::Answer
        | Check::State
        | Check::AnswerIssuer
        | Check::ProviderError
        | Check::Form
        | Check::Type
        | Check::Algorithm
        | Check::Subject
        | Check::Nonce
        | Check::AccessTokenHash
        | Check::Events
        | Check::TokenId => (StsCode::InvalidIdentityToken, "The web identity token provided could not be validated"),
    };
    StsError::refused(code, message, refusal.to_string(), refusal.mend())
}
