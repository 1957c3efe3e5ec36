//! ListPolicies.

use ::iam::{ManagedPolicy, PolicyUse};

use crate::error::ApiError;
use crate::iam::call::IamCall;
use crate::iam::fields::{self, PageRequest};
use crate::iam::write::{self, Detail};
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

/// Whose policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Aws,
    Local,
}

#[derive(Debug)]
pub(super) struct ListPolicies {
    scope: Scope,
    only_attached: bool,
    used_as: Option<PolicyUse>,
    path_prefix: String,
    page: PageRequest,
}

/// The values of `PolicyUsageFilter`.
pub(super) const USES: [(&str, PolicyUse); 2] =
    [("PermissionsPolicy", PolicyUse::Permissions), ("PermissionsBoundary", PolicyUse::Boundary)];

impl IamCall for ListPolicies {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        let scopes = [("All", Scope::All), ("AWS", Scope::Aws), ("Local", Scope::Local)];
        Ok(Self {
            scope: fields::one_of(fields, "Scope", &scopes)?.unwrap_or(Scope::All),
            only_attached: fields.boolean("OnlyAttached")?.unwrap_or(false),
            used_as: fields::one_of(fields, "PolicyUsageFilter", &USES)?,
            path_prefix: fields::path_prefix(fields)?,
            page: PageRequest::read(fields)?,
        })
    }
}

impl Operation for ListPolicies {
    const NAME: &'static str = "ListPolicies";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let iam = &context.state.iam;
        let is_listed = |policy: &ManagedPolicy| {
            let in_scope = match self.scope {
                Scope::All => true,
                Scope::Aws => policy.aws_managed,
                Scope::Local => !policy.aws_managed,
            };
            let is_used = match self.used_as {
                None => true,
                Some(PolicyUse::Permissions) => iam.attachment_count(&policy.arn) > 0,
                Some(PolicyUse::Boundary) => iam.boundary_count(&policy.arn) > 0,
            };
            in_scope && is_used && (!self.only_attached || iam.attachment_count(&policy.arn) > 0)
        };
        let page = iam.list_policies(&self.page.listing(&self.path_prefix), is_listed);
        let next = page.next.as_deref();
        Ok(write::page("Policies", &page.items, next, |xml, policy| write::policy(xml, iam, policy, Detail::Listed)))
    }
}
