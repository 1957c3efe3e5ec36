//! The value of a secret, and a new one.

use base::ErrorKind;
use serde_json::json;
use sts::Ask;

use super::{CURRENT, ask, refused, resource};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct GetSecretValue {
    id: String,
    version: Option<String>,
    stage: Option<String>,
}

impl GetSecretValue {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            Ok(Self {
                id: fields.required("SecretId")?,
                version: fields.optional("VersionId")?,
                stage: fields.optional("VersionStage")?,
            })
        })
    }
}

impl Operation for GetSecretValue {
    const NAME: &'static str = "GetSecretValue";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.id)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, &self.id)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let (secret, password) = context.state.control.secret_value(&self.id).map_err(refused)?;
        let missing = |what: &str, value: &str| {
            let message = format!("Secrets Manager can't find the specified secret value for {what}: {value}");
            let (kind, code) = (ErrorKind::NotFound, "ResourceNotFoundException");
            Err(ApiError::Named { kind, status: 400, code, message, members: Vec::new() })
        };
        if let Some(version) = self.version.filter(|version| *version != secret.version) {
            return missing("VersionId", &version);
        }
        if let Some(stage) = self.stage.filter(|stage| stage != CURRENT) {
            return missing("staging label", &stage);
        }
        let text = json!({ "username": secret.username, "password": password.expose() }).to_string();
        Ok(Answer::Json(json!({
            "ARN": secret.arn,
            "Name": secret.name,
            "VersionId": secret.version,
            "SecretString": text,
            "VersionStages": [CURRENT],
            "CreatedDate": secret.changed.unix_timestamp(),
        })))
    }
}

/// Makes another password, and gives it to the administrator. Clients send a `ClientRequestToken` with every call: it names the version,
/// and a call that comes twice with the same rotates once (Secrets Manager API, RotateSecret).
#[derive(Debug)]
pub(super) struct RotateSecret {
    id: String,
    version: Option<String>,
}

/// Characters of a `ClientRequestToken`.
const TOKEN: std::ops::RangeInclusive<usize> = 32..=64;

impl RotateSecret {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            const IMMEDIATELY: &str = "RotateImmediately";
            if fields.optional::<bool>(IMMEDIATELY)? == Some(false) {
                let rule = "there is no schedule to wait for; leave it out to rotate now".to_owned();
                return Err(ApiError::InvalidParameter { parameter: IMMEDIATELY, rule });
            }
            let version = fields.optional::<String>("ClientRequestToken")?;
            if version.as_ref().is_some_and(|version| !TOKEN.contains(&version.chars().count())) {
                let rule = format!("it must have {} to {} characters", TOKEN.start(), TOKEN.end());
                return Err(ApiError::InvalidParameter { parameter: "ClientRequestToken", rule });
            }
            Ok(Self { id: fields.required("SecretId")?, version })
        })
    }
}

impl Operation for RotateSecret {
    const NAME: &'static str = "RotateSecret";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.id)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, &self.id)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let rotated = context.state.control.rotate_secret(&self.id, self.version.as_deref()).await.map_err(refused)?;
        Ok(Answer::Json(json!({ "ARN": rotated.arn, "Name": rotated.name, "VersionId": rotated.version })))
    }
}
