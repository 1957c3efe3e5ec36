//! Instances: there is one.

use serde_json::json;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct ListInstances;

impl ListInstances {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            fields.max_results()?;
            match fields.position()? {
                None => Ok(Self),
                // One instance fits every page, so no token was ever given.
                Some(_) => Err(json::bad_token()),
            }
        })
    }
}

impl Operation for ListInstances {
    const NAME: &'static str = "ListInstances";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let instance = context.state.center.instance();
        let mut shown = json!({
            "InstanceArn": instance.arn.as_str(),
            "IdentityStoreId": instance.identity_store_id,
            "OwnerAccountId": instance.owner_account,
            "CreatedDate": instance.created.unix_timestamp(),
            "Status": "ACTIVE",
        });
        if let (Some(name), Some(members)) = (&instance.name, shown.as_object_mut()) {
            members.insert("Name".to_owned(), name.as_str().into());
        }
        Ok(Answer::Json(json!({ "Instances": [shown] })))
    }
}
