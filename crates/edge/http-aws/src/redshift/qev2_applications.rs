//! Connections of Query Editor v2 to Identity Center.

use base::id::{InstanceArn, Qev2IdcApplicationArn};
use control::{ControlError, NewQev2IdcApplication, Page, Qev2IdcApplication};
use sts::Ask;

use super::tags;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::resource_tags::pairs;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct CreateQev2IdcApplication(NewQev2IdcApplication);

impl CreateQev2IdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self(NewQev2IdcApplication {
                idc_instance_arn: InstanceArn::new(fields.required("IdcInstanceArn")?),
                name: fields.required("Qev2IdcApplicationName")?,
                idc_display_name: fields.required("IdcDisplayName")?,
                tags: tags::read(fields, "Tags")?,
            }))
        })
    }
}

impl Operation for CreateQev2IdcApplication {
    const NAME: &'static str = "CreateQev2IdcApplication";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn("qev2idcapplication:*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs(&self.0.tags))]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.control.create_qev2_application(self.0).await?;
        Ok(answer(&made))
    }
}

#[derive(Debug)]
pub(super) struct ModifyQev2IdcApplication {
    arn: Qev2IdcApplicationArn,
    idc_display_name: Option<String>,
}

impl ModifyQev2IdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                arn: Qev2IdcApplicationArn::new(fields.required("Qev2IdcApplicationArn")?),
                idc_display_name: fields.optional("IdcDisplayName"),
            })
        })
    }
}

impl Operation for ModifyQev2IdcApplication {
    const NAME: &'static str = "ModifyQev2IdcApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let changed = context.state.control.modify_qev2_application(&self.arn, self.idc_display_name).await?;
        Ok(answer(&changed))
    }
}

#[derive(Debug)]
pub(super) struct DescribeQev2IdcApplications {
    arn: Option<Qev2IdcApplicationArn>,
    marker: Option<Qev2IdcApplicationArn>,
    records: usize,
}

impl DescribeQev2IdcApplications {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                arn: fields.optional("Qev2IdcApplicationArn").map(Qev2IdcApplicationArn::new),
                marker: fields.optional("Marker").map(Qev2IdcApplicationArn::new),
                records: fields.max_records()?,
            })
        })?;
        if parsed.arn.is_some() && parsed.marker.is_some() {
            return Err(ApiError::ParameterCombination { one: "Qev2IdcApplicationArn", other: "Marker" });
        }
        Ok(parsed)
    }
}

impl Operation for DescribeQev2IdcApplications {
    const NAME: &'static str = "DescribeQev2IdcApplications";

    fn resource(&self, state: &AwsState) -> String {
        let all = || state.redshift_arn("qev2idcapplication:*");
        self.arn.as_ref().map_or_else(all, |arn| arn.as_str().to_owned())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let page = match self.arn {
            Some(arn) => {
                let found = control.qev2_application(&arn).ok_or(ControlError::Qev2IdcApplicationNotExists(arn))?;
                Page { items: vec![found], next: None }
            }
            None => control.qev2_applications(self.marker.as_ref(), self.records),
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("Qev2IdcApplications", |xml| {
                for application in &page.items {
                    xml.element("member", |xml| write(xml, application));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteQev2IdcApplication(Qev2IdcApplicationArn);

impl DeleteQev2IdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters
            .parse(Self::NAME, |fields| Ok(Self(Qev2IdcApplicationArn::new(fields.required("Qev2IdcApplicationArn")?))))
    }
}

impl Operation for DeleteQev2IdcApplication {
    const NAME: &'static str = "DeleteQev2IdcApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.control.delete_qev2_application(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}

fn answer(application: &Qev2IdcApplication) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.element("Qev2IdcApplication", |xml| write(xml, application));
    })))
}

fn write(xml: &mut Xml, application: &Qev2IdcApplication) {
    xml.text("IdcInstanceArn", application.idc_instance_arn.as_str());
    xml.text("Qev2IdcApplicationName", &application.name);
    xml.text("Qev2IdcApplicationArn", application.arn.as_str());
    xml.text("IdcManagedApplicationArn", application.idc_managed_application_arn.as_str());
    xml.text("IdcOnboardStatus", application.onboard_status.name());
    xml.text("IdcDisplayName", &application.idc_display_name);
    tags::write(xml, &application.tags);
}
