//! How far along a cluster, a namespace or a workgroup is.

/// `Creating` and `Deleting` are on disk before the first step, so that a start after a crash knows what to finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    Creating,
    Available,
    Deleting,
}

pub type ClusterStatus = Lifecycle;
pub type NamespaceStatus = Lifecycle;
pub type WorkgroupStatus = Lifecycle;

impl Lifecycle {
    /// As DescribeClusters writes it, and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Deleting => "deleting",
        }
    }

    /// Redshift Serverless `NamespaceStatus`, which has no word for creating.
    #[must_use]
    pub const fn namespace_name(self) -> &'static str {
        match self {
            Self::Creating => "MODIFYING",
            Self::Available => "AVAILABLE",
            Self::Deleting => "DELETING",
        }
    }

    /// Redshift Serverless `WorkgroupStatus`.
    #[must_use]
    pub const fn workgroup_name(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Available => "AVAILABLE",
            Self::Deleting => "DELETING",
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Creating, Self::Available, Self::Deleting].into_iter().find(|status| status.name() == name)
    }
}
