//! Which tables a person would have: login and authorisation, thought through without anybody signing in.

use std::collections::{BTreeMap, BTreeSet};

use base::id::{ApplicationArn, DirectoryUserId, RelationId};
use catalog::{Catalog, FederatedGroup, ObjectId, Owned, plan_login};
use rbac::{Decision, EffectivePrincipals, Requirement, SessionPrincipals};
use sql::Privilege;

use crate::warehouse::Warehouse;

/// Privileges by table, `schema.table`.
pub type Tables = BTreeMap<String, BTreeSet<&'static str>>;

/// A person as they would be.
#[derive(Debug, Clone, Copy)]
pub struct Visitor<'a> {
    pub id: &'a DirectoryUserId,
    pub user_name: &'a str,
    pub groups: &'a [FederatedGroup<'a>],
}

impl Warehouse {
    /// What the person would have on which tables of this warehouse, through those of its identity providers whose application
    /// `may_use` lets them use. Tables on which they would have nothing aren't named.
    #[must_use]
    pub fn preview(&self, visitor: &Visitor<'_>, may_use: impl Fn(&ApplicationArn) -> bool) -> Tables {
        tables(&self.catalog.current().catalog, visitor, may_use)
    }
}

/// The pure rule: the very login ([`plan_login`]) and the very decision ([`rbac::decide`]) that a session would get. Looks only at
/// tables on which somebody whom the session has holds something; a superuser has all.
pub(crate) fn tables(catalog: &Catalog, visitor: &Visitor<'_>, may_use: impl Fn(&ApplicationArn) -> bool) -> Tables {
    let mut tables = Tables::new();
    for provider in catalog.providers() {
        // People of the directory don't come through a provider of another type.
        if !provider.application_arn().is_some_and(|application| may_use(&ApplicationArn::new(application))) {
            continue;
        }
        let Visitor { id, user_name, groups } = visitor;
        // Whoever can't sign in has nothing.
        let Ok(login) = plan_login(catalog, provider.id, user_name, id.as_str(), groups, catalog.next_id()) else {
            continue;
        };
        let Ok(catalog) = catalog.apply_all(&login.ops) else { continue };
        let session =
            SessionPrincipals { roles: login.roles, unmapped: login.unmapped, ..SessionPrincipals::default() };
        let Some(principals) = rbac::effective_principals(&catalog, login.user, &session) else { continue };
        for relation in concerned(&catalog, &principals) {
            let held = held(&catalog, &principals, relation);
            if !held.is_empty() {
                tables.entry(catalog_name(&catalog, relation)).or_default().extend(held);
            }
        }
    }
    tables
}

fn concerned(catalog: &Catalog, principals: &EffectivePrincipals) -> BTreeSet<RelationId> {
    if principals.superuser {
        return catalog.relations().map(|relation| relation.id).collect();
    }
    let granted =
        principals.grantees().flat_map(|grantee| catalog.objects_of(grantee)).filter_map(|object| match object {
            ObjectId::Relation(relation) => Some(relation),
            ObjectId::Schema(_) | ObjectId::Database => None,
        });
    let mut concerned: BTreeSet<_> = granted.collect();
    for owned in catalog.owned_by(principals.user) {
        match owned {
            Owned::Relation(relation) => {
                concerned.insert(relation);
            }
            // its owner may drop what is in it
            Owned::Schema(schema) => concerned.extend(catalog.relations_in(schema).map(|relation| relation.id)),
            Owned::Role(_) | Owned::Database => {}
        }
    }
    concerned
}

fn held(catalog: &Catalog, principals: &EffectivePrincipals, relation: RelationId) -> Vec<&'static str> {
    let Some(schema) = catalog.relation(relation).map(|relation| relation.schema) else { return Vec::new() };
    let privilege = |privilege| (privilege, Requirement::RelationPrivilege { relation, privilege });
    let control = |privilege, or_schema_owner| {
        (privilege, Requirement::RelationControl { relation, or: Some(privilege), or_schema_owner })
    };
    let asked = [
        privilege(Privilege::Select),
        privilege(Privilege::Insert),
        privilege(Privilege::Update),
        privilege(Privilege::Delete),
        privilege(Privilege::References),
        privilege(Privilege::Truncate),
        control(Privilege::Alter, false),
        control(Privilege::Drop, true),
    ];
    let allowed = |requirement: Requirement| {
        matches!(
            rbac::decide(&[Requirement::SchemaUsage(schema), requirement], catalog, principals),
            Decision::Allowed(_)
        )
    };
    asked.into_iter().filter(|(_, requirement)| allowed(requirement.clone())).map(|(name, _)| name.name()).collect()
}

/// `schema.table`, as people write it: quoted only where it must be.
fn catalog_name(catalog: &Catalog, relation: RelationId) -> String {
    let Some(found) = catalog.relation(relation) else { return relation.to_string() };
    let schema = catalog.schema(found.schema).map(|schema| schema.name.as_str()).unwrap_or_default();
    format!("{}.{}", catalog::quote::ident(schema), catalog::quote::ident(&found.name))
}

#[cfg(test)]
mod tests;
