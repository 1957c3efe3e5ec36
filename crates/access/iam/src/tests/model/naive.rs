//! The model: everything is looked up by walking over everything.

use std::collections::{BTreeMap, BTreeSet};

use super::{Belonging, Holding, Name, Operation, allowing, inline_action, version_action};

/// A user, a group or a role.
#[derive(Debug, Clone, Default)]
pub(super) struct Entity {
    /// The real one's.
    pub(super) id: String,
    attached: BTreeSet<Name>,
    inline: BTreeSet<u8>,
    pub(super) boundary: Option<Name>,
    groups: BTreeSet<Name>,
    keys: usize,
    /// The id of the one who may assume the role.
    pub(super) trusts: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    pub(super) versions: BTreeSet<u32>,
    default: u32,
    pub(super) latest: u32,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) entities: BTreeMap<Name, Entity>,
    pub(super) policies: BTreeMap<Name, Policy>,
}

type Expected = Result<(), &'static str>;

const MISSING: Expected = Err("NoSuchEntity");
const CONFLICT: Expected = Err("DeleteConflict");

impl Model {
    /// Does the operation, or says with which code it is refused.
    pub(super) fn apply(&mut self, operation: &Operation) -> Expected {
        match operation {
            Operation::Create(name) => self.create(name, None),
            Operation::CreateTrusting(role, named) => match self.entities.get(named).map(|named| named.id.clone()) {
                _ if self.entities.contains_key(role) => Err("EntityAlreadyExists"),
                Some(id) => self.create(role, Some(id)),
                None => Err("MalformedPolicyDocument"),
            },
            Operation::Delete(name) => self.delete(name),
            Operation::Rename(from, to) => {
                if !self.entities.contains_key(from) {
                    return MISSING;
                }
                if from != to && self.entities.contains_key(to) {
                    return Err("EntityAlreadyExists");
                }
                let entity = self.entities.remove(from).unwrap();
                self.entities.insert(to, entity);
                Ok(())
            }
            Operation::CreatePolicy(name) => {
                if self.policies.contains_key(name) {
                    return Err("EntityAlreadyExists");
                }
                self.policies.insert(name, Policy { versions: BTreeSet::from([1]), default: 1, latest: 1 });
                Ok(())
            }
            Operation::DeletePolicy(name) => self.delete_policy(name),
            Operation::Version(name, default) => self.version(name, *default),
            Operation::SetDefault(name, number) => {
                let policy = self.policies.get_mut(name).filter(|policy| policy.versions.contains(number));
                policy.map_or(MISSING, |policy| {
                    policy.default = *number;
                    Ok(())
                })
            }
            Operation::DeleteVersion(name, number) => {
                let policy = self.policies.get_mut(name).filter(|policy| policy.versions.contains(number));
                let Some(policy) = policy else { return MISSING };
                if policy.default == *number {
                    return CONFLICT;
                }
                policy.versions.remove(number);
                Ok(())
            }
            Operation::Hold(name, holding) => self.hold(name, holding),
            Operation::Belong(belonging) => self.belong(belonging),
        }
    }

    fn create(&mut self, name: Name, trusts: Option<String>) -> Expected {
        if self.entities.contains_key(name) {
            return Err("EntityAlreadyExists");
        }
        self.entities.insert(name, Entity { trusts, ..Entity::default() });
        Ok(())
    }

    fn delete(&mut self, name: Name) -> Expected {
        let Some(entity) = self.entities.get(name) else { return MISSING };
        let has_members = self.entities.values().any(|other| other.groups.contains(name));
        let has_something = !entity.attached.is_empty() || !entity.inline.is_empty() || !entity.groups.is_empty();
        if has_members || has_something || entity.keys > 0 {
            return CONFLICT;
        }
        self.entities.remove(name);
        Ok(())
    }

    fn delete_policy(&mut self, name: Name) -> Expected {
        let Some(policy) = self.policies.get(name) else { return MISSING };
        let is_had =
            self.entities.values().any(|entity| entity.attached.contains(name) || entity.boundary == Some(name));
        if is_had || policy.versions.len() > 1 {
            return CONFLICT;
        }
        self.policies.remove(name);
        Ok(())
    }

    fn version(&mut self, name: Name, default: bool) -> Expected {
        let Some(policy) = self.policies.get_mut(name) else { return MISSING };
        if policy.versions.len() == 5 {
            return Err("LimitExceeded");
        }
        policy.latest += 1;
        policy.versions.insert(policy.latest);
        if default {
            policy.default = policy.latest;
        }
        Ok(())
    }

    fn hold(&mut self, name: Name, holding: &Holding) -> Expected {
        let Some(entity) = self.entities.get_mut(name) else { return MISSING };
        let is_there = |policy: &Name| self.policies.contains_key(policy);
        let done = match holding {
            Holding::Attach(policy) => {
                is_there(policy) && {
                    entity.attached.insert(policy);
                    true
                }
            }
            Holding::Detach(policy) => entity.attached.remove(policy),
            Holding::Put(number) => {
                entity.inline.insert(*number);
                true
            }
            Holding::DeleteInline(number) => entity.inline.remove(number),
            Holding::Bound(_) | Holding::Unbound if name.starts_with('g') => return Err("ValidationError"),
            Holding::Bound(policy) => {
                is_there(policy) && {
                    entity.boundary = Some(policy);
                    true
                }
            }
            Holding::Unbound => entity.boundary.take().is_some(),
        };
        if done { Ok(()) } else { MISSING }
    }

    fn belong(&mut self, belonging: &Belonging) -> Expected {
        match belonging {
            Belonging::Join(group, user) | Belonging::Leave(group, user) => {
                if !self.entities.contains_key(group) {
                    return MISSING;
                }
                let Some(user) = self.entities.get_mut(user) else { return MISSING };
                if matches!(belonging, Belonging::Join(..)) {
                    user.groups.insert(group);
                } else {
                    user.groups.remove(group);
                }
            }
            Belonging::MakeKey(user) => {
                let Some(user) = self.entities.get_mut(user) else { return MISSING };
                if user.keys == 2 {
                    return Err("LimitExceeded");
                }
                user.keys += 1;
            }
            Belonging::DeleteKey(user) => {
                let Some(user) = self.entities.get_mut(user).filter(|user| user.keys > 0) else { return MISSING };
                user.keys -= 1;
            }
        }
        Ok(())
    }

    /// The texts of everything that somebody is granted.
    pub(super) fn grants(&self, name: Name) -> Vec<String> {
        let entity = &self.entities[name];
        let own = |name: Name, entity: &Entity| {
            let inline = entity.inline.iter().map(|number| allowing(&inline_action(name, *number))).collect::<Vec<_>>();
            let attached = entity.attached.iter().map(|policy| self.text(policy));
            inline.into_iter().chain(attached).collect::<Vec<_>>()
        };
        let groups = entity.groups.iter().flat_map(|group| own(group, &self.entities[group]));
        let mut texts: Vec<_> = own(name, entity).into_iter().chain(groups).collect();
        texts.sort();
        texts
    }

    pub(super) fn text(&self, policy: Name) -> String {
        allowing(&version_action(policy, self.policies[policy].default))
    }
}
