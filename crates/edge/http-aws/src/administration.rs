//! Our own operations, for the command line: what AWS has in its console only. A secret is in the one answer that makes it, and
//! never in a record.

mod passwords;
mod scim_tokens;

use passwords::{CreatePasswordResetLink, SetOneTimePassword};
use scim_tokens::{CreateScimToken, DeleteScimToken, ListScimTokens};

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        CreateScimToken::NAME => perform(CreateScimToken::parse(body), context).await,
        ListScimTokens::NAME => perform(ListScimTokens::parse(body), context).await,
        DeleteScimToken::NAME => perform(DeleteScimToken::parse(body), context).await,
        CreatePasswordResetLink::NAME => perform(CreatePasswordResetLink::parse(body), context).await,
        SetOneTimePassword::NAME => perform(SetOneTimePassword::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
