//! What a reader sees of each relation: the cage around every table reference.

use base::id::RelationId;
use catalog::{Catalog, system_views};
use rbac::EffectivePrincipals;
use sql::{Cage, CageSource};

pub(super) struct CatalogCage<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) principals: &'a EffectivePrincipals,
}

impl Cage for CatalogCage<'_> {
    fn source(&self, relation: RelationId) -> Option<CageSource> {
        if let Some(view) = system_views::by_id(relation) {
            let columns = view.columns.iter().map(|(name, data_type)| ((*name).to_owned(), *data_type)).collect();
            return Some(CageSource::Rows { columns, rows: view.rows(self.catalog, &self.principals.viewer()) });
        }
        let relation = self.catalog.relation(relation)?;
        Some(CageSource::Table {
            schema: self.catalog.schema(relation.schema)?.name.clone(),
            name: relation.name.clone(),
            columns: relation.columns.iter().map(|column| column.name.clone()).collect(),
        })
    }
}
