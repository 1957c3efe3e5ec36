//! Passwords that an administrator gives back.

use std::sync::Arc;

use base::id::DirectoryUserId;
use directory::DirectoryUser;
use serde_json::json;
use time::Duration;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json::{self, Fields};
use crate::state::AwsState;

/// Minutes that a link lives where the caller doesn't say, and at most (seven days).
const MINUTES: i64 = 24 * 60;
const MINUTES_MAX: i64 = 7 * 24 * 60;

/// `UserName` or `UserId`.
#[derive(Debug)]
enum Who {
    Name(String),
    Id(DirectoryUserId),
}

impl Who {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let (name, id) = (fields.optional("UserName")?, fields.optional::<String>("UserId")?);
        match (name, id) {
            (Some(name), None) => Ok(Self::Name(name)),
            (None, Some(id)) => Ok(Self::Id(DirectoryUserId::new(id))),
            (Some(_), Some(_)) => Err(ApiError::ParameterCombination { one: "UserName", other: "UserId" }),
            (None, None) => fields.required("UserName").map(Self::Name),
        }
    }

    fn look_up(&self, state: &AwsState) -> Option<Arc<DirectoryUser>> {
        match self {
            Self::Name(name) => state.directory.user_by_name(name),
            Self::Id(id) => state.directory.user(id),
        }
    }

    fn find(&self, state: &AwsState) -> Result<Arc<DirectoryUser>, ApiError> {
        self.look_up(state).ok_or_else(|| ApiError::IdentityNotFound {
            kind: "USER",
            id: match self {
                Self::Name(_) => None,
                Self::Id(id) => Some(id.to_string()),
            },
        })
    }

    fn resource(&self, state: &AwsState) -> String {
        let found = self.look_up(state);
        found.map_or_else(|| "*".to_owned(), |user| format!("arn:aws:identitystore:::user/{}", user.id))
    }
}

/// `UserName` or `UserId`, `LifetimeMinutes` (1 to 10080, 1440 unless given) → `UserId`, `UserName`, `Path` (below the public
/// HTTPS address; it works once), `ExpiresAt`. An earlier link of the person ends.
#[derive(Debug)]
pub(super) struct CreatePasswordResetLink {
    who: Who,
    lifetime: Duration,
}

impl CreatePasswordResetLink {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let minutes = fields.optional::<i64>("LifetimeMinutes")?.unwrap_or(MINUTES);
            if !(1..=MINUTES_MAX).contains(&minutes) {
                let rule = format!("it must be a number from 1 to {MINUTES_MAX}");
                return Err(ApiError::InvalidParameter { parameter: "LifetimeMinutes", rule });
            }
            Ok(Self { who: Who::read(fields)?, lifetime: Duration::minutes(minutes) })
        })
    }
}

impl Operation for CreatePasswordResetLink {
    const NAME: &'static str = "CreatePasswordResetLink";

    fn resource(&self, state: &AwsState) -> String {
        self.who.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let user = self.who.find(state)?;
        let expires = state.clock.now() + self.lifetime;
        let token = state.directory.create_reset_link(&user.id, self.lifetime).await?;
        Ok(Answer::Json(json!({
            "UserId": user.id.as_str(),
            "UserName": user.user_name,
            "Path": format!("/reset/{}", token.expose()),
            "ExpiresAt": expires.unix_timestamp(),
        })))
    }
}

/// `UserName` or `UserId` → `UserId`, `UserName`, `OneTimePassword` (shown this once; it must be changed at the next sign-in).
#[derive(Debug)]
pub(super) struct SetOneTimePassword {
    who: Who,
}

impl SetOneTimePassword {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| Ok(Self { who: Who::read(fields)? }))
    }
}

impl Operation for SetOneTimePassword {
    const NAME: &'static str = "SetOneTimePassword";

    fn resource(&self, state: &AwsState) -> String {
        self.who.resource(state)
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        let user = self.who.find(state)?;
        let password = state.directory.set_one_time_password(&user.id).await?;
        Ok(Answer::Json(json!({
            "UserId": user.id.as_str(),
            "UserName": user.user_name,
            "OneTimePassword": password.expose(),
        })))
    }
}
