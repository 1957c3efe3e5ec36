//! INSERT, UPDATE, DELETE.

use base::id::RelationId;

use super::scope::{Binder, Item, Result, columns_of};
use super::table::Tables;
use crate::ast::{Delete, Insert, InsertSource, SetTo, TableExpr, Update, With};
use crate::bind::{BoundStatement, ChangedTable, NamedRelation, RelationKind};
use crate::error::{SqlError, SqlState};
use crate::footprint::{Footprint, Privilege};
use crate::statement::ObjectName;

impl Binder<'_> {
    /// The table that a change goes to: never a CTE, never a system view.
    pub(super) fn changed(&self, name: &ObjectName, alias: Option<&str>) -> Result<(ChangedTable, NamedRelation)> {
        let relation = self.relation(name)?;
        match relation.kind {
            RelationKind::Table => {}
            RelationKind::SystemView => {
                return Err(SqlError::new(
                    SqlState::FeatureNotSupported,
                    format!("\"{}\" is a system view and can't be changed", relation.name),
                ));
            }
        }
        let table = ChangedTable {
            schema: relation.schema.clone(),
            name: relation.name.clone(),
            alias: alias.unwrap_or(&relation.name).to_owned(),
        };
        Ok((table, relation))
    }

    pub(super) fn insert(&mut self, insert: &Insert) -> Result<BoundStatement> {
        let mut insert = Box::new(insert.clone());
        let (table, relation) = self.changed(&insert.table, None)?;
        for column in &insert.columns {
            known_column(&relation, column)?;
        }
        self.footprint.add(relation.id, Privilege::Insert);
        let width = match &mut insert.source {
            InsertSource::DefaultValues => None,
            InsertSource::Values(rows) => {
                for value in rows.iter_mut().flatten() {
                    self.set_to(value)?;
                }
                rows.first().map(Vec::len)
            }
            InsertSource::Query(query) => Some(self.query(query)?.len()),
        };
        match width {
            None if !insert.columns.is_empty() => return Err(SqlError::syntax("DEFAULT")),
            None => {}
            Some(width) => {
                let listed = !insert.columns.is_empty();
                if !listed {
                    insert.columns = relation.columns.iter().map(|column| column.name.clone()).collect();
                }
                if width > insert.columns.len() {
                    return Err(arity("INSERT has more expressions than target columns"));
                }
                if listed && width < insert.columns.len() {
                    return Err(arity("INSERT has more target columns than expressions"));
                }
                // without a list the rest gets its defaults
                insert.columns.truncate(width);
            }
        }
        Ok(BoundStatement::Insert { table, insert })
    }

    pub(super) fn update(&mut self, update: &Update) -> Result<BoundStatement> {
        let mut update = Box::new(update.clone());
        let (table, relation) = self.changed(&update.table, update.alias.as_deref())?;
        for (column, _) in &update.set {
            known_column(&relation, column)?;
        }
        let item = changed_item(&table, &relation, update.alias.is_some());
        let Update { with, set, from, filter, .. } = update.as_mut();
        self.change((Privilege::Update, relation.id), item, with.as_mut(), from, |binder| {
            for (_, value) in set {
                binder.set_to(value)?;
            }
            if let Some(filter) = filter {
                binder.changed_is_read = true;
                binder.expr(filter)?;
            }
            Ok(())
        })?;
        Ok(BoundStatement::Update { table, update })
    }

    pub(super) fn delete(&mut self, delete: &Delete) -> Result<BoundStatement> {
        let mut delete = Box::new(delete.clone());
        let (table, relation) = self.changed(&delete.table, delete.alias.as_deref())?;
        let item = changed_item(&table, &relation, delete.alias.is_some());
        let Delete { with, using, filter, .. } = delete.as_mut();
        self.change((Privilege::Delete, relation.id), item, with.as_mut(), using, |binder| {
            if let Some(filter) = filter {
                binder.changed_is_read = true;
                binder.expr(filter)?;
            }
            Ok(())
        })?;
        Ok(BoundStatement::Delete { table, delete })
    }

    /// Binds the tables beside the changed one, then `rest` where all are in sight. The footprint names the changed table
    /// first, with SELECT as well where its rows decide what happens.
    fn change(
        &mut self,
        (privilege, relation): (Privilege, RelationId),
        item: Item,
        with: Option<&mut With>,
        others: &mut [TableExpr],
        rest: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let outside = self.ctes.len();
        if let Some(with) = with {
            self.with(with)?;
        }
        let mut tables = Tables { items: vec![item], ..Tables::default() };
        let others = self.from(others)?;
        tables.join(others)?;
        self.within(tables.scope(), rest)?;
        self.ctes.truncate(outside);
        let read = std::mem::take(&mut self.footprint);
        let mut footprint = Footprint::default();
        footprint.add(relation, privilege);
        if self.changed_is_read {
            footprint.add(relation, Privilege::Select);
        }
        for access in read.accesses() {
            footprint.add(access.relation, access.privilege);
        }
        self.footprint = footprint;
        Ok(())
    }

    fn set_to(&mut self, value: &mut SetTo) -> Result<()> {
        match value {
            SetTo::Default => Ok(()),
            SetTo::Expr(expr) => self.expr(expr).map(drop),
        }
    }
}

fn changed_item(table: &ChangedTable, relation: &NamedRelation, aliased: bool) -> Item {
    Item {
        alias: table.alias.clone(),
        schema: (!aliased).then(|| relation.schema.clone()),
        columns: columns_of(relation),
        changed: true,
    }
}

fn known_column(relation: &NamedRelation, column: &str) -> Result<()> {
    if relation.columns.iter().any(|known| known.name == column) {
        return Ok(());
    }
    Err(SqlError::new(
        SqlState::UndefinedColumn,
        format!("column \"{column}\" of relation \"{}\" does not exist", relation.name),
    ))
}

fn arity(message: &str) -> SqlError {
    SqlError::new(SqlState::SyntaxError, message)
}
