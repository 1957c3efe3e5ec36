//! CREATE, ALTER and DROP IDENTITY PROVIDER (sql.md 1).

mod azure;

use base::id::DbIdentityProviderId;
use sql::statement::{
    AlterIdentityProvider, AutoCreateRoles, CreateIdentityProvider, IamRoleClause, IdentityProviderType,
};

use super::{Planner, list, privileged, role, user};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbIdentityProvider, GranteeId, ObjectId, Owned, ProviderKind};
use crate::op::CatalogOp;

pub(super) fn create(p: &mut Planner<'_>, statement: &CreateIdentityProvider) -> Result<(), CatalogError> {
    if p.catalog.provider_by_name(&statement.name).is_some() {
        return Err(CatalogError::duplicate("identity provider", &statement.name));
    }
    let kind = match statement.provider_type {
        IdentityProviderType::AwsIdc => aws_idc(statement)?,
        IdentityProviderType::Azure => {
            let parameters = statement.parameters.as_deref().ok_or_else(|| missing("azure", "PARAMETERS"))?;
            ProviderKind::Azure(azure::read(p, parameters)?)
        }
    };
    // What Redshift does where the clause isn't there (sql.md 1.2).
    let by_default = matches!(kind, ProviderKind::Azure(_));
    check_namespace(&statement.namespace)?;
    let id = DbIdentityProviderId(p.id()?);
    let auto_create_roles = statement.auto_create_roles.clone();
    p.push(CatalogOp::PutProvider(Box::new(DbIdentityProvider {
        id,
        name: statement.name.clone(),
        namespace: statement.namespace.clone(),
        kind,
        enabled: true,
        auto_create_roles: auto_create_roles.unwrap_or(AutoCreateRoles { enabled: by_default, filter: None }),
    })))
}

fn aws_idc(statement: &CreateIdentityProvider) -> Result<ProviderKind, CatalogError> {
    no_parameters(statement.parameters.as_ref())?;
    let application_arn = statement.application_arn.clone().ok_or_else(|| missing("AWSIDC", "APPLICATION_ARN"))?;
    if !(application_arn.starts_with("arn:") && application_arn.contains(":sso::") && application_arn.contains("/apl-"))
    {
        return Err(CatalogError::new(
            CatalogState::InvalidParameter,
            format!("\"{application_arn}\" is not the ARN of an Identity Center application"),
        )
        .hint("It looks like arn:aws:sso::123456789012:application/ssoins-…/apl-…"));
    }
    let iam_role = statement.iam_role.clone().ok_or_else(|| missing("AWSIDC", "IAM_ROLE"))?;
    check_iam_role(&iam_role)?;
    Ok(ProviderKind::AwsIdc { application_arn, iam_role })
}

fn missing(provider_type: &str, clause: &str) -> CatalogError {
    let message = format!("an identity provider of type {provider_type} needs {clause}");
    CatalogError::new(CatalogState::InvalidParameter, message)
}

pub(super) fn alter(p: &mut Planner<'_>, change: &AlterIdentityProvider) -> Result<(), CatalogError> {
    let mut provider = find(p, &change.name)?;
    match &mut provider.kind {
        ProviderKind::AwsIdc { application_arn: _, iam_role } => {
            no_parameters(change.parameters.as_ref())?;
            if let Some(changed) = &change.iam_role {
                check_iam_role(changed)?;
                *iam_role = changed.clone();
            }
        }
        ProviderKind::Azure(parameters) => {
            if change.iam_role.is_some() {
                return Err(CatalogError::unsupported("IAM_ROLE of an identity provider of type azure")
                    .hint("An azure provider has PARAMETERS instead."));
            }
            // All of them anew, as Redshift does: what isn't given isn't kept.
            if let Some(changed) = &change.parameters {
                *parameters = azure::read(p, changed)?;
            }
        }
    }
    if let Some(namespace) = &change.namespace {
        check_namespace(namespace)?;
        provider.namespace = namespace.clone();
    }
    if let Some(rule) = &change.auto_create_roles {
        provider.auto_create_roles = rule.clone();
    }
    if let Some(enabled) = change.enabled {
        provider.enabled = enabled;
    }
    p.push(CatalogOp::PutProvider(Box::new(provider)))
}

pub(super) fn drop(p: &mut Planner<'_>, name: &str, if_exists: bool, cascade: bool) -> Result<(), CatalogError> {
    if if_exists && p.catalog.provider_by_name(name).is_none() {
        p.info(format!("identity provider \"{name}\" does not exist, skipping"));
        return Ok(());
    }
    let provider = find(p, name)?.id;
    let users: Vec<_> = p.catalog.users_of_provider(provider).collect();
    let roles: Vec<_> = p.catalog.roles_of_provider(provider).collect();
    let attached = !users.is_empty() || !roles.is_empty();
    if attached && !cascade {
        let user_names = users.iter().map(|id| format!("user \"{}\"", p.catalog.user_name(*id)));
        let role_names = roles.iter().map(|id| format!("role \"{}\"", p.catalog.role_name(*id)));
        return Err(CatalogError::new(
            CatalogState::DependentObjects,
            format!("identity provider \"{name}\" can't be dropped because users or roles are attached to it"),
        )
        .detail(format!("Attached: {}.", list(user_names.chain(role_names))))
        .hint(format!("DROP IDENTITY PROVIDER {} CASCADE; drops them with it, for good.", crate::quote::ident(name))));
    }
    if users.contains(&p.context.user) {
        return Err(CatalogError::new(CatalogState::ObjectInUse, "current user cannot be dropped"));
    }
    for id in roles {
        role::remove(p, id)?;
    }
    refuse_owners(p, name, &users)?;
    for id in users {
        revoke_everything(p, id)?;
        user::remove(p, id)?;
    }
    p.push(CatalogOp::RemoveProvider(provider))
}

/// What people of the provider own would belong to nobody: that is refused, with the list.
fn refuse_owners(p: &Planner<'_>, name: &str, users: &[base::id::DbUserId]) -> Result<(), CatalogError> {
    let catalog = &p.catalog;
    let owned: Vec<String> = users
        .iter()
        .flat_map(|user| {
            catalog.owned_by(*user).map(|owned: Owned| {
                format!("user \"{}\" owns {}", catalog.user_name(*user), catalog.describe_owned(owned))
            })
        })
        .collect();
    if owned.is_empty() {
        return Ok(());
    }
    Err(CatalogError::new(
        CatalogState::ObjectInUse,
        format!("identity provider \"{name}\" can't be dropped because its users own some object"),
    )
    .detail(format!("{}.", list(owned)))
    .hint("Give these objects to another user with ALTER … OWNER TO first."))
}

/// What the user holds and what they granted on, with what depends on it.
fn revoke_everything(p: &mut Planner<'_>, user: base::id::DbUserId) -> Result<(), CatalogError> {
    let grantee = GranteeId::User(user);
    let objects: Vec<ObjectId> = p.catalog.objects_of(grantee).collect();
    for object in &objects {
        p.push(CatalogOp::SetGrants { object: *object, grantee, grants: Vec::new() })?;
    }
    for object in objects {
        for (holder, orphan) in crate::grants::orphans(&p.catalog, object) {
            let grants = p.catalog.grants(object, holder).iter().filter(|grant| **grant != orphan).copied().collect();
            p.push(CatalogOp::SetGrants { object, grantee: holder, grants })?;
        }
    }
    privileged::holds_nothing(&p.catalog, "user", &p.catalog.user_name(user), grantee)
}

pub(super) fn find(p: &Planner<'_>, name: &str) -> Result<DbIdentityProvider, CatalogError> {
    p.catalog.provider_by_name(name).cloned().ok_or_else(|| CatalogError::undefined("identity provider", name))
}

fn no_parameters(parameters: Option<&String>) -> Result<(), CatalogError> {
    match parameters {
        None => Ok(()),
        Some(_) => Err(CatalogError::unsupported("PARAMETERS of an identity provider of type AWSIDC")
            .hint("An AWSIDC provider has APPLICATION_ARN and IAM_ROLE instead.")),
    }
}

fn check_iam_role(role: &IamRoleClause) -> Result<(), CatalogError> {
    match role {
        IamRoleClause::Default => Ok(()),
        IamRoleClause::Arn(arn) if arn.starts_with("arn:") && arn.contains(":iam::") && arn.contains(":role/") => {
            Ok(())
        }
        IamRoleClause::Arn(arn) => {
            Err(CatalogError::new(CatalogState::InvalidParameter, format!("\"{arn}\" is not the ARN of an IAM role")))
        }
    }
}

/// What the namespace of an identity provider may be: AWS's characters, and short enough that the names of its people fit behind
/// it.
///
/// # Errors
/// 42939 where it is reserved, 42602 for anything else.
pub fn check_namespace(namespace: &str) -> Result<(), CatalogError> {
    if user::RESERVED_NAMESPACES.contains(&namespace.to_ascii_lowercase().as_str()) {
        return Err(CatalogError::new(CatalogState::ReservedName, format!("namespace \"{namespace}\" is reserved")));
    }
    let valid = !namespace.is_empty()
        && namespace.len() <= 63
        && namespace.chars().all(|c| c.is_alphanumeric() || "_-.+#@$".contains(c));
    if valid {
        Ok(())
    } else {
        Err(CatalogError::new(CatalogState::InvalidName, format!("\"{namespace}\" can't be a namespace"))
            .hint("A namespace has 1 to 63 letters, digits and _ - . + # @ $."))
    }
}
