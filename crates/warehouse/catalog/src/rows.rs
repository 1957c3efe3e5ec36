//! The catalog as rows beside the data, in the engine's own transaction. Bodies are JSON; each says its version.

mod keys;
mod stored;

use base::PublicMessage;

use crate::catalog::Catalog;
use crate::error::{CatalogError, CatalogState};
use crate::model::{Database, GranteeId};
use crate::op::CatalogOp;
use stored::{Body, Versioned};

/// One stored row; `engine::CatalogRow` without naming the engine.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Which list it belongs to, e.g. `role`.
    pub kind: String,
    /// Unique within its kind.
    pub key: String,
    /// JSON.
    pub body: String,
}

impl std::fmt::Debug for Row {
    /// Without the body: a user's holds a password's verifier.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("kind", &self.kind).field("key", &self.key).finish_non_exhaustive()
    }
}

/// A change of the stored rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowWrite {
    Put(Row),
    Delete { kind: String, key: String },
}

/// What `ops` change in the stored rows, in order. `before` and `after` are the catalogs around them: where they use up ids,
/// the row of the next free id is written too.
///
/// # Errors
/// A body can't be written as JSON.
pub fn writes(ops: &[CatalogOp], before: &Catalog, after: &Catalog) -> Result<Vec<RowWrite>, CatalogError> {
    let mut out = ops.iter().map(op_write).collect::<Result<Vec<_>, _>>()?;
    if before.next_id() != after.next_id() {
        out.push(sequence(after.next_id())?);
    }
    Ok(out)
}

/// Every row of a catalog: what a new warehouse stores, and a backup.
///
/// # Errors
/// As [`writes`].
pub fn all(catalog: &Catalog) -> Result<Vec<Row>, CatalogError> {
    let mut writes = all_ops(catalog).iter().map(op_write).collect::<Result<Vec<_>, _>>()?;
    writes.push(sequence(catalog.next_id())?);
    Ok(writes
        .into_iter()
        .filter_map(|write| match write {
            RowWrite::Put(row) => Some(row),
            RowWrite::Delete { kind: _, key: _ } => None,
        })
        .collect())
}

/// The operations that make a catalog from nothing, in an order in which they can be applied.
fn all_ops(catalog: &Catalog) -> Vec<CatalogOp> {
    let mut ops = Vec::new();
    ops.extend(catalog.providers().map(|provider| CatalogOp::PutProvider(Box::new(provider.clone()))));
    ops.extend(catalog.users().map(|user| CatalogOp::PutUser(Box::new(user.clone()))));
    ops.push(CatalogOp::PutDatabase(catalog.database().clone()));
    ops.extend(catalog.groups().map(|group| CatalogOp::PutGroup(group.clone())));
    for group in catalog.groups() {
        ops.extend(catalog.members(group.id).map(|user| CatalogOp::AddMember { group: group.id, user }));
    }
    ops.extend(catalog.roles().map(|role| CatalogOp::PutRole(role.clone())));
    for user in catalog.users() {
        ops.extend(catalog.roles_of_user(user.id).map(|(role, admin_option)| CatalogOp::GrantRoleToUser {
            role,
            user: user.id,
            admin_option,
        }));
    }
    for to in catalog.roles() {
        ops.extend(catalog.roles_of_role(to.id).map(|role| CatalogOp::GrantRoleToRole { role, to: to.id }));
    }
    ops.extend(catalog.schemas().map(|schema| CatalogOp::PutSchema(schema.clone())));
    ops.extend(catalog.relations().map(|relation| CatalogOp::PutRelation(Box::new(relation.clone()))));
    let grantees = std::iter::once(GranteeId::Public)
        .chain(catalog.users().map(|user| GranteeId::User(user.id)))
        .chain(catalog.groups().map(|group| GranteeId::Group(group.id)))
        .chain(catalog.roles().map(|role| GranteeId::Role(role.id)));
    for grantee in grantees {
        ops.extend(catalog.objects_of(grantee).map(|object| CatalogOp::SetGrants {
            object,
            grantee,
            grants: catalog.grants(object, grantee).to_vec(),
        }));
    }
    ops
}

/// The catalog that the stored rows describe, in whatever order they come.
///
/// # Errors
/// XX000: a row can't be read, or the rows contradict each other. Nothing is guessed.
pub fn load(rows: Vec<Row>) -> Result<Catalog, CatalogError> {
    let mut database = None;
    let mut next_id = 0;
    let mut ops = Vec::new();
    for row in rows {
        let unreadable = |cause: &dyn std::fmt::Display| CatalogError {
            state: CatalogState::Integrity,
            message: PublicMessage::new(format!("catalog row {}/{} can't be read", row.kind, row.key))
                .with_detail(format!("{cause}.")),
        };
        let Versioned { v, body } = serde_json::from_str(&row.body).map_err(|error| unreadable(&error))?;
        if v != stored::VERSION {
            return Err(unreadable(&format!("its version is {v}, this server reads {}", stored::VERSION)));
        }
        if let Body::Sequence { next_id: stored } = body {
            next_id = stored;
            continue;
        }
        let op = body.into_op().map_err(|cause| unreadable(&cause))?;
        let (kind, key) = keys::of(&op);
        if kind != row.kind || key != row.key {
            return Err(unreadable(&format!("its body is that of {kind}/{key}")));
        }
        if let CatalogOp::PutDatabase(found) = &op {
            database = Some(found.clone());
        }
        ops.push(op);
    }
    let database: Database =
        database.ok_or_else(|| CatalogError::integrity("the catalog has no row of its database"))?;
    ops.sort_by_key(stored::load_order);
    let mut catalog = Catalog::empty(database).apply_all(&ops)?;
    catalog.reserve_ids(next_id);
    Ok(catalog)
}

fn sequence(next_id: u32) -> Result<RowWrite, CatalogError> {
    put("sequence".to_owned(), "next_id".to_owned(), Body::Sequence { next_id })
}

fn op_write(op: &CatalogOp) -> Result<RowWrite, CatalogError> {
    let (kind, key) = keys::of(op);
    match Body::of(op) {
        Some(body) => put(kind.to_owned(), key, body),
        None => Ok(RowWrite::Delete { kind: kind.to_owned(), key }),
    }
}

fn put(kind: String, key: String, body: Body) -> Result<RowWrite, CatalogError> {
    let body = serde_json::to_string(&Versioned { v: stored::VERSION, body }).map_err(CatalogError::integrity)?;
    Ok(RowWrite::Put(Row { kind, key, body }))
}

#[cfg(test)]
mod tests;
