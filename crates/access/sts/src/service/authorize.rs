//! May a caller do what a call asks, now and later?

use std::sync::Arc;

use base::Checks;
use iam::Grants;
use policy::{Context, NamedPolicy, Policies, Request, Subject, SubjectKind, evaluate};

use super::Sts;
use crate::alive::Ended;
use crate::ask::Ask;
use crate::caller::{Caller, CallerIdentity};
use crate::decide::{self, AuthDecision, Denied, Held, REDSHIFT};
use crate::grounds::Grounds;
use crate::peer::Peer;

/// The session's name when a service acts in a role.
const SERVICE_SESSION: &str = "gatehouse";

impl Sts {
    /// Whether every question of a call is allowed to its caller, by the policies as they are now.
    #[must_use]
    pub fn authorize(&self, caller: &Caller, asks: &[Ask], peer: Peer) -> AuthDecision {
        let mut keys = decide::surroundings(self.clock.now(), peer, &self.region, self.account());
        decide::keys_of(caller, &mut keys);
        self.with_held(caller, |held| decide::decide(caller.subject(), &keys, held, asks, decide::barred(caller)))
    }

    /// The condition keys of a question, as a resource's own policy is asked with them.
    #[must_use]
    pub fn context(&self, caller: &Caller, ask: &Ask, peer: Peer) -> Context {
        let mut keys = decide::surroundings(self.clock.now(), peer, &self.region, self.account());
        decide::keys_of(caller, &mut keys);
        decide::context_of(&keys, ask)
    }

    /// Whether what was allowed still is: the credential's origins are alive and each question is still allowed. That the credential
    /// itself has expired since doesn't count.
    ///
    /// # Errors
    /// [`Ended`]: what is gone, or what is denied.
    pub fn still_allowed(&self, grounds: &Grounds) -> Result<(), Ended> {
        let caller = self.resume(&grounds.caller)?;
        let decision = self.authorize(&caller, &grounds.asks, grounds.peer);
        let Some(denied) = &decision.denied else { return Ok(()) };
        let Ask { action, resource, .. } = &denied.ask;
        let who = caller.principal();
        let reason = format!("{who} is no longer allowed {action} on {resource} {}", decision.because);
        Err(Ended { reason, mend: decision.mend(&who.to_string()) })
    }

    /// What a service may do in a role that trusts it. `service`: `redshift.amazonaws.com`.
    #[must_use]
    pub fn authorize_role(&self, service: &str, role_arn: &str, asks: &[Ask]) -> AuthDecision {
        let now = self.clock.now();
        let keys = decide::surroundings(now, Peer { address: None, secure: true }, &self.region, self.account());
        let assume = Ask::new("sts:AssumeRole", role_arn);
        let refused = |because: String, explanation, decision| AuthDecision {
            allowed: false,
            denied: Some(Denied { ask: assume.clone(), decision, context: keys.clone() }),
            because,
            explanation,
            checks: Checks::default(),
        };
        let Some(role) = self.iam.role_by_arn(role_arn) else {
            return refused(format!("because the role {role_arn} doesn't exist"), Vec::new(), None);
        };
        let trust = trust_policy(&role);
        let subject = Subject { account: String::new(), kind: SubjectKind::Service { name: service.to_owned() } };
        let request = Request { subject: &subject, action: &assume.action, resource: &assume.resource, context: &keys };
        let policies = Policies { resource: Some(&trust), resource_must_allow: true, ..Policies::default() };
        let decision = evaluate(&request, &policies);
        if !decision.allowed() {
            let because = format!("because the trust policy of the role {} doesn't let {service} assume it", role.name);
            return refused(because, decision.explain(), Some(decision));
        }
        let kind = SubjectKind::Role {
            role_arn: role.arn.clone(),
            role_id: role.id.clone(),
            session_arn: format!("arn:aws:sts::{}:assumed-role/{}/{SERVICE_SESSION}", self.account(), role.name),
            session_name: SERVICE_SESSION.to_owned(),
        };
        let subject = Subject { account: self.account().to_owned(), kind };
        let mut keys = keys;
        keys.set("aws:PrincipalArn", role.arn.as_str());
        keys.set("aws:PrincipalType", "AssumedRole");
        keys.set("aws:PrincipalAccount", self.account());
        keys.set("aws:userid", format!("{}:{SERVICE_SESSION}", role.id));
        for (key, value) in role.tags.iter() {
            keys.set(&format!("aws:PrincipalTag/{key}"), value);
        }
        let grants = self.iam.grants_of_role(&role.id);
        let held = Held { identity: &grants.identity, boundary: grants.boundary.as_ref(), session: None };
        decide::decide(&subject, &keys, &held, asks, |_| None)
    }

    /// What Redshift may do in a role where either of `asks` will do, as AWS's own instructions name one resource or the other; an
    /// explicit deny of one counts. `None`: it may. The role may trust either of Redshift's services.
    #[must_use]
    pub fn redshift_lacks(&self, role_arn: &str, asks: &[Ask]) -> Option<AuthDecision> {
        let mut denial = None;
        for ask in asks {
            let ask = std::slice::from_ref(ask);
            let [first, second] = REDSHIFT.map(|service| self.authorize_role(service, role_arn, ask));
            let decision = if first.is_untrusted() && !second.is_untrusted() { second } else { first };
            if decision.allowed {
                return None;
            }
            if decision.is_explicit_deny() {
                return Some(decision);
            }
            denial.get_or_insert(decision);
        }
        denial
    }

    /// Hands over what applies to a caller.
    pub(crate) fn with_held<T>(&self, caller: &Caller, use_it: impl FnOnce(&Held<'_>) -> T) -> T {
        let grants = match caller.identity() {
            CallerIdentity::Root => Arc::new(Grants::default()),
            CallerIdentity::User { id } => self.iam.grants_of_user(id),
            CallerIdentity::Role(session) => self.iam.grants_of_role(&session.role_id),
        };
        let session = caller.session_policies().map(|policies| {
            // A managed policy that is deleted allows nothing.
            let managed = policies.managed.iter().filter_map(|arn| {
                let document = Arc::clone(self.iam.policy(arn)?.document()?);
                Some(NamedPolicy { name: arn.as_str().into(), document })
            });
            caller.inline_policy().cloned().into_iter().chain(managed).collect::<Vec<_>>()
        });
        use_it(&Held { identity: &grants.identity, boundary: grants.boundary.as_ref(), session: session.as_deref() })
    }
}

/// The policy that says who may assume a role.
pub(crate) fn trust_policy(role: &iam::IamRole) -> NamedPolicy {
    let name = format!("the trust policy of role \"{}\"", role.name);
    NamedPolicy { name: name.into(), document: Arc::clone(&role.trust) }
}
