//! A denial, told in full to whom it may be told.

use super::required;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// `EncodedMessage` (of an `UnauthorizedOperation` of EC2) → `DecodedMessage`, JSON: the statements that counted, and every condition key
/// with its values.
#[derive(Debug)]
pub(super) struct DecodeAuthorizationMessage {
    encoded: String,
}

impl DecodeAuthorizationMessage {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters
            .parse(Self::NAME, |fields| Ok(Self { encoded: required(fields, "EncodedMessage", "encodedMessage")? }))
    }
}

impl Operation for DecodeAuthorizationMessage {
    const NAME: &'static str = "DecodeAuthorizationMessage";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let decoded = context.state.sts.decode_message(&self.encoded)?;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.text("DecodedMessage", &decoded)))))
    }
}
