use base::id::{DbRoleId, DbUserId};

use crate::testing::{Bench, verifier};
use crate::{ADMIN_USER, Catalog, CatalogOp, CatalogState, GranteeId, ObjectId, PUBLIC_SCHEMA, SYSTEM_USER};

#[test]
fn a_new_warehouse() {
    let catalog = Bench::new().catalog;
    assert_eq!(catalog.user_by_name("rdsdb").unwrap().id, SYSTEM_USER);
    assert_eq!(catalog.user_by_name("awsuser").unwrap().id, ADMIN_USER);
    assert_eq!(catalog.database().owner, ADMIN_USER);
    assert_eq!(catalog.next_id(), 101);
    let names: Vec<&str> = catalog.schemas().map(|schema| schema.name.as_str()).collect();
    assert_eq!(names, ["pg_catalog", "public"]);
    let public: Vec<&str> = catalog
        .grants(ObjectId::Schema(PUBLIC_SCHEMA), GranteeId::Public)
        .iter()
        .map(|grant| grant.privilege.name())
        .collect();
    assert_eq!(public, ["CREATE", "USAGE"]);
    for name in ["public", "rdsdb", ""] {
        assert!(Catalog::bootstrap("dev", name, verifier()).is_err(), "{name}");
    }
}

#[test]
fn a_namespace_renames_its_users_and_roles() {
    let mut bench = Bench::with_provider();
    bench.run_all(&[
        "CREATE ROLE \"awsidc:sales\"",
        "CREATE USER \"awsidc:Ethan\" PASSWORD DISABLE",
        "GRANT ROLE \"awsidc:sales\" TO \"awsidc:Ethan\"",
        "ALTER IDENTITY PROVIDER idp NAMESPACE 'corp'",
    ]);
    let catalog = &bench.catalog;
    assert!(catalog.role_by_name("awsidc:sales").is_none());
    let role = catalog.role_by_name("corp:sales").unwrap();
    assert_eq!(catalog.role_name(role.id), "corp:sales");
    let user = catalog.user_by_name("corp:Ethan").unwrap();
    assert_eq!(catalog.role_grant(role.id, user.id), Some(false));
    assert_eq!(
        bench.refusal("CREATE ROLE \"awsidc:x\""),
        "42704 registered identity provider does not exist for \"awsidc:x\""
    );
}

#[test]
fn operations_that_would_leave_something_dangling_are_refused() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE ROLE r",
        "CREATE USER u PASSWORD 'Passw0rd1'",
        "GRANT ROLE r TO u",
        "CREATE TABLE t (a int)",
        "GRANT SELECT ON t TO ROLE r",
    ]);
    let catalog = &bench.catalog;
    let role = catalog.role_by_name("r").unwrap().id;
    let user = catalog.user_by_name("u").unwrap().id;
    let table = catalog.relation_by_name(PUBLIC_SCHEMA, "t").unwrap().id;
    for op in [
        CatalogOp::RemoveRole(role),
        CatalogOp::RemoveUser(user),
        CatalogOp::RemoveUser(ADMIN_USER),
        CatalogOp::RemoveRelation(table),
        CatalogOp::RemoveSchema(PUBLIC_SCHEMA),
        CatalogOp::GrantRoleToUser { role, user: DbUserId(999), admin_option: false },
        CatalogOp::GrantRoleToRole { role: DbRoleId(999), to: role },
        CatalogOp::RevokeRoleFromRole { role, from: role },
        CatalogOp::SetGrants {
            object: ObjectId::Database,
            grantee: GranteeId::User(DbUserId(999)),
            grants: Vec::new(),
        },
    ] {
        assert_eq!(catalog.apply(&op).unwrap_err().state, CatalogState::Integrity, "{op:?}");
    }
}

#[test]
fn an_unchanged_catalog_stays_as_it_was() {
    let mut bench = Bench::new();
    let before = bench.catalog.clone();
    bench.run("CREATE ROLE r");
    assert!(before.role_by_name("r").is_none());
    bench.run("DROP ROLE r");
    assert_eq!(bench.catalog.next_id(), before.next_id() + 1, "ids are not used again");
    assert_eq!(bench.catalog.roles().count(), 0);
}

#[test]
fn system_views_and_given_ids_never_meet() {
    let catalog = Bench::new().catalog;
    for view in crate::system_views::all() {
        assert!(view.id.0 < catalog.next_id());
    }
}
