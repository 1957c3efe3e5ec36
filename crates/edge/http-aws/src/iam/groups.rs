//! Groups and who is in them.

mod members;

use ::sts::Ask;

use self::members::{AddUserToGroup, RemoveUserFromGroup};
use super::call::{Entry, IamCall, entry};
use super::fields::{self, PageRequest};
use super::holders::OfGroup;
use super::holders::attached::{Attach, Detach, ListAttached};
use super::holders::inline::{DeletePolicy, GetPolicy, ListPolicies, PutPolicy};
use super::target::Target;
use super::write::{self, Detail};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<CreateGroup>(),
    entry::<GetGroup>(),
    entry::<ListGroups>(),
    entry::<UpdateGroup>(),
    entry::<DeleteGroup>(),
    entry::<AddUserToGroup>(),
    entry::<RemoveUserFromGroup>(),
    entry::<PutPolicy<OfGroup>>(),
    entry::<GetPolicy<OfGroup>>(),
    entry::<DeletePolicy<OfGroup>>(),
    entry::<ListPolicies<OfGroup>>(),
    entry::<Attach<OfGroup>>(),
    entry::<Detach<OfGroup>>(),
    entry::<ListAttached<OfGroup>>(),
];

#[derive(Debug)]
struct CreateGroup {
    name: String,
    path: Option<String>,
}

impl IamCall for CreateGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required("GroupName")?, path: fields.optional("Path") })
    }
}

impl Operation for CreateGroup {
    const NAME: &'static str = "CreateGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "group", self.path.as_deref(), &self.name).arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.iam.create_group(&self.name, self.path.as_deref()).await?;
        Ok(write::result(|xml| xml.element("Group", |xml| write::group(xml, &made))))
    }
}

/// The group and a page of its members.
#[derive(Debug)]
struct GetGroup {
    name: String,
    page: PageRequest,
}

impl IamCall for GetGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required("GroupName")?, page: PageRequest::read(fields)? })
    }
}

impl Operation for GetGroup {
    const NAME: &'static str = "GetGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::group(state, &self.name).arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let group = iam.find_group(&self.name)?;
        let members = iam.members_of(&group.id, self.page.after.as_deref(), self.page.items);
        Ok(write::result(|xml| {
            xml.element("Group", |xml| write::group(xml, &group));
            write::members(xml, "Users", &members.items, |xml, user| write::user(xml, user, Detail::Listed));
            write::end_of_page(xml, members.next.as_deref());
        }))
    }
}

#[derive(Debug)]
struct ListGroups {
    path_prefix: String,
    page: PageRequest,
}

impl IamCall for ListGroups {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { path_prefix: fields::path_prefix(fields)?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListGroups {
    const NAME: &'static str = "ListGroups";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "group", Some(&self.path_prefix), "").arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = context.state.iam.list_groups(&self.page.listing(&self.path_prefix));
        Ok(write::page("Groups", &page.items, page.next.as_deref(), |xml, group| write::group(xml, group)))
    }
}

#[derive(Debug)]
struct UpdateGroup {
    name: String,
    new_name: Option<String>,
    new_path: Option<String>,
}

impl IamCall for UpdateGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: fields.required("GroupName")?,
            new_name: fields.optional("NewGroupName"),
            new_path: fields.optional("NewPath"),
        })
    }
}

impl Operation for UpdateGroup {
    const NAME: &'static str = "UpdateGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::group(state, &self.name).arn
    }

    /// For the group as it is and as it will be (IAM API, UpdateGroup).
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let path = state.iam.group(&self.name).map(|group| group.path.clone());
        let new_name = self.new_name.as_deref().unwrap_or(&self.name);
        let becomes = Target::new(state, "group", self.new_path.as_deref().or(path.as_deref()), new_name);
        vec![Target::group(state, &self.name).ask(Self::NAME), becomes.ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { name, new_name, new_path } = self;
        context.state.iam.update_group(&name, new_name.as_deref(), new_path.as_deref()).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
struct DeleteGroup(String);

impl IamCall for DeleteGroup {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("GroupName").map(Self)
    }
}

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";

    fn resource(&self, state: &AwsState) -> String {
        Target::group(state, &self.0).arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_group(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}
