//! AssumeRoleWithSAML: what an assertion is checked for, in this order (apis.md 4.5).

mod attributes;
mod keys;
mod validate;

use std::sync::Arc;

use ::saml::sp::ValidatedAssertion;
use iam::{IamRole, SamlProvider};
use time::{Duration, OffsetDateTime};

use crate::attempt::{Attempt, Story};
use crate::caller::CallerIdentity;
use crate::decide;
use crate::error::{StsCode, StsError};
use crate::federation::{SessionRequest, Vouched};
use crate::parameters;
use crate::service::{Draft, Issued, Sts};
use crate::session::{Federated, FederationKind, Origin, RoleSession, SessionPolicies};
use attributes::Attributes;

const ACTION: &str = "sts:AssumeRoleWithSAML";
const NOT_AUTHORIZED: &str = "Not authorized to perform sts:AssumeRoleWithSAML";

/// A call of AssumeRoleWithSAML, as it came.
#[derive(Debug)]
pub struct SamlRequest {
    pub session: SessionRequest,
    /// `PrincipalArn`
    pub provider_arn: String,
    /// Base64.
    pub assertion: String,
}

impl Sts {
    /// A session of a role for whoever an identity provider's assertion is about. An assertion counts once.
    pub async fn assume_role_with_saml(&self, request: &SamlRequest) -> Attempt {
        self.attempted(request.session.peer, async |story| self.assumed_with_saml(story, request).await).await
    }

    async fn assumed_with_saml(&self, story: &mut Story, request: &SamlRequest) -> Result<Issued, StsError> {
        let (duration, policies) = request.session.read(&self.iam)?;
        parameters::arn("principalArn", &request.provider_arn)?;
        let now = self.clock.now();
        let provider = self.provider(story, &request.provider_arn, now)?;
        let assertion = validate::validate(story, &request.assertion, &provider, now)?;
        story.assertion = Some(assertion.assertion_id().to_owned());
        story.person = Some(assertion.name_id().value.clone());
        let attributes = Attributes::read(story, &assertion, &request.session.role_arn, &request.provider_arn)?;
        let packed_policy_size = parameters::packed_size(&policies, &attributes.tags)?;
        let mut context = decide::surroundings(now, request.session.peer, &self.region, self.account());
        keys::add(&mut context, &provider, &assertion, &attributes, self.account());
        let vouched = Vouched {
            action: ACTION,
            provider: &provider.arn,
            context: &context,
            tagged: !attributes.tags.is_empty(),
            identified: attributes.source_identity.is_some(),
            said: said(&assertion),
        };
        let role = self.trusted(story, &request.session.role_arn, &vouched)?;
        let duration = lasting(story, &role, duration, &attributes, &assertion, now)?;
        self.first_use(story, &provider, &assertion, now).await?;
        let federated = federated(&provider, &assertion, self.account());
        let session = session(&role, attributes, federated, policies);
        let made = provider.uuid.clone();
        self.iam.note_role_used(&role.id, &self.region);
        self.issue(Draft {
            identity: CallerIdentity::Role(Box::new(session)),
            origin: vec![Origin::Provider { arn: provider.arn.clone(), made }],
            duration,
            until: None,
            mfa: false,
            correlation: request.session.correlation.clone(),
            packed_policy_size,
        })
    }

    fn provider(&self, story: &mut Story, arn: &str, now: OffsetDateTime) -> Result<Arc<SamlProvider>, StsError> {
        let provider = self.iam.saml_provider(arn);
        let shown = parameters::shown(arn);
        let found = if provider.is_some() { shown.as_str() } else { "no such provider" };
        story.checks.note("SAML provider", "a SAML provider of this account", found, provider.is_some());
        let missing = || {
            StsError::refused(
                StsCode::InvalidIdentityToken,
                "Specified provider doesn't exist",
                format!("there is no SAML provider {shown}"),
                "Make it with CreateSAMLProvider, or have the identity provider send the ARN of one that exists in the Role attribute.",
            )
        };
        let provider = provider.ok_or_else(missing)?;
        if let Some(until) = provider.valid_until {
            let reason = format!("the metadata of {} was valid until {until}", provider.arn);
            story.check(
                "metadata validity",
                &format!("an end after {now}"),
                &until.to_string(),
                now < until,
                || {
                    StsError::refused(
                        StsCode::InvalidIdentityToken,
                        "The metadata of the specified provider has expired",
                        reason,
                        "Take new metadata from the identity provider and give it to UpdateSAMLProvider.",
                    )
                },
            )?;
        }
        Ok(provider)
    }

    async fn first_use(
        &self,
        story: &mut Story,
        provider: &SamlProvider,
        assertion: &ValidatedAssertion,
        now: OffsetDateTime,
    ) -> Result<(), StsError> {
        let id = assertion.assertion_id();
        let mark = validate::mark(&provider.idp.entity_id, id);
        let first = self.store.use_once(&mark, assertion.replay_until(), now).await?;
        story.check(
            "one use",
            "an assertion that wasn't used",
            if first { "unused" } else { "used before" },
            first,
            || {
                StsError::refused(
                    StsCode::InvalidIdentityToken,
                    "The assertion was used before",
                    format!("the assertion {id} was used before"),
                    "Sign in again at the identity provider: each assertion counts once.",
                )
            },
        )
    }
}

fn said(assertion: &ValidatedAssertion) -> String {
    format!(
        "the assertion's Recipient (saml:aud) is \"{}\", its issuer \"{}\", its subject \"{}\"",
        assertion.recipient(),
        assertion.issuer(),
        assertion.name_id().value
    )
}

/// How long the session lasts: what was asked for, within what the role allows, and no longer than the provider says.
fn lasting(
    story: &mut Story,
    role: &IamRole,
    asked: Duration,
    attributes: &Attributes,
    assertion: &ValidatedAssertion,
    now: OffsetDateTime,
) -> Result<Duration, StsError> {
    within_role(story, role, asked)?;
    let asked = attributes.duration.map_or(asked, |most| asked.min(most));
    let lasts = assertion.session_not_on_or_after().map_or(asked, |end| (end - now).min(asked));
    // The provider's end may lie within what the clocks may be apart.
    let (found, open) = (format!("{} s", lasts.whole_seconds()), lasts.is_positive());
    story.check("session duration", "an end that hasn't come", &found, open, || {
        StsError::refused(
            StsCode::ExpiredToken,
            "Token must be redeemed within its validity window",
            "the session at the identity provider has ended (SessionNotOnOrAfter)",
            "Sign in again at the identity provider.",
        )
    })?;
    Ok(lasts)
}

/// Whether the role lets sessions last so long.
pub(crate) fn within_role(story: &mut Story, role: &IamRole, asked: Duration) -> Result<(), StsError> {
    let most = i64::from(role.max_session_duration);
    let (expected, found) = (format!("at most {most} s"), format!("{} s", asked.whole_seconds()));
    story.check("MaxSessionDuration", &expected, &found, asked.whole_seconds() <= most, || {
        StsError::refused(
            StsCode::ValidationError,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            format!("{found} were asked for, and the role {} allows {most} s", role.name),
            format!("Ask for {most} s or fewer, or raise MaxSessionDuration of the role {} (UpdateRole).", role.name),
        )
    })
}

fn federated(provider: &SamlProvider, assertion: &ValidatedAssertion, account: &str) -> Federated {
    let name_id = assertion.name_id();
    Federated {
        provider: provider.arn.clone(),
        kind: FederationKind::Saml,
        subject: name_id.value.clone(),
        email: None,
        subject_type: keys::subject_type(name_id.format.as_deref()),
        name_qualifier: keys::name_qualifier(assertion.issuer(), account, &provider.name),
        issuer: assertion.issuer().to_owned(),
        audience: assertion.recipient().to_owned(),
        assertion: assertion.assertion_id().to_owned(),
    }
}

fn session(role: &IamRole, attributes: Attributes, federated: Federated, policies: SessionPolicies) -> RoleSession {
    let Attributes { session_name, tags, transitive, source_identity, duration: _ } = attributes;
    RoleSession {
        role_id: role.id.clone(),
        role_arn: role.arn.clone(),
        role_name: role.name.clone(),
        session_name,
        policies,
        tags,
        transitive,
        source_identity,
        federated: Some(federated),
        behind: None,
    }
}
