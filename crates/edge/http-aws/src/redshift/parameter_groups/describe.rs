//! Parameter groups and their parameters, described.

use std::sync::Arc;

use control::{
    AppliedParameters, DESCRIBE_RECORDS_MAX, Family, PARAMETERS, Page, Parameter, ParameterGroup, TagFilter,
};

use super::{family, found, write};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::redshift::tags;
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::redshift) struct DescribeClusterParameterGroups {
    name: Option<String>,
    marker: Option<String>,
    records: usize,
    filter: TagFilter,
}

impl DescribeClusterParameterGroups {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                name: fields.optional("ParameterGroupName"),
                marker: fields.optional("Marker"),
                records: fields.max_records()?,
                filter: tags::filter(fields)?,
            })
        })
    }

    fn page(&self, state: &AwsState) -> Result<Page<ParameterGroup>, ApiError> {
        if let Some(name) = &self.name {
            let group = found(state, name)?;
            let items = if tags::selects(&self.filter, &group.tags) { vec![group] } else { Vec::new() };
            return Ok(Page { items, next: None });
        }
        // There are few of them: the limit of the account and the families' own.
        let all = state.control.parameter_groups(self.marker.as_ref(), DESCRIBE_RECORDS_MAX);
        let fits = |group: &Arc<ParameterGroup>| tags::selects(&self.filter, &group.tags);
        let mut items: Vec<_> = all.items.into_iter().filter(fits).collect();
        let more = items.len() > self.records;
        items.truncate(self.records);
        let next = items.last().filter(|_| more).map(|last| last.name.clone());
        Ok(Page { items, next })
    }
}

impl Operation for DescribeClusterParameterGroups {
    const NAME: &'static str = "DescribeClusterParameterGroups";

    fn resource(&self, state: &AwsState) -> String {
        let name = self.name.as_ref().map_or_else(|| "*".to_owned(), |name| name.to_ascii_lowercase());
        state.control.parameter_group_arn(&name)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = self.page(context.state)?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("ParameterGroups", |xml| {
                for group in &page.items {
                    xml.element("ClusterParameterGroup", |xml| write(xml, group));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

/// The parameters that follow `after`; with the marker of the next page.
fn following(
    records: usize,
    after: Option<&str>,
    fits: impl Fn(&Parameter) -> bool,
) -> (Vec<&'static Parameter>, Option<&'static str>) {
    let fits = |parameter: &&Parameter| after.is_none_or(|after| parameter.name > after) && fits(parameter);
    let mut rest: Vec<_> = PARAMETERS.iter().filter(fits).collect();
    let more = rest.len() > records;
    rest.truncate(records);
    let next = rest.last().filter(|_| more).map(|last| last.name);
    (rest, next)
}

fn write_parameter(xml: &mut Xml, parameter: &Parameter, value: &str, source: &str) {
    xml.element("Parameter", |xml| {
        xml.text("ParameterName", parameter.name);
        xml.text("ParameterValue", value);
        xml.text("Description", parameter.description);
        xml.text("Source", source);
        xml.text("DataType", parameter.data_type);
        if !parameter.allowed_values.is_empty() {
            xml.text("AllowedValues", parameter.allowed_values);
        }
        xml.text("ApplyType", "static");
        xml.text("IsModifiable", if parameter.is_modifiable() { "true" } else { "false" });
    });
}

#[derive(Debug)]
pub(in crate::redshift) struct DescribeClusterParameters {
    name: String,
    /// Whether those that the group sets are asked for, or those that it leaves.
    set: Option<bool>,
    marker: Option<String>,
    records: usize,
}

impl DescribeClusterParameters {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let set = match fields.optional("Source").as_deref() {
                None => None,
                Some("user") => Some(true),
                Some("engine-default") => Some(false),
                Some(_) => {
                    let rule = "it must be user or engine-default".to_owned();
                    return Err(ApiError::InvalidParameter { parameter: "Source", rule });
                }
            };
            Ok(Self {
                name: fields.required("ParameterGroupName")?,
                set,
                marker: fields.optional("Marker"),
                records: fields.max_records()?,
            })
        })
    }
}

impl Operation for DescribeClusterParameters {
    const NAME: &'static str = "DescribeClusterParameters";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn(&self.name.to_ascii_lowercase())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let group = found(context.state, &self.name)?;
        let is_set = |parameter: &Parameter| group.values.contains_key(parameter.name);
        let asked = |parameter: &Parameter| self.set.is_none_or(|set| set == is_set(parameter));
        let (page, next) = following(self.records, self.marker.as_deref(), asked);
        let values: AppliedParameters = group.applied();
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("Parameters", |xml| {
                for parameter in page {
                    let source = if is_set(parameter) { "user" } else { "engine-default" };
                    write_parameter(xml, parameter, values.value(parameter), source);
                }
            });
            if let Some(marker) = next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

#[derive(Debug)]
pub(in crate::redshift) struct DescribeDefaultClusterParameters {
    family: Family,
    marker: Option<String>,
    records: usize,
}

impl DescribeDefaultClusterParameters {
    pub(in crate::redshift) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self { family: family(fields)?, marker: fields.optional("Marker"), records: fields.max_records()? })
        })
    }
}

impl Operation for DescribeDefaultClusterParameters {
    const NAME: &'static str = "DescribeDefaultClusterParameters";

    fn resource(&self, state: &AwsState) -> String {
        state.control.parameter_group_arn("*")
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        let (page, next) = following(self.records, self.marker.as_deref(), |_| true);
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("DefaultClusterParameters", |xml| {
                xml.text("ParameterGroupFamily", self.family.name());
                if let Some(marker) = next {
                    xml.text("Marker", marker);
                }
                xml.element("Parameters", |xml| {
                    for parameter in page {
                        write_parameter(xml, parameter, parameter.default_in(self.family), "engine-default");
                    }
                });
            });
        }))))
    }
}
