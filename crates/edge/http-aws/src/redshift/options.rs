//! What clusters can be made of, and what is exported of them.

mod logging;

use control::Family;

pub(super) use self::logging::{DescribeLoggingStatus, DisableLogging, EnableLogging};
use super::clusters::{NODE_TYPES, check_node_type};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// The version of every cluster (Redshift API, `ClusterVersion`).
const VERSION: &str = "1.0";
const TRACK: &str = "current";

/// Everything fits on one page, so that no answer has a marker.
fn no_marker(fields: &mut Fields<'_>) -> Result<(), ApiError> {
    fields.max_records()?;
    match fields.optional("Marker") {
        None => Ok(()),
        Some(_) => {
            let rule = "it is not a marker of this operation, whose answers have one page".to_owned();
            Err(ApiError::InvalidParameter { parameter: "Marker", rule })
        }
    }
}

#[derive(Debug)]
pub(super) struct DescribeOrderableClusterOptions {
    version: Option<String>,
    node_type: Option<String>,
}

impl DescribeOrderableClusterOptions {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            no_marker(fields)?;
            Ok(Self { version: fields.optional("ClusterVersion"), node_type: fields.optional("NodeType") })
        })?;
        parsed.node_type.as_deref().map_or(Ok(()), check_node_type)?;
        Ok(parsed)
    }
}

impl Operation for DescribeOrderableClusterOptions {
    const NAME: &'static str = "DescribeOrderableClusterOptions";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let asked = |node_type: &&str| {
            self.version.as_deref().is_none_or(|version| version == VERSION)
                && self.node_type.as_deref().is_none_or(|asked| asked == *node_type)
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("OrderableClusterOptions", |xml| {
                for node_type in NODE_TYPES.iter().filter(|node_type| asked(node_type)) {
                    for cluster_type in ["multi-node", "single-node"] {
                        xml.element("OrderableClusterOption", |xml| {
                            write_option(xml, context.state, node_type, cluster_type);
                        });
                    }
                }
            });
        }))))
    }
}

fn write_option(xml: &mut Xml, state: &AwsState, node_type: &str, cluster_type: &str) {
    xml.text("ClusterVersion", VERSION);
    xml.text("ClusterType", cluster_type);
    xml.text("NodeType", node_type);
    xml.element("AvailabilityZones", |xml| {
        for zone in state.network.zones() {
            xml.element("AvailabilityZone", |xml| {
                xml.text("Name", &zone.name);
                xml.element("SupportedPlatforms", |xml| {
                    xml.element("SupportedPlatform", |xml| xml.text("Name", "VPC"));
                });
            });
        }
    });
}

#[derive(Debug)]
pub(super) struct DescribeClusterVersions {
    version: Option<String>,
    family: Option<String>,
}

impl DescribeClusterVersions {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            no_marker(fields)?;
            let version = fields.optional("ClusterVersion");
            Ok(Self { version, family: fields.optional("ClusterParameterGroupFamily") })
        })
    }
}

impl Operation for DescribeClusterVersions {
    const NAME: &'static str = "DescribeClusterVersions";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        let asked = |family: &Family| {
            self.version.as_deref().is_none_or(|version| version == VERSION)
                && self.family.as_deref().is_none_or(|asked| asked == family.name())
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("ClusterVersions", |xml| {
                for family in Family::ALL.into_iter().filter(asked) {
                    xml.element("ClusterVersion", |xml| {
                        xml.text("ClusterVersion", VERSION);
                        xml.text("ClusterParameterGroupFamily", family.name());
                        xml.text("Description", "The version of this server");
                    });
                }
            });
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DescribeClusterTracks(Option<String>);

impl DescribeClusterTracks {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            no_marker(fields)?;
            Ok(Self(fields.optional("MaintenanceTrackName")))
        })
    }
}

impl Operation for DescribeClusterTracks {
    const NAME: &'static str = "DescribeClusterTracks";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        if let Some(name) = self.0.filter(|name| name != TRACK) {
            let message = format!("There is no maintenance track {name}. This server has {TRACK}.");
            let (kind, code) = (base::ErrorKind::NotFound, "InvalidClusterTrack");
            return Err(ApiError::Named { kind, status: 400, code, message, members: Vec::new() });
        }
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("MaintenanceTracks", |xml| {
                xml.element("MaintenanceTrack", |xml| {
                    xml.text("MaintenanceTrackName", TRACK);
                    xml.text("DatabaseVersion", VERSION);
                    xml.element("UpdateTargets", |_| {});
                });
            });
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DescribeAccountAttributes(Option<Vec<String>>);

impl DescribeAccountAttributes {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Ok(Self(fields.texts("AttributeNames", "AttributeName")?)))
    }
}

impl Operation for DescribeAccountAttributes {
    const NAME: &'static str = "DescribeAccountAttributes";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let vpc = context.state.network.vpc_of(&network::Place::DefaultVpc);
        let vpc = vpc.map_or_else(|| "none".to_owned(), |vpc| vpc.as_str().to_owned());
        let all = [("supported-platforms", "VPC".to_owned()), ("default-vpc", vpc)];
        let asked = self.0.filter(|names| !names.is_empty());
        let unknown = asked.iter().flatten().find(|name| !all.iter().any(|(known, _)| known == name));
        if let Some(name) = unknown {
            let rule = format!("{name:?} isn't known; it has {}", all.each_ref().map(|(name, _)| *name).join(", "));
            return Err(ApiError::InvalidParameter { parameter: "AttributeNames", rule });
        }
        let shown = |name: &str| asked.as_ref().is_none_or(|names| names.iter().any(|one| one == name));
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("AccountAttributes", |xml| {
                for (name, value) in all.iter().filter(|(name, _)| shown(name)) {
                    xml.element("AccountAttribute", |xml| {
                        xml.text("AttributeName", name);
                        xml.element("AttributeValues", |xml| {
                            xml.element("AttributeValueTarget", |xml| xml.text("AttributeValue", value));
                        });
                    });
                }
            });
        }))))
    }
}
