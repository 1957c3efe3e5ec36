//! Definitions become catalog operations. Pure: whether the actor may is `rbac`'s decision, made before.

pub(crate) mod grant;
mod group;
mod privileged;
pub(crate) mod provider;
mod role;
mod role_grant;
mod schema;
pub(crate) mod table;
pub(crate) mod user;

use base::PublicMessage;
use base::id::{DbUserId, SchemaId};
use sql::statement::{ColumnDefinition, Statement};
use sql::{ColumnShape, SearchPath};

use crate::catalog::{Catalog, PG_CATALOG_SCHEMA};
use crate::error::{CatalogError, CatalogState};
use crate::model::{DbUser, ObjectId};
use crate::op::CatalogOp;

/// Everything that a definition depends on beside the catalog.
#[derive(Debug, Clone, Copy)]
pub struct PlanContext<'a> {
    /// Who acts (`current_user`); owns what is made.
    pub user: DbUserId,
    /// The connected database.
    pub database: &'a str,
    /// `pg_catalog` first, `$user` already replaced.
    pub search_path: &'a SearchPath,
    /// Ids from here on are free. At least [`Catalog::next_id`]; higher where open transactions have taken some.
    pub first_id: u32,
    /// 32 random bytes, for a password given as clear text.
    pub salt: [u8; 32],
    /// What the query of CREATE TABLE AS answers; empty for every other statement.
    pub query_columns: &'a [ColumnShape],
    /// Which parameters a session can be given: ALTER USER … SET refuses the others.
    pub settable: fn(&str) -> bool,
}

/// What a statement changes in the engine, in order; none where IF EXISTS or IF NOT EXISTS found nothing to do.
#[derive(Debug, Clone)]
pub enum EngineChange {
    CreateSchema {
        name: String,
    },
    /// Empty by now: its tables come before it.
    DropSchema {
        name: String,
    },
    /// The definition is the statement's.
    CreateTable {
        schema: String,
        name: String,
    },
    /// As [`Self::CreateTable`], with the query's rows.
    CreateTableAs {
        schema: String,
        name: String,
        columns: Vec<ColumnShape>,
    },
    DropTable {
        schema: String,
        name: String,
    },
    RenameTable {
        schema: String,
        from: String,
        to: String,
    },
    RenameColumn {
        schema: String,
        table: String,
        from: String,
        to: String,
    },
    AddColumn {
        schema: String,
        table: String,
        column: Box<ColumnDefinition>,
    },
    DropColumn {
        schema: String,
        table: String,
        column: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeSeverity {
    Info,
    Notice,
    Warning,
}

/// A message beside the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub severity: NoticeSeverity,
    pub sqlstate: &'static str,
    pub message: PublicMessage,
}

/// What a definition does.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    pub ops: Vec<CatalogOp>,
    pub engine: Vec<EngineChange>,
    pub notices: Vec<Notice>,
}

/// What `statement` does to the catalog and to the engine. A statement that defines nothing gives an empty plan.
///
/// # Errors
/// What the definition names isn't there, is there already, is in use, or isn't carried out; texts and SQLSTATEs are
/// PostgreSQL's and Redshift's.
pub fn plan(statement: &Statement, catalog: &Catalog, context: &PlanContext<'_>) -> Result<Plan, CatalogError> {
    let mut planner = Planner::new(catalog, context)?;
    let p = &mut planner;
    match statement {
        Statement::CreateSchema { name, if_not_exists, authorization } => {
            schema::create(p, name, *if_not_exists, authorization.as_deref())?;
        }
        Statement::DropSchema { names, if_exists, cascade } => schema::drop(p, names, *if_exists, *cascade)?,
        Statement::AlterSchemaOwner { schema, owner } => schema::owner_to(p, schema, owner)?,
        Statement::CreateTable(table) => table::create(p, table)?,
        Statement::CreateTableAs(table) => table::create_as(p, table)?,
        Statement::DropTable { names, if_exists, cascade } => table::drop(p, names, *if_exists, *cascade)?,
        Statement::AlterTable { table, action } => table::alter(p, table, action)?,
        Statement::CreateIdentityProvider(provider) => provider::create(p, provider)?,
        Statement::AlterIdentityProvider(change) => provider::alter(p, change)?,
        Statement::DropIdentityProvider { name, if_exists, cascade } => provider::drop(p, name, *if_exists, *cascade)?,
        Statement::CreateUser(user) => user::create(p, user)?,
        Statement::AlterUser { name, changes } => user::alter(p, name, changes)?,
        Statement::DropUser { names, if_exists } => user::drop(p, names, *if_exists)?,
        Statement::CreateGroup { name, users } => group::create(p, name, users)?,
        Statement::AlterGroup { name, change } => group::alter(p, name, change)?,
        Statement::DropGroup { name } => group::drop(p, name)?,
        Statement::CreateRole { name, if_not_exists, external_id } => {
            role::create(p, name, *if_not_exists, external_id.as_deref())?;
        }
        Statement::AlterRole { name, change } => role::alter(p, name, change)?,
        Statement::DropRole { name, if_exists, force } => role::drop(p, name, *if_exists, *force)?,
        Statement::GrantRole { roles, to } => role_grant::grant(p, roles, to)?,
        Statement::RevokeRole { admin_option_only, roles, from } => {
            role_grant::revoke(p, *admin_option_only, roles, from)?;
        }
        Statement::Grant(change) => grant::grant(p, change)?,
        Statement::Revoke { grant_option_only, change } => grant::revoke(p, *grant_option_only, change)?,
        Statement::Query(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Truncate { table: _ }
        | Statement::Explain { query: _ }
        | Statement::DescIdentityProvider { name: _ }
        | Statement::Begin
        | Statement::Commit
        | Statement::Rollback
        | Statement::Set { local: _, parameter: _, value: _ }
        | Statement::Reset { parameter: _ }
        | Statement::Show { parameter: _ }
        | Statement::SetSessionAuthorization { user: _ }
        | Statement::Deallocate { name: _ }
        | Statement::Empty => {}
    }
    Ok(planner.plan)
}

/// A plan in the making, with the catalog as its operations leave it so far.
pub(crate) struct Planner<'a> {
    pub(crate) catalog: Catalog,
    pub(crate) context: &'a PlanContext<'a>,
    plan: Plan,
    next_id: u32,
}

impl<'a> Planner<'a> {
    fn new(catalog: &Catalog, context: &'a PlanContext<'a>) -> Result<Self, CatalogError> {
        if catalog.user(context.user).is_none() {
            return Err(CatalogError::new(CatalogState::UndefinedObject, "the session's user does not exist any more"));
        }
        Ok(Self {
            catalog: catalog.clone(),
            context,
            plan: Plan::default(),
            next_id: context.first_id.max(catalog.next_id()),
        })
    }

    pub(crate) fn push(&mut self, op: CatalogOp) -> Result<(), CatalogError> {
        self.catalog.apply_mut(&op)?;
        self.plan.ops.push(op);
        Ok(())
    }

    fn engine(&mut self, change: EngineChange) {
        self.plan.engine.push(change);
    }

    fn id(&mut self) -> Result<u32, CatalogError> {
        let id = self.next_id;
        self.next_id = id.checked_add(1).ok_or_else(|| CatalogError::integrity("no ids are left"))?;
        Ok(id)
    }

    fn notice(&mut self, severity: NoticeSeverity, sqlstate: &'static str, message: impl Into<String>) {
        self.plan.notices.push(Notice { severity, sqlstate, message: PublicMessage::new(message) });
    }

    /// IF EXISTS and IF NOT EXISTS: Redshift's INFO.
    fn info(&mut self, message: impl Into<String>) {
        self.notice(NoticeSeverity::Info, "00000", message);
    }

    fn user(&self, name: &str) -> Result<DbUser, CatalogError> {
        self.catalog.user_by_name(name).cloned().ok_or_else(|| CatalogError::undefined("user", name))
    }

    fn schema_name(&self, id: SchemaId) -> String {
        self.catalog.schema(id).map_or_else(String::new, |schema| schema.name.clone())
    }

    /// Takes back every grant on an object that is about to go.
    fn clear_grants(&mut self, object: ObjectId) -> Result<(), CatalogError> {
        let grantees: Vec<_> = self.catalog.grants_on(object).map(|(grantee, _)| grantee).collect();
        for grantee in grantees {
            self.push(CatalogOp::SetGrants { object, grantee, grants: Vec::new() })?;
        }
        Ok(())
    }

    /// The grants of an object follow its new owner.
    fn move_grants(&mut self, object: ObjectId, old: DbUserId, new: DbUserId) -> Result<(), CatalogError> {
        for (grantee, grants) in crate::grants::after_owner_change(&self.catalog, object, old, new) {
            if self.catalog.grants(object, grantee) != grants {
                self.push(CatalogOp::SetGrants { object, grantee, grants })?;
            }
        }
        Ok(())
    }
}

/// `a, b, c`; after ten, `and 5 more`.
pub(crate) fn list(items: impl IntoIterator<Item = String>) -> String {
    let mut items: Vec<String> = items.into_iter().collect();
    items.sort_unstable();
    items.dedup();
    let more = items.len().saturating_sub(10);
    items.truncate(10);
    let mut out = items.join(", ");
    if more > 0 {
        out.push_str(&format!(" and {more} more"));
    }
    out
}

pub(crate) fn is_system_schema(id: SchemaId) -> bool {
    id == PG_CATALOG_SCHEMA
}

#[cfg(test)]
mod tests;
