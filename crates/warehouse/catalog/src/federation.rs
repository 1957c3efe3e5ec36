//! What a login through an identity provider does to the catalog, and which roles its groups stand for (sql.md 1.2).

use base::id::{DbIdentityProviderId, DbRoleId, DbUserId};

use crate::catalog::{Catalog, SYSTEM_USER};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbRole, DbUser, PrincipalName};
use crate::op::CatalogOp;

const MAX_NAME_BYTES: usize = 127;

/// A group that the identity provider says the person is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FederatedGroup<'a> {
    /// Its id there; compared with the role's EXTERNALID where that is set.
    pub id: &'a str,
    pub name: &'a str,
}

/// A role that a session holds because of a group. It lives with the session and is never stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SessionRole {
    pub role: DbRoleId,
    pub group: String,
}

/// A group that no role stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnmappedGroup {
    pub group: String,
    /// The name that its role would have, `namespace:group`.
    pub role_name: String,
    pub why: Unmapped,
}

/// Why a group has no role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unmapped {
    NoRole,
    /// A role's name differs by case only.
    NearMiss {
        role_name: String,
    },
    /// The role with this name is kept (EXTERNALID) for another group.
    OtherExternalId,
    /// `namespace:group` is longer than 127 bytes.
    NameTooLong,
}

/// What a login does and gives.
#[derive(Debug, Clone, PartialEq)]
pub struct FederatedLogin {
    /// Makes or links the user, makes roles (AUTO_CREATE_ROLES). Empty for a person who is known and has nothing new.
    pub ops: Vec<CatalogOp>,
    pub user: DbUserId,
    pub roles: Vec<SessionRole>,
    pub unmapped: Vec<UnmappedGroup>,
}

/// The login of a person that the identity provider has vouched for; `external_id`: the one that the provider never gives to
/// anybody else. `first_id`: see [`crate::PlanContext::first_id`].
///
/// The user is found by `external_id` (and renamed where the provider renamed the person), else by name where the user isn't
/// linked to anybody yet, else made. Groups map to the roles `namespace:group`, to the letter.
///
/// # Errors
/// 28000: the provider is disabled, the name belongs to another person, or is longer than 127 bytes; 42704: no such provider.
pub fn plan_login(
    catalog: &Catalog,
    provider: DbIdentityProviderId,
    local_name: &str,
    external_id: &str,
    groups: &[FederatedGroup<'_>],
    first_id: u32,
) -> Result<FederatedLogin, CatalogError> {
    let provider = catalog
        .provider(provider)
        .ok_or_else(|| CatalogError::new(CatalogState::UndefinedObject, "AWS IdC identity provider does not exist"))?;
    if !provider.enabled {
        return Err(CatalogError::new(
            CatalogState::InvalidAuthorization,
            format!("identity provider \"{}\" is disabled", provider.name),
        )
        .hint(format!(
            "An administrator can enable it: ALTER IDENTITY PROVIDER {} ENABLE;",
            crate::quote::ident(&provider.name)
        )));
    }
    let mut login = Login { catalog: catalog.clone(), ops: Vec::new(), next_id: first_id.max(catalog.next_id()) };
    let user = login.user(provider.id, &provider.namespace, local_name, external_id)?;
    let mut roles = Vec::new();
    let mut unmapped = Vec::new();
    for group in groups {
        match login.role(provider, *group)? {
            Ok(role) => roles.push(SessionRole { role, group: group.name.to_owned() }),
            Err(why) => unmapped.push(UnmappedGroup {
                group: group.name.to_owned(),
                role_name: format!("{}:{}", provider.namespace, group.name),
                why,
            }),
        }
    }
    roles.sort_unstable();
    roles.dedup();
    unmapped.sort_unstable();
    unmapped.dedup();
    Ok(FederatedLogin { ops: login.ops, user, roles, unmapped })
}

struct Login {
    catalog: Catalog,
    ops: Vec<CatalogOp>,
    next_id: u32,
}

impl Login {
    fn push(&mut self, op: CatalogOp) -> Result<(), CatalogError> {
        self.catalog.apply_mut(&op)?;
        self.ops.push(op);
        Ok(())
    }

    fn id(&mut self) -> Result<u32, CatalogError> {
        let id = self.next_id;
        self.next_id = id.checked_add(1).ok_or_else(|| CatalogError::integrity("no ids are left"))?;
        Ok(id)
    }

    fn user(
        &mut self,
        provider: DbIdentityProviderId,
        namespace: &str,
        local_name: &str,
        external_id: &str,
    ) -> Result<DbUserId, CatalogError> {
        let display = format!("{namespace}:{local_name}");
        let refuse =
            |what: &str| CatalogError::new(CatalogState::InvalidAuthorization, format!("user \"{display}\" {what}"));
        if local_name.is_empty() || display.len() > MAX_NAME_BYTES {
            return Err(refuse("can't be a database user").detail("A name has 1 to 127 bytes, the namespace included."));
        }
        let name = PrincipalName::Federated { provider, local_name: local_name.to_owned() };
        let named = self.catalog.federated_user(provider, local_name).cloned();
        let linked = self.catalog.external_user(provider, external_id).cloned();
        match (linked, named) {
            (Some(linked), Some(named)) if linked.id == named.id => Ok(linked.id),
            (Some(linked), None) => {
                let id = linked.id;
                self.push(CatalogOp::PutUser(Box::new(DbUser { name, ..linked })))?;
                Ok(id)
            }
            (None, Some(named)) if named.external_id.is_none() => {
                let id = named.id;
                let external_id = Some(external_id.to_owned());
                self.push(CatalogOp::PutUser(Box::new(DbUser { external_id, ..named })))?;
                Ok(id)
            }
            (Some(_) | None, Some(_)) => Err(refuse("belongs to another person of the identity provider")
                .detail("The name was used before by somebody else, whose privileges must not pass on with it.")
                .hint("An administrator can drop or relink the old user: DROP USER, or ALTER USER … EXTERNALID.")),
            (None, None) => {
                let id = DbUserId(self.id()?);
                self.push(CatalogOp::PutUser(Box::new(DbUser {
                    id,
                    name,
                    external_id: Some(external_id.to_owned()),
                    password: None,
                    superuser: false,
                    create_db: false,
                    syslog_unrestricted: false,
                    valid_until: None,
                    connection_limit: None,
                    session_timeout_seconds: None,
                    settings: std::collections::BTreeMap::new(),
                })))?;
                Ok(id)
            }
        }
    }

    /// The role of a group, made where AUTO_CREATE_ROLES says so; or why there is none.
    fn role(
        &mut self,
        provider: &crate::model::DbIdentityProvider,
        group: FederatedGroup<'_>,
    ) -> Result<Result<DbRoleId, Unmapped>, CatalogError> {
        let why = match mapped(&self.catalog, provider, group) {
            Err(why @ (Unmapped::NoRole | Unmapped::NearMiss { .. })) => why,
            settled @ (Ok(_) | Err(Unmapped::OtherExternalId | Unmapped::NameTooLong)) => return Ok(settled),
        };
        if provider.auto_create_allows(group.name) {
            let id = DbRoleId(self.id()?);
            self.push(CatalogOp::PutRole(DbRole {
                id,
                name: PrincipalName::Federated { provider: provider.id, local_name: group.name.to_owned() },
                owner: SYSTEM_USER,
                external_id: Some(group.id.to_owned()),
            }))?;
            return Ok(Ok(id));
        }
        Ok(Err(why))
    }
}

/// The role that stands for a group, as the catalog is; or why there is none.
fn mapped(
    catalog: &Catalog,
    provider: &crate::model::DbIdentityProvider,
    group: FederatedGroup<'_>,
) -> Result<DbRoleId, Unmapped> {
    if let Some(role) = catalog.federated_role(provider.id, group.name) {
        let other = role.external_id.as_deref().is_some_and(|id| id != group.id);
        return if other { Err(Unmapped::OtherExternalId) } else { Ok(role.id) };
    }
    if group.name.is_empty() || provider.namespace.len() + 1 + group.name.len() > MAX_NAME_BYTES {
        return Err(Unmapped::NameTooLong);
    }
    Err(match catalog.nearest_role(provider.id, group.name) {
        Some(near) => Unmapped::NearMiss { role_name: catalog.display(&near.name) },
        None => Unmapped::NoRole,
    })
}

/// The roles that a session has now because of its person's groups, without making any: asked again when either changes.
/// A provider that was dropped or disabled gives none.
#[must_use]
pub fn session_roles(
    catalog: &Catalog,
    provider: DbIdentityProviderId,
    groups: &[FederatedGroup<'_>],
) -> (Vec<SessionRole>, Vec<UnmappedGroup>) {
    let Some(provider) = catalog.provider(provider).filter(|provider| provider.enabled) else {
        return (Vec::new(), Vec::new());
    };
    let mut roles = Vec::new();
    let mut unmapped = Vec::new();
    for group in groups {
        match mapped(catalog, provider, *group) {
            Ok(role) => roles.push(SessionRole { role, group: group.name.to_owned() }),
            Err(why) => unmapped.push(UnmappedGroup {
                group: group.name.to_owned(),
                role_name: format!("{}:{}", provider.namespace, group.name),
                why,
            }),
        }
    }
    (roles, unmapped)
}

/// SQL's LIKE without an escape character: `%` any run, `_` one character, case-sensitive.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // `matched[t]`: the pattern so far matches the first t characters.
    let mut matched: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for symbol in pattern {
        let mut next = vec![symbol == '%' && matched.first().copied().unwrap_or(false)];
        for (position, c) in text.iter().enumerate() {
            let before = matched.get(position).copied().unwrap_or(false);
            let here = matched.get(position + 1).copied().unwrap_or(false);
            let grown = next.last().copied().unwrap_or(false);
            next.push(match symbol {
                '%' => here || grown,
                '_' => before,
                literal => before && literal == *c,
            });
        }
        matched = next;
    }
    matched.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests;
