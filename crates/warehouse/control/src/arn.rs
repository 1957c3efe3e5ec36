//! The ARNs of what is here.

use base::id::{ClusterId, Qev2IdcApplicationArn, RedshiftIdcApplicationArn, WarehouseId};

use crate::Snapshot;

/// What an ARN names, whether it is there or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Cluster(ClusterId),
    Namespace(WarehouseId),
    /// By its UUID.
    Workgroup(String),
    IdcApplication(RedshiftIdcApplicationArn),
    Qev2Application(Qev2IdcApplicationArn),
    /// By its name.
    ParameterGroup(String),
    /// The cluster that it is of, and its identifier.
    Snapshot(ClusterId, String),
}

/// Region and account, which every ARN here has.
#[derive(Debug, Clone)]
pub(crate) struct ArnSpace {
    pub(crate) region: String,
    pub(crate) account: String,
}

impl ArnSpace {
    /// `kind` is what stands between the account and the last `:`.
    pub(crate) fn redshift(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:redshift:{}:{}:{kind}:{id}", self.region, self.account)
    }

    pub(crate) fn serverless(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:redshift-serverless:{}:{}:{kind}/{id}", self.region, self.account)
    }

    /// `arn:aws:redshift:REGION:ACCOUNT:snapshot:CLUSTER/SNAPSHOT`
    pub(crate) fn snapshot(&self, snapshot: &Snapshot) -> String {
        self.redshift("snapshot", &format!("{}/{}", snapshot.source.identifier, snapshot.identifier))
    }

    /// `name` is the secret's, with the six characters at its end.
    pub(crate) fn secret(&self, name: &str) -> String {
        format!("arn:aws:secretsmanager:{}:{}:secret:{name}", self.region, self.account)
    }

    /// `None` for what isn't of this region and account, or of no kind that has tags.
    pub(crate) fn parse(&self, arn: &str) -> Option<Resource> {
        let parts: Vec<&str> = arn.splitn(7, ':').collect();
        let here = |region: &str, account: &str| region == self.region && account == self.account;
        match parts.as_slice() {
            ["arn", "aws", "redshift", region, account, kind, id] if here(region, account) => match *kind {
                "cluster" => Some(Resource::Cluster(ClusterId::new(*id))),
                "snapshot" => {
                    let (cluster, identifier) = id.split_once('/')?;
                    Some(Resource::Snapshot(ClusterId::new(cluster), identifier.to_owned()))
                }
                "parametergroup" => Some(Resource::ParameterGroup((*id).to_owned())),
                "redshiftidcapplication" => Some(Resource::IdcApplication(RedshiftIdcApplicationArn::new(arn))),
                "qev2idcapplication" => Some(Resource::Qev2Application(Qev2IdcApplicationArn::new(arn))),
                _ => None,
            },
            ["arn", "aws", "redshift-serverless", region, account, rest] if here(region, account) => {
                match rest.split_once('/')? {
                    ("namespace", id) => Some(Resource::Namespace(WarehouseId::new(id))),
                    ("workgroup", id) => Some(Resource::Workgroup(id.to_owned())),
                    (_, _) => None,
                }
            }
            _ => None,
        }
    }
}
