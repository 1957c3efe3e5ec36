//! Which row an operation writes.

use crate::model::{GranteeId, ObjectId};
use crate::op::CatalogOp;

/// Kind and key. The operation that removes has those of the operation that puts.
pub(super) fn of(op: &CatalogOp) -> (&'static str, String) {
    match op {
        CatalogOp::PutDatabase(_) => ("database", "database".to_owned()),
        CatalogOp::PutUser(user) => ("user", user.id.to_string()),
        CatalogOp::RemoveUser(id) => ("user", id.to_string()),
        CatalogOp::PutGroup(group) => ("group", group.id.to_string()),
        CatalogOp::RemoveGroup(id) => ("group", id.to_string()),
        CatalogOp::AddMember { group, user } | CatalogOp::RemoveMember { group, user } => {
            ("group_member", format!("{group}/{user}"))
        }
        CatalogOp::PutRole(role) => ("role", role.id.to_string()),
        CatalogOp::RemoveRole(id) => ("role", id.to_string()),
        CatalogOp::GrantRoleToUser { role, user, admin_option: _ } | CatalogOp::RevokeRoleFromUser { role, user } => {
            ("user_role", format!("{user}/{role}"))
        }
        CatalogOp::GrantRoleToRole { role, to } | CatalogOp::RevokeRoleFromRole { role, from: to } => {
            ("role_role", format!("{to}/{role}"))
        }
        CatalogOp::PutProvider(provider) => ("identity_provider", provider.id.to_string()),
        CatalogOp::RemoveProvider(id) => ("identity_provider", id.to_string()),
        CatalogOp::PutSchema(schema) => ("schema", schema.id.to_string()),
        CatalogOp::RemoveSchema(id) => ("schema", id.to_string()),
        CatalogOp::PutRelation(relation) => ("relation", relation.id.to_string()),
        CatalogOp::RemoveRelation(id) => ("relation", id.to_string()),
        CatalogOp::SetGrants { object, grantee, grants: _ } => {
            ("grant", format!("{}/{}", object_key(*object), grantee_key(*grantee)))
        }
    }
}

fn object_key(object: ObjectId) -> String {
    match object {
        ObjectId::Database => "database".to_owned(),
        ObjectId::Schema(id) => format!("schema-{id}"),
        ObjectId::Relation(id) => format!("relation-{id}"),
    }
}

fn grantee_key(grantee: GranteeId) -> String {
    match grantee {
        GranteeId::Public => "public".to_owned(),
        GranteeId::User(id) => format!("user-{id}"),
        GranteeId::Group(id) => format!("group-{id}"),
        GranteeId::Role(id) => format!("role-{id}"),
    }
}
