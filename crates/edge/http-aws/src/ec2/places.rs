//! Regions and availability zones: this server has one region, and its zones are this machine.

use std::collections::BTreeMap;

use super::filter::Filters;
use super::request::{Ec2Operation, list, refused};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct DescribeAvailabilityZones {
    names: Vec<String>,
    ids: Vec<String>,
    filters: Filters,
}

const ZONE_FILTERS: [&str; 8] = [
    "zone-name",
    "zone-id",
    "region-name",
    "state",
    "zone-type",
    "opt-in-status",
    "group-name",
    "network-border-group",
];

impl Ec2Operation for DescribeAvailabilityZones {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        // All zones are opted in: it makes no difference.
        fields.boolean("AllAvailabilityZones")?;
        Ok(Self {
            names: fields.flat_texts("ZoneName")?.unwrap_or_default(),
            ids: fields.flat_texts("ZoneId")?.unwrap_or_default(),
            filters: Filters::read(fields, &ZONE_FILTERS)?,
        })
    }
}

impl Operation for DescribeAvailabilityZones {
    const NAME: &'static str = "DescribeAvailabilityZones";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (region, zones) = (context.state.region(), context.state.network.zones());
        for given in self.names.iter().chain(&self.ids) {
            if !zones.iter().any(|zone| zone.name == *given || zone.id == *given) {
                let names: Vec<_> = zones.iter().map(|zone| zone.name.as_str()).collect();
                let message = format!("Invalid availability zone: [{given}]. This server has {}.", names.join(", "));
                return Err(refused("InvalidParameterValue", message));
            }
        }
        let group = format!("{region}-1");
        let chosen = zones.iter().filter(|zone| {
            let value = |name: &str| {
                Some(match name {
                    "zone-name" => zone.name.clone(),
                    "zone-id" => zone.id.clone(),
                    "region-name" | "network-border-group" => region.to_owned(),
                    "state" => "available".to_owned(),
                    "zone-type" => "availability-zone".to_owned(),
                    "opt-in-status" => "opt-in-not-required".to_owned(),
                    "group-name" => group.clone(),
                    _ => return None,
                })
            };
            (self.names.is_empty() || self.names.contains(&zone.name))
                && (self.ids.is_empty() || self.ids.contains(&zone.id))
                && self.filters.select(&BTreeMap::new(), value)
        });
        Ok(list("availabilityZoneInfo", &(chosen.collect(), None), |xml, zone| {
            xml.text("optInStatus", "opt-in-not-required");
            xml.element("messageSet", |_| {});
            xml.text("regionName", region);
            xml.text("zoneName", &zone.name);
            xml.text("zoneId", &zone.id);
            xml.text("groupName", &group);
            xml.text("networkBorderGroup", region);
            xml.text("zoneType", "availability-zone");
            xml.text("zoneState", "available");
        }))
    }
}

#[derive(Debug)]
pub(super) struct DescribeRegions {
    names: Vec<String>,
    filters: Filters,
}

const REGION_FILTERS: [&str; 3] = ["region-name", "endpoint", "opt-in-status"];

impl Ec2Operation for DescribeRegions {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        // The one region is opted in: it makes no difference.
        fields.boolean("AllRegions")?;
        let names = fields.flat_texts("RegionName")?.unwrap_or_default();
        Ok(Self { names, filters: Filters::read(fields, &REGION_FILTERS)? })
    }
}

impl Operation for DescribeRegions {
    const NAME: &'static str = "DescribeRegions";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let region = context.state.region();
        if let Some(other) = self.names.iter().find(|name| *name != region) {
            let message = format!("Invalid region: [{other}]. This server is the region {region}.");
            return Err(refused("InvalidParameterValue", message));
        }
        let endpoint = format!("ec2.{region}.amazonaws.com");
        let value = |name: &str| {
            Some(match name {
                "region-name" => region.to_owned(),
                "endpoint" => endpoint.clone(),
                "opt-in-status" => "opt-in-not-required".to_owned(),
                _ => return None,
            })
        };
        let chosen: Vec<&str> =
            std::iter::once(region).filter(|_| self.filters.select(&BTreeMap::new(), value)).collect();
        Ok(list("regionInfo", &(chosen, None), |xml, name| {
            xml.text("optInStatus", "opt-in-not-required");
            xml.text("regionName", name);
            xml.text("regionEndpoint", &endpoint);
        }))
    }
}
