//! What Redshift may learn from Identity Center in a role: decided by IAM's policies.

use std::sync::{Arc, Weak};

use base::Checks;
use base::id::ApplicationArn;
use control::Control;
use query::{IdcAsk, IdcDenial, IdcPermissions, IdcQuestion};
use sts::{Ask, AuthDecision, REDSHIFT, Sts};

#[derive(Debug)]
pub(crate) struct RolesInIdc {
    sts: Arc<Sts>,
    /// The control plane owns the warehouses, and each holds this.
    control: Weak<Control>,
}

impl RolesInIdc {
    pub(crate) fn new(sts: &Arc<Sts>, control: &Arc<Control>) -> Self {
        Self { sts: Arc::clone(sts), control: Arc::downgrade(control) }
    }
}

impl IdcPermissions for RolesInIdc {
    fn check(&self, question: &IdcQuestion) -> Result<(), IdcDenial> {
        let mut checks = Checks::default();
        let role = match &question.role {
            Some(arn) => arn.clone(),
            None => {
                let default = self.control.upgrade().and_then(|control| control.default_iam_role(&question.warehouse));
                default.ok_or_else(|| no_default_role(&mut checks))?
            }
        };
        for ask in &question.asks {
            let asks = asks(*ask, &question.application);
            let wanted = asks.first().map(|ask| format!("{} on {}", ask.action, ask.resource)).unwrap_or_default();
            match self.sts.redshift_lacks(&role, &asks) {
                None => drop(checks.note("permission", &wanted, "allowed", true)),
                Some(decision) => {
                    checks.note("permission", &wanted, &decision.because, false);
                    return Err(denied(role, &wanted, &decision, checks));
                }
            }
        }
        Ok(())
    }
}

/// The seed's own policy allows sso:DescribeInstance on the instance's applications, not on the instance.
fn asks(ask: IdcAsk, application: &ApplicationArn) -> Vec<Ask> {
    match ask {
        IdcAsk::DescribeApplication => vec![Ask::new("sso:DescribeApplication", application.as_str())],
        IdcAsk::DescribeInstance => {
            let instance = application.as_str().split('/').find(|part| part.starts_with("ssoins-"));
            let instance = format!("arn:aws:sso:::instance/{}", instance.unwrap_or("*"));
            let action = "sso:DescribeInstance";
            vec![Ask::new(action, instance), Ask::new(action, application.as_str())]
        }
    }
}

fn denied(role: String, wanted: &str, decision: &AuthDecision, checks: Checks) -> IdcDenial {
    let near = decision.explanation.join("; ");
    let near = if near.is_empty() { String::new() } else { format!(" {}.", near.trim_end_matches('.')) };
    let name = role.rsplit('/').next().unwrap_or(&role).to_owned();
    let Some(denied) = decision.denied.as_ref() else {
        return IdcDenial { role, reason: decision.because.clone(), mend: String::new(), checks };
    };
    let (reason, mend) = if decision.is_untrusted() {
        let services = REDSHIFT.map(|service| format!("\"{service}\"")).join(", ");
        let because = decision.because.trim_start_matches("because ");
        let mend = format!(
            "Make the role (iam CreateRole), or change its trust policy (iam UpdateAssumeRolePolicy): {{\"Effect\": \"Allow\", \
             \"Principal\": {{\"Service\": [{services}]}}, \"Action\": \"sts:AssumeRole\"}}."
        );
        (format!("Redshift can't act in the role: {because}.{near}"), mend)
    } else if decision.is_explicit_deny() {
        (format!("{wanted} is denied to the role, {}.{near}", decision.because), decision.mend(&role))
    } else {
        let (action, resource) = (&denied.ask.action, &denied.ask.resource);
        let mend = format!(
            "Add a statement to a policy of the role (iam PutRolePolicy for {name}): {{\"Effect\": \"Allow\", \"Action\": \"{action}\", \
             \"Resource\": \"{resource}\"}}."
        );
        (format!("The role may not {wanted}, {}.{near}", decision.because), mend)
    };
    IdcDenial { role, reason, mend, checks }
}

fn no_default_role(checks: &mut Checks) -> IdcDenial {
    checks.note("role", "the warehouse's default IAM role", "none", false);
    IdcDenial {
        role: "default".to_owned(),
        reason: "The warehouse has no default IAM role.".to_owned(),
        mend: "Give it one (redshift ModifyClusterIamRoles with DefaultIamRoleArn, redshift-serverless UpdateNamespace with \
               defaultIamRoleArn), or write IAM_ROLE with the role's ARN."
            .to_owned(),
        checks: std::mem::take(checks),
    }
}

#[cfg(test)]
mod tests;
