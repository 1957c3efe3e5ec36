//! Who can do what: every kind of statement for every kind of principal, as a committed table. After a deliberate change,
//! `UPDATE_EXPECT=1 cargo test -p rbac` rewrites it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sql::Statement;

use crate::testing::{Bench, PROVIDER, parse};
use crate::{Decision, EffectivePrincipals, SessionPrincipals};

/// Every variant once: the match doesn't compile without a new one, and the test fails without a row for it.
macro_rules! kinds {
    ($($name:ident: $pattern:pat),* $(,)?) => {
        const KINDS: &[&str] = &[$(stringify!($name)),*];
        fn kind(statement: &Statement) -> &'static str {
            match statement { $($pattern => stringify!($name)),* }
        }
    };
}

kinds! {
    Query: Statement::Query(_),
    Insert: Statement::Insert(_),
    Update: Statement::Update(_),
    Delete: Statement::Delete(_),
    Truncate: Statement::Truncate { .. },
    Explain: Statement::Explain { .. },
    CreateSchema: Statement::CreateSchema { .. },
    DropSchema: Statement::DropSchema { .. },
    CreateTable: Statement::CreateTable(_),
    CreateTableAs: Statement::CreateTableAs(_),
    DropTable: Statement::DropTable { .. },
    AlterTable: Statement::AlterTable { .. },
    AlterSchemaOwner: Statement::AlterSchemaOwner { .. },
    CreateIdentityProvider: Statement::CreateIdentityProvider(_),
    AlterIdentityProvider: Statement::AlterIdentityProvider(_),
    DropIdentityProvider: Statement::DropIdentityProvider { .. },
    DescIdentityProvider: Statement::DescIdentityProvider { .. },
    CreateUser: Statement::CreateUser(_),
    AlterUser: Statement::AlterUser { .. },
    DropUser: Statement::DropUser { .. },
    CreateGroup: Statement::CreateGroup { .. },
    AlterGroup: Statement::AlterGroup { .. },
    DropGroup: Statement::DropGroup { .. },
    CreateRole: Statement::CreateRole { .. },
    AlterRole: Statement::AlterRole { .. },
    DropRole: Statement::DropRole { .. },
    GrantRole: Statement::GrantRole { .. },
    RevokeRole: Statement::RevokeRole { .. },
    Grant: Statement::Grant(_),
    Revoke: Statement::Revoke { .. },
    Begin: Statement::Begin,
    Commit: Statement::Commit,
    Rollback: Statement::Rollback,
    Set: Statement::Set { .. },
    Reset: Statement::Reset { .. },
    Show: Statement::Show { .. },
    SetSessionAuthorization: Statement::SetSessionAuthorization { .. },
    Deallocate: Statement::Deallocate { .. },
    Empty: Statement::Empty,
}

const WORLD: &[&str] = &[
    PROVIDER,
    "CREATE USER owner_user PASSWORD 'Passw0rd1'",
    "CREATE USER role_user PASSWORD 'Passw0rd1'",
    "CREATE USER delegate_user PASSWORD 'Passw0rd1'",
    "CREATE USER other_user PASSWORD 'Passw0rd1'",
    "CREATE USER \"awsidc:ethan\" PASSWORD DISABLE",
    "CREATE GROUP g",
    "CREATE SCHEMA s AUTHORIZATION owner_user",
    "CREATE TABLE s.t (a int primary key, b int)",
    "CREATE TABLE public.p (a int)",
    "ALTER TABLE s.t OWNER TO owner_user",
    "GRANT SELECT ON public.p TO PUBLIC",
    "CREATE ROLE owned",
    "ALTER ROLE owned OWNER TO owner_user",
    "CREATE ROLE full_role",
    "CREATE ROLE empty_role",
    "GRANT CREATE ON DATABASE dev TO ROLE full_role",
    "GRANT ALL ON SCHEMA s TO ROLE full_role",
    "GRANT ALL ON s.t TO ROLE full_role",
    "GRANT SELECT ON identity_providers TO ROLE full_role",
    "GRANT ROLE full_role TO role_user",
    "GRANT ROLE empty_role TO other_user",
    "GRANT USAGE ON SCHEMA s TO delegate_user WITH GRANT OPTION",
    "GRANT SELECT ON s.t TO delegate_user WITH GRANT OPTION",
    "GRANT ROLE owned TO delegate_user WITH ADMIN OPTION",
    "CREATE ROLE \"awsidc:sales\"",
    "GRANT USAGE ON SCHEMA s TO ROLE \"awsidc:sales\"",
    "GRANT SELECT ON s.t TO ROLE \"awsidc:sales\"",
];

const STATEMENTS: &[&str] = &[
    "SELECT a FROM s.t",
    "SELECT a FROM p",
    "SELECT * FROM svv_roles",
    "SELECT * FROM identity_providers",
    "SELECT 1",
    "EXPLAIN SELECT a FROM s.t",
    "INSERT INTO s.t VALUES (1, 2)",
    "INSERT INTO s.t SELECT a, a FROM p",
    "UPDATE s.t SET b = 1 WHERE a = 2",
    "DELETE FROM s.t",
    "DELETE FROM s.t WHERE a = 2",
    "TRUNCATE s.t",
    "CREATE SCHEMA x",
    "CREATE SCHEMA x AUTHORIZATION other_user",
    "DROP SCHEMA s CASCADE",
    "DROP SCHEMA IF EXISTS nope",
    "ALTER SCHEMA s OWNER TO other_user",
    "CREATE TABLE s.x (a int)",
    "CREATE TABLE x (a int)",
    "CREATE TABLE x (a int, foreign key (a) references s.t)",
    "CREATE TABLE x AS SELECT a FROM s.t",
    "DROP TABLE s.t",
    "DROP TABLE IF EXISTS nope",
    "ALTER TABLE s.t OWNER TO other_user",
    "ALTER TABLE s.t RENAME TO u",
    "ALTER TABLE s.t RENAME COLUMN a TO c",
    "ALTER TABLE s.t ADD COLUMN c int",
    "ALTER TABLE s.t DROP COLUMN b",
    "CREATE IDENTITY PROVIDER two TYPE AWSIDC NAMESPACE 'n' APPLICATION_ARN 'a' IAM_ROLE default",
    "ALTER IDENTITY PROVIDER idp DISABLE",
    "DROP IDENTITY PROVIDER idp CASCADE",
    "DESC IDENTITY PROVIDER idp",
    "CREATE USER x PASSWORD DISABLE",
    "ALTER USER other_user PASSWORD 'Passw0rd2'",
    "ALTER USER other_user CREATEUSER",
    "DROP USER other_user",
    "CREATE GROUP x",
    "ALTER GROUP g ADD USER other_user",
    "DROP GROUP g",
    "CREATE ROLE x",
    "ALTER ROLE owned RENAME TO x",
    "DROP ROLE owned",
    "DROP ROLE IF EXISTS nope",
    "GRANT ROLE owned TO other_user",
    "REVOKE ROLE owned FROM other_user",
    "GRANT SELECT ON s.t TO other_user",
    "GRANT INSERT ON s.t TO other_user",
    "GRANT ALL ON s.t TO other_user",
    "GRANT SELECT ON ALL TABLES IN SCHEMA s TO other_user",
    "GRANT USAGE ON SCHEMA s TO other_user",
    "GRANT CREATE ON DATABASE dev TO other_user",
    "GRANT SELECT ON identity_providers TO other_user",
    "REVOKE SELECT ON s.t FROM other_user",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SET search_path TO s",
    "RESET search_path",
    "SHOW search_path",
    "SET SESSION AUTHORIZATION other_user",
    "SET SESSION AUTHORIZATION DEFAULT",
    "DEALLOCATE x",
    "",
];

fn cell(bench: &Bench, text: &str, principals: &EffectivePrincipals) -> String {
    match bench.decide(text, principals) {
        Err(error) => format!("error    {} {}", error.sqlstate(), error.message.message),
        Ok(Decision::Denied(denial)) => format!("denied   {}", crate::text(&denial).0.message),
        Ok(Decision::Allowed(because)) => {
            let reasons: Vec<String> = because.iter().map(|because| because.text(&bench.catalog, principals)).collect();
            format!("allowed  {}", reasons.join("; ")).trim_end().to_owned()
        }
    }
}

#[test]
fn who_can_do_what() {
    let bench = Bench::new(WORLD);
    let federated = bench.session(&[("awsidc:sales", "sales")], &[]);
    let none = SessionPrincipals::default();
    let people = [
        ("superuser", bench.principals("awsuser", &none)),
        ("owner", bench.principals("owner_user", &none)),
        ("role with grants", bench.principals("role_user", &none)),
        ("grant option", bench.principals("delegate_user", &none)),
        ("role without", bench.principals("other_user", &none)),
        ("federated", bench.principals("awsidc:ethan", &federated)),
        ("federated, no role", bench.principals("awsidc:ethan", &none)),
    ];
    let mut out = String::from(
        "Who can do what. Written by `UPDATE_EXPECT=1 cargo test -p rbac`; see src/decide/tests/matrix.rs.\n",
    );
    let mut seen = BTreeSet::new();
    for text in STATEMENTS {
        let kind = kind(&parse(text));
        seen.insert(kind);
        writeln!(out, "\n{kind}: {text}").unwrap();
        for (who, principals) in &people {
            writeln!(out, "    {who:<19} {}", cell(&bench, text, principals)).unwrap();
        }
    }
    assert_eq!(seen, KINDS.iter().copied().collect(), "every kind of statement has a row");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/authz-matrix.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &out).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    for (position, (found, wanted)) in out.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, wanted, "line {}; UPDATE_EXPECT=1 rewrites the table", position + 1);
    }
    assert_eq!(out.lines().count(), expected.lines().count());
}
