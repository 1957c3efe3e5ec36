//! What a statement needs, statement by statement: no wildcard, so that a new statement or a new clause must be thought about.

use base::id::{DbRoleId, DbUserId, RelationId, SchemaId};
use catalog::resolve::{self, Resolved};
use catalog::{Catalog, CatalogError, CatalogState, ObjectId, PG_CATALOG_SCHEMA, PlanContext};
use sql::statement::{
    AlterTableAction, CreateTable, GrantTarget, ObjectName, PasswordClause, PrivilegeChange, Statement, UserChange,
};
use sql::{Footprint, Privilege};

/// One thing that must hold. Superusers pass all but [`Self::SystemViewWrite`] and [`Self::Unresolved`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    Superuser(SuperuserAction),
    SchemaUsage(SchemaId),
    SchemaCreate(SchemaId),
    /// Its owner, or a holder of the privilege.
    SchemaControl {
        schema: SchemaId,
        or: Option<Privilege>,
    },
    /// CREATE on the database.
    DatabaseCreate,
    /// The owner, or a holder of the privilege. System views: SELECT only.
    RelationPrivilege {
        relation: RelationId,
        privilege: Privilege,
    },
    /// Nobody writes to a system view.
    SystemViewWrite {
        view: RelationId,
    },
    /// Its owner, a holder of the privilege, or (DROP) its schema's owner.
    RelationControl {
        relation: RelationId,
        or: Option<Privilege>,
        or_schema_owner: bool,
    },
    /// Its owner, or who holds it WITH ADMIN OPTION.
    RoleAdmin {
        role: DbRoleId,
    },
    /// The object's owner, or who holds each of the privileges WITH GRANT OPTION.
    MayGrant {
        object: ObjectId,
        privileges: Vec<Privilege>,
    },
    /// One's own password and settings.
    OwnAccount {
        user: DbUserId,
    },
    /// The authenticated user must be a superuser, or be `to`.
    SetSessionAuthorization {
        to: String,
    },
    /// A data statement whose names were not resolved. Never holds.
    Unresolved,
}

/// What only a superuser may do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuperuserAction {
    CreateIdentityProvider,
    AlterIdentityProvider,
    DropIdentityProvider,
    DescribeIdentityProvider,
    CreateUser,
    AlterUser,
    DropUser,
    CreateGroup,
    AlterGroup,
    DropGroup,
    CreateRole,
    CreateSchemaFor { user: String },
}

/// The requirements of `statement`, in the order in which a denial names them: schemas before what is in them.
///
/// `footprint` is what `sql::bind` found; `None` for a data statement denies it. `context` is the one that the plan is made
/// with: names resolve in the same way.
///
/// # Errors
/// A name that the decision depends on isn't there: 42P01, 3F000, 42704, 3D000. Statements for superusers only don't tell
/// others what exists.
pub fn requirements(
    statement: &Statement,
    footprint: Option<&Footprint>,
    catalog: &Catalog,
    context: &PlanContext<'_>,
) -> Result<Vec<Requirement>, CatalogError> {
    let mut out = Collector { catalog, context, list: Vec::new() };
    match statement {
        Statement::Query(_)
        | Statement::Insert(_)
        | Statement::Update(_)
        | Statement::Delete(_)
        | Statement::Truncate { table: _ }
        | Statement::Explain { query: _ } => out.data(footprint),
        Statement::CreateSchema { name: _, if_not_exists: _, authorization } => {
            out.create_schema(authorization.as_deref());
        }
        Statement::DropSchema { names, if_exists, cascade: _ } => out.drop_schema(names, *if_exists)?,
        Statement::AlterSchemaOwner { schema, owner: _ } => out.schema_owner(schema)?,
        Statement::CreateTable(table) => out.create_table(table)?,
        Statement::CreateTableAs(table) => {
            out.create_in(&table.name)?;
            out.data(footprint);
        }
        Statement::DropTable { names, if_exists, cascade: _ } => out.drop_table(names, *if_exists)?,
        Statement::AlterTable { table, action } => out.alter_table(table, action)?,
        Statement::CreateIdentityProvider(_) => out.superuser(SuperuserAction::CreateIdentityProvider),
        Statement::AlterIdentityProvider(_) => out.superuser(SuperuserAction::AlterIdentityProvider),
        Statement::DropIdentityProvider { name: _, if_exists: _, cascade: _ } => {
            out.superuser(SuperuserAction::DropIdentityProvider);
        }
        Statement::DescIdentityProvider { name: _ } => out.superuser(SuperuserAction::DescribeIdentityProvider),
        Statement::CreateUser(_) => out.superuser(SuperuserAction::CreateUser),
        Statement::AlterUser { name, changes } => out.alter_user(name, changes),
        Statement::DropUser { names: _, if_exists: _ } => out.superuser(SuperuserAction::DropUser),
        Statement::CreateGroup { name: _, users: _ } => out.superuser(SuperuserAction::CreateGroup),
        Statement::AlterGroup { name: _, change: _ } => out.superuser(SuperuserAction::AlterGroup),
        Statement::DropGroup { name: _ } => out.superuser(SuperuserAction::DropGroup),
        Statement::CreateRole { name: _, if_not_exists: _, external_id: _ } => {
            out.superuser(SuperuserAction::CreateRole);
        }
        Statement::AlterRole { name, change: _ } => out.role_admin(name)?,
        Statement::DropRole { name, if_exists, force: _ } => {
            if !(*if_exists && catalog.role_by_sql_name(name).is_none()) {
                out.role_admin(name)?;
            }
        }
        Statement::GrantRole { roles, to: _ } => out.role_grant(roles)?,
        Statement::RevokeRole { admin_option_only: _, roles, from: _ } => out.role_grant(roles)?,
        Statement::Grant(change) | Statement::Revoke { grant_option_only: _, change } => out.grant(change)?,
        Statement::SetSessionAuthorization { user } => {
            if let Some(to) = user {
                out.add(Requirement::SetSessionAuthorization { to: to.clone() });
            }
        }
        // The session's own affairs: which parameters can be set is an allow-list, not a privilege.
        Statement::Begin
        | Statement::Commit
        | Statement::Rollback
        | Statement::Set { local: _, parameter: _, value: _ }
        | Statement::Reset { parameter: _ }
        | Statement::Show { parameter: _ }
        | Statement::Deallocate { name: _ }
        | Statement::Empty => {}
    }
    Ok(out.list)
}

struct Collector<'a> {
    catalog: &'a Catalog,
    context: &'a PlanContext<'a>,
    list: Vec<Requirement>,
}

impl Collector<'_> {
    fn add(&mut self, requirement: Requirement) {
        if !self.list.contains(&requirement) {
            self.list.push(requirement);
        }
    }

    fn superuser(&mut self, action: SuperuserAction) {
        self.add(Requirement::Superuser(action));
    }

    /// USAGE on the schema of a table. `pg_catalog` is everybody's.
    fn schema_of(&mut self, relation: RelationId) {
        if let Some(relation) = self.catalog.relation(relation) {
            self.add(Requirement::SchemaUsage(relation.schema));
        }
    }

    fn data(&mut self, footprint: Option<&Footprint>) {
        let Some(footprint) = footprint else {
            self.add(Requirement::Unresolved);
            return;
        };
        for access in footprint.accesses() {
            self.schema_of(access.relation);
        }
        for access in footprint.accesses() {
            let view = catalog::system_views::by_id(access.relation)
                .filter(|_| self.catalog.relation(access.relation).is_none());
            match view {
                Some(view) if access.privilege != Privilege::Select => {
                    self.add(Requirement::SystemViewWrite { view: view.id });
                }
                Some(_) | None => {
                    self.add(Requirement::RelationPrivilege { relation: access.relation, privilege: access.privilege })
                }
            }
        }
    }

    fn create_schema(&mut self, authorization: Option<&str>) {
        self.add(Requirement::DatabaseCreate);
        if let Some(user) = authorization
            && !self.is_self(user)
        {
            self.superuser(SuperuserAction::CreateSchemaFor { user: user.to_owned() });
        }
    }

    fn drop_schema(&mut self, names: &[String], if_exists: bool) -> Result<(), CatalogError> {
        for name in names {
            if if_exists && self.catalog.schema_by_name(name).is_none() {
                continue;
            }
            let schema = resolve::schema(self.catalog, name)?.id;
            self.add(Requirement::SchemaControl { schema, or: Some(Privilege::Drop) });
        }
        Ok(())
    }

    fn schema_owner(&mut self, name: &str) -> Result<(), CatalogError> {
        let schema = resolve::schema(self.catalog, name)?.id;
        self.add(Requirement::SchemaControl { schema, or: None });
        Ok(())
    }

    /// CREATE on the schema that a new table goes to.
    fn create_in(&mut self, name: &ObjectName) -> Result<(), CatalogError> {
        let schema = resolve::creation_schema(self.catalog, name, self.context.search_path)?.id;
        self.add(Requirement::SchemaCreate(schema));
        Ok(())
    }

    fn create_table(&mut self, table: &CreateTable) -> Result<(), CatalogError> {
        self.create_in(&table.name)?;
        let referred = catalog::referred_tables(self.catalog, table, self.context.search_path)?;
        for relation in &referred {
            self.schema_of(*relation);
        }
        for relation in referred {
            self.add(Requirement::RelationPrivilege { relation, privilege: Privilege::References });
        }
        Ok(())
    }

    fn drop_table(&mut self, names: &[ObjectName], if_exists: bool) -> Result<(), CatalogError> {
        let mut relations = Vec::new();
        for name in names {
            match resolve::relation(self.catalog, name, self.context.search_path) {
                Ok(resolved) => relations.push(resolved),
                Err(error) if if_exists && error.state != CatalogState::Unsupported => {}
                Err(error) => return Err(error),
            }
        }
        for resolved in &relations {
            self.schema_of(resolved.id());
        }
        for resolved in relations {
            self.control(resolved, Some(Privilege::Drop), true);
        }
        Ok(())
    }

    fn control(&mut self, resolved: Resolved, or: Option<Privilege>, or_schema_owner: bool) {
        self.add(match resolved {
            Resolved::Table(relation) => Requirement::RelationControl { relation, or, or_schema_owner },
            Resolved::SystemView(view) => Requirement::SystemViewWrite { view },
        });
    }

    fn alter_table(&mut self, table: &ObjectName, action: &AlterTableAction) -> Result<(), CatalogError> {
        let resolved = resolve::relation(self.catalog, table, self.context.search_path)?;
        self.schema_of(resolved.id());
        match action {
            AlterTableAction::OwnerTo(_) => self.control(resolved, None, false),
            AlterTableAction::RenameTo(_) => {
                if let Some(relation) = self.catalog.relation(resolved.id()) {
                    self.add(Requirement::SchemaCreate(relation.schema));
                }
                self.control(resolved, Some(Privilege::Alter), false);
            }
            AlterTableAction::RenameColumn { from: _, to: _ }
            | AlterTableAction::AddColumn(_)
            | AlterTableAction::DropColumn { column: _, cascade: _ } => {
                self.control(resolved, Some(Privilege::Alter), false);
            }
        }
        Ok(())
    }

    fn is_self(&self, name: &str) -> bool {
        self.catalog.user_by_name(name).is_some_and(|user| user.id == self.context.user)
    }

    /// A person may change their own password (not switch it on or off) and their own settings.
    fn alter_user(&mut self, name: &str, changes: &[UserChange]) {
        let user = self.context.user;
        let has_password = self.catalog.user(user).is_some_and(|user| user.password.is_some());
        let own = self.is_self(name)
            && changes.iter().all(|change| match change {
                UserChange::Password(PasswordClause::Set(_)) => has_password,
                UserChange::SetParameter { parameter: _, value: _ } | UserChange::ResetParameter(_) => true,
                UserChange::Password(PasswordClause::Disable)
                | UserChange::ValidUntil(_)
                | UserChange::CreateDb(_)
                | UserChange::Superuser(_)
                | UserChange::SyslogUnrestricted(_)
                | UserChange::RenameTo(_)
                | UserChange::ConnectionLimit(_)
                | UserChange::SessionTimeoutSeconds(_)
                | UserChange::ExternalId(_) => false,
            });
        if own {
            self.add(Requirement::OwnAccount { user });
        } else {
            self.superuser(SuperuserAction::AlterUser);
        }
    }

    fn role_admin(&mut self, name: &str) -> Result<(), CatalogError> {
        let role = resolve::role(self.catalog, name)?.id;
        self.add(Requirement::RoleAdmin { role });
        Ok(())
    }

    /// Who receives a role needs nothing and decides nothing.
    fn role_grant(&mut self, roles: &[String]) -> Result<(), CatalogError> {
        roles.iter().try_for_each(|role| self.role_admin(role))
    }

    fn grant(&mut self, change: &PrivilegeChange) -> Result<(), CatalogError> {
        let PrivilegeChange { privileges, on, grantees: _ } = change;
        if let GrantTarget::AllTablesInSchema(names) = on {
            for name in names {
                let schema = resolve::schema(self.catalog, name)?.id;
                if schema != PG_CATALOG_SCHEMA {
                    self.add(Requirement::SchemaUsage(schema));
                }
            }
        }
        let objects = catalog::grant_objects(self.catalog, on, self.context.search_path)?;
        for object in &objects {
            if let ObjectId::Relation(id) = object {
                self.schema_of(*id);
            }
        }
        for object in objects {
            let privileges = catalog::fitting_privileges(self.catalog, privileges, object)?;
            self.add(Requirement::MayGrant { object, privileges });
        }
        Ok(())
    }
}
