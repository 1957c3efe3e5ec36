//! Identity providers (`r_CREATE_IDENTITY_PROVIDER.html`, `r_ALTER_IDENTITY_PROVIDER.html`).

use super::cursor::Cursor;
use super::unsupported;
use crate::error::{SqlError, SqlState};
use crate::statement::{
    AlterIdentityProvider, AutoCreateRoles, CreateIdentityProvider, GroupFilter, IamRoleClause, IdentityProviderType,
    Statement,
};

/// What the clauses say, in any order and each once.
#[derive(Default)]
struct Clauses {
    provider_type: Option<IdentityProviderType>,
    namespace: Option<String>,
    parameters: Option<String>,
    application_arn: Option<String>,
    iam_role: Option<IamRoleClause>,
    auto_create_roles: Option<AutoCreateRoles>,
    enabled: Option<bool>,
}

/// After CREATE IDENTITY PROVIDER: `name TYPE type NAMESPACE 'ns' …`
pub(super) fn create(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    if cursor.at_all(&["IF", "NOT", "EXISTS"]) {
        return Err(SqlError::unsupported("CREATE IDENTITY PROVIDER IF NOT EXISTS"));
    }
    let name = cursor.name()?;
    let clauses = clauses(cursor, true)?;
    let Some(provider_type) = clauses.provider_type else { return Err(needs(cursor, "TYPE AWSIDC")) };
    let Some(namespace) = clauses.namespace else { return Err(needs(cursor, "NAMESPACE 'name'")) };
    match provider_type {
        IdentityProviderType::AwsIdc => {
            if clauses.parameters.is_some() {
                return Err(belongs_to("PARAMETERS", "AZURE"));
            }
        }
        IdentityProviderType::Azure => {
            if clauses.application_arn.is_some() {
                return Err(belongs_to("APPLICATION_ARN", "AWSIDC"));
            }
            if clauses.iam_role.is_some() {
                return Err(belongs_to("IAM_ROLE", "AWSIDC"));
            }
        }
    }
    Ok(Statement::CreateIdentityProvider(CreateIdentityProvider {
        name,
        provider_type,
        namespace,
        parameters: clauses.parameters,
        application_arn: clauses.application_arn,
        iam_role: clauses.iam_role,
        auto_create_roles: clauses.auto_create_roles,
    }))
}

/// After ALTER IDENTITY PROVIDER: `name clause …`
pub(super) fn alter(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let name = cursor.name()?;
    if cursor.is_done() {
        return Err(cursor.unexpected());
    }
    let clauses = clauses(cursor, false)?;
    Ok(Statement::AlterIdentityProvider(AlterIdentityProvider {
        name,
        parameters: clauses.parameters,
        namespace: clauses.namespace,
        iam_role: clauses.iam_role,
        auto_create_roles: clauses.auto_create_roles,
        enabled: clauses.enabled,
    }))
}

/// After DROP IDENTITY PROVIDER: `[IF EXISTS] name [CASCADE]`
pub(super) fn drop(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    let if_exists = cursor.if_exists();
    let name = cursor.name()?;
    let cascade = cursor.eat("CASCADE");
    Ok(Statement::DropIdentityProvider { name, if_exists, cascade })
}

/// `DESC[RIBE] IDENTITY PROVIDER name`
pub(super) fn describe(cursor: &mut Cursor<'_>) -> Result<Statement, SqlError> {
    cursor.next();
    if cursor.at("DATASHARE") {
        return Err(unsupported::object("DESC", cursor));
    }
    cursor.expect_all(&["IDENTITY", "PROVIDER"])?;
    Ok(Statement::DescIdentityProvider { name: cursor.name()? })
}

fn clauses(cursor: &mut Cursor<'_>, creating: bool) -> Result<Clauses, SqlError> {
    let mut found = Clauses::default();
    while !cursor.is_done() {
        if creating && found.provider_type.is_none() && cursor.eat("TYPE") {
            found.provider_type = Some(provider_type(cursor)?);
        } else if found.namespace.is_none() && cursor.eat("NAMESPACE") {
            found.namespace = Some(namespace(cursor)?);
        } else if found.parameters.is_none() && cursor.eat("PARAMETERS") {
            cursor.hide_from_here();
            found.parameters = Some(cursor.string()?);
        } else if creating && found.application_arn.is_none() && cursor.eat("APPLICATION_ARN") {
            found.application_arn = Some(cursor.string()?);
        } else if found.iam_role.is_none() && cursor.eat("IAM_ROLE") {
            found.iam_role = Some(iam_role(cursor)?);
        } else if found.auto_create_roles.is_none() && cursor.eat("AUTO_CREATE_ROLES") {
            found.auto_create_roles = Some(auto_create_roles(cursor)?);
        } else if !creating && found.enabled.is_none() && cursor.eat("ENABLE") {
            found.enabled = Some(true);
        } else if !creating && found.enabled.is_none() && cursor.eat("DISABLE") {
            found.enabled = Some(false);
        } else {
            return Err(cursor.unexpected());
        }
    }
    Ok(found)
}

fn provider_type(cursor: &mut Cursor<'_>) -> Result<IdentityProviderType, SqlError> {
    if cursor.eat("AWSIDC") {
        return Ok(IdentityProviderType::AwsIdc);
    }
    if cursor.eat("AZURE") {
        return Ok(IdentityProviderType::Azure);
    }
    Err(cursor.unexpected().hint("The types are AWSIDC and AZURE."))
}

/// The prefix of the provider's users and roles. It ends at the first colon of their names, so it can't hold one.
fn namespace(cursor: &mut Cursor<'_>) -> Result<String, SqlError> {
    let namespace = cursor.string()?;
    if namespace.is_empty() || namespace.contains(':') {
        return Err(SqlError::new(SqlState::InvalidParameterValue, "NAMESPACE must not be empty and not hold a colon"));
    }
    Ok(namespace)
}

fn iam_role(cursor: &mut Cursor<'_>) -> Result<IamRoleClause, SqlError> {
    if cursor.eat("DEFAULT") {
        return Ok(IamRoleClause::Default);
    }
    Ok(IamRoleClause::Arn(cursor.string()?))
}

/// `[TRUE [{INCLUDE|EXCLUDE} GROUPS LIKE 'pattern'] | FALSE]`; the bare keyword means TRUE.
fn auto_create_roles(cursor: &mut Cursor<'_>) -> Result<AutoCreateRoles, SqlError> {
    if cursor.eat("FALSE") {
        return Ok(AutoCreateRoles { enabled: false, filter: None });
    }
    cursor.eat("TRUE");
    let filter = if cursor.at_any(&["INCLUDE", "EXCLUDE"]) {
        let exclude = cursor.at("EXCLUDE");
        cursor.next();
        cursor.expect_all(&["GROUPS", "LIKE"])?;
        Some(GroupFilter { exclude, pattern: cursor.string()? })
    } else {
        None
    };
    Ok(AutoCreateRoles { enabled: true, filter })
}

fn needs(cursor: &Cursor<'_>, clause: &str) -> SqlError {
    cursor.unexpected().hint(format!("CREATE IDENTITY PROVIDER needs {clause}."))
}

fn belongs_to(clause: &str, provider_type: &str) -> SqlError {
    SqlError::new(SqlState::SyntaxError, format!("{clause} is only possible with TYPE {provider_type}"))
}
