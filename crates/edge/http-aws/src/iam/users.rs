//! Users.

pub(super) mod keys;

use ::iam::NewUser;
use ::sts::Ask;
use base::Principal;

use super::call::{Entry, IamCall, entry, validation};
use super::fields::{self, PageRequest};
use super::holders::attached::{Attach, Detach, ListAttached};
use super::holders::boundary::{DeleteBoundary, PutBoundary};
use super::holders::inline::{DeletePolicy, GetPolicy, ListPolicies, PutPolicy};
use super::holders::{OfUser, page_of};
use super::tagging::{self, ListTags, Tag, Untag};
use super::target::{Target, asks_to_make, with_boundary};
use super::write::{self, Detail};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] = &[
    entry::<CreateUser>(),
    entry::<GetUser>(),
    entry::<ListUsers>(),
    entry::<UpdateUser>(),
    entry::<DeleteUser>(),
    entry::<ListGroupsForUser>(),
    entry::<PutPolicy<OfUser>>(),
    entry::<GetPolicy<OfUser>>(),
    entry::<DeletePolicy<OfUser>>(),
    entry::<ListPolicies<OfUser>>(),
    entry::<Attach<OfUser>>(),
    entry::<Detach<OfUser>>(),
    entry::<ListAttached<OfUser>>(),
    entry::<PutBoundary<OfUser>>(),
    entry::<DeleteBoundary<OfUser>>(),
    entry::<Tag<tagging::OfUser>>(),
    entry::<Untag<tagging::OfUser>>(),
    entry::<ListTags<tagging::OfUser>>(),
    entry::<keys::CreateAccessKey>(),
    entry::<keys::ListAccessKeys>(),
    entry::<keys::UpdateAccessKey>(),
    entry::<keys::DeleteAccessKey>(),
    entry::<keys::GetAccessKeyLastUsed>(),
];

/// What the root user is called where a member needs a user's name.
const ROOT: &str = "root";

/// Whom an operation means whose `UserName` may be left out: then it is the caller (IAM API, GetUser, ListAccessKeys …).
#[derive(Debug)]
pub(super) enum UserOrRoot {
    Root,
    User(String),
}

impl UserOrRoot {
    pub(super) fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        if let Some(name) = fields.optional("UserName") {
            return Ok(Self::User(name));
        }
        match context.caller.principal() {
            Principal::Root { .. } => Ok(Self::Root),
            Principal::IamUser { path_and_name, .. } => {
                Ok(Self::User(path_and_name.rsplit('/').next().unwrap_or_default().to_owned()))
            }
            Principal::Anonymous
            | Principal::RoleSession { .. }
            | Principal::ScimClient { .. }
            | Principal::IdpAdministrator { .. }
            | Principal::DirectoryUser { .. }
            | Principal::DbUser { .. }
            | Principal::System => {
                Err(validation("Must specify userName when calling with non-User credentials".to_owned()))
            }
        }
    }

    pub(super) fn target(&self, state: &AwsState) -> Target {
        match self {
            Self::Root => Target::plain(format!("arn:aws:iam::{}:root", state.account())),
            Self::User(name) => Target::user(state, name),
        }
    }

    /// Whether it is there.
    pub(super) fn check(&self, state: &AwsState) -> Result<(), ApiError> {
        match self {
            Self::Root => Ok(()),
            Self::User(name) => Ok(state.iam.find_user(name).map(drop)?),
        }
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Root => ROOT,
            Self::User(name) => name,
        }
    }
}

#[derive(Debug)]
struct CreateUser(NewUser);

impl IamCall for CreateUser {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self(NewUser {
            name: fields.required("UserName")?,
            path: fields.optional("Path"),
            boundary: fields.optional("PermissionsBoundary"),
            tags: fields::tags(fields)?,
        }))
    }
}

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "user", self.0.path.as_deref(), &self.0.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let ask = Ask::new(Self::NAME, self.resource(state));
        asks_to_make(with_boundary(ask, self.0.boundary.as_deref()), &self.0.tags, "TagUser")
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let made = context.state.iam.create_user(self.0).await?;
        Ok(write::result(|xml| xml.element("User", |xml| write::user(xml, &made, Detail::Full))))
    }
}

#[derive(Debug)]
struct GetUser(UserOrRoot);

impl IamCall for GetUser {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        UserOrRoot::read(fields, context).map(Self)
    }
}

impl Operation for GetUser {
    const NAME: &'static str = "GetUser";

    fn resource(&self, state: &AwsState) -> String {
        self.0.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.0.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let name = match &self.0 {
            UserOrRoot::User(name) => name,
            UserOrRoot::Root => {
                return Ok(write::result(|xml| {
                    xml.element("User", |xml| {
                        xml.text("Path", "/");
                        xml.text("UserName", ROOT);
                        xml.text("UserId", context.state.account());
                        xml.text("Arn", &self.resource(context.state));
                        xml.text("CreateDate", &write::instant(iam.root().created));
                    });
                }));
            }
        };
        let user = iam.find_user(name)?;
        Ok(write::result(|xml| xml.element("User", |xml| write::user(xml, &user, Detail::Full))))
    }
}

#[derive(Debug)]
struct ListUsers {
    path_prefix: String,
    page: PageRequest,
}

impl IamCall for ListUsers {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { path_prefix: fields::path_prefix(fields)?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";

    fn resource(&self, state: &AwsState) -> String {
        Target::new(state, "user", Some(&self.path_prefix), "").arn
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = context.state.iam.list_users(&self.page.listing(&self.path_prefix));
        let next = page.next.as_deref();
        Ok(write::page("Users", &page.items, next, |xml, user| write::user(xml, user, Detail::Listed)))
    }
}

#[derive(Debug)]
struct UpdateUser {
    name: String,
    new_name: Option<String>,
    new_path: Option<String>,
}

impl IamCall for UpdateUser {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            name: fields.required("UserName")?,
            new_name: fields.optional("NewUserName"),
            new_path: fields.optional("NewPath"),
        })
    }
}

impl Operation for UpdateUser {
    const NAME: &'static str = "UpdateUser";

    fn resource(&self, state: &AwsState) -> String {
        Target::user(state, &self.name).arn
    }

    /// For the user as it is and as it will be (IAM API, UpdateUser).
    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        let path = state.iam.user(&self.name).map(|user| user.path.clone());
        let new_name = self.new_name.as_deref().unwrap_or(&self.name);
        let becomes = Target::new(state, "user", self.new_path.as_deref().or(path.as_deref()), new_name);
        vec![Target::user(state, &self.name).ask(Self::NAME), becomes.ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Self { name, new_name, new_path } = self;
        context.state.iam.update_user(&name, new_name.as_deref(), new_path.as_deref()).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
struct DeleteUser(String);

impl IamCall for DeleteUser {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("UserName").map(Self)
    }
}

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";

    fn resource(&self, state: &AwsState) -> String {
        Target::user(state, &self.0).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::user(state, &self.0).ask_with_boundary(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_user(&self.0).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
struct ListGroupsForUser {
    name: String,
    page: PageRequest,
}

impl IamCall for ListGroupsForUser {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { name: fields.required("UserName")?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";

    fn resource(&self, state: &AwsState) -> String {
        Target::user(state, &self.name).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![Target::user(state, &self.name).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let user = iam.find_user(&self.name)?;
        // At most ten (IAM quotas).
        let mut groups = iam.groups_of(&user.id);
        groups.sort_by(|one, other| one.name.cmp(&other.name));
        let (names, next) = page_of(groups.iter().map(|group| group.name.as_str()), &self.page);
        let of_page: Vec<_> = groups.iter().filter(|group| names.contains(&group.name.as_str())).collect();
        Ok(write::page("Groups", &of_page, next, |xml, group| write::group(xml, group)))
    }
}
