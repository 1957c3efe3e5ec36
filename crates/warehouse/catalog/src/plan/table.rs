//! CREATE, ALTER and DROP TABLE (sql.md 6.1, 6.2).

mod alter;
mod columns;
mod default_text;

use base::id::RelationId;
use sql::statement::{CreateTable, CreateTableAs, ObjectName, TableStorage};

use super::{EngineChange, Planner, list};
use crate::catalog::Catalog;
use crate::error::{CatalogError, CatalogState};
use crate::model::{Column, Constraint, ObjectId, Relation, Schema};
use crate::op::CatalogOp;
use crate::resolve::{self, Resolved};

pub(super) use alter::alter;

pub(super) fn create(p: &mut Planner<'_>, table: &CreateTable) -> Result<(), CatalogError> {
    let Some((schema, id)) = begin(p, &table.name, table.temporary, table.if_not_exists)? else { return Ok(()) };
    let columns = table.columns.iter().map(columns::column).collect::<Result<Vec<_>, _>>()?;
    let mut relation = new_relation(p, &schema, id, &table.name.name, columns);
    relation.storage.clone_from(&table.storage);
    columns::check(&relation)?;
    relation.constraints = columns::constraints(p, table, &relation)?;
    p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    p.engine(EngineChange::CreateTable { schema: schema.name, name: table.name.name.clone() });
    Ok(())
}

pub(super) fn create_as(p: &mut Planner<'_>, table: &CreateTableAs) -> Result<(), CatalogError> {
    let Some((schema, id)) = begin(p, &table.name, table.temporary, table.if_not_exists)? else { return Ok(()) };
    let mut shapes = p.context.query_columns.to_vec();
    if table.columns.len() > shapes.len() {
        return Err(CatalogError::new(
            CatalogState::InvalidDefinition,
            "CREATE TABLE AS specifies too many column names",
        )
        .detail(format!("The query has {} columns, the list {}.", shapes.len(), table.columns.len())));
    }
    for (shape, name) in shapes.iter_mut().zip(&table.columns) {
        shape.name.clone_from(name);
    }
    let columns = shapes.iter().map(|shape| columns::plain(&shape.name, shape.data_type)).collect();
    let mut relation = new_relation(p, &schema, id, &table.name.name, columns);
    relation.storage.clone_from(&table.storage);
    columns::check(&relation)?;
    p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    p.engine(EngineChange::CreateTableAs { schema: schema.name, name: table.name.name.clone(), columns: shapes });
    Ok(())
}

/// The schema and id of a new table; `None` where IF NOT EXISTS finds one.
fn begin(
    p: &mut Planner<'_>,
    name: &ObjectName,
    temporary: bool,
    if_not_exists: bool,
) -> Result<Option<(Schema, RelationId)>, CatalogError> {
    if temporary || name.name.starts_with('#') {
        return Err(CatalogError::unsupported("a temporary table"));
    }
    let schema = resolve::creation_schema(&p.catalog, name, p.context.search_path)?.clone();
    if if_not_exists && p.catalog.relation_by_name(schema.id, &name.name).is_some() {
        p.info(format!("Relation \"{}\" already exists and will be skipped.", name.name));
        return Ok(None);
    }
    let id = RelationId(p.id()?);
    Ok(Some((schema, id)))
}

fn new_relation(p: &Planner<'_>, schema: &Schema, id: RelationId, name: &str, columns: Vec<Column>) -> Relation {
    Relation {
        id,
        schema: schema.id,
        name: name.to_owned(),
        owner: p.context.user,
        columns,
        constraints: Vec::new(),
        storage: TableStorage::default(),
    }
}

pub(super) fn drop(
    p: &mut Planner<'_>,
    names: &[ObjectName],
    if_exists: bool,
    cascade: bool,
) -> Result<(), CatalogError> {
    let mut tables = Vec::new();
    for name in names {
        match resolve::relation(&p.catalog, name, p.context.search_path) {
            Ok(Resolved::Table(id)) if tables.contains(&id) => {}
            Ok(Resolved::Table(id)) => tables.push(id),
            Ok(Resolved::SystemView(_)) => {
                return Err(CatalogError::new(
                    CatalogState::DependentObjects,
                    format!("cannot drop view {} because it is required by the database system", name.name),
                ));
            }
            Err(error) if if_exists && error.state != CatalogState::Unsupported => {
                p.info(format!("Table \"{}\" does not exist and will be skipped.", name.name));
            }
            Err(error) => return Err(error),
        }
    }
    remove(p, &tables, cascade)
}

/// Removes tables with their grants. Foreign keys that refer to them from elsewhere go too with CASCADE and else refuse.
pub(super) fn remove(p: &mut Planner<'_>, tables: &[RelationId], cascade: bool) -> Result<(), CatalogError> {
    let referring: Vec<Relation> =
        p.catalog.relations().filter(|relation| tables.iter().any(|id| refers_to(relation, *id))).cloned().collect();
    let outside: Vec<String> = referring
        .iter()
        .filter(|relation| !tables.contains(&relation.id))
        .map(|relation| p.catalog.describe(ObjectId::Relation(relation.id)))
        .collect();
    if !cascade && !outside.is_empty() {
        let names = tables.iter().map(|id| p.catalog.describe(ObjectId::Relation(*id)));
        return Err(CatalogError::new(
            CatalogState::DependentObjects,
            format!("cannot drop {} because other objects depend on it", list(names)),
        )
        .detail(format!("A foreign key refers to it from {}.", list(outside)))
        .hint("Use DROP … CASCADE to drop the dependent objects too."));
    }
    for mut relation in referring {
        relation.constraints.retain(|constraint| !tables.iter().any(|id| constraint_refers_to(constraint, *id)));
        p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    }
    for id in tables {
        let relation = p.catalog.relation(*id).ok_or_else(|| CatalogError::integrity("no such table"))?;
        let change = EngineChange::DropTable { schema: p.schema_name(relation.schema), name: relation.name.clone() };
        p.clear_grants(ObjectId::Relation(*id))?;
        p.push(CatalogOp::RemoveRelation(*id))?;
        p.engine(change);
    }
    Ok(())
}

pub(crate) fn refers_to(relation: &Relation, id: RelationId) -> bool {
    relation.constraints.iter().any(|constraint| constraint_refers_to(constraint, id))
}

fn constraint_refers_to(constraint: &Constraint, id: RelationId) -> bool {
    match constraint {
        Constraint::PrimaryKey { columns: _ } | Constraint::Unique { columns: _ } => false,
        Constraint::ForeignKey { columns: _, references, referred_columns: _ } => *references == id,
    }
}

/// The tables that the foreign keys of a CREATE TABLE refer to, itself left out.
///
/// # Errors
/// 42P01, 3F000
pub fn referred_tables(
    catalog: &Catalog,
    table: &CreateTable,
    path: &sql::SearchPath,
) -> Result<Vec<RelationId>, CatalogError> {
    let mut out = Vec::new();
    for constraint in &table.constraints {
        match constraint {
            sql::statement::TableConstraint::PrimaryKey { columns: _ }
            | sql::statement::TableConstraint::Unique { columns: _ } => {}
            sql::statement::TableConstraint::ForeignKey { columns: _, references, referred_columns: _ } => {
                if *references != table.name {
                    out.push(resolve::table(catalog, references, path)?.id);
                }
            }
        }
    }
    Ok(out)
}
