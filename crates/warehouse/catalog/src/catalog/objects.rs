//! Look-ups of schemas, relations, owners and grants.

use std::sync::Arc;

use base::id::{DbUserId, RelationId, SchemaId};

use super::{Catalog, SYSTEM_USER};
use crate::model::{Grant, GranteeId, ObjectId, Owned, Relation, Schema};
use crate::system_views;

/// Schemas, relations and grants.
impl Catalog {
    #[must_use]
    pub fn schema(&self, id: SchemaId) -> Option<&Schema> {
        self.schemas.get(&id).map(Arc::as_ref)
    }

    #[must_use]
    pub fn schema_by_name(&self, name: &str) -> Option<&Schema> {
        self.schema_names.get(name).and_then(|id| self.schema(*id))
    }

    pub fn schemas(&self) -> impl Iterator<Item = &Schema> {
        self.schemas.values().map(Arc::as_ref)
    }

    /// A table; `None` for a system view.
    #[must_use]
    pub fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.relations.get(&id).map(Arc::as_ref)
    }

    /// A table of a schema.
    #[must_use]
    pub fn relation_by_name(&self, schema: SchemaId, name: &str) -> Option<&Relation> {
        self.relation_names.get(&(schema, name.to_owned())).and_then(|id| self.relation(*id))
    }

    /// The tables of a schema, by name.
    pub fn relations_in(&self, schema: SchemaId) -> impl Iterator<Item = &Relation> {
        self.relation_names
            .range((schema, String::new())..)
            .take_while(move |((of, _), _)| *of == schema)
            .filter_map(|(_, id)| self.relation(*id))
    }

    /// Every table.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values().map(Arc::as_ref)
    }

    /// What a user owns, roles included.
    pub fn owned_by(&self, user: DbUserId) -> impl Iterator<Item = Owned> {
        self.owned.get(&user).into_iter().flatten().copied()
    }

    /// The owner of an object; `None` where it doesn't exist. System views belong to `rdsdb`.
    #[must_use]
    pub fn owner(&self, object: ObjectId) -> Option<DbUserId> {
        match object {
            ObjectId::Database => Some(self.database.owner),
            ObjectId::Schema(id) => self.schema(id).map(|schema| schema.owner),
            ObjectId::Relation(id) => self
                .relation(id)
                .map(|relation| relation.owner)
                .or_else(|| system_views::by_id(id).map(|_| SYSTEM_USER)),
        }
    }

    /// What one grantee holds on one object, in order.
    #[must_use]
    pub fn grants(&self, object: ObjectId, grantee: GranteeId) -> &[Grant] {
        self.grants.get(&(object, grantee)).map_or(&[], |grants| grants.as_slice())
    }

    /// Everything granted on an object, PUBLIC first.
    pub fn grants_on(&self, object: ObjectId) -> impl Iterator<Item = (GranteeId, &[Grant])> {
        self.grants
            .range((object, GranteeId::Public)..)
            .take_while(move |((of, _), _)| *of == object)
            .map(|((_, grantee), grants)| (*grantee, grants.as_slice()))
    }

    /// The objects that a grantee holds something on.
    pub fn objects_of(&self, grantee: GranteeId) -> impl Iterator<Item = ObjectId> {
        self.objects_of.get(&grantee).into_iter().flatten().copied()
    }

    /// The grants that a user has given, by object and grantee.
    pub fn granted_by(&self, grantor: DbUserId) -> impl Iterator<Item = (ObjectId, GranteeId)> {
        self.granted_by.get(&grantor).into_iter().flatten().copied()
    }

    /// `table sales_schema.revenue`, `schema sales_schema`, `database dev`: as DETAIL lines name it.
    #[must_use]
    pub fn describe(&self, object: ObjectId) -> String {
        match object {
            ObjectId::Database => format!("database {}", crate::quote::ident(&self.database.name)),
            ObjectId::Schema(id) => {
                let name = self.schema(id).map_or("unknown", |schema| &schema.name);
                format!("schema {}", crate::quote::ident(name))
            }
            ObjectId::Relation(id) => match (self.relation(id), system_views::by_id(id)) {
                (Some(relation), _) => {
                    let schema = self.schema(relation.schema).map_or("unknown", |schema| &schema.name);
                    format!("table {}", crate::quote::qualified(schema, &relation.name))
                }
                (None, Some(view)) => format!("view pg_catalog.{}", view.name),
                (None, None) => "table unknown".to_owned(),
            },
        }
    }

    /// As [`Self::describe`], for what somebody owns.
    #[must_use]
    pub fn describe_owned(&self, owned: Owned) -> String {
        match owned {
            Owned::Database => self.describe(ObjectId::Database),
            Owned::Schema(id) => self.describe(ObjectId::Schema(id)),
            Owned::Relation(id) => self.describe(ObjectId::Relation(id)),
            Owned::Role(id) => format!("role {}", crate::quote::ident(&self.role_name(id))),
        }
    }

    /// `user "x"`, `role "ns:y"`, `group "g"`, `PUBLIC`.
    #[must_use]
    pub fn describe_grantee(&self, grantee: GranteeId) -> String {
        match grantee {
            GranteeId::Public => "PUBLIC".to_owned(),
            GranteeId::User(id) => format!("user \"{}\"", self.user_name(id)),
            GranteeId::Group(id) => format!("group \"{}\"", self.group(id).map_or("unknown", |group| &group.name)),
            GranteeId::Role(id) => format!("role \"{}\"", self.role_name(id)),
        }
    }
}
