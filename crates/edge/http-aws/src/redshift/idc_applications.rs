//! Connections of Redshift to Identity Center.

mod integrations;
mod role;

use base::id::{InstanceArn, RedshiftIdcApplicationArn};
use control::{ControlError, NewRedshiftIdcApplication, Page, RedshiftIdcApplication, RedshiftIdcApplicationEdit};
use sts::Ask;

use self::integrations::ServiceIntegrations;
use super::{parameters, tags};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::pass_role::pass_role;
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::resource_tags::pairs;
use crate::state::AwsState;

/// Who acts in the application's role.
const SERVICE: &str = "redshift.amazonaws.com";

#[derive(Debug)]
pub(super) struct CreateRedshiftIdcApplication(NewRedshiftIdcApplication);

impl CreateRedshiftIdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::IDC_APPLICATION)?;
            Ok(Self(NewRedshiftIdcApplication {
                idc_instance_arn: InstanceArn::new(fields.required("IdcInstanceArn")?),
                name: fields.required("RedshiftIdcApplicationName")?,
                identity_namespace: fields.optional("IdentityNamespace"),
                idc_display_name: fields.required("IdcDisplayName")?,
                iam_role_arn: fields.required("IamRoleArn")?,
                redshift_connect: ServiceIntegrations::read(fields)?.redshift_connect,
                tags: tags::read(fields, "Tags")?,
            }))
        })
    }
}

impl Operation for CreateRedshiftIdcApplication {
    const NAME: &'static str = "CreateRedshiftIdcApplication";

    fn resource(&self, state: &AwsState) -> String {
        state.redshift_arn("redshiftidcapplication:*")
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let own = Ask::new(Self::NAME, self.resource(state)).with_request_tags(pairs(&self.0.tags));
        vec![own, pass_role(&self.0.iam_role_arn, SERVICE)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        // What is wrong with the call is told before what the role lacks.
        self.0.check(&state.center.instance().arn, state.account())?;
        role::check(&state.sts, state.account(), &self.0.iam_role_arn, &self.0.idc_instance_arn)?;
        let made = state.control.create_idc_application(self.0).await?;
        Ok(answer(context.state, &made))
    }
}

#[derive(Debug)]
pub(super) struct ModifyRedshiftIdcApplication {
    arn: RedshiftIdcApplicationArn,
    edit: RedshiftIdcApplicationEdit,
}

impl ModifyRedshiftIdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            parameters::settle(fields, parameters::MODIFY_IDC_APPLICATION)?;
            Ok(Self {
                arn: RedshiftIdcApplicationArn::new(fields.required("RedshiftIdcApplicationArn")?),
                edit: RedshiftIdcApplicationEdit {
                    identity_namespace: fields.optional("IdentityNamespace"),
                    iam_role_arn: fields.optional("IamRoleArn"),
                    idc_display_name: fields.optional("IdcDisplayName"),
                    redshift_connect: ServiceIntegrations::read(fields)?.redshift_connect,
                },
            })
        })
    }
}

impl Operation for ModifyRedshiftIdcApplication {
    const NAME: &'static str = "ModifyRedshiftIdcApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.as_str().to_owned()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let role = self.edit.iam_role_arn.as_deref().map(|role| pass_role(role, SERVICE));
        std::iter::once(Ask::new(Self::NAME, self.resource(state))).chain(role).collect()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.edit.check(state.account())?;
        if let (Some(role), Some(before)) = (&self.edit.iam_role_arn, state.control.idc_application(&self.arn)) {
            role::check(&state.sts, state.account(), role, &before.idc_instance_arn)?;
        }
        let changed = state.control.modify_idc_application(&self.arn, self.edit).await?;
        Ok(answer(context.state, &changed))
    }
}

#[derive(Debug)]
pub(super) struct DescribeRedshiftIdcApplications {
    arn: Option<RedshiftIdcApplicationArn>,
    marker: Option<RedshiftIdcApplicationArn>,
    records: usize,
}

impl DescribeRedshiftIdcApplications {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        let parsed = parameters.parse(Self::NAME, |fields| {
            Ok(Self {
                arn: fields.optional("RedshiftIdcApplicationArn").map(RedshiftIdcApplicationArn::new),
                marker: fields.optional("Marker").map(RedshiftIdcApplicationArn::new),
                records: fields.max_records()?,
            })
        })?;
        if parsed.arn.is_some() && parsed.marker.is_some() {
            return Err(ApiError::ParameterCombination { one: "RedshiftIdcApplicationArn", other: "Marker" });
        }
        Ok(parsed)
    }
}

impl Operation for DescribeRedshiftIdcApplications {
    const NAME: &'static str = "DescribeRedshiftIdcApplications";

    fn resource(&self, state: &AwsState) -> String {
        let all = || state.redshift_arn("redshiftidcapplication:*");
        self.arn.as_ref().map_or_else(all, |arn| arn.as_str().to_owned())
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let control = &context.state.control;
        let page = match self.arn {
            Some(arn) => {
                let found = control.idc_application(&arn).ok_or(ControlError::RedshiftIdcApplicationNotExists(arn))?;
                Page { items: vec![found], next: None }
            }
            None => control.idc_applications(self.marker.as_ref(), self.records),
        };
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.element("RedshiftIdcApplications", |xml| {
                for application in &page.items {
                    xml.element("member", |xml| write(xml, context.state, application));
                }
            });
            if let Some(marker) = &page.next {
                xml.text("Marker", marker);
            }
        }))))
    }
}

#[derive(Debug)]
pub(super) struct DeleteRedshiftIdcApplication(RedshiftIdcApplicationArn);

impl DeleteRedshiftIdcApplication {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            Ok(Self(RedshiftIdcApplicationArn::new(fields.required("RedshiftIdcApplicationArn")?)))
        })
    }
}

impl Operation for DeleteRedshiftIdcApplication {
    const NAME: &'static str = "DeleteRedshiftIdcApplication";

    fn resource(&self, _: &AwsState) -> String {
        self.0.as_str().to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.control.delete_idc_application(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}

fn answer(state: &AwsState, application: &RedshiftIdcApplication) -> Answer {
    Answer::Xml(Some(Xml::fragment(|xml| {
        xml.element("RedshiftIdcApplication", |xml| write(xml, state, application));
    })))
}

fn write(xml: &mut Xml, state: &AwsState, application: &RedshiftIdcApplication) {
    xml.text("IdcInstanceArn", application.idc_instance_arn.as_str());
    xml.text("RedshiftIdcApplicationName", &application.name);
    xml.text("RedshiftIdcApplicationArn", application.arn.as_str());
    xml.text("IdentityNamespace", &application.identity_namespace);
    xml.text("IdcDisplayName", &application.idc_display_name);
    xml.text("IamRoleArn", &application.iam_role_arn);
    xml.text("IdcManagedApplicationArn", application.idc_managed_application_arn.as_str());
    xml.text("IdcOnboardStatus", application.onboard_status.name());
    xml.element("AuthorizedTokenIssuerList", |_| {});
    integrations::write(xml, state.control.redshift_connect(application));
    xml.text("ApplicationType", "None");
    tags::write(xml, &application.tags);
    xml.element("SsoTagKeys", |_| {});
}
