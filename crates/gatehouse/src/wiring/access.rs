//! What tokens and logins ask of Identity Center: who may use which application, what the application permits, who may act for it.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use base::id::{ApplicationArn, DirectoryGroupId, WarehouseId};
use center::actor_policy::CREATE_TOKEN_ACTION;
use center::{Application, ApplicationStatus, Center};
use control::{Control, REDSHIFT_PROVIDER_ARN};
use directory::{ActiveUser, Directory, DirectoryGroup};
use tokens::{
    AccessDecision, CallRefusal, IamCaller, Lack, NoAccess, OAuthApplication, RedirectUri, Scope, application,
};

use super::hosting::OpenWarehouses;

/// Names of a person's groups that a refusal shows.
const GROUPS_SHOWN_MAX: usize = 20;

#[derive(Debug)]
pub(crate) struct CenterAccess {
    center: Arc<Center>,
    control: Arc<Control>,
    directory: Arc<Directory>,
    /// Each warehouse holds this.
    warehouses: Weak<OpenWarehouses>,
    sql_port: u16,
}

impl CenterAccess {
    /// `sql_port` is the default SQL listener's: the warehouse there is the one that drivers mean who name none.
    pub(crate) fn new(
        center: &Arc<Center>,
        control: &Arc<Control>,
        directory: &Arc<Directory>,
        warehouses: &Arc<OpenWarehouses>,
        sql_port: u16,
    ) -> Self {
        let (center, control, directory) = (Arc::clone(center), Arc::clone(control), Arc::clone(directory));
        Self { center, control, directory, warehouses: Arc::downgrade(warehouses), sql_port }
    }

    /// The managed applications that warehouses are connected to: the default warehouse's first, the others by ARN. Warehouses are
    /// few (`control::WAREHOUSES_MAX`).
    fn connected(&self) -> Vec<ApplicationArn> {
        let default: Vec<_> =
            self.control.default_warehouse(self.sql_port).map(|id| self.connected_to(&id)).unwrap_or_default();
        let warehouses = self.control.warehouses();
        let all: BTreeSet<_> = warehouses.iter().flat_map(|warehouse| self.connected_to(&warehouse.id)).collect();
        let others: Vec<_> = all.into_iter().filter(|arn| !default.contains(arn)).collect();
        default.into_iter().chain(others).collect()
    }

    /// One warehouse's: the one it was made with, and those that its administrators connected it to by SQL (CREATE IDENTITY
    /// PROVIDER), each once.
    fn connected_to(&self, id: &WarehouseId) -> Vec<ApplicationArn> {
        let made_with = self.control.idc_application_of(id);
        let mut arns: Vec<_> = made_with.iter().map(|one| one.idc_managed_application_arn.clone()).collect();
        let open = self.warehouses.upgrade().and_then(|warehouses| warehouses.get(id));
        let by_sql = open.iter().flat_map(|warehouse| warehouse.applications());
        // SQL takes the ARN of any application, and a warehouse takes people from Redshift's only.
        for arn in by_sql.filter(|arn| self.application(arn).is_none_or(|application| application.redshift)) {
            if !arns.contains(&arn) {
                arns.push(arn);
            }
        }
        arns
    }

    fn decide(&self, user: &ActiveUser, groups: &[Arc<DirectoryGroup>], arn: &ApplicationArn) -> Result<(), NoAccess> {
        let connect = BTreeSet::from([Scope::RedshiftConnect]);
        application::decide_open(arn, self.application(arn).as_ref(), &connect)?;
        let ids: Vec<DirectoryGroupId> = groups.iter().map(|group| group.id.clone()).collect();
        if self.center.decide(arn, user.id(), &ids).allowed {
            return Ok(());
        }
        let shown: Vec<_> =
            groups.iter().take(GROUPS_SHOWN_MAX).map(|group| format!("\"{}\"", group.display_name)).collect();
        let member_of = match groups.len().saturating_sub(GROUPS_SHOWN_MAX) {
            0 if shown.is_empty() => "no group".to_owned(),
            0 => shown.join(", "),
            more => format!("{} and {more} more", shown.join(", ")),
        };
        Err(NoAccess {
            application: Some(arn.clone()),
            lack: Lack::Assignment,
            reason: format!(
                "User \"{}\" is not assigned to the application {arn}, directly or by a group; the user is in {member_of}.",
                user.user_name()
            ),
            hint: "Ask your administrator to assign you or one of your groups (sso-admin CreateApplicationAssignment)."
                .to_owned(),
        })
    }
}

impl AccessDecision for CenterAccess {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        let groups = self.directory.groups_of(user.id());
        let mut refusals = Vec::new();
        for arn in self.connected() {
            match self.decide(user, &groups, &arn) {
                Ok(()) => return Ok(arn),
                Err(why) => refusals.push(why),
            }
        }
        Err(all_of(refusals))
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess> {
        self.decide(user, &self.directory.groups_of(user.id()), application)
    }

    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication> {
        self.center.application(application).map(|application| settings(&application))
    }

    fn reaches(&self, subject: &ApplicationArn, scope: Scope, target: &ApplicationArn) -> bool {
        let subject = self.center.application(subject);
        subject.is_some_and(|subject| subject.reaches(scope.name(), target, &self.center.instance().arn))
    }

    fn lists_redirect(&self, redirect: &RedirectUri) -> bool {
        self.center.lists_redirect_uri(redirect.as_str())
    }

    fn may_call(&self, caller: &IamCaller<'_>, application: &ApplicationArn) -> Result<(), CallRefusal> {
        let denied = |reason: String, hint: &str| CallRefusal::Denied { reason, hint: hint.to_owned() };
        let known = self.center.application(application).ok_or(CallRefusal::UnknownApplication)?;
        let Some(policy) = &known.authentication else {
            let reason = format!("The application {application} has no authentication method: nobody may act for it.");
            return Err(denied(reason, "Give it an actor policy (sso-admin PutApplicationAuthenticationMethod)."));
        };
        let decision = policy.allows(caller.subject, CREATE_TOKEN_ACTION, application.as_str(), caller.context);
        if decision.allowed {
            return Ok(());
        }
        let who = caller.subject.shown();
        let reason = format!("{who} may not act for the application {application}: {}.", decision.reason);
        Err(denied(reason, "Change its actor policy (sso-admin PutApplicationAuthenticationMethod)."))
    }
}

fn settings(application: &Application) -> OAuthApplication {
    let Application { arn, provider_arn, name, status, grants, scopes, .. } = application;
    OAuthApplication {
        arn: arn.clone(),
        name: name.clone(),
        enabled: *status == ApplicationStatus::Enabled,
        redshift: provider_arn == REDSHIFT_PROVIDER_ARN,
        code_redirects: grants.authorization_code.clone(),
        refresh_token: grants.refresh_token,
        token_exchange: grants.token_exchange,
        scopes: scopes.keys().filter_map(|scope| Scope::parse(scope)).collect(),
    }
}

/// One refusal of what each application lacks.
fn all_of(refusals: Vec<NoAccess>) -> NoAccess {
    let mut refusals = refusals.into_iter();
    let Some(mut first) = refusals.next() else {
        return NoAccess {
            application: None,
            lack: Lack::NoWarehouse,
            reason: "No warehouse is connected to an Amazon Redshift application of IAM Identity Center.".to_owned(),
            hint:
                "Ask your administrator to create one (redshift CreateRedshiftIdcApplication) and connect a warehouse."
                    .to_owned(),
        };
    };
    for other in refusals {
        first.reason = format!("{} {}", first.reason, other.reason);
        if !first.hint.contains(&other.hint) {
            first.hint = format!("{} {}", first.hint, other.hint);
        }
    }
    first
}

#[cfg(test)]
mod tests;
