//! Ending sessions of roles before their time.

use base::ErrorKind;
use serde_json::json;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

/// Either `RoleName`: every session of the role that was issued until now, and what was made with them; or `AccessKeyId` (`ASIA…`): the
/// session of one temporary key. → `RoleName` | `AccessKeyId`.
#[derive(Debug)]
pub(super) enum RevokeRoleSessions {
    Role(String),
    Session(String),
}

impl RevokeRoleSessions {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            let role: Option<String> = fields.optional("RoleName")?;
            let key: Option<String> = fields.optional("AccessKeyId")?;
            match (role, key) {
                (Some(_), Some(_)) => Err(ApiError::ParameterCombination { one: "RoleName", other: "AccessKeyId" }),
                (Some(role), None) => Ok(Self::Role(role)),
                (None, Some(key)) => {
                    let fits = key.len() == 20 && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
                    if fits && key.starts_with("ASIA") {
                        return Ok(Self::Session(key));
                    }
                    let rule =
                        "it must be the id of a temporary key, ASIA and 16 letters or digits; a long-lived key is \
                                deactivated with iam UpdateAccessKey"
                            .to_owned();
                    Err(ApiError::InvalidParameter { parameter: "AccessKeyId", rule })
                }
                (None, None) => Err(ApiError::MissingParameter { operation: Self::NAME, parameter: "RoleName" }),
            }
        })
    }
}

impl Operation for RevokeRoleSessions {
    const NAME: &'static str = "RevokeRoleSessions";

    fn resource(&self, state: &AwsState) -> String {
        match self {
            Self::Role(name) => {
                let unknown = || format!("arn:aws:iam::{}:role/{name}", state.account());
                state.iam.role(name).map_or_else(unknown, |role| role.arn.clone())
            }
            Self::Session(_) => "*".to_owned(),
        }
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let state = context.state;
        match self {
            Self::Session(key) => {
                state.sts.revoke_session(&key).await?;
                Ok(Answer::Json(json!({ "AccessKeyId": key })))
            }
            Self::Role(name) => {
                let role = state.iam.role(&name).ok_or_else(|| ApiError::Named {
                    kind: ErrorKind::NotFound,
                    status: 404,
                    code: "ResourceNotFoundException",
                    message: format!("The role with name {name} cannot be found."),
                    members: Vec::new(),
                })?;
                state.sts.revoke_role_sessions(&role.id).await?;
                Ok(Answer::Json(json!({ "RoleName": role.name })))
            }
        }
    }
}
