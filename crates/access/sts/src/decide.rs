//! The rule: may this caller do what a call asks? Pure: whoever asks gathers the policies, the keys and the time.

use std::collections::BTreeSet;

use base::Checks;
use policy::{Context, Decision, NamedPolicy, Outcome, Policies, Request, Subject, SubjectKind, evaluate};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ask::Ask;
use crate::caller::{Caller, CallerIdentity};
use crate::peer::Peer;
use crate::session::FederationKind;

/// A question that isn't allowed.
#[derive(Debug, Clone)]
pub struct Denied {
    pub ask: Ask,
    /// `None` where it isn't a policy that forbids it.
    pub decision: Option<Decision>,
    /// What the policies were asked with, for encoded messages.
    pub context: Context,
}

/// Whether a call is allowed, and why.
#[derive(Debug, Clone)]
pub struct AuthDecision {
    pub allowed: bool,
    /// The first question that isn't allowed.
    pub denied: Option<Denied>,
    /// The tail of AWS's message: `because no identity-based policy allows the redshift:JoinGroup action`; empty when allowed.
    pub because: String,
    /// Which statements counted or came near, one a line, for DETAIL and audit.
    pub explanation: Vec<String>,
    /// Each question as it was answered, for the audit record.
    pub checks: Checks,
}

/// Who acts in the role of a warehouse or of a connection to Identity Center; its trust policy names one of them.
pub const REDSHIFT: [&str; 2] = ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"];

impl AuthDecision {
    /// Whether it is the role that isn't there, or doesn't trust who acts in it.
    #[must_use]
    pub fn is_untrusted(&self) -> bool {
        self.denied.as_ref().is_some_and(|denied| denied.ask.action == "sts:AssumeRole")
    }

    /// Whether a statement denies it, so that another that allows it doesn't help.
    #[must_use]
    pub fn is_explicit_deny(&self) -> bool {
        let decision = self.denied.as_ref().and_then(|denied| denied.decision.as_ref());
        decision.is_some_and(|decision| matches!(decision.outcome, Outcome::ExplicitDeny { .. }))
    }

    /// What would mend a denial: a full sentence; empty when allowed.
    #[must_use]
    pub fn mend(&self, who: &str) -> String {
        let Some(Denied { ask, decision, .. }) = &self.denied else { return String::new() };
        let Ask { action, resource, .. } = ask;
        let missing = decision.as_ref().map(|decision| decision.missing_keys.join(", ")).unwrap_or_default();
        let lacks = if missing.is_empty() { String::new() } else { format!(" The call doesn't have {missing}.") };
        if self.is_explicit_deny() {
            return format!("Take {action} on {resource} out of the statement that denies it to {who}.{lacks}");
        }
        format!("Allow {action} on {resource} in a policy of {who}.{lacks}")
    }
}

/// What applies to a caller now.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    pub(crate) identity: &'a [NamedPolicy],
    pub(crate) boundary: Option<&'a NamedPolicy>,
    pub(crate) session: Option<&'a [NamedPolicy]>,
}

/// Every question in turn.
pub(crate) fn decide(
    subject: &Subject,
    keys: &Context,
    held: &Held<'_>,
    asks: &[Ask],
    barred: impl Fn(&str) -> Option<&'static str>,
) -> AuthDecision {
    let (mut explanation, mut checks) = (Vec::new(), Checks::default());
    for ask in asks {
        // Whoever could be denied it couldn't find out who they are (apis.md 4.1).
        if ask.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
            continue;
        }
        let context = context_of(keys, ask);
        if let Some(because) = barred(&ask.action) {
            checks.note(&ask.action, &ask.resource, because, false);
            let denied = Some(Denied { ask: ask.clone(), decision: None, context });
            return AuthDecision { allowed: false, denied, because: because.to_owned(), explanation, checks };
        }
        let request = Request { subject, action: &ask.action, resource: &ask.resource, context: &context };
        let policies = Policies {
            identity: held.identity,
            boundary: held.boundary,
            session: held.session,
            resource: None,
            resource_must_allow: false,
        };
        let decision = evaluate(&request, &policies);
        note(&mut checks, &ask.action, &ask.resource, &decision);
        explanation.extend(decision.explain().into_iter().map(|line| format!("{}: {line}", ask.action)));
        if !decision.allowed() {
            let because = decision.because(&ask.action);
            let denied = Some(Denied { ask: ask.clone(), decision: Some(decision), context });
            return AuthDecision { allowed: false, denied, because, explanation, checks };
        }
    }
    AuthDecision { allowed: true, denied: None, because: String::new(), explanation, checks }
}

/// Writes a decision down: what was asked, and the statements that counted or came near.
pub(crate) fn note(checks: &mut Checks, action: &str, resource: &str, decision: &Decision) {
    let mut found = decision.explain().join("; ");
    if found.is_empty() {
        found = if decision.allowed() { "allowed to root".to_owned() } else { decision.because(action) };
    }
    checks.note(action, &format!("allowed on {resource}"), &found, decision.allowed());
}

/// The keys of the call, then those of the caller and the connection: a call can't speak for its caller.
pub(crate) fn context_of(keys: &Context, ask: &Ask) -> Context {
    let mut context = Context::new();
    for (key, values) in &ask.context {
        context.set_all(key, values.iter().cloned());
    }
    for (key, values) in keys.iter() {
        context.set_all(key, values.iter().cloned());
    }
    context
}

/// What a temporary credential of a user or of root can't be used for (STS "GetSessionToken"), beside what policies forbid.
pub(crate) fn barred(caller: &Caller) -> impl Fn(&str) -> Option<&'static str> {
    let of_get_session_token = caller.issued_at().is_some() && caller.role_session().is_none();
    let mfa = caller.shown_mfa();
    move |action: &str| {
        let (service, operation) = action.split_once(':').unwrap_or_default();
        let iam = service.eq_ignore_ascii_case("iam") && !mfa;
        let sts = service.eq_ignore_ascii_case("sts") && !operation.eq_ignore_ascii_case("AssumeRole");
        let why = "because a credential of GetSessionToken can't be used for it; use the long-lived key, or a role";
        (of_get_session_token && (iam || sts)).then_some(why)
    }
}

/// The keys of time, connection and region (IAM "global condition keys").
pub(crate) fn surroundings(now: OffsetDateTime, peer: Peer, region: &str, account: &str) -> Context {
    let mut keys = Context::new();
    keys.set("aws:CurrentTime", now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default());
    keys.set("aws:EpochTime", now.unix_timestamp().to_string());
    keys.set("aws:SecureTransport", peer.secure.to_string());
    keys.set("aws:RequestedRegion", region);
    keys.set("aws:ResourceAccount", account);
    keys.set("aws:ViaAWSService", "false");
    if let Some(address) = peer.address {
        keys.set("aws:SourceIp", address.to_canonical().to_string());
    }
    keys
}

/// The keys of the session that is asked for.
pub(crate) fn keys_of_session<'a>(
    keys: &mut Context,
    name: &str,
    source_identity: Option<&str>,
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
    transitive: &BTreeSet<String>,
) {
    keys.set("sts:RoleSessionName", name);
    if let Some(identity) = source_identity {
        keys.set("sts:SourceIdentity", identity);
    }
    let mut names = Vec::new();
    for (key, value) in tags {
        keys.set(&format!("aws:RequestTag/{key}"), value.as_str());
        names.push(key.as_str());
    }
    keys.set_all("aws:TagKeys", names);
    keys.set_all("sts:TransitiveTagKeys", transitive.iter().map(String::as_str));
}

/// The keys of the caller.
pub(crate) fn keys_of(caller: &Caller, keys: &mut Context) {
    let (arn, kind) = match &caller.subject().kind {
        SubjectKind::Root => (caller.subject().shown(), "Account"),
        SubjectKind::User { arn, .. } => (arn.clone(), "User"),
        // The role, not the session (IAM "aws:PrincipalArn").
        SubjectKind::Role { role_arn, .. } => (role_arn.clone(), "AssumedRole"),
        SubjectKind::Federated { provider } => (provider.clone(), "FederatedUser"),
        SubjectKind::Service { name } => (name.clone(), "Service"),
        SubjectKind::Anonymous => (String::new(), "Anonymous"),
    };
    keys.set("aws:PrincipalArn", arn);
    keys.set("aws:PrincipalType", kind);
    keys.set("aws:PrincipalAccount", caller.account());
    keys.set("aws:PrincipalIsAWSService", "false");
    keys.set("aws:userid", caller.user_id());
    if let Some(name) = caller.user_name() {
        keys.set("aws:username", name);
    }
    for (key, value) in caller.tags() {
        keys.set(&format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    if let Some(issued) = caller.issued_at() {
        keys.set("aws:TokenIssueTime", issued.format(&Rfc3339).unwrap_or_default());
        keys.set("aws:MultiFactorAuthPresent", caller.shown_mfa().to_string());
    }
    if let CallerIdentity::Role(session) = caller.identity() {
        if let Some(identity) = &session.source_identity {
            keys.set("aws:SourceIdentity", identity.as_str());
        }
        if let Some(federated) = &session.federated {
            keys.set("aws:FederatedProvider", federated.provider.as_str());
            match federated.kind {
                // The three that stay after the first authentication (apis.md 4.6).
                FederationKind::Saml => {
                    keys.set("saml:namequalifier", federated.name_qualifier.as_str());
                    keys.set("saml:sub", federated.subject.as_str());
                    keys.set("saml:sub_type", federated.subject_type.as_str());
                }
                FederationKind::WebIdentity => {
                    let issuer = federated.issuer.trim_start_matches("https://");
                    keys.set(&format!("{issuer}:sub"), federated.subject.as_str());
                    keys.set(&format!("{issuer}:aud"), federated.audience.as_str());
                }
            }
        }
    }
}
