//! `svv_identity_providers` and `identity_providers` (sql.md 1.3).

use sql::Literal;
use sql::statement::IamRoleClause;

use super::{Cells, Viewer, number, text};
use crate::catalog::Catalog;
use crate::model::DbIdentityProvider;

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

/// JSON. An AWSIDC provider has no secret among its parameters.
fn params(provider: &DbIdentityProvider) -> String {
    let iam_role = match &provider.iam_role {
        IamRoleClause::Default => "default",
        IamRoleClause::Arn(arn) => arn,
    };
    let mut params = serde_json::json!({
        "application_arn": provider.application_arn,
        "iam_role": iam_role,
        "auto_create_roles": provider.auto_create_roles.enabled,
    });
    if let (Some(filter), Some(object)) = (&provider.auto_create_roles.filter, params.as_object_mut()) {
        let key = if filter.exclude { "exclude_groups_like" } else { "include_groups_like" };
        object.insert(key.to_owned(), serde_json::Value::String(filter.pattern.clone()));
    }
    params.to_string()
}
