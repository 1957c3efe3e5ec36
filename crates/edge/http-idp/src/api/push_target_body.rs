//! A push target, as the administration reads and writes it.

use base::id::{DirectoryGroupId, SsoApplicationId};
use push::{Assigned, Deprovision, NewTarget, Target, TargetEdit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::input::{Given, Moment, WriteOnly};

/// What happens at the server to somebody who isn't assigned any more.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Removal {
    /// `active` becomes false.
    Deactivate,
    Delete,
}

impl From<Deprovision> for Removal {
    fn from(deprovision: Deprovision) -> Self {
        match deprovision {
            Deprovision::Deactivate => Self::Deactivate,
            Deprovision::Delete => Self::Delete,
        }
    }
}

impl From<Removal> for Deprovision {
    fn from(removal: Removal) -> Self {
        match removal {
            Removal::Deactivate => Self::Deactivate,
            Removal::Delete => Self::Delete,
        }
    }
}

/// A SCIM server that people and groups are pushed to. Its token is never shown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PushTarget {
    id: String,
    /// Unique without regard to case.
    name: String,
    url: String,
    /// Whether the server may be in a private network.
    private_network: bool,
    /// The application whose people are pushed; `null` where groups are.
    application: Option<String>,
    /// Ids of the groups whose people are pushed; `null` where an application says it.
    assigned_groups: Option<Vec<String>>,
    /// Ids of the groups that the server gets too.
    pushed_groups: Vec<String>,
    deprovision: Removal,
    enabled: bool,
    /// Why nothing is pushed until somebody does something.
    paused: Option<String>,
    /// Counts changes; the ETag is made from it.
    version: u64,
    created: Moment,
    modified: Moment,
}

impl PushTarget {
    pub(super) fn of(target: &Target) -> Self {
        let texts = |ids: &std::collections::BTreeSet<DirectoryGroupId>| ids.iter().map(ToString::to_string).collect();
        let (application, assigned_groups) = match &target.assigned {
            Assigned::Application(id) => (Some(id.to_string()), None),
            Assigned::Groups(groups) => (None, Some(texts(groups))),
        };
        Self {
            id: target.id.to_string(),
            name: target.name.clone(),
            url: target.url.clone(),
            private_network: target.private_network,
            application,
            assigned_groups,
            pushed_groups: texts(&target.pushed_groups),
            deprovision: target.deprovision.into(),
            enabled: target.enabled,
            paused: target.paused.clone(),
            version: target.version,
            created: Moment(target.created),
            modified: Moment(target.modified),
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPushTarget")]
pub(super) struct AskedTarget {
    /// Unique without regard to case.
    name: String,
    /// Where `/Users` and `/Groups` are: https; http only to this machine, with private_network.
    url: String,
    /// The SCIM server's bearer token.
    token: WriteOnly,
    #[serde(default)]
    private_network: Given<bool>,
    /// The id of the application whose people are pushed; or say assigned_groups.
    #[serde(default)]
    application: Given<String>,
    /// Ids of the groups whose people are pushed; or say application.
    #[serde(default)]
    assigned_groups: Given<Vec<String>>,
    /// Ids of groups that the server gets too, with those of their people who are assigned.
    #[serde(default)]
    pushed_groups: Vec<String>,
    #[serde(default)]
    deprovision: Given<Removal>,
    #[serde(default)]
    enabled: Given<bool>,
}

/// What of a target changes. What isn't named stays.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TargetChanges {
    name: Given<String>,
    /// Another address is another server: what was pushed to the one before is forgotten, and stays there.
    url: Given<String>,
    token: Given<WriteOnly>,
    private_network: Given<bool>,
    application: Given<String>,
    assigned_groups: Given<Vec<String>>,
    pushed_groups: Given<Vec<String>>,
    deprovision: Given<Removal>,
    enabled: Given<bool>,
}

fn groups(ids: Vec<String>) -> std::collections::BTreeSet<DirectoryGroupId> {
    ids.into_iter().map(DirectoryGroupId::new).collect()
}

fn assigned(application: Given<String>, of_groups: Given<Vec<String>>) -> Result<Option<Assigned>, ApiError> {
    match (application, of_groups) {
        (Given::Yes(id), Given::No) => Ok(Some(Assigned::Application(SsoApplicationId::new(id)))),
        (Given::No, Given::Yes(ids)) => Ok(Some(Assigned::Groups(groups(ids)))),
        (Given::No, Given::No) => Ok(None),
        (Given::Yes(_), Given::Yes(_)) => {
            Err(ApiError::invalid("assigned_groups", "Give an application or groups, not both."))
        }
    }
}

impl AskedTarget {
    pub(super) fn read(self) -> Result<NewTarget, ApiError> {
        let nobody =
            || ApiError::invalid("application", "Say whose people are pushed: an application's, or assigned_groups.");
        Ok(NewTarget {
            assigned: assigned(self.application, self.assigned_groups)?.ok_or_else(nobody)?,
            name: self.name,
            url: self.url,
            token: self.token.0,
            private_network: self.private_network.or(false),
            pushed_groups: groups(self.pushed_groups),
            deprovision: self.deprovision.option().map(Deprovision::from).unwrap_or_default(),
            enabled: self.enabled.or(true),
        })
    }
}

impl TargetChanges {
    pub(super) fn read(self) -> Result<TargetEdit, ApiError> {
        Ok(TargetEdit {
            name: self.name.option(),
            url: self.url.option(),
            token: self.token.option().map(|token| token.0),
            private_network: self.private_network.option(),
            assigned: assigned(self.application, self.assigned_groups)?,
            pushed_groups: self.pushed_groups.option().map(groups),
            deprovision: self.deprovision.option().map(Deprovision::from),
            enabled: self.enabled.option(),
        })
    }
}
