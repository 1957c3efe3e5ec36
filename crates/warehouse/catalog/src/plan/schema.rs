//! CREATE, ALTER and DROP SCHEMA (sql.md 6.3).

use base::id::SchemaId;

use super::{EngineChange, Planner, is_system_schema, list, table};
use crate::error::{CatalogError, CatalogState};
use crate::model::{ObjectId, Schema};
use crate::op::CatalogOp;
use crate::resolve;

pub(super) fn create(
    p: &mut Planner<'_>,
    name: &str,
    if_not_exists: bool,
    authorization: Option<&str>,
) -> Result<(), CatalogError> {
    if if_not_exists && p.catalog.schema_by_name(name).is_some() {
        p.info(format!("Schema \"{name}\" already exists and will be skipped."));
        return Ok(());
    }
    check_name(name)?;
    let owner = authorization.map(|user| p.user(user)).transpose()?.map_or(p.context.user, |user| user.id);
    let id = SchemaId(p.id()?);
    p.push(CatalogOp::PutSchema(Schema { id, name: name.to_owned(), owner }))?;
    p.engine(EngineChange::CreateSchema { name: name.to_owned() });
    Ok(())
}

pub(super) fn drop(p: &mut Planner<'_>, names: &[String], if_exists: bool, cascade: bool) -> Result<(), CatalogError> {
    for name in names {
        if if_exists && p.catalog.schema_by_name(name).is_none() {
            p.info(format!("Schema \"{name}\" does not exist and will be skipped."));
            continue;
        }
        let id = resolve::schema(&p.catalog, name)?.id;
        if is_system_schema(id) {
            return Err(CatalogError::new(
                CatalogState::DependentObjects,
                format!("cannot drop schema {name} because it is required by the database system"),
            ));
        }
        let tables: Vec<_> = p.catalog.relations_in(id).map(|relation| relation.id).collect();
        if !cascade && !tables.is_empty() {
            let described = tables.iter().map(|id| p.catalog.describe(ObjectId::Relation(*id)));
            return Err(CatalogError::new(
                CatalogState::DependentObjects,
                format!("cannot drop schema {name} because other objects depend on it"),
            )
            .detail(format!("It holds {}.", list(described)))
            .hint("Use DROP … CASCADE to drop the dependent objects too."));
        }
        table::remove(p, &tables, cascade)?;
        p.clear_grants(ObjectId::Schema(id))?;
        p.push(CatalogOp::RemoveSchema(id))?;
        p.engine(EngineChange::DropSchema { name: name.clone() });
    }
    Ok(())
}

pub(super) fn owner_to(p: &mut Planner<'_>, name: &str, owner: &str) -> Result<(), CatalogError> {
    let schema = resolve::schema(&p.catalog, name)?.clone();
    if is_system_schema(schema.id) {
        return Err(CatalogError::new(CatalogState::ReservedName, format!("schema \"{name}\" can't be altered")));
    }
    let new = p.user(owner)?.id;
    let old = schema.owner;
    let object = ObjectId::Schema(schema.id);
    p.push(CatalogOp::PutSchema(Schema { owner: new, ..schema }))?;
    p.move_grants(object, old, new)
}

/// Names that mean something else to the engine: its own databases and schemas, and the file that Gatehouse keeps its rows in.
/// `main.t` must never be two things.
const RESERVED: [&str; 6] = ["information_schema", "gatehouse", "gatehouse-data", "main", "temp", "system"];

fn check_name(name: &str) -> Result<(), CatalogError> {
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("pg_") || RESERVED.contains(&lower.as_str()) {
        return Err(CatalogError::new(CatalogState::ReservedName, format!("unacceptable schema name \"{name}\""))
            .detail(format!("The prefix \"pg_\" and the names {} are reserved for the system.", RESERVED.join(", "))));
    }
    Ok(())
}
