//! Users, roles and memberships (sql.md 5.1, 5.2).

use base::id::DbRoleId;
use sql::{DataType, Literal};
use time::macros::format_description;

use super::{Cells, Viewer, number, optional, text};
use crate::catalog::Catalog;
use crate::model::DbUser;

/// Everybody sees everybody.
pub(super) fn pg_user(catalog: &Catalog, _viewer: &Viewer) -> Vec<Cells> {
    catalog
        .users()
        .map(|user| {
            vec![
                text(catalog.display(&user.name)),
                number(user.id.0),
                Literal::Bool(user.create_db),
                Literal::Bool(user.superuser),
                Literal::Bool(user.superuser),
                text("********"),
                valid_until(user),
                settings(user),
            ]
        })
        .collect()
}

/// One's own row; a superuser sees all.
pub(super) fn svv_user_info(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    let row = |user: &DbUser| {
        vec![
            text(catalog.display(&user.name)),
            number(user.id.0),
            Literal::Bool(user.create_db),
            Literal::Bool(user.superuser),
            Literal::Bool(user.superuser),
            text(user.connection_limit.map_or_else(|| "UNLIMITED".to_owned(), |limit| limit.to_string())),
            text(if user.syslog_unrestricted { "UNRESTRICTED" } else { "RESTRICTED" }),
            // When an object of a user was last defined isn't kept.
            Literal::Null,
            number(user.session_timeout_seconds.unwrap_or(0)),
            optional(user.external_id.as_deref()),
        ]
    };
    if viewer.superuser {
        catalog.users().map(row).collect()
    } else {
        catalog.user(viewer.user).map(row).into_iter().collect()
    }
}

/// The roles that one holds or owns; a superuser sees all.
pub(super) fn svv_roles(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    visible_roles(catalog, viewer)
        .into_iter()
        .filter_map(|id| catalog.role(id))
        .map(|role| {
            vec![
                number(role.id.0),
                text(catalog.display(&role.name)),
                text(catalog.user_name(role.owner)),
                optional(role.external_id.as_deref()),
            ]
        })
        .collect()
}

/// The roles granted to oneself; a superuser sees all. The roles of federated sessions aren't grants (sql.md 1.2).
pub(super) fn svv_user_grants(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    let rows = |user: &DbUser| -> Vec<Cells> {
        catalog
            .roles_of_user(user.id)
            .map(|(role, admin_option)| {
                vec![
                    number(user.id.0),
                    text(catalog.display(&user.name)),
                    number(role.0),
                    text(catalog.role_name(role)),
                    Literal::Bool(admin_option),
                ]
            })
            .collect()
    };
    if viewer.superuser {
        catalog.users().flat_map(rows).collect()
    } else {
        catalog.user(viewer.user).map(rows).unwrap_or_default()
    }
}

/// What the roles hold that one may see.
pub(super) fn svv_role_grants(catalog: &Catalog, viewer: &Viewer) -> Vec<Cells> {
    visible_roles(catalog, viewer)
        .into_iter()
        .flat_map(|role| {
            catalog.roles_of_role(role).map(move |granted| {
                vec![number(role.0), text(catalog.role_name(role)), number(granted.0), text(catalog.role_name(granted))]
            })
        })
        .collect()
}

fn visible_roles(catalog: &Catalog, viewer: &Viewer) -> std::collections::BTreeSet<DbRoleId> {
    if viewer.superuser {
        return catalog.roles().map(|role| role.id).collect();
    }
    let mut roles = viewer.roles.clone();
    roles.extend(catalog.owned_by(viewer.user).filter_map(|owned| match owned {
        crate::model::Owned::Role(id) => Some(id),
        crate::model::Owned::Database | crate::model::Owned::Schema(_) | crate::model::Owned::Relation(_) => None,
    }));
    roles
}

fn valid_until(user: &DbUser) -> Literal {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    match user.valid_until.map(|until| until.format(format)) {
        Some(Ok(until)) => Literal::Typed(until, DataType::Timestamp),
        Some(Err(_)) | None => Literal::Null,
    }
}

/// As PostgreSQL writes an array: `{search_path=sales}`.
fn settings(user: &DbUser) -> Literal {
    if user.settings.is_empty() {
        return Literal::Null;
    }
    let items: Vec<String> = user
        .settings
        .iter()
        .map(|(name, values)| {
            let item = format!("{name}={}", values.join(", "));
            let plain = item.chars().all(|c| c.is_alphanumeric() || "_=.-:/".contains(c));
            if plain { item } else { format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\"")) }
        })
        .collect();
    text(format!("{{{}}}", items.join(",")))
}
