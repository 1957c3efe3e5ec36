use crate::testing::{APPLICATION, Bench};
use crate::{GranteeId, ObjectId, PUBLIC_SCHEMA, PasswordVerifier};

/// Statements in order: `Ok` where the expectation is empty, else `SQLSTATE message`.
#[track_caller]
fn check(bench: &mut Bench, script: &[(&str, &str)]) {
    for (text, expected) in script {
        if expected.is_empty() {
            bench.run(text);
        } else {
            assert_eq!(bench.refusal(text), *expected, "{text}");
        }
    }
}

#[test]
fn users() {
    check(
        &mut Bench::with_provider(),
        &[
            ("CREATE USER bob PASSWORD 'Passw0rd1' CREATEDB CONNECTION LIMIT 3 SESSION TIMEOUT 120", ""),
            ("CREATE USER bob PASSWORD 'Passw0rd1'", "42710 user \"bob\" already exists"),
            ("CREATE USER eve PASSWORD 'short'", "22023 password must contain at least 8 characters"),
            ("CREATE USER eve PASSWORD DISABLE CREATEUSER", "22023 the password of a superuser can't be disabled"),
            (
                "CREATE USER eve PASSWORD DISABLE SESSION TIMEOUT 59",
                "22023 SESSION TIMEOUT must be between 60 and 1728000 seconds",
            ),
            (
                "CREATE USER eve PASSWORD DISABLE VALID UNTIL 'soon'",
                "22007 invalid input syntax for type abstime: \"soon\"",
            ),
            ("CREATE USER eve PASSWORD DISABLE IN GROUP g", "42704 group \"g\" does not exist"),
            (
                "CREATE USER eve PASSWORD DISABLE EXTERNALID \"X\"",
                "22023 EXTERNALID needs a federated user; \"eve\" has no namespace",
            ),
            ("CREATE USER rdsdb PASSWORD DISABLE", "42939 name \"rdsdb\" is reserved"),
            (
                "CREATE USER \"sys:x\" PASSWORD DISABLE",
                "42939 \"sys:x\" is reserved for the warehouse's own users and roles",
            ),
            (
                "CREATE USER \"other:x\" PASSWORD DISABLE",
                "42704 registered identity provider does not exist for \"other:x\"",
            ),
            (
                "CREATE USER \"awsidc:ann\" PASSWORD 'Passw0rd1'",
                "22023 the password of federated user \"awsidc:ann\" must be disabled",
            ),
            ("CREATE USER \"awsidc:ann\" EXTERNALID \"ABC\" PASSWORD DISABLE", ""),
            ("CREATE USER until PASSWORD DISABLE VALID UNTIL '2030-01-01 10:30'", ""),
            ("ALTER USER until VALID UNTIL 'infinity'", ""),
            ("ALTER USER bob SET search_path TO sales", ""),
            ("ALTER USER bob SET nonsense TO 1", "42704 unrecognized configuration parameter \"nonsense\""),
            ("ALTER USER bob RENAME TO until", "42710 user \"until\" already exists"),
            ("ALTER USER \"awsidc:ann\" RENAME TO ann", "0A000 renaming a federated user is not supported"),
            (
                "ALTER USER awsuser NOCREATEUSER",
                "55006 user \"awsuser\" is the warehouse's administrator and stays a superuser",
            ),
            ("ALTER USER awsuser PASSWORD DISABLE", "22023 the password of a superuser can't be disabled"),
            ("ALTER USER rdsdb PASSWORD 'Passw0rd1'", "42939 user \"rdsdb\" can't be altered"),
            ("DROP USER awsuser", "55006 current user cannot be dropped"),
            ("DROP USER rdsdb", "55006 user \"rdsdb\" is required by the warehouse and cannot be dropped"),
            ("DROP USER nobody", "42704 user \"nobody\" does not exist"),
            ("DROP USER IF EXISTS nobody, until", ""),
            ("DROP USER bob", ""),
        ],
    );
}

#[test]
fn renaming_clears_an_md5_password_and_keeps_a_sha256_one() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE USER m PASSWORD 'md5153c434b4b77c89e6b94f12c5393af5b'",
        "CREATE USER s PASSWORD 'Passw0rd1'",
    ]);
    assert!(matches!(bench.catalog.user_by_name("m").unwrap().password, Some(PasswordVerifier::Md5(_))));
    let plan = bench.run("ALTER USER m RENAME TO m2");
    assert_eq!(plan.notices[0].message.message, "MD5 password cleared because of user rename");
    assert!(bench.catalog.user_by_name("m2").unwrap().password.is_none());
    assert!(bench.run("ALTER USER s RENAME TO s2").notices.is_empty());
    assert!(bench.catalog.user_by_name("s2").unwrap().password.is_some());
    assert!(bench.catalog.user_by_name("s").is_none());
}

#[test]
fn dropping_a_user_says_what_is_in_the_way() {
    let mut bench = Bench::new();
    bench.run_all(&["CREATE USER u PASSWORD 'Passw0rd1'", "CREATE SCHEMA s AUTHORIZATION u"]);
    let error = bench.error("DROP USER u");
    assert_eq!(error.sqlstate(), "55006");
    assert_eq!(error.message.message, "user \"u\" can't be dropped because the user owns some object");
    assert_eq!(error.message.detail.unwrap(), "User \"u\" owns: schema s.");
    bench.run_all(&["ALTER SCHEMA s OWNER TO awsuser", "GRANT USAGE, CREATE ON SCHEMA s TO u"]);
    let error = bench.error("DROP USER u");
    assert_eq!(error.message.message, "user \"u\" can't be dropped because the user has a privilege on some object");
    assert_eq!(error.message.detail.unwrap(), "User \"u\" has: CREATE, USAGE on schema s.");
    bench.run_all(&["REVOKE ALL ON SCHEMA s FROM u", "DROP USER u"]);
}

#[test]
fn groups() {
    let mut bench = Bench::new();
    check(
        &mut bench,
        &[
            ("CREATE USER u PASSWORD 'Passw0rd1'", ""),
            ("CREATE GROUP g WITH USER u", ""),
            ("CREATE GROUP g", "42710 group \"g\" already exists"),
            ("CREATE GROUP __g", "42939 group name \"__g\" is reserved"),
            ("ALTER GROUP g ADD USER nobody", "42704 user \"nobody\" does not exist"),
            ("ALTER GROUP g DROP USER awsuser", "42704 user \"awsuser\" is not in group \"g\""),
            ("ALTER GROUP g RENAME TO h", ""),
            ("ALTER GROUP g ADD USER u", "42704 group \"g\" does not exist"),
            ("GRANT USAGE ON SCHEMA public TO GROUP h", ""),
            ("DROP GROUP h", "55006 group \"h\" can't be dropped because the group has a privilege on some object"),
            ("REVOKE USAGE ON SCHEMA public FROM GROUP h", ""),
            ("DROP GROUP h", ""),
        ],
    );
    assert_eq!(bench.catalog.groups_of(bench.catalog.user_by_name("u").unwrap().id).count(), 0);
}

#[test]
fn roles() {
    let cycle = "0LP01 cannot grant this role, a circular dependency was detected between these roles";
    check(
        &mut Bench::with_provider(),
        &[
            ("CREATE ROLE a", ""),
            ("CREATE ROLE a", "42710 role \"a\" already exists"),
            ("CREATE ROLE awsuser", "42710 role \"awsuser\" can't have the name of a user"),
            ("CREATE USER a PASSWORD DISABLE", "42710 user \"a\" can't have the name of a role"),
            ("CREATE ROLE \"x/y\"", "42602 role name \"x/y\" contains the character '/', which is not allowed"),
            ("CREATE ROLE b", ""),
            ("CREATE ROLE c", ""),
            ("GRANT ROLE a TO ROLE b", ""),
            ("GRANT ROLE b TO ROLE c", ""),
            ("GRANT ROLE c TO ROLE a", cycle),
            ("GRANT ROLE a TO ROLE a", cycle),
            ("DROP ROLE a", "2BP01 cannot drop this role since it depends on another role"),
            ("GRANT ROLE c TO awsuser WITH ADMIN OPTION", ""),
            ("DROP ROLE c", "2BP01 cannot drop this role since it has been granted on a user"),
            ("DROP ROLE c FORCE", ""),
            ("REVOKE ROLE a FROM ROLE b", ""),
            ("DROP ROLE a", ""),
            ("DROP ROLE a", "42704 role \"a\" does not exist"),
            (
                "ALTER ROLE b RENAME TO \"awsidc:b\"",
                "0A000 renaming a role into or out of a namespace is not supported",
            ),
            ("ALTER ROLE b OWNER TO nobody", "42704 user \"nobody\" does not exist"),
            ("CREATE ROLE \"awsidc:\"", "42704 registered identity provider does not exist for \"awsidc:\""),
            ("CREATE ROLE \"awsidc:sales\" EXTERNALID \"X\"", ""),
            ("ALTER ROLE \"awsidc:sales\" RENAME TO \"awsidc:sell\"", ""),
        ],
    );
}

#[test]
fn admin_option_can_be_revoked_alone() {
    let mut bench = Bench::new();
    bench.run_all(&["CREATE ROLE r", "CREATE USER u PASSWORD 'Passw0rd1'", "GRANT ROLE r TO u WITH ADMIN OPTION"]);
    let ids =
        |bench: &Bench| (bench.catalog.role_by_name("r").unwrap().id, bench.catalog.user_by_name("u").unwrap().id);
    let (role, user) = ids(&bench);
    assert_eq!(bench.catalog.role_grant(role, user), Some(true));
    bench.run("GRANT ROLE r TO u");
    assert_eq!(bench.catalog.role_grant(role, user), Some(true), "a plain grant keeps the option");
    bench.run("REVOKE ADMIN OPTION FOR ROLE r FROM u");
    assert_eq!(bench.catalog.role_grant(role, user), Some(false));
    bench.run("REVOKE ROLE r FROM u");
    assert_eq!(bench.catalog.role_grant(role, user), None);
}

#[test]
fn identity_providers() {
    let create = |name: &str, namespace: &str| {
        format!(
            "CREATE IDENTITY PROVIDER {name} TYPE AWSIDC NAMESPACE '{namespace}' APPLICATION_ARN '{APPLICATION}' IAM_ROLE default"
        )
    };
    check(
        &mut Bench::with_provider(),
        &[
            (&create("idp", "other"), "42710 identity provider \"idp\" already exists"),
            (&create("two", "awsidc"), "42710 namespace \"awsidc\" is already used by identity provider \"idp\""),
            (&create("two", "sys"), "42939 namespace \"sys\" is reserved"),
            (&create("two", "a:b"), "22023 NAMESPACE must not be empty and not hold a colon"),
            (&create("two", "a b"), "42602 \"a b\" can't be a namespace"),
            (&create("two", &"a".repeat(64)), &format!("42602 \"{}\" can't be a namespace", "a".repeat(64))),
            (
                "CREATE IDENTITY PROVIDER az TYPE azure NAMESPACE 'aad' PARAMETERS '{}'",
                "22023 PARAMETERS of an identity provider of type azure needs \"issuer\"",
            ),
            (
                "CREATE IDENTITY PROVIDER two TYPE AWSIDC NAMESPACE 'n' IAM_ROLE default",
                "22023 an identity provider of type AWSIDC needs APPLICATION_ARN",
            ),
            (
                "CREATE IDENTITY PROVIDER two TYPE AWSIDC NAMESPACE 'n' APPLICATION_ARN 'x' IAM_ROLE default",
                "22023 \"x\" is not the ARN of an Identity Center application",
            ),
            ("ALTER IDENTITY PROVIDER idp IAM_ROLE 'x'", "22023 \"x\" is not the ARN of an IAM role"),
            ("ALTER IDENTITY PROVIDER idp disable", ""),
            ("ALTER IDENTITY PROVIDER nope enable", "42704 identity provider \"nope\" does not exist"),
            ("DROP IDENTITY PROVIDER idp", ""),
        ],
    );
}

#[test]
fn the_text_for_a_wrong_namespace_lists_the_right_ones() {
    let mut bench = Bench::with_provider();
    let error = bench.error("CREATE ROLE \"awsidctest:sales\"");
    assert_eq!(error.sqlstate(), "42704");
    assert_eq!(error.message.message, "registered identity provider does not exist for \"awsidctest:sales\"");
    assert_eq!(error.message.detail.unwrap(), "Registered namespaces: \"awsidc\" (identity provider \"idp\").");
    assert!(error.message.hint.unwrap().contains("select * from identity_providers;"));
    let error = Bench::new().error("CREATE ROLE \"a:b\"");
    assert_eq!(error.message.detail.unwrap(), "No identity provider is registered.");
}

#[test]
fn dropping_a_provider_takes_its_users_and_roles_only_with_cascade() {
    let mut bench = Bench::with_provider();
    bench.run_all(&[
        "CREATE ROLE \"awsidc:sales\"",
        "CREATE USER \"awsidc:ann\" PASSWORD DISABLE",
        "CREATE USER bob PASSWORD 'Passw0rd1'",
        "CREATE GROUP g WITH USER \"awsidc:ann\"",
        "CREATE SCHEMA s",
        "CREATE TABLE s.t (a int)",
        "GRANT SELECT ON s.t TO ROLE \"awsidc:sales\"",
        "GRANT SELECT ON s.t TO \"awsidc:ann\" WITH GRANT OPTION",
        "GRANT ROLE \"awsidc:sales\" TO bob",
    ]);
    bench.act_as("awsidc:ann");
    bench.run("GRANT SELECT ON s.t TO bob");
    bench.act_as("awsuser");
    let error = bench.error("DROP IDENTITY PROVIDER idp");
    assert_eq!(error.sqlstate(), "2BP01");
    assert_eq!(error.message.detail.unwrap(), "Attached: role \"awsidc:sales\", user \"awsidc:ann\".");
    assert!(error.message.hint.unwrap().contains("DROP IDENTITY PROVIDER idp CASCADE;"));

    bench.run("ALTER TABLE s.t OWNER TO \"awsidc:ann\"");
    let error = bench.error("DROP IDENTITY PROVIDER idp CASCADE");
    assert_eq!(error.sqlstate(), "55006");
    assert_eq!(error.message.detail.unwrap(), "user \"awsidc:ann\" owns table s.t.");
    bench.run_all(&["ALTER TABLE s.t OWNER TO awsuser", "GRANT SELECT ON s.t TO \"awsidc:ann\" WITH GRANT OPTION"]);
    bench.act_as("awsidc:ann");
    bench.run("GRANT SELECT ON s.t TO ROLE \"awsidc:sales\"");
    bench.act_as("awsuser");
    bench.run("DROP IDENTITY PROVIDER idp CASCADE");
    let catalog = &bench.catalog;
    assert_eq!(catalog.providers().count(), 0);
    assert_eq!(catalog.roles().count(), 0);
    assert_eq!(catalog.users().count(), 3);
    let table = catalog.relation_by_name(catalog.schema_by_name("s").unwrap().id, "t").unwrap().id;
    let left: Vec<GranteeId> = catalog.grants_on(ObjectId::Relation(table)).map(|(grantee, _)| grantee).collect();
    let bob = catalog.user_by_name("bob").unwrap().id;
    assert_eq!(left, [GranteeId::User(bob)], "what ann had granted as the table's owner went to its new owner");
}

#[test]
fn what_a_dropped_persons_grant_option_gave_goes_too() {
    let mut bench = Bench::with_provider();
    bench.run_all(&[
        "CREATE USER \"awsidc:ann\" PASSWORD DISABLE",
        "CREATE USER bob PASSWORD 'Passw0rd1'",
        "CREATE TABLE t (a int)",
        "GRANT SELECT ON t TO \"awsidc:ann\" WITH GRANT OPTION",
    ]);
    bench.act_as("awsidc:ann");
    bench.run("GRANT SELECT ON t TO bob");
    bench.act_as("awsuser");
    bench.run("DROP IDENTITY PROVIDER idp CASCADE");
    let table = bench.catalog.relation_by_name(PUBLIC_SCHEMA, "t").unwrap().id;
    assert_eq!(bench.catalog.grants_on(ObjectId::Relation(table)).count(), 0);
}

#[test]
fn schemas() {
    check(
        &mut Bench::new(),
        &[
            ("CREATE SCHEMA s", ""),
            ("CREATE SCHEMA s", "42P06 schema \"s\" already exists"),
            ("CREATE SCHEMA IF NOT EXISTS s", ""),
            ("CREATE SCHEMA pg_mine", "42939 unacceptable schema name \"pg_mine\""),
            // DuckDB's own names, and the file's
            ("CREATE SCHEMA gatehouse", "42939 unacceptable schema name \"gatehouse\""),
            ("CREATE SCHEMA \"gatehouse-data\"", "42939 unacceptable schema name \"gatehouse-data\""),
            ("CREATE SCHEMA main", "42939 unacceptable schema name \"main\""),
            ("CREATE SCHEMA IF NOT EXISTS temp", "42939 unacceptable schema name \"temp\""),
            ("CREATE SCHEMA \"System\"", "42939 unacceptable schema name \"system\""),
            ("CREATE SCHEMA information_schema", "42939 unacceptable schema name \"information_schema\""),
            ("CREATE SCHEMA x AUTHORIZATION nobody", "42704 user \"nobody\" does not exist"),
            ("CREATE TABLE s.t (a int)", ""),
            ("DROP SCHEMA s", "2BP01 cannot drop schema s because other objects depend on it"),
            (
                "DROP SCHEMA pg_catalog",
                "2BP01 cannot drop schema pg_catalog because it is required by the database system",
            ),
            ("DROP SCHEMA s CASCADE", ""),
            ("DROP SCHEMA s", "3F000 schema \"s\" does not exist"),
            ("DROP SCHEMA IF EXISTS s", ""),
        ],
    );
}

#[test]
fn tables() {
    check(
        &mut Bench::new(),
        &[
            ("CREATE TABLE t (a int primary key, b varchar(20) encode lzo not null default 'x')", ""),
            ("CREATE TABLE t (a int)", "42P07 Relation \"t\" already exists"),
            ("CREATE TABLE IF NOT EXISTS t (a int)", ""),
            ("CREATE TABLE d (a int, a int)", "42701 column \"a\" specified more than once"),
            ("CREATE TABLE d (a int) DISTKEY(z)", "42703 column \"z\" named in key does not exist"),
            ("CREATE TABLE k (a int distkey, b int sortkey)", ""),
            ("CREATE TABLE d (a) SORTKEY(z) AS SELECT 1", "42703 column \"z\" named in key does not exist"),
            ("ALTER TABLE k DROP COLUMN a", "2BP01 cannot drop distkey column \"a\""),
            ("ALTER TABLE k DROP COLUMN b CASCADE", "2BP01 cannot drop sortkey column \"b\""),
            (
                "ALTER TABLE k ADD COLUMN c int NOT NULL",
                "42P16 ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default expression",
            ),
            ("ALTER TABLE k ADD COLUMN c int NOT NULL DEFAULT 1", ""),
            ("CREATE TEMP TABLE d (a int)", "0A000 a temporary table is not supported"),
            ("CREATE TABLE no.d (a int)", "3F000 schema \"no\" does not exist"),
            ("CREATE TABLE pg_catalog.d (a int)", "42939 no table can be made in schema \"pg_catalog\""),
            (
                "CREATE TABLE d (a varchar(9) identity(1,1))",
                "42P16 identity column \"a\" must have type INTEGER or BIGINT",
            ),
            ("CREATE TABLE f (a int, foreign key (a) references t)", ""),
            (
                "CREATE TABLE f2 (a int, foreign key (a) references t (z))",
                "42703 column \"z\" referenced in foreign key constraint does not exist",
            ),
            ("DROP TABLE t", "2BP01 cannot drop table public.t because other objects depend on it"),
            ("ALTER TABLE t RENAME COLUMN a TO k", ""),
            ("ALTER TABLE t RENAME COLUMN a TO k", "42703 column \"a\" of relation \"t\" does not exist"),
            ("ALTER TABLE t ADD COLUMN b int", "42701 column \"b\" of relation \"t\" already exists"),
            ("ALTER TABLE t ADD COLUMN c int", ""),
            ("ALTER TABLE t DROP COLUMN k", "2BP01 cannot drop table t column k because other objects depend on it"),
            ("ALTER TABLE t DROP COLUMN k CASCADE", ""),
            ("ALTER TABLE t RENAME TO f", "42P07 Relation \"f\" already exists"),
            ("ALTER TABLE t RENAME TO t2", ""),
            ("DROP TABLE t", "42P01 relation \"t\" does not exist"),
            ("DROP TABLE IF EXISTS t, t2", ""),
            ("DROP TABLE svv_roles", "2BP01 cannot drop view svv_roles because it is required by the database system"),
            ("DROP TABLE f", ""),
        ],
    );
}

#[test]
fn a_foreign_key_follows_the_column_it_refers_to() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE TABLE t (a int primary key)",
        "CREATE TABLE f (x int, foreign key (x) references t)",
        "ALTER TABLE t RENAME COLUMN a TO k",
    ]);
    let f = bench.catalog.relation_by_name(PUBLIC_SCHEMA, "f").unwrap();
    assert!(
        matches!(&f.constraints[0], crate::Constraint::ForeignKey { referred_columns, .. } if referred_columns == &["k"])
    );
    bench.run("DROP TABLE t CASCADE");
    assert!(bench.catalog.relation_by_name(PUBLIC_SCHEMA, "f").unwrap().constraints.is_empty());
}

#[test]
fn a_query_gives_a_table_its_columns() {
    let mut bench = Bench::new();
    let plan = bench.run("CREATE TABLE t (z) AS SELECT 1");
    assert!(matches!(&plan.engine[0], crate::EngineChange::CreateTableAs { columns, .. } if columns[0].name == "z"));
    assert_eq!(bench.catalog.relation_by_name(PUBLIC_SCHEMA, "t").unwrap().columns[0].name, "z");
    assert_eq!(
        bench.refusal("CREATE TABLE u (a, b) AS SELECT 1"),
        "42P16 CREATE TABLE AS specifies too many column names"
    );
}

#[test]
fn privileges() {
    check(
        &mut Bench::with_provider(),
        &[
            ("CREATE ROLE r", ""),
            ("CREATE SCHEMA s", ""),
            ("CREATE TABLE s.t (a int)", ""),
            ("CREATE TABLE s.u (a int)", ""),
            ("GRANT USAGE ON SCHEMA s TO ROLE r, PUBLIC", ""),
            ("GRANT SELECT ON SCHEMA s TO ROLE r", "0LP01 invalid privilege type SELECT for schema"),
            ("GRANT USAGE ON TABLE s.t TO ROLE r", "0LP01 invalid privilege type USAGE for relation"),
            ("GRANT ALTER ON SCHEMA s TO ROLE r", "0A000 privilege ALTER on a schema is not supported"),
            ("GRANT TEMP ON DATABASE dev TO ROLE r", "0A000 privilege TEMPORARY on a database is not supported"),
            ("GRANT CREATE ON DATABASE other TO ROLE r", "3D000 database \"other\" does not exist"),
            ("GRANT CREATE ON DATABASE dev TO ROLE r", ""),
            ("GRANT SELECT ON ALL TABLES IN SCHEMA s TO ROLE r", ""),
            ("GRANT SELECT ON s.nope TO ROLE r", "42P01 relation \"s.nope\" does not exist"),
            ("GRANT SELECT ON s.t TO ROLE nope", "42704 role \"nope\" does not exist"),
            (
                "GRANT SELECT ON s.t TO ROLE \"nope:x\"",
                "42704 registered identity provider does not exist for \"nope:x\"",
            ),
            ("GRANT SELECT ON s.t TO GROUP nope", "42704 group \"nope\" does not exist"),
            ("GRANT SELECT ON svv_identity_providers TO ROLE r", ""),
            ("GRANT INSERT ON svv_identity_providers TO ROLE r", "0LP01 invalid privilege type INSERT for relation"),
            ("REVOKE SELECT ON s.t FROM awsuser", "0A000 revoking an owner's own privileges is not supported"),
        ],
    );
}

#[test]
fn all_tables_are_those_of_now() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE ROLE r",
        "CREATE SCHEMA s",
        "CREATE TABLE s.t (a int)",
        "GRANT SELECT ON ALL TABLES IN SCHEMA s TO ROLE r",
        "CREATE TABLE s.later (a int)",
    ]);
    let catalog = &bench.catalog;
    let schema = catalog.schema_by_name("s").unwrap().id;
    let role = GranteeId::Role(catalog.role_by_name("r").unwrap().id);
    let grants =
        |name: &str| catalog.grants(ObjectId::Relation(catalog.relation_by_name(schema, name).unwrap().id), role).len();
    assert_eq!((grants("t"), grants("later")), (1, 0));
}

#[test]
fn a_grant_option_is_not_taken_from_under_those_who_depend_on_it() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE USER a PASSWORD 'Passw0rd1'",
        "CREATE USER b PASSWORD 'Passw0rd1'",
        "CREATE TABLE t (x int)",
        "GRANT SELECT ON t TO a WITH GRANT OPTION",
    ]);
    bench.act_as("a");
    bench.run("GRANT SELECT ON t TO b WITH GRANT OPTION");
    bench.act_as("b");
    bench.run("GRANT SELECT ON t TO a WITH GRANT OPTION");
    bench.act_as("awsuser");
    let error = bench.error("REVOKE GRANT OPTION FOR SELECT ON t FROM a");
    assert_eq!(error.sqlstate(), "2BP01");
    assert_eq!(error.message.message, "dependent privileges exist");
    assert!(error.message.detail.unwrap().contains("SELECT of user \"b\", granted by user \"a\""));
    bench.run("REVOKE SELECT ON t FROM a, b");
    let table = bench.catalog.relation_by_name(PUBLIC_SCHEMA, "t").unwrap().id;
    assert_eq!(bench.catalog.grants_on(ObjectId::Relation(table)).count(), 0);
}

#[test]
fn a_holder_of_the_grant_option_takes_back_only_their_own_grants() {
    let mut bench = Bench::new();
    bench.run_all(&[
        "CREATE USER a PASSWORD 'Passw0rd1'",
        "CREATE ROLE r",
        "CREATE TABLE t (x int)",
        "GRANT SELECT ON t TO a WITH GRANT OPTION",
        "GRANT SELECT ON t TO ROLE r",
    ]);
    bench.act_as("a");
    bench.run_all(&["GRANT SELECT ON t TO ROLE r", "REVOKE SELECT ON t FROM ROLE r"]);
    let catalog = &bench.catalog;
    let table = ObjectId::Relation(catalog.relation_by_name(PUBLIC_SCHEMA, "t").unwrap().id);
    let role = GranteeId::Role(catalog.role_by_name("r").unwrap().id);
    assert_eq!(catalog.grants(table, role).len(), 1, "the owner's grant stays");
}

#[test]
fn statements_that_define_nothing_plan_nothing() {
    let bench = Bench::new();
    for text in ["SELECT 1", "BEGIN", "COMMIT", "SET search_path TO public", "SHOW search_path", ""] {
        let plan = bench.plan(text).unwrap();
        assert!(plan.ops.is_empty() && plan.engine.is_empty() && plan.notices.is_empty(), "{text}");
    }
}
