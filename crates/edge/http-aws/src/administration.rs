//! Our own operations, for the command line: what AWS has in its console only. A secret is in the one answer that makes it, and
//! never in a record.

mod explain_login;
mod identity_sources;
mod passwords;
mod role_sessions;
mod scim_tokens;

use explain_login::ExplainLogin;
use identity_sources::{
    AddIdentitySourceCertificate, CreateIdentitySource, DeleteIdentitySource, DescribeIdentitySource,
    GetServiceProviderMetadata, ListIdentitySources, RefreshIdentitySourceMetadata, RemoveIdentitySourceCertificate,
    SetDirectorySignIn, UpdateIdentitySource,
};
use passwords::{CreatePasswordResetLink, SetOneTimePassword};
use role_sessions::RevokeRoleSessions;
use scim_tokens::{CreateScimToken, DeleteScimToken, ListScimTokens};

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        CreateScimToken::NAME => perform(CreateScimToken::parse(body), context).await,
        ListScimTokens::NAME => perform(ListScimTokens::parse(body), context).await,
        DeleteScimToken::NAME => perform(DeleteScimToken::parse(body), context).await,
        CreatePasswordResetLink::NAME => perform(CreatePasswordResetLink::parse(body), context).await,
        SetOneTimePassword::NAME => perform(SetOneTimePassword::parse(body), context).await,
        CreateIdentitySource::NAME => perform(CreateIdentitySource::parse(body), context).await,
        UpdateIdentitySource::NAME => perform(UpdateIdentitySource::parse(body), context).await,
        DeleteIdentitySource::NAME => perform(DeleteIdentitySource::parse(body), context).await,
        DescribeIdentitySource::NAME => perform(DescribeIdentitySource::parse(body), context).await,
        ListIdentitySources::NAME => perform(ListIdentitySources::parse(body), context).await,
        AddIdentitySourceCertificate::NAME => perform(AddIdentitySourceCertificate::parse(body), context).await,
        RemoveIdentitySourceCertificate::NAME => perform(RemoveIdentitySourceCertificate::parse(body), context).await,
        RefreshIdentitySourceMetadata::NAME => perform(RefreshIdentitySourceMetadata::parse(body), context).await,
        GetServiceProviderMetadata::NAME => perform(GetServiceProviderMetadata::parse(body), context).await,
        SetDirectorySignIn::NAME => perform(SetDirectorySignIn::parse(body), context).await,
        RevokeRoleSessions::NAME => perform(RevokeRoleSessions::parse(body), context).await,
        ExplainLogin::NAME => perform(ExplainLogin::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
