//! AssumeRole: a session of a role for a caller of this account.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::CorrelationId;
use iam::IamRole;
use policy::Context;
use time::Duration;

use crate::attempt::{Attempt, Story};
use crate::caller::{Caller, CallerIdentity};
use crate::decide;
use crate::error::{StsCode, StsError};
use crate::parameters;
use crate::peer::Peer;
use crate::saml::within_role;
use crate::service::{Draft, Issued, Sts, trust_policy};
use crate::session::RoleSession;
use crate::trust::{self, Assuming};

/// The longest session that is made with a role's session. Seconds.
const CHAINED_MAX: i64 = 3600;

/// A call of AssumeRole, as it came.
#[derive(Debug, Clone, Default)]
pub struct AssumeRoleRequest {
    pub role_arn: String,
    pub session_name: String,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub duration_seconds: Option<i64>,
    pub tags: Vec<(String, String)>,
    pub transitive_tag_keys: Vec<String>,
    pub external_id: Option<String>,
    pub source_identity: Option<String>,
}

/// What the session gets, passed and inherited.
struct Passed {
    tags: BTreeMap<String, String>,
    transitive: BTreeSet<String>,
    source_identity: Option<String>,
    /// Passed by this call, without what is inherited.
    requested: BTreeMap<String, String>,
}

impl Sts {
    /// A session of a role. Both the role's trust policy and the caller's own policies decide.
    ///
    pub fn assume_role(
        &self,
        caller: &Caller,
        request: &AssumeRoleRequest,
        peer: Peer,
        correlation: &CorrelationId,
    ) -> Attempt {
        let mut story = Story::default();
        let outcome = self.assumed(&mut story, caller, request, peer, correlation);
        story.attempt(outcome)
    }

    fn assumed(
        &self,
        story: &mut Story,
        caller: &Caller,
        request: &AssumeRoleRequest,
        peer: Peer,
        correlation: &CorrelationId,
    ) -> Result<Issued, StsError> {
        parameters::arn("roleArn", &request.role_arn)?;
        parameters::session_name(&request.session_name)?;
        let chained = caller.role_session().is_some();
        let duration = duration(request, chained)?;
        if let Some(id) = &request.external_id {
            external_id(id)?;
        }
        let policies = parameters::session_policies(&self.iam, request.policy.as_deref(), &request.policy_arns)?;
        let passed = passed(caller, request)?;
        let packed_policy_size = parameters::packed_size(&policies, &passed.tags)?;
        let role = self.assumable(story, caller, request, &passed, peer)?;
        within_role(story, &role, duration)?;
        let session = RoleSession {
            role_id: role.id.clone(),
            role_arn: role.arn.clone(),
            role_name: role.name.clone(),
            session_name: request.session_name.clone(),
            policies,
            tags: passed.tags,
            transitive: passed.transitive,
            source_identity: passed.source_identity,
            federated: None,
            behind: caller.person().map(str::to_owned),
        };
        self.iam.note_role_used(&role.id, &self.region);
        self.issue(Draft {
            identity: CallerIdentity::Role(Box::new(session)),
            origin: caller.origins().to_vec(),
            duration,
            until: caller.expires(),
            mfa: false,
            correlation: caller.correlation().unwrap_or(correlation).clone(),
            packed_policy_size,
        })
    }

    fn assumable(
        &self,
        story: &mut Story,
        caller: &Caller,
        request: &AssumeRoleRequest,
        passed: &Passed,
        peer: Peer,
    ) -> Result<Arc<IamRole>, StsError> {
        let (who, arn) = (caller.principal().to_string(), parameters::shown(&request.role_arn));
        if *caller.identity() == CallerIdentity::Root {
            let mend = "Assume it as a user, or as a session of another role.";
            let text = "Roles may not be assumed by root accounts.";
            story.checks.note("caller", "a user or a session of a role", &who, false);
            return Err(StsError::refused(StsCode::AccessDenied, text, text, mend));
        }
        let denied = |action: &str, tail: &str, reason: String, mend: String| {
            let tail = if tail.is_empty() { String::new() } else { format!(" {tail}") };
            let text = format!("User: {who} is not authorized to perform: {action} on resource: {arn}{tail}");
            StsError::refused(StsCode::AccessDenied, text, reason, mend)
        };
        let Some(role) = self.iam.role_by_arn(&request.role_arn) else {
            let mend = "Make the role with CreateRole, or name another.".to_owned();
            story.checks.note("role", "a role of this account", &arn, false);
            return Err(denied("sts:AssumeRole", "", format!("there is no role {arn}"), mend));
        };
        let context = self.assuming_context(caller, request, passed, peer, &role);
        let assuming = Assuming {
            subject: caller.subject(),
            action: "sts:AssumeRole",
            role_arn: &role.arn,
            context: &context,
            tagged: !passed.tags.is_empty(),
            identified: passed.source_identity.is_some(),
        };
        let decided = self.with_held(caller, |held| trust::decide(&assuming, &trust_policy(&role), held));
        match decided {
            Ok(decision) => {
                decide::note(&mut story.checks, assuming.action, &role.arn, &decision);
                Ok(role)
            }
            Err((action, decision)) => {
                decide::note(&mut story.checks, action, &role.arn, &decision);
                let why = decision.because(action);
                let found = decision.explain().join("; ");
                let mend = format!(
                    "Both must allow {action} on {}: the trust policy of the role {}, and a policy of {who} unless the trust policy \
                     names {who} itself. {found}.",
                    role.arn, role.name
                );
                Err(denied(action, &why, format!("{action} on {} isn't allowed {why}: {found}", role.arn), mend))
            }
        }
    }

    fn assuming_context(
        &self,
        caller: &Caller,
        request: &AssumeRoleRequest,
        passed: &Passed,
        peer: Peer,
        role: &IamRole,
    ) -> Context {
        let mut context = decide::surroundings(self.clock.now(), peer, &self.region, self.account());
        decide::keys_of(caller, &mut context);
        let identity = passed.source_identity.as_deref();
        decide::keys_of_session(&mut context, &request.session_name, identity, &passed.requested, &passed.transitive);
        if let Some(id) = &request.external_id {
            context.set("sts:ExternalId", id.as_str());
        }
        for (key, value) in role.tags.iter() {
            context.set(&format!("aws:ResourceTag/{key}"), value);
            context.set(&format!("iam:ResourceTag/{key}"), value);
        }
        context
    }
}

fn duration(request: &AssumeRoleRequest, chained: bool) -> Result<Duration, StsError> {
    let duration = parameters::duration(request.duration_seconds, parameters::USUAL, parameters::LONGEST)?;
    if chained && duration.whole_seconds() > CHAINED_MAX {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.";
        return Err(StsError::plain(StsCode::ValidationError, text));
    }
    Ok(duration)
}

fn external_id(id: &str) -> Result<(), StsError> {
    let fits = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte));
    if fits && (2..=1224).contains(&id.len()) {
        return Ok(());
    }
    Err(parameters::invalid("externalId", id, "satisfy regular expression pattern: [\\w+=,.@:\\/-]{2,1224}"))
}

/// Transitive tags and the source identity of a session go on to what is made with it, and can't be changed there.
fn passed(caller: &Caller, request: &AssumeRoleRequest) -> Result<Passed, StsError> {
    let requested = parameters::tags(&request.tags)?;
    let mut transitive = parameters::transitive(&request.transitive_tag_keys, &requested)?;
    let mut tags = requested.clone();
    let session = caller.role_session();
    for key in session.iter().flat_map(|session| &session.transitive) {
        if requested.keys().any(|other| parameters::same_key(other, key)) {
            let text = format!(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling \
                 session: {key}"
            );
            return Err(StsError::plain(StsCode::ValidationError, text));
        }
        if let Some(value) = session.and_then(|session| session.tags.get(key)) {
            tags.insert(key.clone(), value.clone());
            transitive.insert(key.clone());
        }
    }
    if let Some(identity) = &request.source_identity {
        parameters::source_identity(identity)?;
    }
    let source_identity = match (caller.source_identity(), &request.source_identity) {
        (Some(set), Some(asked)) if set != asked => {
            let text = "The source identity of the calling session can't be changed; leave SourceIdentity out.";
            return Err(StsError::plain(StsCode::AccessDenied, text));
        }
        (Some(set), Some(_) | None) => Some(set.to_owned()),
        (None, asked) => asked.clone(),
    };
    Ok(Passed { tags, transitive, source_identity, requested })
}
