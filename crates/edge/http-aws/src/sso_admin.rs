//! sso-admin: Identity Center.

mod access_scopes;
mod application_assignments;
mod application_grants;
mod application_providers;
mod applications;
mod assignment_configuration;
mod assignments_for_principal;
mod authentication_methods;
mod fields;
mod instances;
mod tags;

use access_scopes::{
    DeleteApplicationAccessScope, GetApplicationAccessScope, ListApplicationAccessScopes, PutApplicationAccessScope,
};
use application_assignments::{
    CreateApplicationAssignment, DeleteApplicationAssignment, DescribeApplicationAssignment, ListApplicationAssignments,
};
use application_grants::{DeleteApplicationGrant, GetApplicationGrant, ListApplicationGrants, PutApplicationGrant};
use application_providers::{DescribeApplicationProvider, ListApplicationProviders};
use applications::{CreateApplication, DeleteApplication, DescribeApplication, ListApplications, UpdateApplication};
use assignment_configuration::{GetApplicationAssignmentConfiguration, PutApplicationAssignmentConfiguration};
use assignments_for_principal::ListApplicationAssignmentsForPrincipal;
use authentication_methods::{
    DeleteApplicationAuthenticationMethod, GetApplicationAuthenticationMethod, ListApplicationAuthenticationMethods,
    PutApplicationAuthenticationMethod,
};
use instances::{DescribeInstance, ListInstances, UpdateInstance};
use tags::{ListTagsForResource, TagResource, UntagResource};

use crate::operation::{Context, Operation as _, Performed, perform};

macro_rules! perform_one_of {
    ($operation:ident, $body:ident, $context:ident, [$($known:ident),* $(,)?]) => {
        match $operation {
            $($known::NAME => perform($known::parse($body), $context).await,)*
            other => Performed::unsupported(other),
        }
    };
}

pub(crate) async fn dispatch(operation: &str, body: &[u8], context: &Context<'_>) -> Performed {
    perform_one_of!(
        operation,
        body,
        context,
        [
            ListInstances,
            DescribeInstance,
            UpdateInstance,
            CreateApplication,
            DescribeApplication,
            ListApplications,
            UpdateApplication,
            DeleteApplication,
            ListApplicationProviders,
            DescribeApplicationProvider,
            CreateApplicationAssignment,
            DescribeApplicationAssignment,
            ListApplicationAssignments,
            DeleteApplicationAssignment,
            ListApplicationAssignmentsForPrincipal,
            PutApplicationAssignmentConfiguration,
            GetApplicationAssignmentConfiguration,
            PutApplicationGrant,
            GetApplicationGrant,
            ListApplicationGrants,
            DeleteApplicationGrant,
            PutApplicationAuthenticationMethod,
            GetApplicationAuthenticationMethod,
            ListApplicationAuthenticationMethods,
            DeleteApplicationAuthenticationMethod,
            PutApplicationAccessScope,
            GetApplicationAccessScope,
            ListApplicationAccessScopes,
            DeleteApplicationAccessScope,
            TagResource,
            UntagResource,
            ListTagsForResource,
        ]
    )
}
