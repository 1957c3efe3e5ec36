use proptest::prelude::*;

use super::{Row, all, load};
use crate::testing::Bench;
use crate::{Catalog, CatalogState};

fn reloaded(bench: &Bench) -> Catalog {
    load(bench.rows()).unwrap()
}

/// One statement over a small world of names, so that they meet.
fn statement() -> impl Strategy<Value = String> {
    let user = || prop::sample::select(vec!["u1", "u2", "\"awsidc:ann\"", "\"awsidc:Bob\""]);
    let role = || prop::sample::select(vec!["r1", "r2", "\"awsidc:sales\""]);
    let schema = || prop::sample::select(vec!["s1", "s2", "public"]);
    let table = || prop::sample::select(vec!["s1.t", "s1.v", "s2.t", "public.t"]);
    let privilege = || prop::sample::select(vec!["SELECT", "INSERT", "ALL", "SELECT, DELETE"]);
    prop_oneof![
        user().prop_map(|u| format!("CREATE USER {u} PASSWORD DISABLE")),
        prop::sample::select(vec!["u1", "u2"])
            .prop_map(|u| format!("ALTER USER {u} PASSWORD 'Passw0rd1' VALID UNTIL '2031-02-03'")),
        user().prop_map(|u| format!("DROP USER {u}")),
        role().prop_map(|r| format!("CREATE ROLE {r}")),
        role().prop_map(|r| format!("DROP ROLE {r} FORCE")),
        (role(), user()).prop_map(|(r, u)| format!("GRANT ROLE {r} TO {u} WITH ADMIN OPTION")),
        (role(), user()).prop_map(|(r, u)| format!("REVOKE ROLE {r} FROM {u}")),
        (role(), role()).prop_map(|(r, to)| format!("GRANT ROLE {r} TO ROLE {to}")),
        (role(), user()).prop_map(|(r, u)| format!("ALTER ROLE {r} OWNER TO {u}")),
        Just("CREATE GROUP g".to_owned()),
        Just("DROP GROUP g".to_owned()),
        user().prop_map(|u| format!("ALTER GROUP g ADD USER {u}")),
        schema().prop_map(|s| format!("CREATE SCHEMA {s}")),
        schema().prop_map(|s| format!("DROP SCHEMA {s} CASCADE")),
        (schema(), user()).prop_map(|(s, u)| format!("ALTER SCHEMA {s} OWNER TO {u}")),
        table().prop_map(|t| format!(
            "CREATE TABLE {t} (a int primary key, b numeric(9,2) encode az64) DISTKEY(a) SORTKEY(b)"
        )),
        table().prop_map(|t| format!("CREATE TABLE {t} (a int, foreign key (a) references s1.t)")),
        table().prop_map(|t| format!("DROP TABLE {t}")),
        (table(), user()).prop_map(|(t, u)| format!("ALTER TABLE {t} OWNER TO {u}")),
        (privilege(), table(), user()).prop_map(|(p, t, u)| format!("GRANT {p} ON {t} TO {u} WITH GRANT OPTION")),
        (privilege(), table(), role()).prop_map(|(p, t, r)| format!("GRANT {p} ON {t} TO ROLE {r}, GROUP g, PUBLIC")),
        (privilege(), table(), user()).prop_map(|(p, t, u)| format!("REVOKE {p} ON {t} FROM {u}")),
        (schema(), role()).prop_map(|(s, r)| format!("GRANT USAGE ON SCHEMA {s} TO ROLE {r}")),
        prop::sample::select(vec!["awsidc", "corp"]).prop_map(|n| format!(
            "ALTER IDENTITY PROVIDER idp NAMESPACE '{n}' AUTO_CREATE_ROLES TRUE INCLUDE GROUPS LIKE 'x%'"
        )),
        Just("DROP IDENTITY PROVIDER idp CASCADE".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_stored_is_what_was_decided(statements in prop::collection::vec(statement(), 1..80)) {
        let mut bench = Bench::with_provider();
        let mut accepted = 0;
        for text in &statements {
            accepted += usize::from(bench.try_run(text).is_ok());
        }
        prop_assert!(reloaded(&bench) == bench.catalog, "{accepted} of {statements:#?}");
        let mut dumped = all(&bench.catalog).unwrap();
        dumped.sort();
        let mut stored = bench.rows();
        stored.sort();
        prop_assert_eq!(dumped, stored);
    }

    #[test]
    fn grant_then_revoke_leaves_nothing(before in prop::collection::vec(statement(), 0..40), privileges in "SELECT|INSERT|ALL|SELECT, DELETE") {
        let mut bench = Bench::with_provider();
        for text in &before {
            let _ = bench.try_run(text);
        }
        for text in ["CREATE ROLE fresh", "CREATE USER fresh_user PASSWORD DISABLE", "CREATE SCHEMA fresh_schema", "CREATE TABLE fresh_schema.t (a int)"] {
            bench.run(text);
        }
        let catalog = bench.catalog.clone();
        bench.run(&format!("GRANT {privileges} ON fresh_schema.t TO ROLE fresh, PUBLIC"));
        bench.run(&format!("GRANT {privileges} ON fresh_schema.t TO fresh_user WITH GRANT OPTION"));
        prop_assert!(bench.catalog != catalog);
        bench.run(&format!("REVOKE {privileges} ON fresh_schema.t FROM ROLE fresh, PUBLIC, fresh_user"));
        prop_assert!(bench.catalog == catalog);
        prop_assert!(reloaded(&bench) == catalog);
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut bench = Bench::with_provider();
    bench.run_all(&[
        "CREATE ROLE \"awsidc:sales\"",
        "CREATE SCHEMA s",
        "CREATE TABLE s.t (a int primary key)",
        "CREATE TABLE s.f (a int, foreign key (a) references s.t)",
        "GRANT SELECT ON s.t TO ROLE \"awsidc:sales\"",
    ]);
    let mut rows = bench.rows();
    rows.reverse();
    assert!(load(rows).unwrap() == bench.catalog);
}

#[test]
fn rows_that_can_not_be_true_are_refused() {
    let bench = Bench::new();
    let refused = |rows: Vec<Row>| load(rows).unwrap_err();
    assert_eq!(refused(Vec::new()).state, CatalogState::Integrity);
    let with = |kind: &str, key: &str, body: &str| {
        let mut rows = bench.rows();
        rows.push(Row { kind: kind.to_owned(), key: key.to_owned(), body: body.to_owned() });
        refused(rows).message.message
    };
    assert_eq!(with("role", "200", "{}"), "catalog row role/200 can't be read");
    assert_eq!(
        with("role", "200", r#"{"v":2,"body":{"schema":{"id":200,"name":"x","owner":1}}}"#),
        "catalog row role/200 can't be read"
    );
    assert_eq!(
        with("role", "200", r#"{"v":1,"body":{"schema":{"id":200,"name":"x","owner":1}}}"#),
        "catalog row role/200 can't be read"
    );
    assert_eq!(
        with("schema", "200", r#"{"v":1,"body":{"schema":{"id":200,"name":"x","owner":77}}}"#),
        "the catalog can't be changed: no such user"
    );
    assert_eq!(
        with("schema", "200", r#"{"v":1,"body":{"schema":{"id":200,"name":"public","owner":1}}}"#),
        "schema \"public\" already exists"
    );
}

#[test]
fn ids_stay_used_after_a_restart() {
    let mut bench = Bench::new();
    bench.run_all(&["CREATE ROLE r", "DROP ROLE r"]);
    assert_eq!(reloaded(&bench).next_id(), 102);
}

#[test]
fn a_row_in_a_log_shows_no_verifier() {
    let row = Bench::new().rows().into_iter().find(|row| row.kind == "user" && row.key == "100").unwrap();
    assert!(row.body.contains("sha256"));
    assert!(!format!("{row:?}").contains("sha256"));
}
