//! The account as a whole.

mod details;

use ::iam::quota;

use self::details::GetAccountAuthorizationDetails;
use super::absent::no_marker;
use super::call::{Entry, IamCall, entry};
use super::write;
use crate::error::ApiError;
use crate::operation::{Answer, Context, Operation};
use crate::protocol::query::Fields;
use crate::state::AwsState;

pub(super) const OPERATIONS: &[Entry] =
    &[entry::<GetAccountSummary>(), entry::<GetAccountAuthorizationDetails>(), entry::<ListAccountAliases>()];

/// What there never is here.
const NEVER: [(&str, usize); 7] = [
    ("AccountMFAEnabled", 0),
    ("AccountPasswordPresent", 0),
    ("AccountSigningCertificatesPresent", 0),
    ("MFADevices", 0),
    ("MFADevicesInUse", 0),
    ("InstanceProfiles", 0),
    ("ServerCertificates", 0),
];

/// What is refused beyond.
const QUOTAS: [(&str, usize); 15] = [
    ("UsersQuota", quota::USERS),
    ("GroupsQuota", quota::GROUPS),
    ("RolesQuota", quota::ROLES),
    ("PoliciesQuota", quota::POLICIES),
    ("PolicySizeQuota", quota::MANAGED_POLICY),
    ("AssumeRolePolicySizeQuota", quota::TRUST_POLICY),
    ("UserPolicySizeQuota", quota::INLINE_OF_USER),
    ("GroupPolicySizeQuota", quota::INLINE_OF_GROUP),
    ("RolePolicySizeQuota", quota::INLINE_OF_ROLE),
    ("AccessKeysPerUserQuota", quota::ACCESS_KEYS),
    ("GroupsPerUserQuota", quota::GROUPS_PER_USER),
    ("VersionsPerPolicyQuota", quota::POLICY_VERSIONS),
    ("AttachedPoliciesPerUserQuota", quota::ATTACHED_POLICIES),
    ("AttachedPoliciesPerGroupQuota", quota::ATTACHED_POLICIES),
    ("AttachedPoliciesPerRoleQuota", quota::ATTACHED_POLICIES),
];

/// How much there is, and how much there may be.
#[derive(Debug)]
struct GetAccountSummary;

impl IamCall for GetAccountSummary {
    fn read(_: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

impl Operation for GetAccountSummary {
    const NAME: &'static str = "GetAccountSummary";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, context: &Context<'_>) -> Result<Answer, ApiError> {
        let counts = context.state.iam.summary();
        let entries = [
            ("Users", counts.users),
            ("Groups", counts.groups),
            ("Roles", counts.roles),
            ("Policies", counts.policies),
            ("PolicyVersionsInUse", counts.policy_versions),
            ("Providers", counts.saml_and_oidc_providers),
            ("AccountAccessKeysPresent", counts.root_keys),
        ];
        Ok(write::result(|xml| {
            xml.element("SummaryMap", |xml| {
                for (key, value) in entries.into_iter().chain(NEVER).chain(QUOTAS) {
                    xml.element("entry", |xml| {
                        xml.text("key", key);
                        xml.text("value", &value.to_string());
                    });
                }
            });
        }))
    }
}

/// There are none: an alias is part of the address of a console.
#[derive(Debug)]
struct ListAccountAliases;

impl IamCall for ListAccountAliases {
    fn read(fields: &mut Fields<'_>, _: &Context<'_>) -> Result<Self, ApiError> {
        no_marker(fields).map(|()| Self)
    }
}

impl Operation for ListAccountAliases {
    const NAME: &'static str = "ListAccountAliases";

    fn resource(&self, _: &AwsState) -> String {
        "*".to_owned()
    }

    async fn run(self, _: &Context<'_>) -> Result<Answer, ApiError> {
        Ok(write::result(|xml| {
            write::texts(xml, "AccountAliases", []);
            write::end_of_page(xml, None);
        }))
    }
}
