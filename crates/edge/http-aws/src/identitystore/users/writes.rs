//! People, written.

use base::id::DirectoryUserId;
use directory::{DirectoryUser, NewUser, Origin, UserEdit};
use scim::Object;
use serde_json::{Value, json};

use super::head;
use crate::error::ApiError;
use crate::identitystore::attributes::{ENTERPRISE, ENTERPRISE_ATTRIBUTE, USER, has, of_user};
use crate::identitystore::change::{self, Change, REQUIRED};
use crate::identitystore::ids;
use crate::identitystore::lookup::revision;
use crate::identitystore::refusal::{check_reserved, of_scim, required};
use crate::identitystore::store::StoreId;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

#[derive(Debug)]
pub(in crate::identitystore) struct CreateUser {
    store: StoreId,
    new: NewUser,
}

impl CreateUser {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let store = StoreId::read(fields)?;
            let mut kept = Object::new();
            for attribute in USER {
                if let Some(value) = fields.optional::<Value>(attribute.name)? {
                    kept.insert(attribute.kept.to_owned(), attribute.keep(value)?);
                }
            }
            extensions(fields, &mut kept)?;
            check_required(&kept)?;
            let (new, _) = scim::user::create(kept).map_err(|error| of_scim(&error))?;
            check_reserved(&new.user_name)?;
            Ok(Self { store, new: NewUser { origin: Origin::Api, ..new } })
        })
    }
}

fn extensions(fields: &mut Fields, kept: &mut Object) -> Result<(), ApiError> {
    for (name, value) in fields.optional::<Object>("Extensions")?.unwrap_or_default() {
        if name != ENTERPRISE {
            let rule = format!("the only extension is {ENTERPRISE}");
            return Err(ApiError::InvalidParameter { parameter: "Extensions", rule });
        }
        kept.insert(ENTERPRISE_ATTRIBUTE.kept.to_owned(), ENTERPRISE_ATTRIBUTE.keep(value)?);
    }
    Ok(())
}

fn check_required(kept: &Object) -> Result<(), ApiError> {
    if !has(kept, &["userName"]) {
        return Err(required(&[]));
    }
    // Without a name at all its parts aren't asked for.
    let named = has(kept, &["name"]);
    let missing = REQUIRED.iter().filter(|(path, _)| (named || path.len() == 1) && !has(kept, path));
    let missing: Vec<&str> = missing.map(|(_, name)| *name).collect();
    if missing.is_empty() { Ok(()) } else { Err(required(&missing)) }
}

impl Operation for CreateUser {
    const NAME: &'static str = "CreateUser";

    fn resource(&self, state: &AwsState) -> String {
        self.store.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        self.store.check(state)?;
        let user = state.directory.create_user(self.new).await?;
        Ok(Answer::Json(head(state, &user)))
    }
}

#[derive(Debug)]
pub(in crate::identitystore) struct UpdateUser {
    store: StoreId,
    user: DirectoryUserId,
    changes: Vec<Change>,
    revision: Option<u64>,
}

impl UpdateUser {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                store: StoreId::read(fields)?,
                user: ids::user(fields)?,
                changes: change::read(fields, of_user)?,
                revision: revision(fields)?,
            })
        })
    }
}

impl Operation for UpdateUser {
    const NAME: &'static str = "UpdateUser";

    fn resource(&self, _: &AwsState) -> String {
        ids::user_arn(&self.user)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (Self { store, user, changes, revision }, state) = (self, context.state);
        store.check(state)?;
        let edit = |current: &DirectoryUser| {
            let new = change::user(current, changes)?;
            if new.user_name != current.user_name {
                check_reserved(&new.user_name)?;
            }
            Ok::<_, ApiError>(UserEdit::from(new))
        };
        let user = state.directory.update_user(&user, revision, edit).await?;
        Ok(Answer::Json(head(state, &user)))
    }
}

#[derive(Debug)]
pub(in crate::identitystore) struct DeleteUser {
    store: StoreId,
    user: DirectoryUserId,
    revision: Option<u64>,
}

impl DeleteUser {
    pub(in crate::identitystore) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self { store: StoreId::read(fields)?, user: ids::user(fields)?, revision: revision(fields)? })
        })
    }
}

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";

    fn resource(&self, _: &AwsState) -> String {
        ids::user_arn(&self.user)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        self.store.check(context.state)?;
        context.state.directory.delete_user(&self.user, self.revision).await?;
        Ok(Answer::Json(json!({})))
    }
}
