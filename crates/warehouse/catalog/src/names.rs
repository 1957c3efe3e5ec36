//! The catalog as `sql` asks it for names.

use sql::{ColumnShape, NamedRelation, Names, RelationKind};

use crate::catalog::{Catalog, PG_CATALOG_SCHEMA};
use crate::system_views;

/// Answers `sql::bind`: tables by schema and name, and the system views in `pg_catalog`. An unqualified name finds a system
/// view because the search path begins with `pg_catalog`.
#[derive(Debug, Clone, Copy)]
pub struct CatalogNames<'a>(pub &'a Catalog);

impl Names for CatalogNames<'_> {
    fn relation(&self, schema: &str, name: &str) -> Option<NamedRelation> {
        let schema = self.0.schema_by_name(schema)?;
        if schema.id == PG_CATALOG_SCHEMA {
            let view = system_views::by_name(name)?;
            return Some(NamedRelation {
                id: view.id,
                schema: schema.name.clone(),
                name: view.name.to_owned(),
                kind: RelationKind::SystemView,
                columns: view
                    .columns
                    .iter()
                    .map(|(name, data_type)| ColumnShape { name: (*name).to_owned(), data_type: *data_type })
                    .collect(),
            });
        }
        let relation = self.0.relation_by_name(schema.id, name)?;
        Some(NamedRelation {
            id: relation.id,
            schema: schema.name.clone(),
            name: relation.name.clone(),
            kind: RelationKind::Table,
            columns: relation
                .columns
                .iter()
                .map(|column| ColumnShape { name: column.name.clone(), data_type: column.data_type })
                .collect(),
        })
    }

    fn has_schema(&self, schema: &str) -> bool {
        self.0.schema_by_name(schema).is_some()
    }
}
