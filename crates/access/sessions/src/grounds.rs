//! What a database session stands on beside a person of the directory or a password: the right to get its credentials, asked again
//! when IAM changes; or an identity provider of its warehouse.

use std::fmt;

use base::id::{DbIdentityProviderId, WarehouseId};

use crate::reason::EndReason;

/// Something whose change may take a session's ground away.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GroundKey {
    /// An IAM user, by its unique id.
    IamUser(String),
    /// An IAM role, by its unique id.
    IamRole(String),
    /// An access key, by its id.
    AccessKey(String),
    /// An identity provider of IAM, by its ARN.
    Provider(String),
    /// A managed policy that narrows a session, by its ARN.
    Policy(String),
    /// An identity provider of a warehouse, whose tokens it takes.
    DbProvider(WarehouseId, DbIdentityProviderId),
}

/// Why a session's ground is gone. Full sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroundsEnded {
    /// What is no longer allowed or no longer there, and by which policy.
    pub reason: String,
    /// What to do.
    pub mend: String,
}

/// The port to what a session stands on. Both must answer from memory.
pub trait Grounds: Send + Sync + fmt::Debug {
    /// What must change for [`Self::ended`] to answer anew.
    fn keys(&self) -> &[GroundKey];

    /// Why the session must end now, if it must.
    fn ended(&self) -> Option<GroundsEnded>;

    /// What the person is told.
    fn reason(&self, ended: GroundsEnded) -> EndReason {
        EndReason::NotAllowed(ended)
    }
}
