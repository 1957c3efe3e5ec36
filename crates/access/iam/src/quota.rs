//! How much there may be: IAM's default quotas ("IAM and AWS STS quotas" of its guide).

pub const USERS: usize = 5000;
pub const GROUPS: usize = 300;
pub const ROLES: usize = 1000;
/// Of the customer's own.
pub const POLICIES: usize = 1500;
pub const SAML_PROVIDERS: usize = 100;
pub const OIDC_PROVIDERS: usize = 100;
pub const GROUPS_PER_USER: usize = 10;
/// Of a user and of root.
pub const ACCESS_KEYS: usize = 2;
/// Managed policies attached to a user, a group or a role.
pub const ATTACHED_POLICIES: usize = 10;
pub const POLICY_VERSIONS: usize = 5;
pub const TAGS: usize = 50;
pub const CERTIFICATES_PER_SAML_PROVIDER: usize = 10;
pub const CLIENT_IDS_PER_OIDC_PROVIDER: usize = 100;
pub const THUMBPRINTS_PER_OIDC_PROVIDER: usize = 5;

// Characters that aren't white space.
pub const MANAGED_POLICY: usize = 6144;
pub const TRUST_POLICY: usize = 2048;
pub const INLINE_OF_USER: usize = 2048;
pub const INLINE_OF_GROUP: usize = 5120;
pub const INLINE_OF_ROLE: usize = 10240;
