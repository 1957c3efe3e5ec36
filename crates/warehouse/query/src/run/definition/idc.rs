//! What a definition needs of Identity Center and of the issuers that it names, beside the privileges of who writes it.

use base::ErrorKind;
use base::id::ApplicationArn;
use catalog::{Catalog, CatalogOp, DbIdentityProvider, PrincipalName, ProviderKind};
use oidc::Network;
use sql::ParsedStatement;
use sql::statement::IamRoleClause;

use crate::authorize;
use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::idc_permissions::{IdcAsk, IdcDenial, IdcQuestion};

/// Refuses and records what the identity provider's role may not, an application that isn't there, and an issuer that couldn't be
/// reached.
pub(super) async fn check(
    connection: &mut DbConnection,
    statement: &ParsedStatement,
    catalog: &Catalog,
    ops: &[CatalogOp],
) -> Result<(), QueryError> {
    for (provider, asks) in questions(catalog, ops) {
        match &provider.kind {
            ProviderKind::AwsIdc { application_arn, iam_role } => {
                let application = ApplicationArn::new(application_arn.as_str());
                let warehouse = connection.warehouse.id.clone();
                let role = match iam_role {
                    IamRoleClause::Default => None,
                    IamRoleClause::Arn(arn) => Some(arn.clone()),
                };
                let question = IdcQuestion { warehouse, role, application, asks };
                if let Err(denial) = connection.warehouse.idc.check(&question) {
                    let error = insufficient(connection, &denial);
                    return Err(authorize::record_refused(connection, statement, error, &denial.checks).await);
                }
                if connection.warehouse.access.application(&question.application).is_none() {
                    return Err(no_application(application_arn));
                }
            }
            ProviderKind::Azure(azure) => {
                let network = connection.warehouse.issuers.network;
                if network == Network::Public && azure.issuer.starts_with("http://") {
                    return Err(not_https(&azure.issuer));
                }
            }
        }
    }
    Ok(())
}

/// The rule: which providers operations concern, and what is asked in their roles. To make or change a provider, but not to disable
/// or drop it, needs the application and the instance; to make one of its users or roles by hand, the instance.
fn questions<'a>(catalog: &'a Catalog, ops: &'a [CatalogOp]) -> Vec<(DbIdentityProvider, Vec<IdcAsk>)> {
    let of_name = |name: &PrincipalName, before: Option<&PrincipalName>| match name {
        PrincipalName::Federated { provider, local_name: _ } if before != Some(name) => {
            Some((catalog.provider(*provider)?.clone(), vec![IdcAsk::DescribeInstance]))
        }
        PrincipalName::Federated { .. } | PrincipalName::Local(_) => None,
    };
    let asked = ops.iter().filter_map(|op| match op {
        CatalogOp::PutProvider(provider) => {
            let disabled = |before: &DbIdentityProvider| DbIdentityProvider { enabled: false, ..before.clone() };
            let only_disables = catalog.provider(provider.id).is_some_and(|before| disabled(before) == **provider);
            let asks = vec![IdcAsk::DescribeApplication, IdcAsk::DescribeInstance];
            (!only_disables).then(|| (provider.as_ref().clone(), asks))
        }
        CatalogOp::PutUser(user) => of_name(&user.name, catalog.user(user.id).map(|before| &before.name)),
        CatalogOp::PutRole(role) => of_name(&role.name, catalog.role(role.id).map(|before| &before.name)),
        CatalogOp::PutDatabase(_)
        | CatalogOp::RemoveUser(_)
        | CatalogOp::PutGroup(_)
        | CatalogOp::RemoveGroup(_)
        | CatalogOp::AddMember { .. }
        | CatalogOp::RemoveMember { .. }
        | CatalogOp::RemoveRole(_)
        | CatalogOp::GrantRoleToUser { .. }
        | CatalogOp::RevokeRoleFromUser { .. }
        | CatalogOp::GrantRoleToRole { .. }
        | CatalogOp::RevokeRoleFromRole { .. }
        | CatalogOp::RemoveProvider(_)
        | CatalogOp::PutSchema(_)
        | CatalogOp::RemoveSchema(_)
        | CatalogOp::PutRelation(_)
        | CatalogOp::RemoveRelation(_)
        | CatalogOp::SetGrants { .. } => None,
    });
    asked.collect()
}

/// Redshift's words. The id leads to the session's records (`gatehouse explain login`).
fn insufficient(connection: &DbConnection, denial: &IdcDenial) -> QueryError {
    let reference = connection.handle.context().correlation();
    let message = format!("({}) Insufficient privileges to access AWS IdC. [ErrorId: {reference}]", denial.role);
    QueryError::new(ErrorKind::Denied, "42501", message).detail(&denial.reason).hint(&denial.mend)
}

fn no_application(arn: &str) -> QueryError {
    let message = format!("the application \"{arn}\" does not exist in IAM Identity Center");
    QueryError::new(ErrorKind::NotFound, "42704", message).hint(
        "Give the IdcManagedApplicationArn of redshift DescribeRedshiftIdcApplications; CreateRedshiftIdcApplication makes one.",
    )
}

fn not_https(issuer: &str) -> QueryError {
    QueryError::new(ErrorKind::InvalidInput, "22023", format!("the issuer {issuer} must begin with https://")).hint(
        "An issuer on this machine itself may be http where the server runs with gatehouse up --private-providers.",
    )
}

#[cfg(test)]
mod tests;
