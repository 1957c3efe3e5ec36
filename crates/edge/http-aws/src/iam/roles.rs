//! Roles.

mod change;
mod linked;

use ::iam::NewRole;
use ::sts::Ask;

use self::change::{DeleteRole, UpdateAssumeRolePolicy, UpdateRole, UpdateRoleDescription};
use self::linked::{CreateServiceLinkedRole, DeleteServiceLinkedRole, GetServiceLinkedRoleDeletionStatus};
use super::call::{Entry, IamCall, entry};
use super::fields::{self, PageRequest};
use super::holders::OfRole;
use super::holders::attached::{Attach, Detach, ListAttached};
use super::holders::boundary::{DeleteBoundary, PutBoundary};
use super::holders::inline::{DeletePolicy, GetPolicy, ListPolicies, PutPolicy};
use super::tagging::{self, ListTags, Tag, Untag};
use super::target::{Target, asks_to_make, with_boundary};
use super::write::{self, Detail};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<CreateRole>(),
    entry::<GetRole>(),
    entry::<ListRoles>(),
    entry::<UpdateRole>(),
    entry::<UpdateRoleDescription>(),
    entry::<UpdateAssumeRolePolicy>(),
    entry::<DeleteRole>(),
    entry::<CreateServiceLinkedRole>(),
    entry::<DeleteServiceLinkedRole>(),
    entry::<GetServiceLinkedRoleDeletionStatus>(),
    entry::<PutPolicy<OfRole>>(),
    entry::<GetPolicy<OfRole>>(),
    entry::<DeletePolicy<OfRole>>(),
    entry::<ListPolicies<OfRole>>(),
    entry::<Attach<OfRole>>(),
    entry::<Detach<OfRole>>(),
    entry::<ListAttached<OfRole>>(),
    entry::<PutBoundary<OfRole>>(),
    entry::<DeleteBoundary<OfRole>>(),
    entry::<Tag<tagging::OfRole>>(),
    entry::<Untag<tagging::OfRole>>(),
    entry::<ListTags<tagging::OfRole>>(),
];

#[derive(Debug)]
struct CreateRole(NewRole);

impl IamCall for CreateRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self(NewRole {
            name: fields.required("RoleName")?,
            path: fields.optional("Path"),
            trust: fields.required("AssumeRolePolicyDocument")?,
            description: fields.optional("Description"),
            max_session_duration: fields::number(fields, "MaxSessionDuration")?,
            boundary: fields.optional("PermissionsBoundary"),
            tags: fields::tags(fields)?,
        }))
    }
}

impl Operation for CreateRole {
    const NAME: &'static str = "CreateRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "role", self.0.path.as_deref(), &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let ask = Ask::new(Self::NAME, self.resource(state));
        asks_to_make(with_boundary(ask, self.0.boundary.as_deref()), &self.0.tags, "TagRole")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let made = iam.create_role(self.0).await?;
        Ok(write::result(|xml| xml.element("Role", |xml| write::role(xml, iam, &made, Detail::Full))))
    }
}

#[derive(Debug)]
struct GetRole(String);

impl IamCall for GetRole {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("RoleName").map(Self)
    }
}

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";

    fn resource(&self, state: &AwsState) -> String {
        Target::role(state, &self.0).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::role(state, &self.0).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let role = iam.find_role(&self.0)?;
        Ok(write::result(|xml| xml.element("Role", |xml| write::role(xml, iam, &role, Detail::Full))))
    }
}

#[derive(Debug)]
struct ListRoles {
    path_prefix: String,
    page: PageRequest,
}

impl IamCall for ListRoles {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { path_prefix: fields::path_prefix(fields)?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "role", Some(&self.path_prefix), "").arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let page = iam.list_roles(&self.page.listing(&self.path_prefix));
        let next = page.next.as_deref();
        Ok(write::page("Roles", &page.items, next, |xml, role| write::role(xml, iam, role, Detail::Listed)))
    }
}
