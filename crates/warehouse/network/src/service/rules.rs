//! Rules of security groups. Every call does all of what it is told, or nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::Turn;
use base::id::SecurityGroupId;

use super::{Network, NetworkChange, Store};
use crate::snapshot::Snapshot;
use crate::{
    Direction, NetworkError, NetworkWrite, NewRule, Permission, RULES_MAX, Rule, RuleId, SecurityGroup, Source, first,
    tags, text,
};

/// A rule that is meant: by its id, or by what it permits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleChoice {
    Id(RuleId),
    /// With a description, only the rule that has it.
    Permission(NewRule),
}

/// Another description; `None` removes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescriptionEdit {
    pub rule: RuleChoice,
    pub description: Option<String>,
}

impl Network {
    /// Adds rules; answers them.
    ///
    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::GroupNotFound`], [`NetworkError::OtherNetwork`],
    /// [`NetworkError::PermissionExists`], [`NetworkError::RuleLimit`], [`NetworkError::TagLimit`], [`NetworkError::Store`].
    pub async fn authorize(
        &self,
        id: &SecurityGroupId,
        direction: Direction,
        new: Vec<NewRule>,
        tags: BTreeMap<String, String>,
    ) -> Result<Vec<Arc<Rule>>, NetworkError> {
        tags::check(&tags)?;
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let mut group = known(&snapshot, id)?;
        let mut made = Vec::with_capacity(new.len());
        for NewRule { permission, description } in new {
            text::rule_description(description.as_deref())?;
            check_source(&snapshot, &group, &permission.source)?;
            if position(&group, direction, &permission).is_some() {
                return Err(NetworkError::PermissionExists(permission));
            }
            let rule =
                Rule { id: RuleId::new(first::id("sgr")), direction, permission, description, tags: tags.clone() };
            made.push(Arc::new(rule));
            group.rules.extend(made.last().cloned());
        }
        if group.rules_of(direction).count() > RULES_MAX {
            return Err(NetworkError::RuleLimit);
        }
        put(turn, group, None).await?;
        Ok(made)
    }

    /// Takes rules away; answers them. Sessions that nothing admits any more end ([`NetworkChange`]).
    ///
    /// # Errors
    /// [`NetworkError::GroupNotFound`], [`NetworkError::RuleNotFound`], [`NetworkError::PermissionNotFound`],
    /// [`NetworkError::Store`].
    pub async fn revoke(
        &self,
        id: &SecurityGroupId,
        direction: Direction,
        choices: &[RuleChoice],
    ) -> Result<Vec<Arc<Rule>>, NetworkError> {
        let turn = self.kept.turn().await?;
        let mut group = known(&self.snapshot(), id)?;
        let mut revoked = Vec::with_capacity(choices.len());
        for choice in choices {
            let at = chosen(&group, direction, choice)?;
            revoked.push(group.rules.remove(at));
        }
        put(turn, group, narrowed(id, direction)).await?;
        Ok(revoked)
    }

    /// Makes other rules of rules, of the same kind of source (EC2 `SecurityGroupRuleRequest`). A description that isn't given is
    /// none.
    ///
    /// # Errors
    /// As [`Self::authorize`], with [`NetworkError::RuleNotFound`].
    pub async fn modify_rules(&self, id: &SecurityGroupId, edits: Vec<(RuleId, NewRule)>) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let snapshot = self.snapshot();
        let mut group = known(&snapshot, id)?;
        let mut narrowing = None;
        for (rule, NewRule { permission, description }) in edits {
            text::rule_description(description.as_deref())?;
            check_source(&snapshot, &group, &permission.source)?;
            let direction = group.rule(&rule).map(|found| found.direction);
            let direction = direction.ok_or_else(|| NetworkError::RuleNotFound(rule.clone()))?;
            let twin = group.rules_of(direction).find(|other| other.permission == permission && other.id != rule);
            if twin.is_some() {
                return Err(NetworkError::PermissionExists(permission));
            }
            let Some(present) = group.rules.iter_mut().find(|found| found.id == rule) else { continue };
            if !same_kind(&present.permission.source, &permission.source) {
                return Err(NetworkError::InvalidValue(format!(
                    "The type of the rule {rule} can't be changed: its source is {}. Revoke it and authorize another.",
                    present.permission.source
                )));
            }
            let present = Arc::make_mut(present);
            (present.permission, present.description) = (permission, description);
            narrowing = narrowing.or_else(|| narrowed(id, direction));
        }
        put(turn, group, narrowing).await
    }

    /// # Errors
    /// [`NetworkError::InvalidValue`], [`NetworkError::GroupNotFound`], [`NetworkError::RuleNotFound`],
    /// [`NetworkError::PermissionNotFound`], [`NetworkError::Store`].
    pub async fn describe_rules(
        &self,
        id: &SecurityGroupId,
        direction: Direction,
        edits: Vec<DescriptionEdit>,
    ) -> Result<(), NetworkError> {
        let turn = self.kept.turn().await?;
        let mut group = known(&self.snapshot(), id)?;
        for DescriptionEdit { rule, description } in edits {
            text::rule_description(description.as_deref())?;
            let at = chosen(&group, direction, &rule)?;
            if let Some(rule) = group.rules.get_mut(at) {
                Arc::make_mut(rule).description = description;
            }
        }
        put(turn, group, None).await
    }
}

async fn put(turn: Turn<Store>, group: SecurityGroup, change: Option<NetworkChange>) -> Result<(), NetworkError> {
    turn.commit(vec![NetworkWrite::PutGroup(group)], change.into_iter().collect()).await
}

fn known(snapshot: &Snapshot, id: &SecurityGroupId) -> Result<SecurityGroup, NetworkError> {
    let group = snapshot.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone()))?;
    Ok(SecurityGroup::clone(group))
}

fn narrowed(id: &SecurityGroupId, direction: Direction) -> Option<NetworkChange> {
    (direction == Direction::Ingress).then(|| NetworkChange::Narrowed(id.clone()))
}

/// A source group is of the same network.
fn check_source(snapshot: &Snapshot, group: &SecurityGroup, source: &Source) -> Result<(), NetworkError> {
    let Source::Group(id) = source else { return Ok(()) };
    let other = snapshot.group(id).ok_or_else(|| NetworkError::GroupNotFound(id.clone()))?;
    if other.vpc == group.vpc { Ok(()) } else { Err(NetworkError::OtherNetwork) }
}

fn position(group: &SecurityGroup, direction: Direction, permission: &Permission) -> Option<usize> {
    group.rules.iter().position(|rule| rule.direction == direction && rule.permission == *permission)
}

/// Where in the group the rule stands.
fn chosen(group: &SecurityGroup, direction: Direction, choice: &RuleChoice) -> Result<usize, NetworkError> {
    match choice {
        RuleChoice::Id(id) => {
            let found = group.rules.iter().position(|rule| rule.direction == direction && rule.id == *id);
            found.ok_or_else(|| NetworkError::RuleNotFound(id.clone()))
        }
        RuleChoice::Permission(NewRule { permission, description }) => {
            let described = |at: &usize| {
                let present = group.rules.get(*at).and_then(|rule| rule.description.as_ref());
                description.is_none() || description.as_ref() == present
            };
            let found = position(group, direction, permission).filter(described);
            found.ok_or_else(|| NetworkError::PermissionNotFound(permission.clone()))
        }
    }
}

const fn same_kind(one: &Source, other: &Source) -> bool {
    matches!(
        (one, other),
        (Source::V4(_), Source::V4(_)) | (Source::V6(_), Source::V6(_)) | (Source::Group(_), Source::Group(_))
    )
}
