//! DescribeClusterSnapshots.

use base::id::ClusterId;
use control::{ControlError, SnapshotAttribute, SnapshotFilter, SnapshotKind, SnapshotOrder};
use sts::Ask;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{ask, shown_status, write};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::{Fields, QueryParameters};
use crate::protocol::xml::Xml;
use crate::redshift::tags;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct DescribeClusterSnapshots {
    filter: SnapshotFilter,
    arn: Option<String>,
    owner: Option<String>,
    marker: Option<String>,
    records: usize,
}

impl DescribeClusterSnapshots {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            let tagged = tags::filter(fields)?;
            let filter = SnapshotFilter {
                cluster: fields.optional("ClusterIdentifier").map(ClusterId::new),
                identifier: fields.optional("SnapshotIdentifier"),
                kind: kind(fields)?,
                from: time(fields, "StartTime")?,
                until: time(fields, "EndTime")?,
                cluster_exists: fields.boolean("ClusterExists")?,
                tag_keys: tagged.keys,
                tag_values: tagged.values,
                order: order(fields)?,
            };
            Ok(Self {
                filter,
                arn: fields.optional("SnapshotArn"),
                owner: fields.optional("OwnerAccount"),
                marker: fields.optional("Marker"),
                records: fields.max_records()?,
            })
        })?;
        if parsed.filter.identifier.is_some() && parsed.arn.is_some() {
            return Err(ApiError::ParameterCombination { one: "SnapshotIdentifier", other: "SnapshotArn" });
        }
        if parsed.filter.cluster_exists == Some(true) && parsed.filter.cluster.is_none() {
            return Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "ClusterIdentifier" });
        }
        Ok(parsed)
    }
}

fn kind(fields: &mut Fields<'_>) -> Result<Option<SnapshotKind>, ApiError> {
    let read = |text: String| {
        let rule = "it must be automated or manual".to_owned();
        SnapshotKind::from_name(&text).ok_or(ApiError::InvalidParameter { parameter: "SnapshotType", rule })
    };
    fields.optional("SnapshotType").map(read).transpose()
}

fn time(fields: &mut Fields<'_>, parameter: &'static str) -> Result<Option<OffsetDateTime>, ApiError> {
    let read = |text: String| {
        let rule = "it is a time such as 2012-07-16T18:00:00Z".to_owned();
        OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| ApiError::InvalidParameter { parameter, rule })
    };
    fields.optional(parameter).map(read).transpose()
}

/// One entity at most: what a second one would order is equal in nothing but the identifier.
fn order(fields: &mut Fields<'_>) -> Result<SnapshotOrder, ApiError> {
    let invalid = |rule: &str| ApiError::InvalidParameter { parameter: "SortingEntities", rule: rule.to_owned() };
    let mut entities = fields.structures("SortingEntities", "SnapshotSortingEntity")?.into_iter();
    let Some(mut entity) = entities.next() else { return Ok(SnapshotOrder::default()) };
    if entities.next().is_some() {
        return Err(invalid("this server sorts by one attribute; give one"));
    }
    let attribute = match entity.optional("Attribute").as_deref() {
        Some("SOURCE_TYPE") => SnapshotAttribute::SourceType,
        Some("TOTAL_SIZE") => SnapshotAttribute::TotalSize,
        Some("CREATE_TIME") => SnapshotAttribute::CreateTime,
        Some(_) | None => return Err(invalid("Attribute must be SOURCE_TYPE, TOTAL_SIZE or CREATE_TIME")),
    };
    let descending = match entity.optional("SortOrder").as_deref() {
        None | Some("ASC") => false,
        Some("DESC") => true,
        Some(_) => return Err(invalid("SortOrder must be ASC or DESC")),
    };
    entity.finish()?;
    Ok(SnapshotOrder { attribute: Some(attribute), descending })
}

/// The cluster and the identifier in the ARN of one of our snapshots. `cluster` is what the request says beside the ARN: another one
/// than the ARN's would be a snapshot that nobody was asked about.
pub(super) fn of_arn(
    state: &AwsState,
    arn: &str,
    cluster: Option<&ClusterId>,
) -> Result<(ClusterId, String), ApiError> {
    let below = arn.strip_prefix(&state.redshift_arn("snapshot:")).and_then(|below| below.split_once('/'));
    let below = below.map(|(of, identifier)| (ClusterId::new(of), identifier.to_owned()));
    let named = below.filter(|(of, _)| cluster.is_none_or(|cluster| cluster == of));
    named.ok_or_else(|| ControlError::SnapshotNotFound(arn.to_owned()).into())
}

/// The question about the snapshot with this ARN; see [`of_arn`].
pub(super) fn ask_of_arn(state: &AwsState, operation: &str, arn: &str, cluster: Option<&ClusterId>) -> Ask {
    match of_arn(state, arn, cluster) {
        Ok((cluster, identifier)) => ask(state, operation, Some(&cluster), &identifier),
        Err(_) => Ask::new(operation, arn),
    }
}

impl Operation for DescribeClusterSnapshots {
    const NAME: &'static str = "DescribeClusterSnapshots";

    fn resource(&self, state: &AwsState) -> String {
        let cluster = self.filter.cluster.as_ref();
        match (&self.arn, &self.filter.identifier) {
            (Some(arn), _) => arn.clone(),
            (None, Some(identifier)) => super::resource(state, cluster, identifier),
            (None, None) => state.redshift_arn(&format!("snapshot:{}/*", cluster.map_or("*", ClusterId::as_str))),
        }
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let cluster = self.filter.cluster.as_ref();
        vec![match (&self.arn, &self.filter.identifier) {
            (Some(arn), _) => ask_of_arn(state, Self::NAME, arn, cluster),
            (None, Some(identifier)) => ask(state, Self::NAME, cluster, identifier),
            (None, None) => Ask::new(Self::NAME, self.resource(state)),
        }]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (state, control) = (context.state, &context.state.control);
        let mut filter = self.filter;
        if let Some(arn) = &self.arn {
            let (cluster, identifier) = of_arn(state, arn, filter.cluster.as_ref())?;
            (filter.cluster, filter.identifier) = (Some(cluster), Some(identifier));
        }
        let mut page = control.snapshots(&filter, self.marker.as_deref(), self.records);
        if page.items.is_empty()
            && self.marker.is_none()
            && let Some(identifier) = filter.identifier
        {
            return Err(ControlError::SnapshotNotFound(identifier).into());
        }
        if let Some(cluster) = filter.cluster
            && page.items.is_empty()
            && control.cluster(&cluster).is_none()
        {
            return Err(ControlError::ClusterNotFound(cluster).into());
        }
        if self.owner.is_some_and(|owner| owner != state.account()) {
            page.items.clear();
            page.next = None;
        }
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
            xml.element("Snapshots", |xml| {
                for snapshot in &page.items {
                    xml.element("Snapshot", |xml| write(xml, state, snapshot, shown_status(snapshot)));
                }
            });
        }))))
    }
}
