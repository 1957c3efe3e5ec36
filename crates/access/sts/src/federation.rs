//! What AssumeRoleWithSAML and AssumeRoleWithWebIdentity have in common: nobody signs the call, and the role's trust policy alone decides.

use std::sync::Arc;

use base::{CorrelationId, ErrorKind, Fault as _};
use iam::{Iam, IamRole};
use policy::{Context, Subject, SubjectKind};
use time::Duration;

use crate::attempt::{Attempt, Story};
use crate::decide::Held;
use crate::error::{StsCode, StsError};
use crate::parameters;
use crate::peer::Peer;
use crate::service::{Issued, Sts, trust_policy};
use crate::session::SessionPolicies;
use crate::strangers::{REFUSED_MAX, WINDOW};
use crate::trust::{self, Assuming};

/// The session that is asked for, beside the proof of who asks.
#[derive(Debug, Clone)]
pub struct SessionRequest {
    pub role_arn: String,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub duration_seconds: Option<i64>,
    pub peer: Peer,
    /// What the session's calls are recorded under: this call's own.
    pub correlation: CorrelationId,
}

impl SessionRequest {
    /// The parameters, checked: how long it is to last, and what narrows it.
    pub(crate) fn read(&self, iam: &Iam) -> Result<(Duration, SessionPolicies), StsError> {
        parameters::arn("roleArn", &self.role_arn)?;
        let duration = parameters::duration(self.duration_seconds, parameters::USUAL, parameters::LONGEST)?;
        Ok((duration, parameters::session_policies(iam, self.policy.as_deref(), &self.policy_arns)?))
    }
}

/// What a trust policy is asked about whoever a provider vouches for.
#[derive(Debug)]
pub(crate) struct Vouched<'a> {
    /// `sts:AssumeRoleWithSAML` or `sts:AssumeRoleWithWebIdentity`
    pub(crate) action: &'static str,
    /// Its ARN.
    pub(crate) provider: &'a str,
    pub(crate) context: &'a Context,
    pub(crate) tagged: bool,
    pub(crate) identified: bool,
    /// What the provider said that conditions mostly want otherwise: `its audience is "…", its subject "…"`.
    pub(crate) said: String,
}

impl Sts {
    /// An attempt of somebody unknown at this address, unless too many from there were refused.
    pub(crate) async fn attempted(
        &self,
        peer: Peer,
        assume: impl AsyncFnOnce(&mut Story) -> Result<Issued, StsError>,
    ) -> Attempt {
        let mut story = Story::default();
        let Some(address) = peer.address else {
            let outcome = assume(&mut story).await;
            return story.attempt(outcome);
        };
        if !self.strangers.admit(address, self.clock.now()) {
            let (most, seconds) =
                (format!("at most {REFUSED_MAX} in {} s", WINDOW.whole_seconds()), WINDOW.whole_seconds());
            story.checks.note("refusals of the address", &most, "more", false);
            let reason = format!("more than {REFUSED_MAX} calls from {address} were refused within {seconds} s");
            let mend =
                "Wait a minute. The records of the calls before it say why they were refused; find who sends them.";
            return story.attempt(Err(StsError::refused(StsCode::Throttling, "Rate exceeded", reason, mend)));
        }
        let outcome = assume(&mut story).await;
        // What we or the provider can't do isn't the caller's fault.
        if outcome.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::Unavailable) {
            self.strangers.forgive(address);
        }
        story.attempt(outcome)
    }

    /// The role, if its trust policy allows it to whom the provider vouches for.
    pub(crate) fn trusted(
        &self,
        story: &mut Story,
        role_arn: &str,
        vouched: &Vouched<'_>,
    ) -> Result<Arc<IamRole>, StsError> {
        let Vouched { action, provider, context, tagged, identified, said } = vouched;
        let refused = |reason: String, mend: String| {
            // All that a stranger is told.
            let told = format!("Not authorized to perform {}", vouched.action);
            StsError::refused(StsCode::AccessDenied, told, reason, mend)
        };
        let role = self.iam.role_by_arn(role_arn);
        let arn = parameters::shown(role_arn);
        let found = if role.is_some() { arn.as_str() } else { "no such role" };
        story.checks.note("role", "a role of this account", found, role.is_some());
        let role = role.ok_or_else(|| {
            let mend = "Make the role with CreateRole, or name another: the identity provider says which in SAML's Role attribute.";
            refused(format!("there is no role {arn}"), mend.to_owned())
        })?;
        let kind = SubjectKind::Federated { provider: (*provider).to_owned() };
        let assuming = Assuming {
            subject: &Subject { account: String::new(), kind },
            action,
            role_arn: &role.arn,
            context,
            tagged: *tagged,
            identified: *identified,
        };
        let nothing = Held { identity: &[], boundary: None, session: None };
        let (action, decision) = match trust::decide(&assuming, &trust_policy(&role), &nothing) {
            Ok(decision) => (*action, decision),
            Err(denied) => denied,
        };
        let found = decision.explain().join("; ");
        let found = if found.is_empty() { "no statement allows it".to_owned() } else { found };
        let name = format!("trust policy of role {}", role.name);
        if story.checks.note("trust policy", &format!("the {name} allows {action}"), &found, decision.allowed()) {
            return Ok(role);
        }
        let mend = format!(
            "Change the {name} so that it allows {action} to {provider}, or what the identity provider sends: {said}. {found}."
        );
        Err(refused(format!("the {name} doesn't allow {action}: {found}"), mend))
    }
}
