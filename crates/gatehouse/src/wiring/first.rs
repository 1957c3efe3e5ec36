//! The warehouse that a new installation begins with.

use std::collections::BTreeMap;

use anyhow::Context as _;
use base::Secret;
use base::id::{ClusterId, RedshiftIdcApplicationArn};
use control::{ClusterOptions, MasterPassword, NewCluster};

use super::Gatehouse;
use crate::data_dir::DataDir;
use crate::settings::{ADMIN_USER, CLUSTER, DATABASE};

/// The file of the first cluster's password, below `secrets`.
const PASSWORD: &str = "sql-admin-password";

impl Gatehouse {
    /// Makes the first cluster, connected to `application` where there is one. Only where no cluster was ever made: one that was
    /// deleted doesn't come back.
    pub(crate) async fn ensure_first_cluster(
        &self,
        data: &DataDir,
        application: Option<RedshiftIdcApplicationArn>,
    ) -> anyhow::Result<()> {
        if !self.control.is_new() {
            return Ok(());
        }
        let new = NewCluster {
            identifier: ClusterId::new(CLUSTER),
            node_type: "ra3.large".to_owned(),
            master_username: ADMIN_USER.to_owned(),
            // On disk before the cluster: whoever has the cluster has its password.
            master_password: MasterPassword::Given(first_password(data)?),
            db_name: Some(DATABASE.to_owned()),
            port: None,
            idc_application: application,
            iam_roles: Vec::new(),
            default_iam_role: None,
            publicly_accessible: false,
            tags: BTreeMap::new(),
            options: ClusterOptions::default(),
        };
        self.control.create_cluster(new).await.context("the first cluster can't be made")?;
        Ok(())
    }

    /// The administrator of the default warehouse, if the password that the first start made still is theirs.
    pub(crate) fn first_administrator(&self, data: &DataDir) -> anyhow::Result<Option<(String, Secret<String>)>> {
        let Some(password) = data.existing_secret(PASSWORD)? else { return Ok(None) };
        let warehouse = self.default_warehouse().filter(|warehouse| warehouse.is_admin_password(&password));
        Ok(warehouse.and_then(|warehouse| Some((warehouse.admin_name()?, password))))
    }
}

/// The password that the first cluster is made with; made when it is first asked for. Meets Redshift's rule: upper case, lower case,
/// a digit, no quotes or slashes.
pub(crate) fn first_password(data: &DataDir) -> anyhow::Result<Secret<String>> {
    data.secret(PASSWORD, || Secret::new(format!("Gh1{}", base::random::hex::<16>())))
}
