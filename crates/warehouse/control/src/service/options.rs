//! What options of a new or a changed warehouse are checked against, and what becomes of its administrator's password.

use std::sync::Arc;

use base::Secret;
use base::id::WarehouseId;
use network::{Attachment, Pinned};

use super::inner::{Inner, Turn};
use crate::{Cluster, ControlError, ManagedSecret, MasterPassword};

/// Whose password is changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Administrator<'a> {
    pub(super) warehouse: &'a WarehouseId,
    /// The cluster's or the namespace's name.
    pub(super) owner: &'a str,
    pub(super) name: &'a str,
    pub(super) secret: Option<&'a ManagedSecret>,
}

impl Inner {
    /// That its groups and subnets are there, and that it can be in this zone. They stay there while `pinned` is held.
    pub(super) fn check_place(
        &self,
        pinned: &Pinned,
        attachment: &Attachment,
        zone: Option<&str>,
    ) -> Result<(), ControlError> {
        self.network.check(pinned, attachment)?;
        let Some(zone) = zone else { return Ok(()) };
        let zones = self.network.zones_of(&attachment.place);
        if zones.iter().any(|one| one == zone) {
            return Ok(());
        }
        Err(ControlError::Rejected(format!(
            "The availability zone {zone:?} isn't one of the cluster's subnets. They are in {}.",
            zones.join(", ")
        )))
    }

    /// A new administrator's password, and what is kept of it where it is made here. A secret's name must be free.
    pub(super) fn admin_password(
        &self,
        password: MasterPassword,
        owner: &str,
        administrator: &str,
    ) -> Result<(Option<ManagedSecret>, Secret<String>), ControlError> {
        match password {
            MasterPassword::Given(password) => Ok((None, password)),
            MasterPassword::Kept => Ok((None, unknown_password())),
            MasterPassword::Managed => {
                let secret = self.new_secret(owner, administrator)?;
                let password = secret.password(&self.sealer)?;
                Ok((Some(secret), password))
            }
        }
    }

    /// The secret with a password to come; one is made where there is none.
    pub(super) fn begin_rotation(
        &self,
        present: Option<&ManagedSecret>,
        owner: &str,
        administrator: &str,
    ) -> Result<ManagedSecret, ControlError> {
        match present {
            Some(secret) => secret.rotating(&self.sealer, None),
            // Its one password is the one to come.
            None => self.new_secret(owner, administrator).map(ManagedSecret::awaited),
        }
    }

    /// Gives the administrator another password where an edit says so: one that is managed, or the one that it chose. It is recorded at
    /// once: the rest of the edit may be refused still, and Secrets Manager must not show a password that opens nothing.
    pub(super) async fn change_admin_password(
        &self,
        administrator: Administrator<'_>,
        manage: bool,
        chosen: Option<&Secret<String>>,
    ) -> Result<(), ControlError> {
        let Administrator { warehouse, owner, name, secret } = administrator;
        if manage {
            let begun = self.begin_rotation(secret, owner, name)?;
            self.record_secret(warehouse, Some(&begun)).await?;
            if let Err(error) = self.give_password(warehouse, name, &begun).await {
                self.record_secret(warehouse, secret).await?;
                return Err(error);
            }
            return self.record_secret(warehouse, Some(&begun.rotated(self.clock.now()))).await;
        }
        let Some(password) = chosen else { return Ok(()) };
        self.host()?.set_admin_password(warehouse, name, password).await?;
        if secret.is_none() { Ok(()) } else { self.record_secret(warehouse, None).await }
    }

    /// Makes the newest password of a secret the administrator's.
    pub(super) async fn give_password(
        &self,
        warehouse: &WarehouseId,
        administrator: &str,
        secret: &ManagedSecret,
    ) -> Result<(), ControlError> {
        let password = secret.newest(&self.sealer)?;
        Ok(self.host()?.set_admin_password(warehouse, administrator, &password).await?)
    }

    fn new_secret(&self, owner: &str, administrator: &str) -> Result<ManagedSecret, ControlError> {
        let secret = ManagedSecret::make(owner, administrator, &self.sealer, self.clock.now())?;
        if self.read().secrets().contains_key(&secret.name) {
            return Err(ControlError::Rejected(format!(
                "The secret {} exists already, for another warehouse of the same name. Give a password yourself, or choose another name.",
                secret.name
            )));
        }
        Ok(secret)
    }

    /// Before a cluster's engine is opened again: what its parameter group says now is what it runs with from here on.
    pub(super) async fn apply_pending(
        &self,
        turn: &Turn<'_>,
        warehouse: &WarehouseId,
    ) -> Result<Arc<Cluster>, ControlError> {
        let name = self.read().cluster_of(warehouse).map(|cluster| cluster.parameter_group.clone());
        let group = name.map(|name| self.parameter_group_named(&name)).transpose()?;
        self.put_cluster(turn, warehouse, |cluster| {
            if let Some(group) = group {
                cluster.applied = group.applied();
            }
        })
        .await
    }
}

/// Meets the rule of passwords; it is shown to nobody.
pub(super) fn unknown_password() -> Secret<String> {
    Secret::new(format!("Gh1{}", base::random::hex::<24>()))
}
