//! DescribeClusters.

use std::sync::Arc;

use base::id::ClusterId;
use control::{Cluster, Control, ControlError, DESCRIBE_RECORDS_MAX, Page, TagFilter};

use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::redshift::tags;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct DescribeClusters {
    identifier: Option<ClusterId>,
    marker: Option<ClusterId>,
    records: usize,
    filter: TagFilter,
}

impl DescribeClusters {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                identifier: fields.optional("ClusterIdentifier").map(ClusterId::new),
                marker: fields.optional("Marker").map(ClusterId::new),
                records: fields.max_records()?,
                filter: tags::filter(fields)?,
            })
        })?;
        if parsed.identifier.is_some() && parsed.marker.is_some() {
            return Err(ApiError::ParameterCombination { one: "ClusterIdentifier", other: "Marker" });
        }
        Ok(parsed)
    }
}

impl Operation for DescribeClusters {
    const NAME: &'static str = "DescribeClusters";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn(&format!("cluster:{}", self.identifier.as_ref().map_or("*", ClusterId::as_str)))
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let page = match self.identifier {
            Some(id) => {
                let cluster = control.cluster(&id).ok_or(ControlError::ClusterNotFound(id))?;
                let items = if tags::selects(&self.filter, &cluster.tags) { vec![cluster] } else { Vec::new() };
                Page { items, next: None }
            }
            None => selected(control, self.marker, self.records, &self.filter),
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("Clusters", |xml| {
                for cluster in &page.items {
                    xml.element("Cluster", |xml| write(xml, context.state, cluster));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

/// The clusters that follow `after` and have a tag of the filter; at most `records`.
fn selected(control: &Control, mut after: Option<ClusterId>, records: usize, filter: &TagFilter) -> Page<Cluster> {
    let mut items: Vec<Arc<Cluster>> = Vec::new();
    loop {
        let page = control.clusters(after.as_ref(), DESCRIBE_RECORDS_MAX);
        items.extend(page.items.into_iter().filter(|cluster| tags::selects(filter, &cluster.tags)));
        if items.len() > records {
            items.truncate(records);
            let next = items.last().map(|last| last.identifier.as_str().to_owned());
            return Page { items, next };
        }
        let Some(next) = page.next else { return Page { items, next: None } };
        after = Some(ClusterId::new(next));
    }
}
