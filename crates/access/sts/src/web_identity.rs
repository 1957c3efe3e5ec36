//! AssumeRoleWithWebIdentity: a session of a role for the bearer of an OpenID Connect provider's token.

mod claims;

use std::sync::Arc;

use claims::Claimed;
use iam::OidcProvider;
use oidc::{Check, IdentityToken, OidcRefusal};
use policy::Context;

use crate::alive::mark_of_oidc;
use crate::attempt::{Attempt, Story};
use crate::caller::CallerIdentity;
use crate::decide;
use crate::error::{StsCode, StsError};
use crate::federation::{SessionRequest, Vouched};
use crate::parameters;
use crate::saml::within_role;
use crate::service::{Draft, Issued, Sts};
use crate::session::{Federated, FederationKind, Origin, RoleSession};

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";
/// Characters of a token.
const LONGEST: usize = 20_000;

/// A call of AssumeRoleWithWebIdentity, as it came.
#[derive(Debug)]
pub struct WebIdentityRequest {
    pub session: SessionRequest,
    pub session_name: String,
    pub token: String,
}

impl Sts {
    /// A session of a role for the bearer of a provider's token.
    pub async fn assume_role_with_web_identity(&self, request: &WebIdentityRequest) -> Attempt {
        self.attempted(request.session.peer, async |story| self.assumed_with_web_identity(story, request).await).await
    }

    async fn assumed_with_web_identity(
        &self,
        story: &mut Story,
        request: &WebIdentityRequest,
    ) -> Result<Issued, StsError> {
        let (duration, policies) = request.session.read(&self.iam)?;
        parameters::session_name(&request.session_name)?;
        if !(4..=LONGEST).contains(&request.token.chars().count()) {
            let rule = format!("have length greater than or equal to 4 and less than or equal to {LONGEST}");
            return Err(parameters::invalid("webIdentityToken", "(not shown)", &rule));
        }
        let provider = self.issuer(story, &request.token)?;
        let token = self.verified(story, &provider, &request.token).await?;
        story.assertion = token.id().map(str::to_owned);
        story.person = Some(token.verified_email().unwrap_or(token.subject()).to_owned());
        let Claimed { tags, transitive, source_identity } = Claimed::read(story, &token)?;
        let packed_policy_size = parameters::packed_size(&policies, &tags)?;
        let mut context = decide::surroundings(self.clock.now(), request.session.peer, &self.region, self.account());
        add_keys(&mut context, &provider, &token);
        decide::keys_of_session(&mut context, &request.session_name, source_identity.as_deref(), &tags, &transitive);
        let vouched = Vouched {
            action: ACTION,
            provider: &provider.arn,
            context: &context,
            tagged: !tags.is_empty(),
            identified: source_identity.is_some(),
            said: format!("the token's audience is \"{}\", its subject \"{}\"", token.audience(), token.subject()),
        };
        let role = self.trusted(story, &request.session.role_arn, &vouched)?;
        within_role(story, &role, duration)?;
        let session = RoleSession {
            role_id: role.id.clone(),
            role_arn: role.arn.clone(),
            role_name: role.name.clone(),
            session_name: request.session_name.clone(),
            policies,
            tags,
            transitive,
            source_identity,
            federated: Some(federated(&provider, &token)),
            behind: None,
        };
        self.iam.note_role_used(&role.id, &self.region);
        self.issue(Draft {
            identity: CallerIdentity::Role(Box::new(session)),
            origin: vec![Origin::Provider { arn: provider.arn.clone(), made: mark_of_oidc(&provider) }],
            duration,
            until: None,
            mfa: false,
            correlation: request.session.correlation.clone(),
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
}

/// The keys of a token, under the name of its issuer (IAM "available keys for AWS OIDC federation").
fn add_keys(context: &mut Context, provider: &OidcProvider, token: &IdentityToken) {
    let issuer = provider.url.trim_start_matches("https://").trim_start_matches("http://");
    context.set(&format!("{issuer}:sub"), token.subject());
    context.set(&format!("{issuer}:aud"), token.audience());
    context.set_all(&format!("{issuer}:amr"), token.texts("amr"));
    if token.claim("azp").is_some() {
        context.set_all(&format!("{issuer}:oaud"), token.texts("aud"));
    }
    context.set("aws:FederatedProvider", provider.arn.as_str());
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
