//! Parameter groups: what warehouses begin their sessions with, under a name.

mod family;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use base::{ErrorKind, PublicMessage};
use time::OffsetDateTime;

pub use self::family::{Family, PARAMETERS, Parameter};
pub use self::settings::{WarehouseSettings, shown_config};
pub(crate) use self::settings::{check_config, settings_of_config};
use crate::{ControlError, tags};

/// Groups of the account beside the families' own ("Quotas and limits in Amazon Redshift", parameter groups).
pub const PARAMETER_GROUPS_MAX: usize = 20;

/// What new clusters have that name no group, and what clusters had before there were groups.
pub(crate) const DEFAULT_GROUP: &str = "default.redshift-1.0";

/// Values of a family's parameters, under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterGroup {
    pub name: String,
    pub family: Family,
    pub description: String,
    /// Those that aren't the family's defaults, by parameter.
    pub values: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    pub created: OffsetDateTime,
}

impl ParameterGroup {
    /// `default.redshift-1.0` and `default.redshift-2.0`, which are always there and can't be changed.
    #[must_use]
    pub fn of_family(family: Family) -> Self {
        Self {
            name: format!("default.{}", family.name()),
            family,
            description: format!("Default parameter group for {}", family.name()),
            values: BTreeMap::new(),
            tags: BTreeMap::new(),
            created: OffsetDateTime::UNIX_EPOCH,
        }
    }

    /// What a cluster with this group runs with from its next start on.
    #[must_use]
    pub fn applied(&self) -> AppliedParameters {
        AppliedParameters { group: self.name.clone(), family: self.family, values: self.values.clone() }
    }
}

/// What a cluster runs with: its group as it was when the cluster was made, rebooted or resumed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedParameters {
    /// The group's name.
    pub group: String,
    pub family: Family,
    pub values: BTreeMap<String, String>,
}

impl Default for AppliedParameters {
    fn default() -> Self {
        Self { group: DEFAULT_GROUP.to_owned(), family: Family::Redshift1, values: BTreeMap::new() }
    }
}

impl AppliedParameters {
    /// The value that counts.
    #[must_use]
    pub fn value(&self, parameter: &Parameter) -> &str {
        self.values.get(parameter.name).map_or_else(|| parameter.default_in(self.family), String::as_str)
    }

    /// What sessions begin with.
    #[must_use]
    pub fn settings(&self) -> WarehouseSettings {
        WarehouseSettings::read(|name| {
            let parameter = family::find(name)?;
            Some(self.value(parameter).to_owned())
        })
    }

    /// The parameters that would be others if the cluster were rebooted now; `group` is the one that it names.
    #[must_use]
    pub fn pending(&self, group: &ParameterGroup) -> Vec<&'static Parameter> {
        let next = group.applied();
        PARAMETERS.iter().filter(|parameter| self.value(parameter) != next.value(parameter)).collect()
    }
}

/// What CreateClusterParameterGroup is told.
#[derive(Debug, Clone)]
pub struct NewParameterGroup {
    /// Kept in lower case.
    pub name: String,
    pub family: Family,
    pub description: String,
    pub tags: BTreeMap<String, String>,
}

impl NewParameterGroup {
    pub(crate) fn check(&self) -> Result<(), ControlError> {
        let rule = "it has 1 to 255 letters, digits and hyphens, begins with a letter, and has no hyphen at its end or beside \
                    another";
        crate::check::must(is_name(&self.name), "ParameterGroupName", rule)?;
        tags::check(&self.tags)
    }
}

/// 1 to 255 of `a-z0-9-`, first a letter, no `-` at the end and no `--` (Redshift CreateClusterParameterGroup).
fn is_name(name: &str) -> bool {
    let legal = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let regular = (1..=255).contains(&name.len()) && !name.ends_with('-') && !name.contains("--");
    legal && regular && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// What becomes of a parameter's value in a group: the value as it is kept. The error says what it may be.
///
/// # Errors
/// [`ControlError::Rejected`].
pub fn check_value(family: Family, name: &str, value: &str) -> Result<(String, String), ControlError> {
    let Some(parameter) = family::find(name) else {
        let known = PARAMETERS.iter().map(|parameter| parameter.name).collect::<Vec<_>>().join(", ");
        let text = format!("The parameter {name:?} isn't one of {}. It has {known}.", family.name());
        return Err(ControlError::Rejected(text));
    };
    let value = parameter.check(family, value)?;
    Ok((parameter.name.to_owned(), value))
}

/// Why a parameter group can't be what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterGroupError {
    #[error("parameter group {0} doesn't exist")]
    NotFound(String),
    #[error("parameter group {0} exists")]
    AlreadyExists(String),
    /// `reason` is for the client and says what to do.
    #[error("parameter group {name}: {reason}")]
    InvalidState { name: String, reason: String },
    #[error("there are {PARAMETER_GROUPS_MAX} parameter groups already")]
    Quota,
}

impl ParameterGroupError {
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::AlreadyExists(_) | Self::InvalidState { .. } => ErrorKind::Conflict,
            Self::Quota => ErrorKind::LimitExceeded,
        }
    }

    pub(crate) fn public(&self) -> PublicMessage {
        PublicMessage::new(match self {
            Self::NotFound(name) => format!("ClusterParameterGroup not found: {name}"),
            Self::AlreadyExists(name) => {
                format!("The parameter group {name} already exists. Choose another name or delete it.")
            }
            Self::InvalidState { name: _, reason } => reason.clone(),
            Self::Quota => {
                format!("There are {PARAMETER_GROUPS_MAX} parameter groups already. Delete one first.")
            }
        })
    }

    /// Redshift API, the error's code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "ClusterParameterGroupNotFound",
            Self::AlreadyExists(_) => "ClusterParameterGroupAlreadyExists",
            Self::InvalidState { .. } => "InvalidClusterParameterGroupState",
            Self::Quota => "ClusterParameterGroupQuotaExceeded",
        }
    }
}
