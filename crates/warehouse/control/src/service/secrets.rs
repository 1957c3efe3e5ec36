//! Managed passwords, as Secrets Manager shows them.

use std::ops::Bound;
use std::sync::Arc;

use base::Secret;
use base::id::WarehouseId;

use super::inner::{BusyKey, Inner};
use super::{Control, DESCRIBE_RECORDS_MAX};
use crate::state::Owner;
use crate::{ControlError, Lifecycle, ManagedSecret, Page, SecretView};

/// Whose password a secret is.
#[derive(Debug, Clone)]
struct Holder {
    warehouse: WarehouseId,
    secret: ManagedSecret,
    administrator: String,
    owner_arn: String,
    available: bool,
}

impl Control {
    /// By its name, its ARN, or its ARN without the six characters at its end.
    ///
    /// # Errors
    /// [`ControlError::SecretNotFound`].
    pub fn managed_secret(&self, id: &str) -> Result<SecretView, ControlError> {
        self.inner.holder(id).map(|holder| self.inner.view(&holder))
    }

    /// By name; as for [`Self::clusters`].
    #[must_use]
    pub fn managed_secrets(&self, after: Option<&str>, records: usize) -> Page<SecretView> {
        let names: Vec<String> = {
            let state = self.inner.read();
            let start = after.map_or(Bound::Unbounded, Bound::Excluded);
            let following = state.secrets().range::<str, _>((start, Bound::Unbounded)).map(|(name, _)| name.clone());
            following.take(records.clamp(1, DESCRIBE_RECORDS_MAX) + 1).collect()
        };
        let some = names.iter().take(records.clamp(1, DESCRIBE_RECORDS_MAX));
        let items: Vec<_> = some.filter_map(|name| self.managed_secret(name).ok()).map(Arc::new).collect();
        let next = items.last().filter(|_| names.len() > items.len()).map(|last| last.name.clone());
        Page { items, next }
    }

    /// The password that counts.
    ///
    /// # Errors
    /// [`ControlError::SecretNotFound`]; [`ControlError::Host`] where it was sealed with another key.
    pub fn secret_value(&self, id: &str) -> Result<(SecretView, Secret<String>), ControlError> {
        let holder = self.inner.holder(id)?;
        let password = holder.secret.password(&self.inner.sealer)?;
        Ok((self.inner.view(&holder), password))
    }

    /// Makes another password and gives it to the administrator. Sessions stay. Its version is called `version` where that is given;
    /// where that version is there already, nothing is done: the call was sent twice.
    ///
    /// # Errors
    /// [`ControlError::SecretNotFound`], [`ControlError::Conflict`] where the warehouse is being changed or paused;
    /// [`ControlError::Host`], [`ControlError::Store`].
    pub async fn rotate_secret(&self, id: &str, version: Option<&str>) -> Result<SecretView, ControlError> {
        let (id, version) = (id.to_owned(), version.map(str::to_owned));
        self.run(|inner| async move { inner.rotate_secret(&id, version.as_deref()).await }).await
    }
}

impl Inner {
    fn holder(&self, id: &str) -> Result<Holder, ControlError> {
        let missing = || ControlError::SecretNotFound(id.to_owned());
        let prefix = self.arns.secret("");
        let full = id.strip_prefix(&prefix);
        let name = match full {
            None => id,
            Some(rest) if self.read().secrets().contains_key(rest) => rest,
            Some(rest) => rest.rsplit_once('-').map(|(name, _)| name).ok_or_else(missing)?,
        };
        let warehouse = self.read().secrets().get(name).cloned().ok_or_else(missing)?;
        let holder = self.holder_of(&warehouse).ok_or_else(missing)?;
        // An ARN with another suffix is of a secret that was here before.
        if full.is_some_and(|rest| rest != name && rest != format!("{name}-{}", holder.secret.suffix)) {
            return Err(missing());
        }
        Ok(holder)
    }

    fn holder_of(&self, warehouse: &WarehouseId) -> Option<Holder> {
        let state = self.read();
        match state.owners.get(warehouse)? {
            Owner::Cluster(identifier) => state.clusters.get(identifier).and_then(|cluster| {
                Some(Holder {
                    warehouse: warehouse.clone(),
                    secret: cluster.master_secret.clone()?,
                    administrator: cluster.master_username.clone(),
                    owner_arn: self.arns.redshift("cluster", identifier.as_str()),
                    available: cluster.status == crate::ClusterStatus::Available,
                })
            }),
            Owner::Namespace(name) => state.namespaces.get(name).and_then(|namespace| {
                Some(Holder {
                    warehouse: warehouse.clone(),
                    secret: namespace.admin_secret.clone()?,
                    administrator: namespace.admin_username.clone(),
                    owner_arn: self.arns.serverless("namespace", warehouse.as_str()),
                    available: namespace.status == Lifecycle::Available,
                })
            }),
        }
    }

    fn view(&self, holder: &Holder) -> SecretView {
        let ManagedSecret { name, suffix, version, created, changed, .. } = holder.secret.clone();
        SecretView {
            arn: self.arns.secret(&format!("{name}-{suffix}")),
            name,
            version,
            username: holder.administrator.clone(),
            owner_arn: holder.owner_arn.clone(),
            created,
            changed,
        }
    }

    async fn rotate_secret(self: Arc<Self>, id: &str, version: Option<&str>) -> Result<SecretView, ControlError> {
        let (holder, _busy) = {
            let _turn = self.turn().await;
            let holder = self.holder(id)?;
            if version == Some(holder.secret.version.as_str()) {
                return Ok(self.view(&holder));
            }
            let busy = self.begin(BusyKey::Warehouse(holder.warehouse.clone()));
            let busy = busy.filter(|_| holder.available).ok_or_else(|| {
                let text = format!(
                    "The warehouse of {} isn't available at the moment: {} is being changed or is paused. Try again when it is.",
                    holder.secret.name, holder.owner_arn
                );
                ControlError::Conflict(text)
            })?;
            (holder, busy)
        };
        let begun = holder.secret.rotating(&self.sealer, version)?;
        self.record_secret(&holder.warehouse, Some(&begun)).await?;
        self.finish_rotation(&holder.warehouse, &holder.administrator, &begun).await?;
        self.holder(id).map(|holder| self.view(&holder))
    }

    /// Gives the administrator the password to come, and records that it counts. To be repeated after a crash.
    async fn finish_rotation(
        &self,
        warehouse: &WarehouseId,
        administrator: &str,
        begun: &ManagedSecret,
    ) -> Result<(), ControlError> {
        self.give_password(warehouse, administrator, begun).await?;
        self.record_secret(warehouse, Some(&begun.rotated(self.clock.now()))).await
    }

    pub(super) async fn record_secret(
        &self,
        warehouse: &WarehouseId,
        secret: Option<&ManagedSecret>,
    ) -> Result<(), ControlError> {
        let turn = self.turn().await;
        let is_cluster = self.read().cluster_of(warehouse).is_some();
        if is_cluster {
            self.put_cluster(&turn, warehouse, |cluster| cluster.master_secret = secret.cloned()).await?;
        } else {
            self.put_namespace(&turn, warehouse, |namespace| namespace.admin_secret = secret.cloned()).await?;
        }
        Ok(())
    }

    /// At the start: passwords that a warehouse was being given when the server was killed are given again.
    pub(super) async fn finish_rotations(&self) -> Vec<Result<(), ControlError>> {
        let warehouses: Vec<WarehouseId> = self.read().secrets().values().cloned().collect();
        let mut outcomes = Vec::new();
        for holder in warehouses.iter().filter_map(|warehouse| self.holder_of(warehouse)) {
            if holder.available && holder.secret.pending.is_some() {
                outcomes.push(self.finish_rotation(&holder.warehouse, &holder.administrator, &holder.secret).await);
            }
        }
        outcomes
    }
}
