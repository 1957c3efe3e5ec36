//! redshift-serverless: namespaces and workgroups.

mod credentials;
mod namespaces;
mod parameters;
mod tags;
mod workgroups;

use credentials::GetCredentials;
use namespaces::{CreateNamespace, DeleteNamespace, GetNamespace, ListNamespaces, UpdateNamespace};
use tags::{ListTagsForResource, TagResource, UntagResource};
use workgroups::{CreateWorkgroup, DeleteWorkgroup, GetWorkgroup, ListWorkgroups, UpdateWorkgroup};

use crate::operation::{Context, Operation as _, Performed, perform};
use crate::state::AwsState;

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        CreateNamespace::NAME => perform(CreateNamespace::parse(body), context).await,
        GetNamespace::NAME => perform(GetNamespace::parse(body), context).await,
        ListNamespaces::NAME => perform(ListNamespaces::parse(body), context).await,
        UpdateNamespace::NAME => perform(UpdateNamespace::parse(body), context).await,
        DeleteNamespace::NAME => perform(DeleteNamespace::parse(body), context).await,
        CreateWorkgroup::NAME => perform(CreateWorkgroup::parse(body), context).await,
        GetWorkgroup::NAME => perform(GetWorkgroup::parse(body), context).await,
        ListWorkgroups::NAME => perform(ListWorkgroups::parse(body), context).await,
        UpdateWorkgroup::NAME => perform(UpdateWorkgroup::parse(body), context).await,
        DeleteWorkgroup::NAME => perform(DeleteWorkgroup::parse(body), context).await,
        GetCredentials::NAME => perform(GetCredentials::parse(body), context).await,
        TagResource::NAME => perform(TagResource::parse(body), context).await,
        UntagResource::NAME => perform(UntagResource::parse(body), context).await,
        ListTagsForResource::NAME => perform(ListTagsForResource::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}

/// `arn:aws:redshift-serverless:REGION:ACCOUNT:<resource>`
fn arn(state: &AwsState, resource: &str) -> String {
    format!("arn:aws:redshift-serverless:{}:{}:{resource}", state.region(), state.account())
}
