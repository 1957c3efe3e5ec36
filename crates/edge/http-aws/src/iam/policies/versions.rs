//! Versions of a managed policy.

use ::sts::Ask;

use crate::error::ApiError;
use crate::iam::call::{IamCall, invalid_input, no_such_entity};
use crate::iam::fields::PageRequest;
use crate::iam::target::Target;
use crate::iam::write::{self, Detail};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct CreatePolicyVersion {
    arn: String,
    document: String,
    set_as_default: bool,
}

impl IamCall for CreatePolicyVersion {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            arn: fields.required("PolicyArn")?,
            document: fields.required("PolicyDocument")?,
            set_as_default: fields.boolean("SetAsDefault")?.unwrap_or(false),
        })
    }
}

impl Operation for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let made = iam.create_policy_version(&self.arn, &self.document, self.set_as_default).await?;
        Ok(write::result(|xml| {
            xml.element("PolicyVersion", |xml| {
                xml.text("VersionId", &made.id());
                xml.text("IsDefaultVersion", if self.set_as_default { "true" } else { "false" });
                xml.text("CreateDate", &write::instant(made.created));
            });
        }))
    }
}

/// A version of a policy, by ARN and id.
#[derive(Debug)]
struct VersionName {
    arn: String,
    version: String,
}

impl VersionName {
    fn read(fields: &mut Fields<'_>) -> Result<Self, ApiError> {
        Ok(Self { arn: fields.required("PolicyArn")?, version: fields.required("VersionId")? })
    }
}

#[derive(Debug)]
pub(super) struct GetPolicyVersion(VersionName);

impl IamCall for GetPolicyVersion {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        VersionName::read(fields).map(Self)
    }
}

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";

    fn resource(&self, _: &AwsState) -> String {
        self.0.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.0.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let VersionName { arn, version } = self.0;
        let policy = context.state.iam.find_policy(&arn)?;
        let Some(found) = policy.version(&version) else {
            let message = format!("Policy {arn} version {version} does not exist or is not attachable.");
            return Err(no_such_entity(message));
        };
        Ok(write::result(|xml| {
            xml.element("PolicyVersion", |xml| write::version(xml, &policy, found, Detail::Full));
        }))
    }
}

/// The newest version first.
#[derive(Debug)]
pub(super) struct ListPolicyVersions {
    arn: String,
    page: PageRequest,
}

impl IamCall for ListPolicyVersions {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { arn: fields.required("PolicyArn")?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";

    fn resource(&self, _: &AwsState) -> String {
        self.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let policy = context.state.iam.find_policy(&self.arn)?;
        let after: Option<u32> = match &self.page.after {
            None => None,
            Some(marker) => {
                let unknown = || invalid_input("Marker is not one that this operation gave.".to_owned());
                Some(marker.strip_prefix('v').and_then(|number| number.parse().ok()).ok_or_else(unknown)?)
            }
        };
        let newest_first = policy.versions.values().rev();
        let mut versions: Vec<_> =
            newest_first.filter(|version| after.is_none_or(|after| version.number < after)).collect();
        let more = versions.len() > self.page.items;
        versions.truncate(self.page.items);
        let next = versions.last().filter(|_| more).map(|last| last.id());
        Ok(write::page("Versions", &versions, next.as_deref(), |xml, version| {
            write::version(xml, &policy, version, Detail::Listed);
        }))
    }
}

#[derive(Debug)]
pub(super) struct SetDefaultPolicyVersion(VersionName);

impl IamCall for SetDefaultPolicyVersion {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        VersionName::read(fields).map(Self)
    }
}

impl Operation for SetDefaultPolicyVersion {
    const NAME: &'static str = "SetDefaultPolicyVersion";

    fn resource(&self, _: &AwsState) -> String {
        self.0.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.0.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.set_default_policy_version(&self.0.arn, &self.0.version).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(super) struct DeletePolicyVersion(VersionName);

impl IamCall for DeletePolicyVersion {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        VersionName::read(fields).map(Self)
    }
}

impl Operation for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";

    fn resource(&self, _: &AwsState) -> String {
        self.0.arn.clone()
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::policy(state, &self.0.arn).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_policy_version(&self.0.arn, &self.0.version).await?;
        Ok(Answer::Xml(None))
    }
}
