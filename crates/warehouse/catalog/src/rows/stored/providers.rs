//! Identity providers.

use base::id::DbIdentityProviderId;
use serde::{Deserialize, Serialize};
use sql::statement::{AutoCreateRoles, GroupFilter, IamRoleClause};

use crate::model::{AzureParameters, DbIdentityProvider, ProviderKind};

/// With `azure` it is of that type, else of type AWSIDC.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::rows) struct StoredProvider {
    id: u32,
    name: String,
    namespace: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application_arn: Option<String>,
    /// `None`: default
    iam_role: Option<String>,
    enabled: bool,
    auto_create_roles: bool,
    filter: Option<StoredFilter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    azure: Option<StoredAzure>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFilter {
    exclude: bool,
    pattern: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredAzure {
    issuer: String,
    client_id: String,
    audience: Vec<String>,
}

impl StoredProvider {
    pub(super) fn of(provider: &DbIdentityProvider) -> Self {
        let (application_arn, iam_role, azure) = match &provider.kind {
            ProviderKind::AwsIdc { application_arn, iam_role } => {
                let role = match iam_role {
                    IamRoleClause::Default => None,
                    IamRoleClause::Arn(arn) => Some(arn.clone()),
                };
                (Some(application_arn.clone()), role, None)
            }
            ProviderKind::Azure(AzureParameters { issuer, client_id, audience }) => {
                let (issuer, client_id, audience) = (issuer.clone(), client_id.clone(), audience.clone());
                (None, None, Some(StoredAzure { issuer, client_id, audience }))
            }
        };
        let filter = provider.auto_create_roles.filter.as_ref();
        Self {
            id: provider.id.0,
            name: provider.name.clone(),
            namespace: provider.namespace.clone(),
            application_arn,
            iam_role,
            enabled: provider.enabled,
            auto_create_roles: provider.auto_create_roles.enabled,
            filter: filter.map(|filter| StoredFilter { exclude: filter.exclude, pattern: filter.pattern.clone() }),
            azure,
        }
    }

    /// Or why it makes no sense.
    pub(super) fn into_provider(self) -> Result<DbIdentityProvider, String> {
        let kind = match (self.application_arn, self.azure) {
            (Some(application_arn), None) => ProviderKind::AwsIdc {
                application_arn,
                iam_role: self.iam_role.map_or(IamRoleClause::Default, IamRoleClause::Arn),
            },
            (None, Some(StoredAzure { issuer, client_id, audience })) => {
                ProviderKind::Azure(AzureParameters { issuer, client_id, audience })
            }
            (Some(_), Some(_)) | (None, None) => return Err("an identity provider is of one type".to_owned()),
        };
        Ok(DbIdentityProvider {
            id: DbIdentityProviderId(self.id),
            name: self.name,
            namespace: self.namespace,
            kind,
            enabled: self.enabled,
            auto_create_roles: AutoCreateRoles {
                enabled: self.auto_create_roles,
                filter: self.filter.map(|filter| GroupFilter { exclude: filter.exclude, pattern: filter.pattern }),
            },
        })
    }
}
