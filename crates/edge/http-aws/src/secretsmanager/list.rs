//! Secrets, described and listed.

use serde_json::{Value, json};
use sts::Ask;

use super::{CURRENT, ask, refused, resource, shown};
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::json;
use crate::state::AwsState;

#[derive(Debug)]
pub(super) struct DescribeSecret(String);

impl DescribeSecret {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| fields.required("SecretId").map(Self))
    }
}

impl Operation for DescribeSecret {
    const NAME: &'static str = "DescribeSecret";

    fn resource(&self, state: &AwsState) -> String {
        resource(state, &self.0)
    }

    fn asks(&self, state: &AwsState) -> Vec<Ask> {
        vec![ask(state, Self::NAME, &self.0)]
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let secret = context.state.control.managed_secret(&self.0).map_err(refused)?;
        let mut described = shown(&secret);
        if let Some(members) = described.as_object_mut() {
            members.insert("VersionIdsToStages".to_owned(), json!({ secret.version: [CURRENT] }));
        }
        Ok(Answer::Json(described))
    }
}

#[derive(Debug)]
pub(super) struct ListSecrets {
    after: Option<String>,
    records: usize,
}

impl ListSecrets {
    pub(super) fn parse(body: &[u8]) -> Result<Self, ApiError> {
        json::parse(Self::NAME, body, |fields| {
            // What is deleted is gone at once, so that there is nothing else to include.
            fields.optional::<bool>("IncludePlannedDeletion")?;
            for (parameter, only) in [("SortOrder", "asc"), ("SortBy", "name")] {
                if fields.optional::<String>(parameter)?.is_some_and(|given| given != only) {
                    let rule = format!("it can only be {only}; leave it out");
                    return Err(ApiError::InvalidParameter { parameter, rule });
                }
            }
            Ok(Self { after: fields.position()?, records: fields.max_results()? })
        })
    }
}

impl Operation for ListSecrets {
    const NAME: &'static str = "ListSecrets";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let page = context.state.control.managed_secrets(self.after.as_deref(), self.records);
        let item = |secret: &control::SecretView| {
            let mut item = shown(secret);
            if let Some(members) = item.as_object_mut() {
                members.insert("SecretVersionsToStages".to_owned(), json!({ secret.version.clone(): [CURRENT] }));
            }
            item
        };
        let items: Vec<Value> = page.items.iter().map(|secret| item(secret)).collect();
        let mut answer = json!({ "SecretList": items });
        if let (Some(next), Some(members)) = (&page.next, answer.as_object_mut()) {
            members.insert("NextToken".to_owned(), json::next_token(Self::NAME, next).into());
        }
        Ok(Answer::Json(answer))
    }
}
