//! ALTER TABLE (sql.md 6.2): one action per statement.

use base::id::RelationId;
use sql::statement::{AlterTableAction, ColumnDefinition, ObjectName};

use super::columns;
use crate::error::{CatalogError, CatalogState};
use crate::model::{Constraint, ObjectId, Relation};
use crate::op::CatalogOp;
use crate::plan::{EngineChange, Planner};
use crate::resolve;

pub(in crate::plan) fn alter(
    p: &mut Planner<'_>,
    name: &ObjectName,
    action: &AlterTableAction,
) -> Result<(), CatalogError> {
    let relation = resolve::table(&p.catalog, name, p.context.search_path)?.clone();
    match action {
        AlterTableAction::OwnerTo(owner) => owner_to(p, relation, owner),
        AlterTableAction::RenameTo(to) => {
            let change = EngineChange::RenameTable {
                schema: p.schema_name(relation.schema),
                from: relation.name.clone(),
                to: to.clone(),
            };
            if to.starts_with('#') {
                return Err(CatalogError::unsupported("a temporary table"));
            }
            p.push(CatalogOp::PutRelation(Box::new(Relation { name: to.clone(), ..relation })))?;
            p.engine(change);
            Ok(())
        }
        AlterTableAction::RenameColumn { from, to } => rename_column(p, relation, from, to),
        AlterTableAction::AddColumn(definition) => add_column(p, relation, definition),
        AlterTableAction::DropColumn { column, cascade } => drop_column(p, relation, column, *cascade),
    }
}

fn owner_to(p: &mut Planner<'_>, relation: Relation, owner: &str) -> Result<(), CatalogError> {
    let new = p.user(owner)?.id;
    let old = relation.owner;
    let object = ObjectId::Relation(relation.id);
    p.push(CatalogOp::PutRelation(Box::new(Relation { owner: new, ..relation })))?;
    p.move_grants(object, old, new)
}

fn rename_column(p: &mut Planner<'_>, mut relation: Relation, from: &str, to: &str) -> Result<(), CatalogError> {
    has_column(&relation, from)?;
    lacks_column(&relation, to)?;
    let id = relation.id;
    let schema = p.schema_name(relation.schema);
    let table = relation.name.clone();
    let rename = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    relation.columns.iter_mut().for_each(|column| rename(&mut column.name));
    relation.storage.distkey.iter_mut().for_each(rename);
    relation.storage.sortkey.iter_mut().for_each(rename);
    for constraint in &mut relation.constraints {
        match constraint {
            Constraint::PrimaryKey { columns }
            | Constraint::Unique { columns }
            | Constraint::ForeignKey { columns, references: _, referred_columns: _ } => {
                columns.iter_mut().for_each(rename);
            }
        }
    }
    p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    rename_referred(p, id, from, to)?;
    p.engine(EngineChange::RenameColumn { schema, table, from: from.to_owned(), to: to.to_owned() });
    Ok(())
}

/// Foreign keys that name the column follow it.
fn rename_referred(p: &mut Planner<'_>, id: RelationId, from: &str, to: &str) -> Result<(), CatalogError> {
    let referring: Vec<Relation> =
        p.catalog.relations().filter(|relation| super::refers_to(relation, id)).cloned().collect();
    for mut relation in referring {
        for constraint in &mut relation.constraints {
            match constraint {
                Constraint::PrimaryKey { columns: _ } | Constraint::Unique { columns: _ } => {}
                Constraint::ForeignKey { columns: _, references, referred_columns } => {
                    for name in referred_columns.iter_mut().filter(|name| *references == id && *name == from) {
                        to.clone_into(name);
                    }
                }
            }
        }
        p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    }
    Ok(())
}

fn add_column(p: &mut Planner<'_>, mut relation: Relation, definition: &ColumnDefinition) -> Result<(), CatalogError> {
    lacks_column(&relation, &definition.name)?;
    if definition.identity.is_some() {
        return Err(CatalogError::unsupported("IDENTITY in ALTER TABLE … ADD COLUMN"));
    }
    if definition.not_null && definition.default.is_none() {
        return Err(CatalogError::new(
            CatalogState::InvalidDefinition,
            "ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
        ));
    }
    relation.columns.push(columns::column(definition)?);
    columns::check(&relation)?;
    let change = EngineChange::AddColumn {
        schema: p.schema_name(relation.schema),
        table: relation.name.clone(),
        column: Box::new(definition.clone()),
    };
    p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    p.engine(change);
    Ok(())
}

fn drop_column(p: &mut Planner<'_>, mut relation: Relation, name: &str, cascade: bool) -> Result<(), CatalogError> {
    has_column(&relation, name)?;
    if relation.storage.distkey.as_deref() == Some(name) {
        return Err(CatalogError::new(
            CatalogState::DependentObjects,
            format!("cannot drop distkey column \"{name}\""),
        ));
    }
    if relation.storage.sortkey.iter().any(|column| column == name) {
        return Err(CatalogError::new(
            CatalogState::DependentObjects,
            format!("cannot drop sortkey column \"{name}\""),
        ));
    }
    let id = relation.id;
    let referring: Vec<Relation> = p
        .catalog
        .relations()
        .filter(|other| {
            other.id != id && other.constraints.iter().any(|constraint| refers_to_column(constraint, id, name))
        })
        .cloned()
        .collect();
    let used = |constraint: &Constraint| uses_column(constraint, name) || refers_to_column(constraint, id, name);
    if !cascade && (!referring.is_empty() || relation.constraints.iter().any(used)) {
        return Err(CatalogError::new(
            CatalogState::DependentObjects,
            format!("cannot drop table {} column {name} because other objects depend on it", relation.name),
        )
        .detail("A key or foreign key names the column.")
        .hint("Use DROP … CASCADE to drop the dependent objects too."));
    }
    for mut other in referring {
        other.constraints.retain(|constraint| !refers_to_column(constraint, id, name));
        p.push(CatalogOp::PutRelation(Box::new(other)))?;
    }
    relation.constraints.retain(|constraint| !used(constraint));
    relation.columns.retain(|column| column.name != name);
    columns::check(&relation)?;
    let change = EngineChange::DropColumn {
        schema: p.schema_name(relation.schema),
        table: relation.name.clone(),
        column: name.to_owned(),
    };
    p.push(CatalogOp::PutRelation(Box::new(relation)))?;
    p.engine(change);
    Ok(())
}

fn uses_column(constraint: &Constraint, name: &str) -> bool {
    match constraint {
        Constraint::PrimaryKey { columns }
        | Constraint::Unique { columns }
        | Constraint::ForeignKey { columns, references: _, referred_columns: _ } => {
            columns.iter().any(|column| column == name)
        }
    }
}

fn refers_to_column(constraint: &Constraint, id: RelationId, name: &str) -> bool {
    match constraint {
        Constraint::PrimaryKey { columns: _ } | Constraint::Unique { columns: _ } => false,
        Constraint::ForeignKey { columns: _, references, referred_columns } => {
            *references == id && referred_columns.iter().any(|column| column == name)
        }
    }
}

fn has_column(relation: &Relation, name: &str) -> Result<(), CatalogError> {
    if relation.columns.iter().any(|column| column.name == name) {
        return Ok(());
    }
    Err(CatalogError::new(
        CatalogState::UndefinedColumn,
        format!("column \"{name}\" of relation \"{}\" does not exist", relation.name),
    ))
}

fn lacks_column(relation: &Relation, name: &str) -> Result<(), CatalogError> {
    if relation.columns.iter().all(|column| column.name != name) {
        return Ok(());
    }
    Err(CatalogError::new(
        CatalogState::DuplicateColumn,
        format!("column \"{name}\" of relation \"{}\" already exists", relation.name),
    ))
}
