//! Tags of resources.

use std::collections::BTreeMap;

use crate::ControlError;

/// Tags of one resource (Redshift "Tagging requirements").
pub const TAGS_MAX: usize = 50;

/// What a tag is on, as DescribeTags writes it for what Redshift has; Redshift Serverless lists tags by ARN only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaggedType {
    Cluster,
    Namespace,
    Workgroup,
    RedshiftIdcApplication,
    Qev2IdcApplication,
    ParameterGroup,
    Snapshot,
    SubnetGroup,
}

impl TaggedType {
    const ALL: [Self; 8] = [
        Self::Cluster,
        Self::Namespace,
        Self::Workgroup,
        Self::RedshiftIdcApplication,
        Self::Qev2IdcApplication,
        Self::ParameterGroup,
        Self::Snapshot,
        Self::SubnetGroup,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "Cluster",
            Self::Namespace => "Namespace",
            Self::Workgroup => "Workgroup",
            Self::RedshiftIdcApplication => "RedshiftIdcApplication",
            Self::Qev2IdcApplication => "Qev2IdcApplication",
            Self::ParameterGroup => "ParameterGroup",
            Self::Snapshot => "Snapshot",
            Self::SubnetGroup => "Subnet group",
        }
    }

    /// Takes any case, as Redshift does.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name().eq_ignore_ascii_case(name))
    }
}

/// One tag of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    pub arn: String,
    pub resource_type: TaggedType,
    pub key: String,
    pub value: String,
}

/// Which tags of which resources. Everything given must hold; one of `keys` and one of `values` is enough (DescribeTags).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagFilter {
    pub arn: Option<String>,
    pub resource_type: Option<TaggedType>,
    pub keys: Vec<String>,
    pub values: Vec<String>,
}

impl TagFilter {
    pub(crate) fn matches(&self, tag: &Tagged) -> bool {
        self.arn.as_ref().is_none_or(|arn| *arn == tag.arn)
            && self.resource_type.is_none_or(|one| one == tag.resource_type)
            && (self.keys.is_empty() || self.keys.contains(&tag.key))
            && (self.values.is_empty() || self.values.contains(&tag.value))
    }
}

/// At most 50 tags; a key has 1 to 128 characters and doesn't begin with `aws:`, a value at most 256; letters, digits, spaces and
/// `_ . : / = + - @ %` (Redshift "Tagging requirements").
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), ControlError> {
    if tags.len() > TAGS_MAX {
        return Err(ControlError::TagLimit);
    }
    let legal = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@%".contains(c));
    for (key, value) in tags {
        if !(1..=128).contains(&key.chars().count()) {
            return Err(ControlError::InvalidTag { rule: "a key has 1 to 128 characters" });
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(ControlError::InvalidTag { rule: "keys that begin with aws: are AWS's own" });
        }
        if value.chars().count() > 256 {
            return Err(ControlError::InvalidTag { rule: "a value has at most 256 characters" });
        }
        if !legal(key) || !legal(value) {
            let rule = "keys and values have letters, digits, spaces and _ . : / = + - @ % only";
            return Err(ControlError::InvalidTag { rule });
        }
    }
    Ok(())
}
