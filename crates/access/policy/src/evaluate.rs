//! The rule: may this subject do this?

use std::sync::Arc;

use crate::decision::{Counted, Decision, Outcome, PolicyClass};
use crate::principal::Named;
use crate::{Context, Document, Effect, Subject, SubjectKind, explain};

/// A document and what it is called: an ARN, or `inline policy "x" of role "y"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPolicy {
    pub name: Arc<str>,
    pub document: Arc<Document>,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub subject: &'a Subject,
    /// `redshift:GetClusterCredentials`
    pub action: &'a str,
    /// An ARN, or `*` for an action without a resource.
    pub resource: &'a str,
    /// All condition keys, the global ones (`aws:CurrentTime` …) too.
    pub context: &'a Context,
}

/// The policies that apply to a request.
#[derive(Debug, Clone, Copy, Default)]
pub struct Policies<'a> {
    /// Of a user or a role. Root has none that count, and who belongs to no account neither.
    pub identity: &'a [NamedPolicy],
    pub boundary: Option<&'a NamedPolicy>,
    /// `None` if none was passed; an empty list allows nothing.
    pub session: Option<&'a [NamedPolicy]>,
    pub resource: Option<&'a NamedPolicy>,
    /// The resource's policy must allow it whatever the subject's do, as a role's trust policy must.
    pub resource_must_allow: bool,
}

/// A request, prepared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) request: &'a Request<'a>,
    /// In lower case.
    pub(crate) action: &'a str,
    pub(crate) service: &'a str,
}

/// Decides (IAM "Policy evaluation logic"). A statement that denies wins, wherever it stands. What names the subject in the resource's
/// policy allows it by itself: the session or the user whatever its own limits, the role within boundary and session policies, the
/// account only together with the subject's policies. Otherwise the subject's policies must allow it, and its boundary, and the
/// session's policies. Where the resource is another account's, and where `resource_must_allow`, the resource's policy must too. What
/// nothing allows is denied.
#[must_use]
pub fn evaluate(request: &Request<'_>, policies: &Policies<'_>) -> Decision {
    let action = request.action.to_ascii_lowercase();
    let service = action.split_once(':').map_or(action.as_str(), |(service, _)| service);
    let asked = Asked { request, action: &action, service };
    let subject = request.subject;
    let mut found = Found::default();
    let is_root = subject.kind == SubjectKind::Root;
    let has_own = subject.has_identity_policies();

    let mut identity = Verdict { allows: is_root.then_some(Named::Directly), denies: false };
    if has_own && !is_root {
        identity = found.scan(&asked, policies.identity, PolicyClass::Identity);
    }
    let boundary = policies.boundary.filter(|_| has_own && !is_root);
    let boundary = boundary.map(|policy| found.scan(&asked, std::slice::from_ref(policy), PolicyClass::Boundary));
    let session = policies.session.filter(|_| has_own);
    let session = session.map(|policies| found.scan(&asked, policies, PolicyClass::Session));
    let resource = policies.resource.map(std::slice::from_ref).unwrap_or_default();
    let resource = found.scan(&asked, resource, PolicyClass::Resource);

    let verdicts = Verdicts { identity, boundary, session, resource };
    let outcome = verdicts.outcome(has_own, policies.resource_must_allow, is_anothers(request));
    found.missing.sort_unstable();
    found.missing.dedup();
    let mut decision = Decision {
        outcome,
        statements: found.statements,
        missing_keys: found.missing,
        boundary_allows: boundary.map(|boundary| boundary.allows.is_some() && !boundary.denies),
        nearest: Vec::new(),
    };
    if let Outcome::ImplicitDeny { class } = outcome {
        decision.nearest = explain::nearest(&asked, policies, class);
    }
    decision
}

/// What the policies of one class say.
#[derive(Debug, Clone, Copy, Default)]
struct Verdict {
    /// How closely what allows names the subject, if anything allows.
    allows: Option<Named>,
    denies: bool,
}

struct Verdicts {
    identity: Verdict,
    boundary: Option<Verdict>,
    session: Option<Verdict>,
    resource: Verdict,
}

impl Verdicts {
    fn outcome(&self, has_own: bool, resource_must_allow: bool, anothers: bool) -> Outcome {
        let Self { identity, boundary, session, resource } = self;
        let (boundary, session) = (boundary.as_ref(), session.as_ref());
        let denies = [
            (Some(identity), PolicyClass::Identity),
            (Some(resource), PolicyClass::Resource),
            (boundary, PolicyClass::Boundary),
            (session, PolicyClass::Session),
        ];
        if let Some((_, class)) = denies.into_iter().find(|(verdict, _)| verdict.is_some_and(|verdict| verdict.denies))
        {
            return Outcome::ExplicitDeny { class };
        }
        let implicit = |class| Outcome::ImplicitDeny { class };
        if (resource_must_allow || anothers || !has_own) && resource.allows.is_none() {
            return implicit(PolicyClass::Resource);
        }
        let granted = if anothers { None } else { resource.allows };
        if !has_own || granted == Some(Named::Directly) {
            return Outcome::Allowed;
        }
        if granted != Some(Named::ByRole) && identity.allows.is_none() {
            return implicit(PolicyClass::Identity);
        }
        if boundary.is_some_and(|verdict| verdict.allows.is_none()) {
            return implicit(PolicyClass::Boundary);
        }
        if session.is_some_and(|verdict| verdict.allows.is_none()) {
            return implicit(PolicyClass::Session);
        }
        Outcome::Allowed
    }
}

#[derive(Default)]
struct Found {
    statements: Vec<Counted>,
    missing: Vec<String>,
}

impl Found {
    fn scan(&mut self, asked: &Asked<'_>, policies: &[NamedPolicy], class: PolicyClass) -> Verdict {
        let mut verdict = Verdict::default();
        for policy in policies {
            for statement in policy.document.statements_for(asked.service) {
                let Some(named) = statement.fits(asked, &mut self.missing) else { continue };
                match statement.effect {
                    Effect::Allow => verdict.allows = verdict.allows.max(Some(named)),
                    Effect::Deny => verdict.denies = true,
                }
                self.statements.push(Counted {
                    policy: Arc::clone(&policy.name),
                    class,
                    statement: statement.label.to_string(),
                    effect: statement.effect,
                });
            }
        }
        verdict
    }
}

/// Whether the resource says that it is another account's than the subject's.
fn is_anothers(request: &Request<'_>) -> bool {
    let owner = request.resource.split(':').nth(4).unwrap_or_default();
    let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    is_account && owner != request.subject.account
}
