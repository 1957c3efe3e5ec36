//! `svv_identity_providers` and `identity_providers` (sql.md 1.3).

use sql::Literal;
use sql::statement::IamRoleClause;

use super::{Cells, Viewer, number, text};
use crate::catalog::Catalog;
use crate::model::{AzureParameters, DbIdentityProvider, ProviderKind};

pub(super) fn identity_providers(catalog: &Catalog, _viewer: &Viewer) -> Vec<Cells> {
    catalog.providers().map(row).collect()
}

pub(super) fn row(provider: &DbIdentityProvider) -> Cells {
    vec![
        number(provider.id.0),
        text(&provider.name),
        text(provider.type_name()),
        text(provider.instance_id()),
        text(&provider.namespace),
        text(params(provider)),
        Literal::Bool(provider.enabled),
    ]
}

/// JSON, without secrets: none is kept.
fn params(provider: &DbIdentityProvider) -> String {
    let mut params = match &provider.kind {
        ProviderKind::AwsIdc { application_arn, iam_role } => {
            let iam_role = match iam_role {
                IamRoleClause::Default => "default",
                IamRoleClause::Arn(arn) => arn,
            };
            serde_json::json!({"application_arn": application_arn, "iam_role": iam_role})
        }
        // As Redshift shows it: the secret's place, empty.
        ProviderKind::Azure(AzureParameters { issuer, client_id, audience }) => {
            serde_json::json!({"issuer": issuer, "client_id": client_id, "client_secret": "", "audience": audience})
        }
    };
    let Some(object) = params.as_object_mut() else { return String::new() };
    object.insert("auto_create_roles".to_owned(), provider.auto_create_roles.enabled.into());
    if let Some(filter) = &provider.auto_create_roles.filter {
        let key = if filter.exclude { "exclude_groups_like" } else { "include_groups_like" };
        object.insert(key.to_owned(), serde_json::Value::String(filter.pattern.clone()));
    }
    params.to_string()
}
