use std::collections::BTreeSet;

use sql::{Literal, Names};

use super::{Viewer, all, by_id, by_name};
use crate::testing::Bench;
use crate::{Catalog, CatalogNames};

fn bench() -> Bench {
    let mut bench = Bench::with_provider();
    bench.run_all(&[
        "CREATE ROLE \"awsidc:sales\"",
        "CREATE ROLE other",
        "CREATE ROLE inner_role",
        "GRANT ROLE inner_role TO ROLE \"awsidc:sales\"",
        "CREATE USER u PASSWORD 'Passw0rd1'",
        "CREATE USER v PASSWORD 'Passw0rd1'",
        "GRANT ROLE \"awsidc:sales\" TO u",
        "GRANT ROLE other TO v",
        "CREATE SCHEMA s",
        "CREATE TABLE s.t (a int not null, b varchar(9) default 'x')",
        "GRANT USAGE ON SCHEMA s TO ROLE \"awsidc:sales\"",
        "GRANT SELECT, INSERT ON s.t TO ROLE \"awsidc:sales\"",
        "GRANT SELECT ON s.t TO v WITH GRANT OPTION",
    ]);
    bench
}

fn viewer(catalog: &Catalog, user: &str, roles: &[&str]) -> Viewer {
    let user = catalog.user_by_name(user).unwrap();
    Viewer {
        user: user.id,
        superuser: user.superuser,
        roles: roles.iter().map(|role| catalog.role_by_name(role).unwrap().id).collect(),
        groups: BTreeSet::new(),
    }
}

/// The texts of one column.
fn column(catalog: &Catalog, view: &str, column: &str, viewer: &Viewer) -> Vec<String> {
    let view = by_name(view).unwrap();
    let position = view.columns.iter().position(|(name, _)| *name == column).unwrap();
    view.rows(catalog, viewer)
        .into_iter()
        .map(|row| if let Literal::Text(text) = &row[position] { text.clone() } else { format!("{:?}", row[position]) })
        .collect()
}

#[test]
fn every_view_is_found_and_every_row_fits_its_columns() {
    let catalog = bench().catalog;
    assert!(all().is_sorted_by_key(|view| view.name));
    let ids: BTreeSet<_> = all().iter().map(|view| view.id).collect();
    assert_eq!(ids.len(), all().len());
    let admin = viewer(&catalog, "awsuser", &[]);
    for view in all() {
        assert_eq!(by_name(view.name).unwrap().id, view.id);
        assert_eq!(by_id(view.id).unwrap().name, view.name);
        let rows = view.rows(&catalog, &admin);
        assert!(!rows.is_empty() || view.id == super::CONNECTION_LOG, "{}", view.name);
        for row in rows {
            assert_eq!(row.len(), view.columns.len(), "{}", view.name);
        }
        let named = CatalogNames(&catalog).relation("pg_catalog", view.name).unwrap();
        assert_eq!(named.columns.len(), view.columns.len());
        assert!(CatalogNames(&catalog).relation("public", view.name).is_none());
    }
}

#[test]
fn identity_providers_and_connections_are_for_superusers() {
    let only: Vec<&str> = all().iter().filter(|view| view.superuser_only).map(|view| view.name).collect();
    assert_eq!(only, ["identity_providers", "svv_identity_providers", "sys_connection_log"]);
}

#[test]
fn people_see_their_own_rows_and_superusers_all() {
    let catalog = bench().catalog;
    let admin = viewer(&catalog, "awsuser", &[]);
    let u = viewer(&catalog, "u", &["awsidc:sales", "inner_role"]);
    let v = viewer(&catalog, "v", &["other"]);
    let roles = |viewer| column(&catalog, "svv_roles", "role_name", viewer);
    assert_eq!(roles(&u), ["awsidc:sales", "inner_role"]);
    assert_eq!(roles(&v), ["other"]);
    assert_eq!(roles(&admin).len(), 3);
    assert_eq!(column(&catalog, "svv_user_grants", "user_name", &u), ["u"]);
    assert_eq!(column(&catalog, "svv_user_grants", "user_name", &admin).len(), 2);
    assert_eq!(column(&catalog, "svv_user_info", "user_name", &u), ["u"]);
    assert_eq!(column(&catalog, "svv_role_grants", "granted_role_name", &u), ["inner_role"]);
    assert!(column(&catalog, "svv_role_grants", "granted_role_name", &v).is_empty());
    let grantees = |viewer| column(&catalog, "svv_relation_privileges", "identity_name", viewer);
    assert_eq!(grantees(&u), ["awsidc:sales", "awsidc:sales"]);
    assert_eq!(grantees(&v), ["v"]);
    assert_eq!(grantees(&admin).len(), 3);
    assert_eq!(column(&catalog, "svv_relation_privileges", "admin_option", &v), ["Bool(true)"]);
    assert_eq!(column(&catalog, "svv_schema_privileges", "privilege_type", &v), ["CREATE", "USAGE"]);
}

#[test]
fn no_password_is_shown() {
    let catalog = bench().catalog;
    let admin = viewer(&catalog, "awsuser", &[]);
    assert!(column(&catalog, "pg_user", "passwd", &admin).iter().all(|passwd| passwd == "********"));
}

#[test]
fn columns_are_described_as_they_were_defined() {
    let catalog = bench().catalog;
    let v = viewer(&catalog, "v", &[]);
    let view = by_name("svv_columns").unwrap();
    let rows = view.rows(&catalog, &v);
    let of_t: Vec<&Vec<Literal>> = rows.iter().filter(|row| row[2] == Literal::Text("t".to_owned())).collect();
    assert_eq!(of_t.len(), 2);
    assert_eq!(of_t[0][6], Literal::Text("NO".to_owned()));
    assert_eq!(of_t[1][5], Literal::Text("'x'".to_owned()));
    assert_eq!(of_t[1][7], Literal::Text("character varying".to_owned()));
    assert_eq!(of_t[1][8], Literal::Int(9));
}

#[test]
fn a_provider_is_described() {
    let catalog = bench().catalog;
    let (columns, row) = super::describe_identity_provider(&catalog, "idp").unwrap();
    assert_eq!(columns.len(), row.len());
    assert_eq!(row[3], Literal::Text("ssoins-1".to_owned()));
    assert_eq!(row[4], Literal::Text("awsidc".to_owned()));
    assert_eq!(super::describe_identity_provider(&catalog, "nope").unwrap_err().sqlstate(), "42704");
}
