//! What is in memory, indexed for every question that is asked of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Bound;
use std::sync::Arc;

use base::id::ApplicationArn;

use crate::{Application, AssignedPrincipal, CenterWrite, Page, StoredCenter};

#[derive(Debug)]
struct Entry {
    application: Arc<Application>,
    assignments: BTreeSet<AssignedPrincipal>,
}

#[derive(Debug, Default)]
pub(crate) struct State {
    applications: BTreeMap<ApplicationArn, Entry>,
    assigned_to: HashMap<AssignedPrincipal, HashSet<ApplicationArn>>,
}

impl State {
    pub(crate) fn load(stored: StoredCenter) -> Self {
        let mut state = Self::default();
        for application in stored.applications {
            state.apply(&CenterWrite::CreateApplication(application));
        }
        for (application, principal) in stored.assignments {
            state.apply(&CenterWrite::CreateAssignment(application, principal));
        }
        state
    }

    pub(crate) fn application(&self, arn: &ApplicationArn) -> Option<&Arc<Application>> {
        self.applications.get(arn).map(|entry| &entry.application)
    }

    pub(crate) fn applications(&self) -> Vec<Arc<Application>> {
        self.applications.values().map(|entry| Arc::clone(&entry.application)).collect()
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
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut following = entry.assignments.range((start, Bound::Unbounded));
        let items: Vec<_> = following.by_ref().take(records).cloned().collect();
        let next = following.next().and_then(|_| items.last().cloned());
        Some(Page { items, next })
    }

    pub(crate) fn applications_of(&self, principal: &AssignedPrincipal) -> Vec<ApplicationArn> {
        self.assigned_to.get(principal).map(|arns| arns.iter().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn apply(&mut self, write: &CenterWrite) {
        match write {
            CenterWrite::CreateInstance(_) => {}
            CenterWrite::CreateApplication(application) => {
                let entry = Entry { application: Arc::new(application.clone()), assignments: BTreeSet::new() };
                self.applications.insert(application.arn.clone(), entry);
            }
            CenterWrite::DeleteApplication(arn) => {
                let entry = self.applications.remove(arn);
                for principal in entry.into_iter().flat_map(|entry| entry.assignments) {
                    self.unlink(arn, &principal);
                }
            }
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

    fn unlink(&mut self, arn: &ApplicationArn, principal: &AssignedPrincipal) {
        if let Some(arns) = self.assigned_to.get_mut(principal) {
            arns.remove(arn);
            if arns.is_empty() {
                self.assigned_to.remove(principal);
            }
        }
    }
}
