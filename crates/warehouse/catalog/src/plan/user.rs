//! CREATE, ALTER and DROP USER (sql.md 2.1).

use base::id::DbUserId;
use sql::statement::{CreateUser, PasswordClause, SetValue, UserChange};
use time::OffsetDateTime;
use time::macros::format_description;

use super::{NoticeSeverity, Planner, privileged};
use crate::catalog::{ADMIN_USER, Catalog, SYSTEM_USER};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbUser, GranteeId, PrincipalName};
use crate::op::CatalogOp;
use crate::password::PasswordVerifier;

/// Prefixes that are neither a namespace's nor a person's to choose (sql.md 1.2).
pub(crate) const RESERVED_NAMESPACES: &[&str] = &["sys", "ds", "iam", "iama", "iamr", "public"];

pub(super) fn create(p: &mut Planner<'_>, statement: &CreateUser) -> Result<(), CatalogError> {
    let name = principal_name(&p.catalog, &statement.name)?;
    if let PrincipalName::Local(name) = &name {
        check_local_name(name)?;
    }
    if p.catalog.user_by_name(&statement.name).is_some() {
        return Err(CatalogError::duplicate("user", &statement.name));
    }
    if p.catalog.role_by_name(&statement.name).is_some() {
        return Err(CatalogError::new(
            CatalogState::DuplicateObject,
            format!("user \"{}\" can't have the name of a role", statement.name),
        ));
    }
    let id = DbUserId(p.id()?);
    let mut user = DbUser {
        id,
        name,
        external_id: None,
        password: None,
        superuser: statement.superuser,
        create_db: statement.create_db,
        syslog_unrestricted: statement.syslog_unrestricted,
        valid_until: None,
        connection_limit: statement.connection_limit,
        session_timeout_seconds: statement.session_timeout_seconds,
        settings: std::collections::BTreeMap::new(),
    };
    if let Some(external_id) = &statement.external_id {
        set_external_id(&p.catalog, &mut user, external_id)?;
    }
    if let Some(until) = &statement.valid_until {
        user.valid_until = abstime(until)?;
    }
    set_password(p, &mut user, &statement.password)?;
    p.push(CatalogOp::PutUser(Box::new(user)))?;
    for group in &statement.in_groups {
        let group = p.catalog.group_by_name(group).ok_or_else(|| CatalogError::undefined("group", group))?.id;
        p.push(CatalogOp::AddMember { group, user: id })?;
    }
    Ok(())
}

pub(super) fn alter(p: &mut Planner<'_>, name: &str, changes: &[UserChange]) -> Result<(), CatalogError> {
    check_namespace(&p.catalog, name)?;
    let mut user = p.user(name)?;
    if user.id == SYSTEM_USER {
        return Err(CatalogError::new(CatalogState::ReservedName, "user \"rdsdb\" can't be altered"));
    }
    for change in changes {
        one_change(p, &mut user, change)?;
    }
    p.push(CatalogOp::PutUser(Box::new(user)))
}

fn one_change(p: &mut Planner<'_>, user: &mut DbUser, change: &UserChange) -> Result<(), CatalogError> {
    match change {
        UserChange::Password(clause) => set_password(p, user, clause)?,
        UserChange::ValidUntil(text) => user.valid_until = abstime(text)?,
        UserChange::CreateDb(on) => user.create_db = *on,
        UserChange::Superuser(on) => {
            if user.id == ADMIN_USER && !on {
                return Err(CatalogError::new(
                    CatalogState::ObjectInUse,
                    format!(
                        "user \"{}\" is the warehouse's administrator and stays a superuser",
                        p.catalog.display(&user.name)
                    ),
                ));
            }
            user.superuser = *on;
            refuse_superuser_without_password(user)?;
        }
        UserChange::SyslogUnrestricted(on) => user.syslog_unrestricted = *on,
        UserChange::RenameTo(to) => rename(p, user, to)?,
        UserChange::ConnectionLimit(limit) => user.connection_limit = *limit,
        UserChange::SessionTimeoutSeconds(seconds) => user.session_timeout_seconds = *seconds,
        UserChange::SetParameter { parameter, value } => {
            settable(p, parameter)?;
            match value {
                SetValue::Default => user.settings.remove(parameter),
                SetValue::Values(values) => user.settings.insert(parameter.clone(), values.clone()),
            };
        }
        UserChange::ResetParameter(parameter) => {
            settable(p, parameter)?;
            user.settings.remove(parameter);
        }
        UserChange::ExternalId(external_id) => set_external_id(&p.catalog, user, external_id)?,
    }
    Ok(())
}

fn rename(p: &mut Planner<'_>, user: &mut DbUser, to: &str) -> Result<(), CatalogError> {
    if user.id == p.context.user {
        return Err(CatalogError::unsupported("renaming the current user"));
    }
    if matches!(user.name, PrincipalName::Federated { .. }) {
        return Err(CatalogError::unsupported("renaming a federated user")
            .hint("Its name is the identity provider's; it follows there, at the person's next login."));
    }
    if to.contains(':') {
        return Err(CatalogError::unsupported("renaming a user to a name with ':'"));
    }
    check_local_name(to)?;
    if p.catalog.user_by_name(to).is_some() {
        return Err(CatalogError::duplicate("user", to));
    }
    if p.catalog.role_by_name(to).is_some() {
        return Err(CatalogError::duplicate("role", to));
    }
    user.name = PrincipalName::Local(to.to_owned());
    if matches!(user.password, Some(PasswordVerifier::Md5(_))) {
        user.password = None;
        p.notice(NoticeSeverity::Notice, "00000", "MD5 password cleared because of user rename");
    }
    Ok(())
}

pub(super) fn drop(p: &mut Planner<'_>, names: &[String], if_exists: bool) -> Result<(), CatalogError> {
    for name in names {
        let Some(user) = p.catalog.user_by_name(name).map(|user| user.id) else {
            if if_exists {
                p.info(format!("user \"{name}\" does not exist, skipping"));
                continue;
            }
            return Err(CatalogError::undefined("user", name));
        };
        if user == p.context.user {
            return Err(CatalogError::new(CatalogState::ObjectInUse, "current user cannot be dropped"));
        }
        if user == SYSTEM_USER || user == ADMIN_USER {
            return Err(CatalogError::new(
                CatalogState::ObjectInUse,
                format!("user \"{name}\" is required by the warehouse and cannot be dropped"),
            ));
        }
        privileged::owns_nothing(&p.catalog, user)?;
        privileged::holds_nothing(&p.catalog, "user", name, GranteeId::User(user))?;
        remove(p, user)?;
    }
    Ok(())
}

/// Memberships go with the user.
pub(super) fn remove(p: &mut Planner<'_>, user: DbUserId) -> Result<(), CatalogError> {
    let groups: Vec<_> = p.catalog.groups_of(user).collect();
    for group in groups {
        p.push(CatalogOp::RemoveMember { group, user })?;
    }
    let roles: Vec<_> = p.catalog.roles_of_user(user).map(|(role, _)| role).collect();
    for role in roles {
        p.push(CatalogOp::RevokeRoleFromUser { role, user })?;
    }
    p.push(CatalogOp::RemoveUser(user))
}

fn set_password(p: &Planner<'_>, user: &mut DbUser, clause: &PasswordClause) -> Result<(), CatalogError> {
    match (clause, &user.name) {
        (PasswordClause::Disable, _) => {
            user.password = None;
            refuse_superuser_without_password(user)
        }
        (PasswordClause::Set(_), PrincipalName::Federated { .. }) => Err(CatalogError::new(
            CatalogState::InvalidParameter,
            format!("the password of federated user \"{}\" must be disabled", p.catalog.display(&user.name)),
        )
        .hint("Write PASSWORD DISABLE: a federated user signs in at the identity provider.")),
        (PasswordClause::Set(_), PrincipalName::Local(name)) if is_iam(name) => Err(CatalogError::new(
            CatalogState::InvalidParameter,
            format!("user \"{name}\" can't have a password: it is an IAM identity's"),
        )
        .hint("It signs in with temporary credentials (GetClusterCredentialsWithIAM, redshift-serverless GetCredentials).")),
        (PasswordClause::Set(text), PrincipalName::Local(_)) => {
            user.password = Some(PasswordVerifier::from_clause(text, p.context.salt)?);
            Ok(())
        }
    }
}

/// A federated superuser signs in at the identity provider, an IAM identity's with temporary credentials; a local one needs its
/// password.
fn refuse_superuser_without_password(user: &DbUser) -> Result<(), CatalogError> {
    let local = matches!(&user.name, PrincipalName::Local(name) if !is_iam(name));
    if local && user.superuser && user.password.is_none() {
        return Err(CatalogError::new(CatalogState::InvalidParameter, "the password of a superuser can't be disabled"));
    }
    Ok(())
}

/// Whether the user was made at the login of an IAM user or role. No statement can make such a name.
fn is_iam(name: &str) -> bool {
    name.contains(':')
}

fn set_external_id(catalog: &Catalog, user: &mut DbUser, external_id: &str) -> Result<(), CatalogError> {
    match &user.name {
        PrincipalName::Federated { .. } => {
            user.external_id = Some(external_id.to_owned());
            Ok(())
        }
        PrincipalName::Local(_) => Err(CatalogError::new(
            CatalogState::InvalidParameter,
            format!("EXTERNALID needs a federated user; \"{}\" has no namespace", catalog.display(&user.name)),
        )),
    }
}

fn settable(p: &Planner<'_>, parameter: &str) -> Result<(), CatalogError> {
    if (p.context.settable)(parameter) {
        Ok(())
    } else {
        Err(CatalogError::new(
            CatalogState::UndefinedObject,
            format!("unrecognized configuration parameter \"{parameter}\""),
        ))
    }
}

/// `infinity` is `None`. A text without an offset is UTC.
fn abstime(text: &str) -> Result<Option<OffsetDateTime>, CatalogError> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("infinity") {
        return Ok(None);
    }
    let date = format_description!("[year]-[month]-[day]");
    let minute = format_description!("[year]-[month]-[day] [hour]:[minute]");
    let second = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let offset = format_description!("[year]-[month]-[day] [hour]:[minute]:[second][offset_hour sign:mandatory]");
    let plain = text.replacen('T', " ", 1);
    let plain = plain.strip_suffix('Z').unwrap_or(&plain);
    let local = |format| time::PrimitiveDateTime::parse(plain, format).map(time::PrimitiveDateTime::assume_utc);
    local(second)
        .or_else(|_| local(minute))
        .or_else(|_| time::Date::parse(plain, date).map(|date| date.midnight().assume_utc()))
        .or_else(|_| OffsetDateTime::parse(plain, offset).map(|time| time.to_offset(time::UtcOffset::UTC)))
        .map(Some)
        .map_err(|_| {
            CatalogError::new(
                CatalogState::InvalidDatetime,
                format!("invalid input syntax for type abstime: \"{text}\""),
            )
            .hint("Write 'YYYY-MM-DD HH:MM:SS' (UTC) or 'infinity'.")
        })
}

/// The name of a user or role in a statement: one with a colon belongs to a registered namespace.
pub(crate) fn principal_name(catalog: &Catalog, name: &str) -> Result<PrincipalName, CatalogError> {
    check_namespace(catalog, name)?;
    match name.split_once(':') {
        None => Ok(PrincipalName::Local(name.to_owned())),
        Some((namespace, local)) => match catalog.provider_by_namespace(namespace) {
            Some(provider) if !local.is_empty() => {
                Ok(PrincipalName::Federated { provider: provider.id, local_name: local.to_owned() })
            }
            Some(_) | None => Err(no_provider(catalog, name)),
        },
    }
}

/// E1 of sql.md 7.1 where the name has a prefix that is no registered namespace.
fn check_namespace(catalog: &Catalog, name: &str) -> Result<(), CatalogError> {
    match name.split_once(':') {
        Some(("sys" | "ds", _)) => Err(CatalogError::new(
            CatalogState::ReservedName,
            format!("\"{name}\" is reserved for the warehouse's own users and roles"),
        )),
        Some((namespace, _))
            if catalog.provider_by_namespace(namespace).is_none() && catalog.user_by_name(name).is_none() =>
        {
            Err(no_provider(catalog, name))
        }
        Some(_) | None => Ok(()),
    }
}

fn no_provider(catalog: &Catalog, name: &str) -> CatalogError {
    let registered: Vec<String> = catalog
        .providers()
        .map(|provider| format!("\"{}\" (identity provider \"{}\")", provider.namespace, provider.name))
        .collect();
    let detail = if registered.is_empty() {
        "No identity provider is registered.".to_owned()
    } else {
        format!("Registered namespaces: {}.", registered.join(", "))
    };
    CatalogError::new(
        CatalogState::UndefinedObject,
        format!("registered identity provider does not exist for \"{name}\""),
    )
    .detail(detail)
    .hint("Use a registered namespace before the colon; select * from identity_providers; shows them.")
}

/// # Errors
/// 42939 for PUBLIC, `rdsdb` and what they begin with; 42602 for an empty name.
pub(crate) fn check_local_name(name: &str) -> Result<(), CatalogError> {
    if name.is_empty() {
        return Err(CatalogError::new(CatalogState::InvalidName, "a name must not be empty"));
    }
    if name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("rdsdb") {
        return Err(CatalogError::new(CatalogState::ReservedName, format!("name \"{name}\" is reserved")));
    }
    Ok(())
}
