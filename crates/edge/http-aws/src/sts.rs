//! sts: who am I?

use base::Principal;

use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation, Performed, perform};
use crate::protocol::query::QueryParameters;
use crate::protocol::xml::Xml;
use crate::state::AwsState;

/// Operations that clients send without a signature, whatever key they have.
pub(crate) fn is_unsigned(operation: &str) -> bool {
    ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"].contains(&operation)
}

pub(crate) async fn dispatch(operation: &str, parameters: QueryParameters, context: &Context<'_>) -> Performed {
    match operation {
        GetCallerIdentity::NAME => {
            perform(parameters.parse(GetCallerIdentity::NAME, |_| Ok(GetCallerIdentity)), context).await
        }
        other => Performed::unsupported(other),
    }
}

#[derive(Debug)]
struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let principal = context.caller.principal();
        match principal {
            Principal::Root { account } => Ok(Answer::Xml(Some(Xml::fragment(|xml| {
                xml.text("Arn", &principal.to_string());
                xml.text("UserId", account);
                xml.text("Account", account);
            })))),
            // None of these holds an access key.
            Principal::Anonymous
            | Principal::ScimClient { .. }
            | Principal::IdpAdministrator { .. }
            | Principal::DirectoryUser { .. }
            | Principal::DbUser { .. }
            | Principal::System => Err(ApiError::Signature(sigv4::SigV4Error::InvalidClientTokenId)),
        }
    }
}
