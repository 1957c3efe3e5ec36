//! Identity Center in memory: the Redshift application and a confidential one, and whether everybody is assigned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::ApplicationArn;
use directory::ActiveUser;
use policy::SubjectKind;
use tokens::{
    AccessDecision, CallRefusal, IamCaller, Lack, NoAccess, OAuthApplication, RedirectUri, Scope, application,
};

pub(super) const REDSHIFT: &str = "application-1";
pub(super) const EDITOR: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-editor";
pub(super) const EDITOR_REDIRECT: &str = "https://editor.example.com/cb";

#[derive(Debug)]
pub(super) struct Assigned {
    assigned: AtomicBool,
    applications: Mutex<BTreeMap<ApplicationArn, OAuthApplication>>,
    /// Whether the editor's scope is for nothing else.
    confined: AtomicBool,
    /// Whose actor policy doesn't name root.
    fenced: Mutex<BTreeSet<ApplicationArn>>,
}

impl Assigned {
    pub(super) fn new() -> Self {
        let application = |arn: &str, redshift: bool, redirect: &str| OAuthApplication {
            arn: ApplicationArn::new(arn),
            name: if redshift { "Redshift" } else { "Query editor" }.to_owned(),
            enabled: true,
            redshift,
            code_redirects: Some(vec![redirect.to_owned()]),
            refresh_token: true,
            token_exchange: redshift,
            scopes: BTreeSet::from([Scope::RedshiftConnect]),
        };
        let all = [application(REDSHIFT, true, "http://127.0.0.1/"), application(EDITOR, false, EDITOR_REDIRECT)];
        let applications = all.into_iter().map(|one| (one.arn.clone(), one)).collect();
        Self {
            assigned: AtomicBool::new(true),
            applications: Mutex::new(applications),
            confined: AtomicBool::new(false),
            fenced: Mutex::default(),
        }
    }

    pub(super) fn assign(&self, assigned: bool) {
        self.assigned.store(assigned, Ordering::SeqCst);
    }

    pub(super) fn set(&self, application: &str, change: impl FnOnce(&mut OAuthApplication)) {
        change(self.applications.lock().unwrap().get_mut(&ApplicationArn::new(application)).unwrap());
    }

    pub(super) fn confine(&self, confined: bool) {
        self.confined.store(confined, Ordering::SeqCst);
    }

    pub(super) fn fence(&self, application: &str) {
        self.fenced.lock().unwrap().insert(ApplicationArn::new(application));
    }
}

impl AccessDecision for Assigned {
    fn redshift_application_for(&self, user: &ActiveUser) -> Result<ApplicationArn, NoAccess> {
        let application = ApplicationArn::new(REDSHIFT);
        self.may_use(user, &application).map(|()| application)
    }

    fn may_use(&self, user: &ActiveUser, application: &ApplicationArn) -> Result<(), NoAccess> {
        let connect = BTreeSet::from([Scope::RedshiftConnect]);
        application::decide_open(application, self.application(application).as_ref(), &connect)?;
        if self.assigned.load(Ordering::SeqCst) {
            return Ok(());
        }
        let reason = format!("{} is not assigned to Amazon Redshift.", user.user_name());
        let hint = "Ask Admin Adams.".to_owned();
        Err(NoAccess { application: Some(application.clone()), lack: Lack::Assignment, reason, hint })
    }

    fn application(&self, application: &ApplicationArn) -> Option<OAuthApplication> {
        self.applications.lock().unwrap().get(application).cloned()
    }

    fn reaches(&self, _: &ApplicationArn, _: Scope, _: &ApplicationArn) -> bool {
        !self.confined.load(Ordering::SeqCst)
    }

    fn lists_redirect(&self, redirect: &RedirectUri) -> bool {
        let applications = self.applications.lock().unwrap();
        let mut listed = applications.values().filter_map(|application| application.code_redirects.as_ref());
        listed.any(|uris| uris.iter().any(|uri| uri == redirect.as_str()))
    }

    fn may_call(&self, caller: &IamCaller<'_>, application: &ApplicationArn) -> Result<(), CallRefusal> {
        let SubjectKind::Root = caller.subject.kind else {
            return Err(CallRefusal::Denied { reason: "Not by IAM.".to_owned(), hint: "Ask.".to_owned() });
        };
        if self.application(application).is_none() {
            return Err(CallRefusal::UnknownApplication);
        }
        if self.fenced.lock().unwrap().contains(application) {
            let hint = "Change its actor policy.".to_owned();
            return Err(CallRefusal::Denied { reason: "Not by the actor policy.".to_owned(), hint });
        }
        Ok(())
    }
}
