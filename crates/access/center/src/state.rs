//! What is in memory, indexed for every question that is asked of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use base::id::ApplicationArn;

use crate::{Application, AssignedPrincipal, CenterWrite, InstanceSettings, Page, StoredCenter};

#[derive(Debug)]
struct Entry {
    application: Arc<Application>,
    assignments: BTreeSet<AssignedPrincipal>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    settings: Arc<InstanceSettings>,
    applications: BTreeMap<ApplicationArn, Entry>,
    assigned_to: HashMap<AssignedPrincipal, BTreeSet<ApplicationArn>>,
    by_provider: HashMap<String, BTreeSet<ApplicationArn>>,
    by_client_token: HashMap<String, ApplicationArn>,
    /// Redirect URIs as they are listed, with the applications that list them.
    by_redirect_uri: HashMap<String, BTreeSet<ApplicationArn>>,
}

impl State {
    pub(crate) fn load(stored: StoredCenter) -> Self {
        let mut state = Self { settings: Arc::new(stored.settings), ..Self::default() };
        for application in stored.applications {
            state.put(Arc::new(application));
        }
        for (application, principal) in stored.assignments {
            state.apply(&CenterWrite::CreateAssignment(application, principal));
        }
        state
    }

    pub(crate) const fn settings(&self) -> &Arc<InstanceSettings> {
        &self.settings
    }

    pub(crate) fn application(&self, arn: &ApplicationArn) -> Option<&Arc<Application>> {
        self.applications.get(arn).map(|entry| &entry.application)
    }

    pub(crate) fn made_with(&self, client_token: &str) -> Option<&Arc<Application>> {
        self.application(self.by_client_token.get(client_token)?)
    }

    pub(crate) fn lists_redirect_uri(&self, uri: &str) -> bool {
        self.by_redirect_uri.contains_key(uri)
    }

    pub(crate) fn applications_count(&self) -> usize {
        self.applications.len()
    }

    pub(crate) fn applications(&self) -> Vec<Arc<Application>> {
        self.applications.values().map(|entry| Arc::clone(&entry.application)).collect()
    }

    pub(crate) fn applications_page(&self, after: Option<&ApplicationArn>, records: usize) -> Page<Arc<Application>> {
        let following = self.applications.range((following(after), Bound::Unbounded));
        page(following.map(|(_, entry)| Arc::clone(&entry.application)), records)
    }

    pub(crate) fn applications_of_provider(
        &self,
        provider_arn: &str,
        after: Option<&ApplicationArn>,
        records: usize,
    ) -> Page<Arc<Application>> {
        let arns = self.by_provider.get(provider_arn).into_iter();
        let arns = arns.flat_map(|arns| arns.range((following(after), Bound::Unbounded)));
        page(arns.filter_map(|arn| self.application(arn)).map(Arc::clone), records)
    }

    pub(crate) fn is_assigned(&self, arn: &ApplicationArn, principal: &AssignedPrincipal) -> bool {
        self.applications.get(arn).is_some_and(|entry| entry.assignments.contains(principal))
    }

    pub(crate) fn assignments(
        &self,
        arn: &ApplicationArn,
        after: Option<&AssignedPrincipal>,
        records: usize,
    ) -> Option<Page<AssignedPrincipal>> {
        let entry = self.applications.get(arn)?;
        Some(page(entry.assignments.range((following(after), Bound::Unbounded)).cloned(), records))
    }

    pub(crate) fn assignments_of(
        &self,
        principal: &AssignedPrincipal,
        after: Option<&ApplicationArn>,
        records: usize,
    ) -> Page<ApplicationArn> {
        let arns = self.assigned_to.get(principal).into_iter();
        page(arns.flat_map(|arns| arns.range((following(after), Bound::Unbounded))).cloned(), records)
    }

    pub(crate) fn applications_of(&self, principal: &AssignedPrincipal) -> Vec<ApplicationArn> {
        self.assigned_to.get(principal).map(|arns| arns.iter().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn apply(&mut self, write: &CenterWrite) {
        match write {
            CenterWrite::CreateInstance(_) => {}
            CenterWrite::PutInstanceSettings(settings) => self.settings = Arc::new(settings.clone()),
            CenterWrite::PutApplication(application) => self.put(Arc::new(application.clone())),
            CenterWrite::DeleteApplication(arn) => self.delete(arn),
            CenterWrite::CreateAssignment(arn, principal) => {
                if let Some(entry) = self.applications.get_mut(arn) {
                    entry.assignments.insert(principal.clone());
                    self.assigned_to.entry(principal.clone()).or_default().insert(arn.clone());
                }
            }
            CenterWrite::DeleteAssignment(arn, principal) => {
                if let Some(entry) = self.applications.get_mut(arn) {
                    entry.assignments.remove(principal);
                }
                self.unlink(arn, principal);
            }
            CenterWrite::DeletePrincipal(principal) => {
                for arn in self.assigned_to.remove(principal).unwrap_or_default() {
                    if let Some(entry) = self.applications.get_mut(&arn) {
                        entry.assignments.remove(principal);
                    }
                }
            }
        }
    }

    /// A new application, or an edited one. Its provider and client token never change.
    fn put(&mut self, application: Arc<Application>) {
        let arn = application.arn.clone();
        self.by_provider.entry(application.provider_arn.clone()).or_default().insert(arn.clone());
        if let Some(creation) = &application.creation {
            self.by_client_token.insert(creation.client_token.clone(), arn.clone());
        }
        if let Some(before) = self.application(&arn).cloned() {
            self.unlist(&before);
        }
        for uri in application.grants.authorization_code.iter().flatten() {
            self.by_redirect_uri.entry(uri.clone()).or_default().insert(arn.clone());
        }
        match self.applications.get_mut(&arn) {
            Some(entry) => entry.application = application,
            None => {
                self.applications.insert(arn, Entry { application, assignments: BTreeSet::new() });
            }
        }
    }

    fn delete(&mut self, arn: &ApplicationArn) {
        let Some(Entry { application, assignments }) = self.applications.remove(arn) else { return };
        if let Some(arns) = self.by_provider.get_mut(&application.provider_arn) {
            arns.remove(arn);
        }
        if let Some(creation) = &application.creation {
            self.by_client_token.remove(&creation.client_token);
        }
        self.unlist(&application);
        for principal in assignments {
            self.unlink(arn, &principal);
        }
    }

    fn unlist(&mut self, application: &Application) {
        for uri in application.grants.authorization_code.iter().flatten() {
            if let Some(arns) = self.by_redirect_uri.get_mut(uri) {
                arns.remove(&application.arn);
                if arns.is_empty() {
                    self.by_redirect_uri.remove(uri);
                }
            }
        }
    }

    fn unlink(&mut self, arn: &ApplicationArn, principal: &AssignedPrincipal) {
        if let Some(arns) = self.assigned_to.get_mut(principal) {
            arns.remove(arn);
            if arns.is_empty() {
                self.assigned_to.remove(principal);
            }
        }
    }
}

fn following<T>(after: Option<&T>) -> Bound<&T> {
    after.map_or(Bound::Unbounded, Bound::Excluded)
}

fn page<T: Clone>(mut following: impl Iterator<Item = T>, records: usize) -> Page<T> {
    let items: Vec<_> = following.by_ref().take(records).collect();
    let next = following.next().and_then(|_| items.last().cloned());
    Page { items, next }
}
