//! A temporary credential of the caller's own.

use sts::Ask;

use super::{credentials, duration};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// (`DurationSeconds` 900..129600) → `Credentials`. Needs no permission (STS API reference). There are no MFA devices: `SerialNumber` and
/// `TokenCode` are refused by name.
#[derive(Debug)]
pub(super) struct GetSessionToken {
    duration_seconds: Option<i64>,
}

impl GetSessionToken {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| Ok(Self { duration_seconds: duration(fields)? }))
    }
}

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const OPEN: bool = true;

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    fn asks(&self, _: &AwsState) -> Vec<Ask> {
        Vec::new()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let issued = context.state.sts.get_session_token(context.caller, self.duration_seconds, context.correlation)?;
        context.notes.add("issued_access_key_id", issued.access_key_id.as_str());
        Ok(Answer::Xml(Some(Xml::fragment(|xml| credentials(xml, &issued)))))
    }
}
