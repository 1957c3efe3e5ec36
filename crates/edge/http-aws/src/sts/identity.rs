//! Who somebody is.

use sts::StsError;

use super::required;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// → `UserId`, `Account`, `Arn`. Needs no permission, and can't be denied.
#[derive(Debug)]
pub(super) struct GetCallerIdentity;

impl GetCallerIdentity {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |_| Ok(Self))
    }
}

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let caller = context.caller;
        Ok(Answer::Xml(Some(Xml::fragment(|xml| {
            xml.text("Arn", &caller.principal().to_string());
            xml.text("UserId", &caller.user_id());
            xml.text("Account", caller.account());
        }))))
    }
}

/// `AccessKeyId` (16 to 128 of `[\w]`) → `Account`. Temporary keys aren't kept, so only long-lived ones are known.
#[derive(Debug)]
pub(super) struct GetAccessKeyInfo {
    access_key_id: String,
}

impl GetAccessKeyInfo {
    pub(super) fn parse(parameters: QueryParameters) -> Result<Self, ApiError> {
        parameters.parse(Self::NAME, |fields| {
            let access_key_id = required(fields, "AccessKeyId", "accessKeyId")?;
            let fits = access_key_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !fits || !(16..=128).contains(&access_key_id.len()) {
                let rule = "satisfy regular expression pattern: [\\w]{16,128}";
                return Err(StsError::invalid("accessKeyId", &access_key_id, rule).into());
            }
            Ok(Self { access_key_id })
        })
    }
}

impl Operation for GetAccessKeyInfo {
    const NAME: &'static str = "GetAccessKeyInfo";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let own = self.access_key_id == context.caller.access_key_id();
        if !own && context.state.iam.access_key(&self.access_key_id).is_none() {
            let rule = "be a long-lived access key of this account, or the caller's own";
            return Err(StsError::invalid("accessKeyId", &self.access_key_id, rule).into());
        }
        Ok(Answer::Xml(Some(Xml::fragment(|xml| xml.text("Account", context.state.account())))))
    }
}
