//! How far along a cluster, a namespace or a workgroup is.

use crate::route::EndpointState;

/// Of a namespace or a workgroup. `Creating` and `Deleting` are on disk before the first step, so that a start after a crash knows what to finish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifecycle {
    Creating,
    Available,
    Deleting,
}

pub type NamespaceStatus = Lifecycle;
pub type WorkgroupStatus = Lifecycle;

impl Lifecycle {
    /// As it is stored.
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

    /// What connections to its endpoint find.
    pub(crate) const fn endpoint_state(self) -> EndpointState {
        match self {
            Self::Available => EndpointState::Open,
            Self::Creating | Self::Deleting => EndpointState::Closed,
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Creating, Self::Available, Self::Deleting].into_iter().find(|status| status.name() == name)
    }
}

/// Of a cluster. What takes more than one step is on disk before the first, so that a start after a crash knows what to finish or to
/// undo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClusterStatus {
    Creating,
    Available,
    Pausing,
    Paused,
    Resuming,
    Rebooting,
    /// Closed, and copied before it is deleted.
    FinalSnapshot,
    Deleting,
}

impl ClusterStatus {
    const ALL: [Self; 8] = [
        Self::Creating,
        Self::Available,
        Self::Pausing,
        Self::Paused,
        Self::Resuming,
        Self::Rebooting,
        Self::FinalSnapshot,
        Self::Deleting,
    ];

    /// As DescribeClusters writes it (Redshift API, `ClusterStatus`), and as it is stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::Available => "available",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Resuming => "resuming",
            Self::Rebooting => "rebooting",
            Self::FinalSnapshot => "final-snapshot",
            Self::Deleting => "deleting",
        }
    }

    /// The inverse of [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Whether a start opens its warehouse: also where it was killed while it was being opened.
    #[must_use]
    pub const fn opens_at_start(self) -> bool {
        match self {
            Self::Available | Self::Resuming | Self::Rebooting => true,
            Self::Creating | Self::Pausing | Self::Paused | Self::FinalSnapshot | Self::Deleting => false,
        }
    }

    /// What connections to its endpoint find.
    pub(crate) const fn endpoint_state(self) -> EndpointState {
        match self {
            Self::Available => EndpointState::Open,
            Self::Paused => EndpointState::Paused,
            Self::Pausing | Self::Resuming | Self::Rebooting => EndpointState::Changing,
            Self::Creating | Self::FinalSnapshot | Self::Deleting => EndpointState::Closed,
        }
    }
}
