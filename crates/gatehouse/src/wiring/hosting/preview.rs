//! What people would have in the warehouses: for dry runs of provisioning.

use std::sync::Arc;

use base::id::{ApplicationArn, DirectoryGroupId, DirectoryUserId};
use catalog::FederatedGroup;
use center::Center;
use directory::DirectoryGroup;
use http_identity::scim::{AccessPreview, TableAccess};
use query::Visitor;
use tokens::{AccessDecision, Scope};

use super::open::OpenWarehouses;

/// The assignments of Identity Center, then each open warehouse's own catalog.
#[derive(Debug)]
pub(crate) struct CatalogPreview {
    pub(crate) center: Arc<Center>,
    pub(crate) access: Arc<dyn AccessDecision>,
    pub(crate) open: Arc<OpenWarehouses>,
}

impl CatalogPreview {
    /// As [`AccessDecision::may_use`] decides, for groups that aren't the person's yet.
    fn may_use(&self, application: &ApplicationArn, user: &DirectoryUserId, groups: &[DirectoryGroupId]) -> bool {
        let opens = self.access.application(application).is_some_and(|application| {
            application.enabled && application.redshift && application.scopes.contains(&Scope::RedshiftConnect)
        });
        opens && self.center.decide(application, user, groups).allowed
    }
}

impl AccessPreview for CatalogPreview {
    fn tables(
        &self,
        user: &DirectoryUserId,
        user_name: &str,
        active: bool,
        groups: &[Arc<DirectoryGroup>],
    ) -> Vec<TableAccess> {
        if !active {
            return Vec::new();
        }
        let ids: Vec<_> = groups.iter().map(|group| group.id.clone()).collect();
        let federated: Vec<_> =
            groups.iter().map(|group| FederatedGroup { id: group.id.as_str(), name: &group.display_name }).collect();
        let visitor = Visitor { id: user, user_name, groups: &federated };
        let mut found = Vec::new();
        for warehouse in self.open.all() {
            let tables = warehouse.preview(&visitor, |application| self.may_use(application, user, &ids));
            let name = warehouse.name();
            let access = |(table, privileges)| TableAccess { warehouse: name.to_string(), table, privileges };
            found.extend(tables.into_iter().map(access));
        }
        found
    }
}
