//! Parameter groups.

use std::sync::Arc;

use base::id::WarehouseId;

use super::inner::{Inner, Turn};
use super::{Control, DESCRIBE_RECORDS_MAX};
use crate::state::page;
use crate::{
    Cluster, ControlError, ControlWrite, Family, NewParameterGroup, PARAMETER_GROUPS_MAX, PARAMETERS, Page,
    ParameterGroup, ParameterGroupError, WarehouseSettings, check_value,
};

impl Control {
    /// By its name, in whatever case; the families' own too.
    #[must_use]
    pub fn parameter_group(&self, name: &str) -> Option<Arc<ParameterGroup>> {
        self.inner.read().parameter_groups.get(&name.to_ascii_lowercase()).cloned()
    }

    /// By name, as for [`Self::clusters`].
    #[must_use]
    pub fn parameter_groups(&self, after: Option<&String>, records: usize) -> Page<ParameterGroup> {
        page(&self.inner.read().parameter_groups, after, records.clamp(1, DESCRIBE_RECORDS_MAX))
    }

    /// The parameters of a cluster that would be others after a reboot, by name; empty where it runs with what its group says
    /// (`in-sync`).
    #[must_use]
    pub fn pending_parameters(&self, cluster: &Cluster) -> Vec<&'static str> {
        let group = self.parameter_group(&cluster.parameter_group);
        let pending = group.map(|group| cluster.applied.pending(&group)).unwrap_or_default();
        pending.into_iter().map(|parameter| parameter.name).collect()
    }

    /// What sessions of a warehouse begin with; the default where there is none of this id.
    #[must_use]
    pub fn settings_of(&self, id: &WarehouseId) -> WarehouseSettings {
        self.inner.read().settings_of(id)
    }

    /// `arn:aws:redshift:REGION:ACCOUNT:parametergroup:NAME`
    #[must_use]
    pub fn parameter_group_arn(&self, name: &str) -> String {
        self.inner.arns.redshift("parametergroup", name)
    }

    /// # Errors
    /// [`ControlError::Invalid`], [`ControlError::InvalidTag`], [`ControlError::TagLimit`],
    /// [`ParameterGroupError::AlreadyExists`], [`ParameterGroupError::Quota`], [`ControlError::Store`].
    pub async fn create_parameter_group(&self, new: NewParameterGroup) -> Result<Arc<ParameterGroup>, ControlError> {
        let new = NewParameterGroup { name: new.name.to_ascii_lowercase(), ..new };
        new.check()?;
        self.run(|inner| async move { inner.create_parameter_group(new).await }).await
    }

    /// Gives parameters other values. Clusters with the group run with them from their next reboot on.
    ///
    /// # Errors
    /// [`ParameterGroupError::NotFound`]; [`ParameterGroupError::InvalidState`] where it is a family's own;
    /// [`ControlError::Rejected`] where a value isn't valid, and then nothing is changed; [`ControlError::Store`].
    pub async fn modify_parameter_group(
        &self,
        name: &str,
        values: Vec<(String, String)>,
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        let name = name.to_ascii_lowercase();
        self.run(|inner| async move { inner.modify_parameter_group(&name, &values).await }).await
    }

    /// Gives parameters their defaults again: those named, or all where `None`.
    ///
    /// # Errors
    /// As [`Self::modify_parameter_group`].
    pub async fn reset_parameter_group(
        &self,
        name: &str,
        parameters: Option<Vec<String>>,
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        let name = name.to_ascii_lowercase();
        self.run(|inner| async move { inner.reset_parameter_group(&name, parameters).await }).await
    }

    /// # Errors
    /// [`ParameterGroupError::NotFound`]; [`ParameterGroupError::InvalidState`] where a cluster has it or it is a family's own;
    /// [`ControlError::Store`].
    pub async fn delete_parameter_group(&self, name: &str) -> Result<(), ControlError> {
        let name = name.to_ascii_lowercase();
        self.run(|inner| async move { inner.delete_parameter_group(&name).await }).await
    }
}

impl Inner {
    pub(super) fn parameter_group_named(&self, name: &str) -> Result<Arc<ParameterGroup>, ControlError> {
        let name = name.to_ascii_lowercase();
        let found = self.read().parameter_groups.get(&name).cloned();
        found.ok_or_else(|| ParameterGroupError::NotFound(name).into())
    }

    async fn create_parameter_group(
        self: Arc<Self>,
        new: NewParameterGroup,
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        let turn = self.turn().await;
        if self.read().parameter_groups.contains_key(&new.name) {
            return Err(ParameterGroupError::AlreadyExists(new.name).into());
        }
        if self.read().parameter_groups.len() >= PARAMETER_GROUPS_MAX + Family::ALL.len() {
            return Err(ParameterGroupError::Quota.into());
        }
        let NewParameterGroup { name, family, description, tags } = new;
        let (values, created) = (std::collections::BTreeMap::new(), self.clock.now());
        self.put_parameter_group(&turn, ParameterGroup { name, family, description, values, tags, created }).await
    }

    async fn modify_parameter_group(
        self: Arc<Self>,
        name: &str,
        values: &[(String, String)],
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        let turn = self.turn().await;
        let mut group = ParameterGroup::clone(&*self.changeable_group(name)?);
        for (parameter, value) in values {
            let (parameter, value) = check_value(group.family, parameter, value)?;
            let default = PARAMETERS.iter().find(|one| one.name == parameter).map(|one| one.default_in(group.family));
            if default == Some(value.as_str()) {
                group.values.remove(&parameter);
            } else {
                group.values.insert(parameter, value);
            }
        }
        self.put_parameter_group(&turn, group).await
    }

    async fn reset_parameter_group(
        self: Arc<Self>,
        name: &str,
        parameters: Option<Vec<String>>,
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        let turn = self.turn().await;
        let mut group = ParameterGroup::clone(&*self.changeable_group(name)?);
        match parameters {
            None => group.values.clear(),
            Some(parameters) => {
                for parameter in parameters {
                    let known = PARAMETERS.iter().any(|one| one.name == parameter);
                    let text = || format!("The parameter {parameter:?} isn't one of {}.", group.family.name());
                    if !known {
                        return Err(ControlError::Rejected(text()));
                    }
                    group.values.remove(&parameter);
                }
            }
        }
        self.put_parameter_group(&turn, group).await
    }

    async fn delete_parameter_group(self: Arc<Self>, name: &str) -> Result<(), ControlError> {
        let turn = self.turn().await;
        let group = self.changeable_group(name)?;
        let user = self.read().clusters.values().find(|cluster| cluster.parameter_group == group.name).cloned();
        if let Some(cluster) = user {
            let reason = format!(
                "The parameter group {} is in use by cluster {}. Give the cluster another one (ModifyCluster) or delete it first.",
                group.name, cluster.identifier
            );
            return Err(ParameterGroupError::InvalidState { name: group.name.clone(), reason }.into());
        }
        self.commit(&turn, ControlWrite::DeleteParameterGroup(group.name.clone())).await
    }

    fn changeable_group(&self, name: &str) -> Result<Arc<ParameterGroup>, ControlError> {
        let group = self.parameter_group_named(name)?;
        if Family::ALL.into_iter().any(|family| ParameterGroup::of_family(family).name == group.name) {
            let reason = format!(
                "The default parameter group {} can't be changed or deleted. Make one of your own (CreateClusterParameterGroup) and give \
                 it to the cluster.",
                group.name
            );
            return Err(ParameterGroupError::InvalidState { name: group.name.clone(), reason }.into());
        }
        Ok(group)
    }

    async fn put_parameter_group(
        &self,
        turn: &Turn<'_>,
        group: ParameterGroup,
    ) -> Result<Arc<ParameterGroup>, ControlError> {
        self.commit(turn, ControlWrite::PutParameterGroup(group.clone())).await?;
        Ok(Arc::new(group))
    }
}
