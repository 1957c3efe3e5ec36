//! What a reader sees of each relation: the cage around every table reference.

use base::id::RelationId;
use catalog::{Catalog, system_views};
use rbac::EffectivePrincipals;
use sql::{Cage, CageSource};

use crate::warehouse::Warehouse;

pub(super) struct CatalogCage<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) principals: &'a EffectivePrincipals,
    pub(super) warehouse: &'a Warehouse,
}

impl Cage for CatalogCage<'_> {
    fn source(&self, relation: RelationId) -> Option<CageSource> {
        if let Some(view) = system_views::by_id(relation) {
            let columns = view.columns.iter().map(|(name, data_type)| ((*name).to_owned(), *data_type)).collect();
            let rows = if view.id == system_views::CONNECTION_LOG {
                self.warehouse.connection_log.rows(&self.warehouse.database)
            } else {
                view.rows(self.catalog, &self.principals.viewer())
            };
            return Some(CageSource::Rows { columns, rows });
        }
        let relation = self.catalog.relation(relation)?;
        Some(CageSource::Table {
            schema: self.catalog.schema(relation.schema)?.name.clone(),
            name: relation.name.clone(),
            columns: relation.columns.iter().map(|column| column.name.clone()).collect(),
        })
    }
}
