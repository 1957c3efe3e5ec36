//! Explicit grants (sql.md 5.1). What ownership or a role gives isn't listed.

use std::collections::BTreeSet;

use sql::Literal;

use super::{Cells, Viewer, number, text};
use crate::catalog::Catalog;
use crate::model::{GranteeId, ObjectId, Owned};

pub(super) fn svv_relation_privileges(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    let mut rows = Vec::new();
    for (object, grantee) in visible(catalog, viewer) {
        let ObjectId::Relation(id) = object else { continue };
        let (schema, name) = match (catalog.relation(id), super::by_id(id)) {
            (Some(relation), _) => {
                let schema = catalog.schema(relation.schema).map_or_else(String::new, |schema| schema.name.clone());
                (schema, relation.name.clone())
            }
            (None, Some(view)) => ("pg_catalog".to_owned(), view.name.to_owned()),
            (None, None) => continue,
        };
        for cells in identity_rows(catalog, object, grantee) {
            let mut row = vec![text(&schema), text(&name)];
            row.extend(cells);
            rows.push(row);
        }
    }
    rows
}

pub(super) fn svv_schema_privileges(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    let mut rows = Vec::new();
    for (object, grantee) in visible(catalog, viewer) {
        let ObjectId::Schema(id) = object else { continue };
        let Some(schema) = catalog.schema(id) else { continue };
        for cells in identity_rows(catalog, object, grantee) {
            let mut row = vec![text(&schema.name)];
            row.extend(cells);
            row.push(text("SCHEMA"));
            rows.push(row);
        }
    }
    rows
}

/// What the viewer holds by name, group, role or PUBLIC, and everything on what they own; a superuser sees all.
fn visible(catalog: &Catalog, viewer: &Viewer) -> BTreeSet<(ObjectId, GranteeId)> {
    let mut out = BTreeSet::new();
    let grantees = if viewer.superuser {
        let mut all = vec![GranteeId::Public];
        all.extend(catalog.users().map(|user| GranteeId::User(user.id)));
        all.extend(catalog.groups().map(|group| GranteeId::Group(group.id)));
        all.extend(catalog.roles().map(|role| GranteeId::Role(role.id)));
        all
    } else {
        viewer.grantees()
    };
    for grantee in grantees {
        out.extend(catalog.objects_of(grantee).map(|object| (object, grantee)));
    }
    for owned in catalog.owned_by(viewer.user) {
        let object = match owned {
            Owned::Database => ObjectId::Database,
            Owned::Schema(id) => ObjectId::Schema(id),
            Owned::Relation(id) => ObjectId::Relation(id),
            Owned::Role(_) => continue,
        };
        out.extend(catalog.grants_on(object).map(|(grantee, _)| (object, grantee)));
    }
    out
}

/// privilege_type, identity_id, identity_name, identity_type, admin_option: a privilege once, whoever granted it.
fn identity_rows(catalog: &Catalog, object: ObjectId, grantee: GranteeId) -> Vec<Cells> {
    let (id, name, kind) = match grantee {
        GranteeId::Public => (0, "public".to_owned(), "public"),
        GranteeId::User(id) => (id.0, catalog.user_name(id), "user"),
        GranteeId::Group(id) => (id.0, catalog.group(id).map_or_else(String::new, |group| group.name.clone()), "group"),
        GranteeId::Role(id) => (id.0, catalog.role_name(id), "role"),
    };
    let grants = catalog.grants(object, grantee);
    let privileges: BTreeSet<_> = grants.iter().map(|grant| grant.privilege).collect();
    privileges
        .into_iter()
        .map(|privilege| {
            let admin = grants.iter().any(|grant| grant.privilege == privilege && grant.grant_option);
            vec![text(privilege.name()), number(id), text(&name), text(kind), Literal::Bool(admin)]
        })
        .collect()
}
