//! Access keys, the caller's own where no user is named.

use ::iam::{KeyHolder, KeyOwner};
use ::sts::Ask;

use super::UserOrRoot;
use crate::error::ApiError;
use crate::iam::call::{IamCall, no_such_entity};
use crate::iam::fields::{self, PageRequest};
use crate::iam::holders::page_of;
use crate::iam::target::Target;
use crate::iam::write;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

impl UserOrRoot {
    fn owner(&self) -> KeyHolder<'_> {
        match self {
            Self::Root => KeyHolder::Root,
            Self::User(name) => KeyHolder::User(name),
        }
    }
}

#[derive(Debug)]
pub(in crate::iam) struct CreateAccessKey(UserOrRoot);

impl IamCall for CreateAccessKey {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        UserOrRoot::read(fields, context).map(Self)
    }
}

impl Operation for CreateAccessKey {
    const NAME: &'static str = "CreateAccessKey";

    fn resource(&self, state: &AwsState) -> String {
        self.0.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.0.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let key = context.state.iam.create_access_key(self.0.owner()).await?;
        Ok(write::result(|xml| {
            xml.element("AccessKey", |xml| {
                write::access_key(xml, self.0.name(), &key);
                // The one time that it is shown.
                xml.text("SecretAccessKey", key.secret.expose());
            });
        }))
    }
}

#[derive(Debug)]
pub(in crate::iam) struct ListAccessKeys {
    user: UserOrRoot,
    page: PageRequest,
}

impl IamCall for ListAccessKeys {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { user: UserOrRoot::read(fields, context)?, page: PageRequest::read(fields)? })
    }
}

impl Operation for ListAccessKeys {
    const NAME: &'static str = "ListAccessKeys";

    fn resource(&self, state: &AwsState) -> String {
        self.user.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.user.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let owner = match &self.user {
            UserOrRoot::Root => KeyOwner::Root,
            UserOrRoot::User(name) => KeyOwner::User(iam.find_user(name)?.id.clone()),
        };
        let mut keys = iam.access_keys_of(&owner);
        keys.sort_by(|one, other| one.id.cmp(&other.id));
        let (ids, next) = page_of(keys.iter().map(|key| key.id.as_str()), &self.page);
        let of_page: Vec<_> = keys.iter().filter(|key| ids.contains(&key.id.as_str())).collect();
        Ok(write::page("AccessKeyMetadata", &of_page, next, |xml, key| {
            write::access_key(xml, self.user.name(), key);
        }))
    }
}

#[derive(Debug)]
pub(in crate::iam) struct UpdateAccessKey {
    user: UserOrRoot,
    key: String,
    active: bool,
}

impl IamCall for UpdateAccessKey {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        let missing = ApiError::MissingParameter { operation: Self::NAME, parameter: "Status" };
        Ok(Self {
            user: UserOrRoot::read(fields, context)?,
            key: fields.required("AccessKeyId")?,
            active: fields::one_of(fields, "Status", &[("Active", true), ("Inactive", false)])?.ok_or(missing)?,
        })
    }
}

impl Operation for UpdateAccessKey {
    const NAME: &'static str = "UpdateAccessKey";

    fn resource(&self, state: &AwsState) -> String {
        self.user.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.user.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.set_access_key_active(self.user.owner(), &self.key, self.active).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(in crate::iam) struct DeleteAccessKey {
    user: UserOrRoot,
    key: String,
}

impl IamCall for DeleteAccessKey {
    fn read(fields: &mut Fields<'_>, context: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self { user: UserOrRoot::read(fields, context)?, key: fields.required("AccessKeyId")? })
    }
}

impl Operation for DeleteAccessKey {
    const NAME: &'static str = "DeleteAccessKey";

    fn resource(&self, state: &AwsState) -> String {
        self.user.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.user.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        context.state.iam.delete_access_key(self.user.owner(), &self.key).await?;
        Ok(Answer::Xml(None))
    }
}

#[derive(Debug)]
pub(in crate::iam) struct GetAccessKeyLastUsed(String);

impl GetAccessKeyLastUsed {
    fn owner(&self, state: &AwsState) -> Option<UserOrRoot> {
        match &state.iam.access_key(&self.0)?.owner {
            KeyOwner::Root => Some(UserOrRoot::Root),
            KeyOwner::User(id) => Some(UserOrRoot::User(state.iam.user_by_id(id)?.name.clone())),
        }
    }

    fn target(&self, state: &AwsState) -> Target {
        self.owner(state).map_or_else(|| Target::plain("*"), |owner| owner.target(state))
    }
}

impl IamCall for GetAccessKeyLastUsed {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        fields.required("AccessKeyId").map(Self)
    }
}

impl Operation for GetAccessKeyLastUsed {
    const NAME: &'static str = "GetAccessKeyLastUsed";

    fn resource(&self, state: &AwsState) -> String {
        self.target(state).arn
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![self.target(state).ask(Self::NAME)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let Some(owner) = self.owner(context.state) else {
            return Err(no_such_entity(format!("The Access Key with id {} cannot be found.", self.0)));
        };
        let used = context.state.iam.key_last_used(&self.0);
        Ok(write::result(|xml| {
            xml.text("UserName", owner.name());
            xml.element("AccessKeyLastUsed", |xml| {
                if let Some(used) = &used {
                    xml.text("LastUsedDate", &write::instant(used.at));
                }
                xml.text("ServiceName", used.as_ref().map_or("N/A", |used| used.service.as_str()));
                xml.text("Region", used.as_ref().map_or("N/A", |used| used.region.as_str()));
            });
        }))
    }
}
