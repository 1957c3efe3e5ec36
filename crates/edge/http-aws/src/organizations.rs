//! organizations: the organisation of one account, without organizational units. It is read only: all of it follows from the
//! Identity Center instance, so that its ids never change.

mod accounts;
mod organization;
mod parameters;
mod services;
mod tree;

use accounts::{DescribeAccount, ListAccounts, ListAccountsForParent};
use organization::{DescribeOrganization, ListRoots};
use services::{ListAwsServiceAccessForOrganization, ListDelegatedAdministrators, ListTagsForResource};
use tree::{ListChildren, ListOrganizationalUnitsForParent, ListParents};

use crate::operation::{Context, Operation as _, Performed, perform};

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    match operation {
        DescribeOrganization::NAME => perform(DescribeOrganization::parse(body), context).await,
        ListRoots::NAME => perform(ListRoots::parse(body), context).await,
        ListAccounts::NAME => perform(ListAccounts::parse(body), context).await,
        DescribeAccount::NAME => perform(DescribeAccount::parse(body), context).await,
        ListAccountsForParent::NAME => perform(ListAccountsForParent::parse(body), context).await,
        ListParents::NAME => perform(ListParents::parse(body), context).await,
        ListChildren::NAME => perform(ListChildren::parse(body), context).await,
        ListOrganizationalUnitsForParent::NAME => perform(ListOrganizationalUnitsForParent::parse(body), context).await,
        ListDelegatedAdministrators::NAME => perform(ListDelegatedAdministrators::parse(body), context).await,
        ListAwsServiceAccessForOrganization::NAME => {
            perform(ListAwsServiceAccessForOrganization::parse(body), context).await
        }
        ListTagsForResource::NAME => perform(ListTagsForResource::parse(body), context).await,
        other => Performed::unsupported(other),
    }
}
