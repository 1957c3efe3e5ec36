//! The rule: may this subject assume this role? The role's trust policy must allow it, and with it each thing that the session gets.

use policy::{Context, Decision, NamedPolicy, Policies, Request, Subject, evaluate};

use crate::decide::Held;

/// What is asked of a trust policy.
#[derive(Debug)]
pub(crate) struct Assuming<'a> {
    pub(crate) subject: &'a Subject,
    /// `sts:AssumeRole`, `sts:AssumeRoleWithSAML` or `sts:AssumeRoleWithWebIdentity`
    pub(crate) action: &'static str,
    pub(crate) role_arn: &'a str,
    pub(crate) context: &'a Context,
    /// Tags are passed or inherited: `sts:TagSession` too.
    pub(crate) tagged: bool,
    /// A source identity is set or inherited: `sts:SetSourceIdentity` too.
    pub(crate) identified: bool,
}

/// The first action that isn't allowed, with its decision; or the decision of the action itself.
pub(crate) fn decide(
    assuming: &Assuming<'_>,
    trust: &NamedPolicy,
    held: &Held<'_>,
) -> Result<Decision, (&'static str, Decision)> {
    let evaluated = |action: &'static str| {
        let Assuming { subject, role_arn, context, .. } = assuming;
        let request = Request { subject, action, resource: role_arn, context };
        let policies = Policies {
            identity: held.identity,
            boundary: held.boundary,
            session: held.session,
            resource: Some(trust),
            resource_must_allow: true,
        };
        let decision = evaluate(&request, &policies);
        if decision.allowed() { Ok(decision) } else { Err((action, decision)) }
    };
    let decision = evaluated(assuming.action)?;
    for (needed, action) in [(assuming.tagged, "sts:TagSession"), (assuming.identified, "sts:SetSourceIdentity")] {
        if needed {
            evaluated(action)?;
        }
    }
    Ok(decision)
}
