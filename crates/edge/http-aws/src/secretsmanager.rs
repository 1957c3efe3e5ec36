//! secretsmanager: the passwords of administrators that Redshift manages (`ManageMasterPassword`), and nothing else.

mod list;
mod value;

use base::Fault as _;
use control::{ControlError, SecretView};
use list::{DescribeSecret, ListSecrets};
use serde_json::{Value, json};
use sts::Ask;
use value::{GetSecretValue, RotateSecret};

use crate::error::ApiError;
use crate::operation::{Context, Operation as _, Performed, perform};
use crate::state::AwsState;

/// The stage of the version that counts. There is no other: the password of before opens nothing any more.
const CURRENT: &str = "AWSCURRENT";

/// The tag that Redshift gives the secrets that it manages: the ARN of the warehouse.
const OWNER_TAG: &str = "aws:redshift:primaryClusterArn";

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        GetSecretValue::NAME => perform(GetSecretValue::parse(body), context).await,
        DescribeSecret::NAME => perform(DescribeSecret::parse(body), context).await,
        ListSecrets::NAME => perform(ListSecrets::parse(body), context).await,
        RotateSecret::NAME => perform(RotateSecret::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}

/// The ARN of a secret by its name or ARN; where there is none, what an ARN of it would begin with.
fn resource(state: &AwsState, id: &str) -> String {
    if let Ok(found) = state.control.managed_secret(id) {
        return found.arn;
    }
    if id.starts_with("arn:") {
        return id.to_owned();
    }
    format!("arn:aws:secretsmanager:{}:{}:secret:{id}", state.region(), state.account())
}

/// The question about a secret, with the tag that says whose it is (Secrets Manager, `secretsmanager:ResourceTag`).
fn ask(state: &AwsState, operation: &str, id: &str) -> Ask {
    let ask = Ask::new(operation, resource(state, id));
    match state.control.managed_secret(id) {
        Ok(secret) => {
            let owner = secret.owner_arn.as_str();
            ask.with_resource_tags([(OWNER_TAG, owner)]).with(format!("secretsmanager:ResourceTag/{OWNER_TAG}"), owner)
        }
        Err(_) => ask,
    }
}

/// Secrets Manager's names for what the control plane says.
fn refused(error: ControlError) -> ApiError {
    if !matches!(error, ControlError::Conflict(_)) {
        return error.into();
    }
    let (kind, code, message) = (error.kind(), "InvalidRequestException", error.public().message);
    ApiError::Named { kind, status: 400, code, message, members: Vec::new() }
}

/// `DescribeSecret`'s answer without the versions, and an item of `ListSecrets`.
fn shown(secret: &SecretView) -> Value {
    json!({
        "ARN": secret.arn,
        "Name": secret.name,
        "Description": format!("The password of {} of {}, managed by Redshift", secret.username, secret.owner_arn),
        // It is made anew when somebody says so.
        "RotationEnabled": false,
        "LastRotatedDate": secret.changed.unix_timestamp(),
        "LastChangedDate": secret.changed.unix_timestamp(),
        "Tags": [{ "Key": OWNER_TAG, "Value": secret.owner_arn }],
        "OwningService": "redshift",
        "CreatedDate": secret.created.unix_timestamp(),
    })
}
