use catalog::Unmapped;

use crate::testing::{Bench, PROVIDER, parse, path};
use crate::{Decision, SessionPrincipals, decide};

fn seed() -> Bench {
    Bench::new(&[
        PROVIDER,
        "CREATE ROLE \"awsidc:awssso-sales\"",
        "CREATE ROLE \"awsidc:awssso-finance\"",
        "CREATE SCHEMA sales_schema",
        "CREATE SCHEMA finance_schema",
        "CREATE TABLE finance_schema.revenue (account int, customer varchar(20), salesamt numeric(18,0))",
        "CREATE TABLE sales_schema.store_sales (product varchar(20), sales_amount int)",
        "GRANT USAGE ON SCHEMA sales_schema TO ROLE \"awsidc:awssso-sales\"",
        "GRANT SELECT ON ALL TABLES IN SCHEMA sales_schema TO ROLE \"awsidc:awssso-sales\"",
        "CREATE USER \"awsidc:ethan\" PASSWORD DISABLE",
    ])
}

#[test]
fn ethan_reads_sales_and_is_told_about_finance() {
    let mut bench = seed();
    let session = bench.session(&[("awsidc:awssso-sales", "awssso-sales")], &[]);
    let ethan = bench.principals("awsidc:ethan", &session);
    let allowed = bench.decide("SELECT * FROM sales_schema.store_sales", &ethan).unwrap();
    let Decision::Allowed(because) = allowed else { panic!("{allowed:?}") };
    let because: Vec<String> = because.iter().map(|because| because.text(&bench.catalog, &ethan)).collect();
    assert_eq!(
        because,
        [
            "USAGE on schema sales_schema: granted to role \"awsidc:awssso-sales\" (from group \"awssso-sales\")",
            "SELECT on table sales_schema.store_sales: granted to role \"awsidc:awssso-sales\" (from group \"awssso-sales\")",
        ]
    );

    let (message, detail, hint) = bench.denied("SELECT * FROM finance_schema.revenue", &ethan);
    assert_eq!(message, "permission denied for schema finance_schema");
    assert_eq!(
        detail,
        "Missing are: USAGE on schema finance_schema; SELECT on table finance_schema.revenue. \
         User \"awsidc:ethan\" has the role \"awsidc:awssso-sales\" (from group \"awssso-sales\")."
    );
    let grants = [
        "GRANT USAGE ON SCHEMA finance_schema TO ROLE \"awsidc:awssso-sales\";",
        "GRANT SELECT ON TABLE finance_schema.revenue TO ROLE \"awsidc:awssso-sales\";",
    ];
    assert_eq!(hint, format!("The owner \"awsuser\" or a superuser can allow it: {}", grants.join(" ")));

    bench.run(grants[0]);
    let (message, _, hint) = bench.denied("SELECT * FROM finance_schema.revenue", &ethan);
    assert_eq!(message, "permission denied for relation revenue");
    assert!(hint.ends_with(grants[1]), "{hint}");
    bench.run(grants[1]);
    assert!(matches!(bench.decide("SELECT * FROM finance_schema.revenue", &ethan).unwrap(), Decision::Allowed(_)));
}

#[test]
fn a_group_without_a_role_is_told_first() {
    let bench = seed();
    for (group, why, expected) in [
        (
            "awssso-ops",
            Unmapped::NoRole,
            "group \"awssso-ops\" has no database role \"awsidc:awssso-ops\"; create it with CREATE ROLE \"awsidc:awssso-ops\"; \
             The owner \"awsuser\" or a superuser can allow it: GRANT USAGE ON SCHEMA sales_schema TO ROLE \"awsidc:awssso-ops\"; \
             GRANT SELECT ON TABLE sales_schema.store_sales TO ROLE \"awsidc:awssso-ops\";",
        ),
        (
            "AWSSSO-Sales",
            Unmapped::NearMiss { role_name: "awsidc:awssso-sales".to_owned() },
            "group \"AWSSSO-Sales\" has no database role \"awsidc:AWSSSO-Sales\"; the role \"awsidc:awssso-sales\" differs in \
             upper and lower case: rename the group to match it. The owner \"awsuser\" or a superuser can allow it: \
             GRANT USAGE ON SCHEMA sales_schema TO \"awsidc:ethan\"; \
             GRANT SELECT ON TABLE sales_schema.store_sales TO \"awsidc:ethan\";",
        ),
    ] {
        let session = bench.session(&[], &[(group, why)]);
        let ethan = bench.principals("awsidc:ethan", &session);
        let (message, detail, hint) = bench.denied("SELECT * FROM sales_schema.store_sales", &ethan);
        assert_eq!(message, "permission denied for schema sales_schema");
        assert!(detail.ends_with("User \"awsidc:ethan\" has no role."), "{detail}");
        assert_eq!(hint, expected);
    }
}

/// What the hint says, the owner runs, and then it is allowed.
#[test]
fn every_hint_works() {
    for text in [
        "SELECT * FROM finance_schema.revenue",
        "INSERT INTO finance_schema.revenue VALUES (1, 'x', 2)",
        "UPDATE finance_schema.revenue SET account = 1 WHERE account = 2",
        "DELETE FROM finance_schema.revenue WHERE account = 2",
        "TRUNCATE finance_schema.revenue",
        "CREATE TABLE finance_schema.t (a int)",
        "CREATE SCHEMA mine",
        "DROP TABLE finance_schema.revenue",
        "DROP SCHEMA finance_schema CASCADE",
        "ALTER TABLE finance_schema.revenue ADD COLUMN x int",
        "ALTER TABLE finance_schema.revenue RENAME TO other",
        "ALTER TABLE finance_schema.revenue OWNER TO awsuser",
        "ALTER SCHEMA finance_schema OWNER TO awsuser",
        "GRANT SELECT ON finance_schema.revenue TO PUBLIC",
        "GRANT USAGE ON SCHEMA finance_schema TO PUBLIC",
        "ALTER ROLE \"awsidc:awssso-finance\" OWNER TO awsuser",
        "SELECT * FROM identity_providers",
    ] {
        let mut bench = seed();
        let session = bench.session(&[("awsidc:awssso-sales", "awssso-sales")], &[]);
        let ethan = bench.principals("awsidc:ethan", &session);
        let (_, _, hint) = bench.denied(text, &ethan);
        let (_, statements) = hint.split_once("can allow it: ").unwrap_or_else(|| panic!("{text}: {hint}"));
        for statement in sql::parse(statements).unwrap() {
            bench.run(&statement.text);
        }
        let ethan = bench.principals("awsidc:ethan", &session);
        let decision = bench.decide(text, &ethan).unwrap();
        assert!(matches!(decision, Decision::Allowed(_)), "{text}: {decision:?}");
    }
}

#[test]
fn what_only_superusers_may_do() {
    let bench = seed();
    let ethan = bench.principals("awsidc:ethan", &SessionPrincipals::default());
    for (text, line) in [
        (PROVIDER, "must be superuser to create identity providers"),
        ("DROP IDENTITY PROVIDER no_such", "must be superuser to drop identity providers"),
        ("CREATE USER x PASSWORD DISABLE", "must be superuser to create users"),
        ("ALTER USER \"awsidc:ethan\" CREATEUSER", "must be superuser to alter users"),
        ("DROP USER no_such", "must be superuser to drop users"),
        ("CREATE GROUP x", "must be superuser to create groups"),
        ("CREATE ROLE x", "permission denied to create role"),
        ("SET SESSION AUTHORIZATION awsuser", "permission denied to set session authorization"),
    ] {
        let (message, detail, hint) = bench.denied(text, &ethan);
        assert_eq!(message, line, "{text}");
        assert_eq!(detail, "User \"awsidc:ethan\" is not a superuser.");
        assert_eq!(hint, "Ask a superuser to run the statement.");
    }
}

#[test]
fn nobody_writes_to_a_system_view_and_nothing_unresolved_runs() {
    let bench = seed();
    let admin = bench.principals("awsuser", &SessionPrincipals::default());
    for text in ["DROP TABLE svv_roles", "ALTER TABLE svv_roles RENAME TO x"] {
        let (message, _, hint) = bench.denied(text, &admin);
        assert_eq!(
            (message.as_str(), hint.as_str()),
            ("permission denied for relation svv_roles", "System views can be read only.")
        );
    }
    let path = path();
    let context = catalog::PlanContext {
        user: admin.user,
        database: "dev",
        search_path: &path,
        first_id: 0,
        salt: [0; 32],
        query_columns: &[],
        settable: |_| true,
    };
    for text in ["SELECT 1", "EXPLAIN SELECT 1", "CREATE TABLE t AS SELECT 1", "TRUNCATE sales_schema.store_sales"] {
        let required = crate::requirements(&parse(text), None, &bench.catalog, &context).unwrap();
        assert!(matches!(decide(&required, &bench.catalog, &admin), Decision::Denied(_)), "{text}");
    }
}
