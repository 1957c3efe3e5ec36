//! What a start finds that an earlier run left half done.

use std::sync::Arc;

use center::Center;

use super::inner::Inner;
use crate::state::State;
use crate::{ControlError, Lifecycle, QEV2_PROVIDER_ARN, REDSHIFT_PROVIDER_ARN};

/// Removes managed applications that no application of ours has: their create was interrupted.
pub(super) async fn remove_orphans(center: &Center, state: &State) -> Result<(), ControlError> {
    for application in center.applications() {
        let ours = [REDSHIFT_PROVIDER_ARN, QEV2_PROVIDER_ARN].contains(&application.provider_arn.as_str());
        if ours && !state.manages(&application.arn) {
            tracing::warn!(arn = %application.arn, "removing a managed application that an interrupted call left");
            center.delete_application(&application.arn).await?;
        }
    }
    Ok(())
}

impl Inner {
    pub(super) async fn recover(self: Arc<Self>) -> Result<(), ControlError> {
        let unfinished = |status| matches!(status, Lifecycle::Creating | Lifecycle::Deleting);
        let workgroups: Vec<_> = self.read().workgroups.values().cloned().collect();
        for workgroup in workgroups.into_iter().filter(|workgroup| unfinished(workgroup.status)) {
            tracing::warn!(workgroup = %workgroup.name, "removing a workgroup whose making or deleting was interrupted");
            unless_host(self.remove_workgroup(&workgroup).await)?;
        }
        let clusters: Vec<_> = self.read().clusters.values().cloned().collect();
        for cluster in clusters.into_iter().filter(|cluster| unfinished(cluster.status)) {
            tracing::warn!(cluster = %cluster.identifier, "removing a cluster whose making or deleting was interrupted");
            unless_host(self.remove_cluster(&cluster).await)?;
        }
        let namespaces: Vec<_> = self.read().namespaces.values().cloned().collect();
        for namespace in namespaces.into_iter().filter(|namespace| unfinished(namespace.status)) {
            tracing::warn!(namespace = %namespace.name, "removing a namespace whose making or deleting was interrupted");
            unless_host(self.remove_namespace(&namespace).await)?;
        }
        let ports: Vec<u16> = self.read().endpoints.ports().collect();
        for port in ports {
            unless_host(self.listen(port).await)?;
        }
        Ok(())
    }
}

/// What the host can't do now must not keep the other warehouses from starting: the record stays, and is tried again.
fn unless_host(outcome: Result<(), ControlError>) -> Result<(), ControlError> {
    match outcome {
        Err(error @ (ControlError::Host(_) | ControlError::PortInUse { .. } | ControlError::Rejected(_))) => {
            tracing::error!(%error, "left as it is until the next start");
            Ok(())
        }
        other => other,
    }
}
