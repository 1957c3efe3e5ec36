//! The statement that would allow what was denied, and who can run it.

use std::collections::BTreeSet;

use base::PublicMessage;
use catalog::quote::{ident, qualified};
use catalog::{Catalog, ObjectId, Unmapped, UnmappedGroup};
use sql::Privilege;

use crate::membership::{EffectivePrincipals, RoleSource};
use crate::requirement::Requirement;

pub(super) fn hint(missing: &[Requirement], catalog: &Catalog, principals: &EffectivePrincipals) -> Option<String> {
    // Where only a superuser could help, or nobody, advice about the rest would mislead.
    for requirement in missing {
        match requirement {
            Requirement::Unresolved => return None,
            Requirement::SystemViewWrite { view: _ } => return Some("System views can be read only.".to_owned()),
            Requirement::Superuser(_)
            | Requirement::OwnAccount { user: _ }
            | Requirement::SetSessionAuthorization { to: _ } => {
                return Some("Ask a superuser to run the statement.".to_owned());
            }
            Requirement::SchemaUsage(_)
            | Requirement::SchemaCreate(_)
            | Requirement::SchemaControl { .. }
            | Requirement::DatabaseCreate
            | Requirement::RelationPrivilege { .. }
            | Requirement::RelationControl { .. }
            | Requirement::RoleAdmin { .. }
            | Requirement::MayGrant { .. } => {}
        }
    }
    let mut advice = Advice {
        catalog,
        grantee: grantee(catalog, principals),
        user: ident(&catalog.user_name(principals.user)),
        grants: Vec::new(),
        others: Vec::new(),
        runners: BTreeSet::new(),
    };
    for requirement in missing {
        advice.add(requirement);
    }
    let mut out = unmapped(principals);
    if let Some(statements) = advice.statements() {
        out.push(statements);
    }
    Some(out.join(" "))
}

/// What a group without a role needs first.
fn unmapped(principals: &EffectivePrincipals) -> Vec<String> {
    principals.unmapped.iter().map(words).map(|(what, then)| format!("{what}; {then}")).collect()
}

/// A group of the person that gives no role: what is wrong and, as HINT, what to do.
#[must_use]
pub fn unmapped_group(group: &UnmappedGroup) -> PublicMessage {
    let (what, then) = words(group);
    let mut letters = then.chars();
    let sentence = letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>());
    PublicMessage::new(what).with_hint(sentence.unwrap_or_default())
}

fn words(UnmappedGroup { group, role_name, why }: &UnmappedGroup) -> (String, String) {
    let none = || format!("group \"{group}\" has no database role \"{role_name}\"");
    match why {
        Unmapped::NoRole if *role_name == role_name.to_ascii_lowercase() => {
            (none(), format!("create it with CREATE ROLE {};", ident(role_name)))
        }
        Unmapped::NoRole => (
            none(),
            "SQL folds names to lower case, so let logins make it (ALTER IDENTITY PROVIDER … AUTO_CREATE_ROLES TRUE) or rename \
             the group in lower case."
                .to_owned(),
        ),
        Unmapped::NearMiss { role_name: near } => (
            none(),
            format!("the role \"{near}\" differs in upper and lower case: rename the group to match it."),
        ),
        Unmapped::OtherExternalId => (
            format!("role \"{role_name}\" is kept for another group than \"{group}\""),
            "its EXTERNALID is a different one.".to_owned(),
        ),
        Unmapped::NameTooLong => {
            (format!("group \"{group}\" can't have a database role"), "its name is too long.".to_owned())
        }
    }
}

/// The one to grant to: a role of one of the person's directory groups, one that such a group would have, any other role, a database
/// group, else the user.
fn grantee(catalog: &Catalog, principals: &EffectivePrincipals) -> String {
    let from_group = principals
        .roles
        .iter()
        .find(|(_, sources)| sources.iter().any(|source| matches!(source, RoleSource::DirectoryGroup(_))));
    let to_be = principals.unmapped.iter().find(|group| group.why == Unmapped::NoRole);
    let group = principals.groups.iter().find_map(|group| catalog.group(*group));
    match (from_group, to_be, principals.roles.keys().next(), group) {
        (Some((role, _)), _, _, _) => format!("ROLE {}", ident(&catalog.role_name(*role))),
        (None, Some(group), _, _) => format!("ROLE {}", ident(&group.role_name)),
        (None, None, Some(role), _) => format!("ROLE {}", ident(&catalog.role_name(*role))),
        (None, None, None, Some(group)) => format!("GROUP {}", ident(&group.name)),
        (None, None, None, None) => ident(&catalog.user_name(principals.user)),
    }
}

struct Advice<'a> {
    catalog: &'a Catalog,
    grantee: String,
    user: String,
    /// Privileges by object, in the order of the requirements.
    grants: Vec<(ObjectId, Vec<Privilege>)>,
    others: Vec<String>,
    /// Who can run all this, beside superusers.
    runners: BTreeSet<String>,
}

impl Advice<'_> {
    fn add(&mut self, requirement: &Requirement) {
        match requirement {
            Requirement::SchemaUsage(id) => self.grant(ObjectId::Schema(*id), Privilege::Usage),
            Requirement::SchemaCreate(id) => self.grant(ObjectId::Schema(*id), Privilege::Create),
            Requirement::DatabaseCreate => self.grant(ObjectId::Database, Privilege::Create),
            Requirement::RelationPrivilege { relation, privilege } => {
                self.grant(ObjectId::Relation(*relation), *privilege);
            }
            Requirement::SchemaControl { schema, or: Some(privilege) } => {
                self.grant(ObjectId::Schema(*schema), *privilege);
            }
            Requirement::RelationControl { relation, or: Some(privilege), or_schema_owner: _ } => {
                self.grant(ObjectId::Relation(*relation), *privilege);
            }
            Requirement::SchemaControl { schema, or: None } => self.owner_to(ObjectId::Schema(*schema)),
            Requirement::RelationControl { relation, or: None, or_schema_owner: _ } => {
                self.owner_to(ObjectId::Relation(*relation));
            }
            Requirement::RoleAdmin { role } => {
                let name = ident(&self.catalog.role_name(*role));
                self.others.push(format!("GRANT ROLE {name} TO {} WITH ADMIN OPTION;", self.user));
                if let Some(role) = self.catalog.role(*role) {
                    self.runners.insert(self.catalog.user_name(role.owner));
                }
            }
            Requirement::MayGrant { object, privileges } => {
                let list = names(privileges);
                self.others.push(format!(
                    "GRANT {list} ON {} TO {} WITH GRANT OPTION;",
                    target(*object, self.catalog),
                    self.user
                ));
                self.runner(*object);
            }
            Requirement::Superuser(_)
            | Requirement::SystemViewWrite { .. }
            | Requirement::OwnAccount { .. }
            | Requirement::SetSessionAuthorization { .. }
            | Requirement::Unresolved => {}
        }
    }

    fn runner(&mut self, object: ObjectId) {
        if let Some(owner) = self.catalog.owner(object).filter(|owner| *owner != catalog::SYSTEM_USER) {
            self.runners.insert(self.catalog.user_name(owner));
        }
    }

    fn grant(&mut self, object: ObjectId, privilege: Privilege) {
        match self.grants.iter_mut().find(|(other, _)| *other == object) {
            Some((_, privileges)) => privileges.push(privilege),
            None => self.grants.push((object, vec![privilege])),
        }
        self.runner(object);
    }

    fn owner_to(&mut self, object: ObjectId) {
        self.others.push(format!("ALTER {} OWNER TO {};", target(object, self.catalog), self.user));
        self.runner(object);
    }

    fn statements(&self) -> Option<String> {
        let grants = self.grants.iter().map(|(object, privileges)| {
            format!("GRANT {} ON {} TO {};", names(privileges), target(*object, self.catalog), self.grantee)
        });
        let statements: Vec<String> = grants.chain(self.others.iter().cloned()).collect();
        if statements.is_empty() {
            return None;
        }
        let owners: Vec<String> = self.runners.iter().map(|owner| format!("\"{owner}\"")).collect();
        let runner = match owners.len() {
            0 => "A superuser".to_owned(),
            1 => format!("The owner {} or a superuser", owners.join(", ")),
            _ => format!("The owners {} or a superuser", owners.join(", ")),
        };
        Some(format!("{runner} can allow it: {}", statements.join(" ")))
    }
}

fn names(privileges: &[Privilege]) -> String {
    let names: Vec<&str> = privileges.iter().map(|privilege| privilege.name()).collect();
    names.join(", ")
}

/// The object as GRANT and ALTER name it.
fn target(object: ObjectId, catalog: &Catalog) -> String {
    match object {
        ObjectId::Database => format!("DATABASE {}", ident(&catalog.database().name)),
        ObjectId::Schema(id) => {
            format!("SCHEMA {}", catalog.schema(id).map_or_else(String::new, |schema| ident(&schema.name)))
        }
        ObjectId::Relation(id) => match (catalog.relation(id), catalog::system_views::by_id(id)) {
            (Some(relation), _) => {
                let schema = catalog.schema(relation.schema).map_or_else(String::new, |schema| schema.name.clone());
                format!("TABLE {}", qualified(&schema, &relation.name))
            }
            (None, Some(view)) => format!("TABLE pg_catalog.{}", view.name),
            (None, None) => String::new(),
        },
    }
}
