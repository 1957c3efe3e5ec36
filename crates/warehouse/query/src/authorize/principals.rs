//! Who a session is right now: its user, the roles and groups that the catalog gives, and the roles of the person's groups at the
//! identity provider. Asked for by every statement, so kept until one of the two sources changes.

use std::sync::Arc;

use base::ErrorKind;
use base::id::DbUserId;
use catalog::{Catalog, FederatedGroup, UnmappedGroup};
use rbac::{EffectivePrincipals, SessionPrincipals};
use sessions::expiry::Activity;
use sql::{SearchPath, SessionValues};
use time::macros::format_description;

use crate::connection::DbConnection;
use crate::error::QueryError;
use crate::open::{Bearer, Standing};
use crate::transaction::{Transaction, View, ViewKey};
use crate::{end, settings};

/// What the kept value was made from.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
struct Key {
    directory: u64,
    view: ViewKey,
    user: DbUserId,
}

#[derive(Debug, Default)]
pub(crate) struct PrincipalsCache(Option<(Key, Arc<EffectivePrincipals>)>);

impl DbConnection {
    /// The catalog as this session sees it: what is committed, and what its own transaction has done.
    pub(crate) fn view(&mut self) -> Result<View, QueryError> {
        let current = self.warehouse.catalog.current();
        match &mut self.transaction {
            Transaction::Open(open) => open.view(&current),
            Transaction::Idle | Transaction::Failed => Ok(View::committed(&current)),
        }
    }

    /// Fails where the user was dropped meanwhile, or the person may not be here any more: such a session may do nothing.
    pub(crate) fn principals(&mut self, view: &View) -> Result<Arc<EffectivePrincipals>, QueryError> {
        // The directory's version before what is read from it: what changes in between counts for the next statement at the latest.
        let key = Key { directory: self.warehouse.directory.version(), view: view.key, user: self.current_user };
        if let Some((kept, principals)) = &self.principals.0
            && *kept == key
        {
            return Ok(Arc::clone(principals));
        }
        self.refuse_gone()?;
        let session = self.session_principals(&view.catalog);
        let principals = rbac::effective_principals(&view.catalog, self.current_user, &session);
        let principals = Arc::new(principals.ok_or_else(dropped)?);
        self.principals.0 = Some((key, Arc::clone(&principals)));
        Ok(principals)
    }

    /// The session of somebody who was deactivated is told to end by the watch over the directory. What they ask for before the
    /// watch comes to it is refused here.
    fn refuse_gone(&self) -> Result<(), QueryError> {
        let context = self.handle.context();
        let person = match &self.standing {
            Standing::Federated(person) => person,
            Standing::Bearer(_) => {
                let ended = context.grounds().and_then(|grounds| Some(grounds.reason(grounds.ended()?)));
                return ended.map_or(Ok(()), |reason| Err(end::error(&reason, context.user_name())));
            }
            Standing::Own | Standing::Temporary { .. } => return Ok(()),
        };
        let directory = &self.warehouse.directory;
        let active = directory.active_user(&person.id);
        let activity = match (&active, directory.user(&person.id)) {
            (Some(_), _) => Activity::Active,
            (None, Some(_)) => Activity::Disabled,
            (None, None) => Activity::Deleted,
        };
        let may_use = |(user, application)| (application, self.warehouse.access.may_use(user, application));
        let application = active.as_ref().zip(context.application()).map(may_use);
        let reason = sessions::expiry::still_allowed(activity, application, None);
        reason.map_or(Ok(()), |reason| Err(end::error(&reason, context.user_name())))
    }

    /// The groups of the session's person that no role stands for.
    pub(crate) fn unmapped_groups(&self) -> Vec<UnmappedGroup> {
        self.session_principals(&self.warehouse.catalog.current().catalog).unmapped
    }

    fn session_principals(&self, catalog: &Catalog) -> SessionPrincipals {
        let authenticated = (self.current_user != self.session_user).then_some(self.session_user);
        // Another user's rights (SET SESSION AUTHORIZATION) come without what this session has beside.
        let person = match &self.standing {
            Standing::Federated(person) if authenticated.is_none() => person,
            Standing::Temporary { groups, roles } if authenticated.is_none() => {
                let (groups, tagged_roles) = (groups.clone(), roles.clone());
                return SessionPrincipals { groups, tagged_roles, ..SessionPrincipals::default() };
            }
            Standing::Bearer(Bearer { provider, groups }) if authenticated.is_none() => {
                let groups: Vec<_> = groups.iter().map(|name| FederatedGroup { id: name, name }).collect();
                let (roles, unmapped) = catalog::federation::session_roles(catalog, *provider, &groups);
                return SessionPrincipals { roles, unmapped, ..SessionPrincipals::default() };
            }
            Standing::Own | Standing::Federated(_) | Standing::Bearer(_) | Standing::Temporary { .. } => {
                return SessionPrincipals { authenticated, ..SessionPrincipals::default() };
            }
        };
        let groups = self.warehouse.directory.groups_of(&person.id);
        let groups: Vec<_> =
            groups.iter().map(|group| FederatedGroup { id: group.id.as_str(), name: &group.display_name }).collect();
        let (roles, unmapped) = catalog::federation::session_roles(catalog, person.provider, &groups);
        SessionPrincipals { authenticated, roles, unmapped, ..SessionPrincipals::default() }
    }

    /// The schemas that an unqualified name is looked for in: `pg_catalog`, then the session's, `$user` replaced.
    pub(crate) fn search_path(&self, catalog: &Catalog) -> SearchPath {
        let user = catalog.user_name(self.current_user);
        let own = self
            .settings
            .search_path
            .iter()
            .map(|schema| if schema == "$user" { user.clone() } else { schema.clone() });
        let own: Vec<_> = own.filter(|schema| schema != "pg_catalog").collect();
        SearchPath(std::iter::once("pg_catalog".to_owned()).chain(own).collect())
    }

    /// The answers of `current_user` and its like.
    pub(crate) fn session_values(&self) -> SessionValues {
        let snapshot = self.warehouse.catalog.current();
        let path = self.search_path(&snapshot.catalog);
        let current_schema =
            path.0.iter().skip(1).find(|name| snapshot.catalog.schema_by_name(name).is_some()).cloned();
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:6]");
        SessionValues {
            current_user: snapshot.catalog.user_name(self.current_user),
            session_user: snapshot.catalog.user_name(self.session_user),
            current_user_id: self.current_user.0,
            database: self.warehouse.database.clone(),
            current_schema,
            backend_pid: self.backend_key().0,
            version: settings::VERSION.to_owned(),
            now: self.warehouse.clock.now().format(format).unwrap_or_default(),
        }
    }
}

fn dropped() -> QueryError {
    QueryError::new(ErrorKind::Denied, "42501", "the session's database user does not exist any more")
        .hint("Connect again, or ask an administrator.")
}

#[cfg(test)]
mod tests;
