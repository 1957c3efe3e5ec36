//! What users and roles are granted, put together when something of it changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use policy::{Document, NamedPolicy};

use super::State;
use crate::{Entity, Grants};

impl State {
    pub(super) fn grant_all(&mut self) {
        let users = self.user_names.keys().cloned().map(Entity::User);
        let all: Vec<_> = users.chain(self.role_names.keys().cloned().map(Entity::Role)).collect();
        for entity in all {
            self.grant(&entity);
        }
    }

    /// Puts together what a user or a role has now; forgets what those had who are gone.
    pub(super) fn grant(&mut self, entity: &Entity) {
        let (id, grants) = match entity {
            Entity::User(id) => (id, self.user_grants(id)),
            Entity::Role(id) => (id, self.role_grants(id)),
            Entity::Group(_) => return,
        };
        match grants {
            Some(grants) => self.grants.insert(id.clone(), Arc::new(grants)),
            None => self.grants.remove(id),
        };
    }

    fn user_grants(&self, id: &str) -> Option<Grants> {
        let user = self.user_by_id(id)?;
        let mut identity = Vec::new();
        self.collect(&format!("user \"{}\"", user.name), &user.inline, &user.attached, &mut identity);
        for group in user.groups.iter().filter_map(|id| self.group_by_id(id)) {
            self.collect(&format!("group \"{}\"", group.name), &group.inline, &group.attached, &mut identity);
        }
        Some(Grants { identity, boundary: self.boundary(user.boundary.as_deref()) })
    }

    fn role_grants(&self, id: &str) -> Option<Grants> {
        let role = self.role_by_id(id)?;
        let mut identity = Vec::new();
        self.collect(&format!("role \"{}\"", role.name), &role.inline, &role.attached, &mut identity);
        Some(Grants { identity, boundary: self.boundary(role.boundary.as_deref()) })
    }

    fn collect(
        &self,
        holder: &str,
        inline: &BTreeMap<String, Arc<Document>>,
        attached: &BTreeSet<String>,
        into: &mut Vec<NamedPolicy>,
    ) {
        into.extend(inline.iter().map(|(name, document)| NamedPolicy {
            name: format!("inline policy \"{name}\" of {holder}").into(),
            document: Arc::clone(document),
        }));
        into.extend(attached.iter().filter_map(|arn| self.named(arn)));
    }

    fn named(&self, arn: &str) -> Option<NamedPolicy> {
        let document = Arc::clone(self.policies.get(arn)?.document()?);
        Some(NamedPolicy { name: arn.into(), document })
    }

    /// A boundary always has a policy: one that bounds somebody can't be deleted.
    fn boundary(&self, arn: Option<&str>) -> Option<NamedPolicy> {
        self.named(arn?)
    }
}
