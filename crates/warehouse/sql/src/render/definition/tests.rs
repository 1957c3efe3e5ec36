use super::*;
use crate::parse;
use crate::statement::Statement;

fn session() -> SessionValues {
    SessionValues {
        current_user: "bob".to_owned(),
        session_user: "bob".to_owned(),
        current_user_id: 100,
        database: "dev".to_owned(),
        current_schema: Some("public".to_owned()),
        backend_pid: 1,
        version: String::new(),
        now: "2026-01-01 00:00:00.000000".to_owned(),
    }
}

fn rendered(text: &str) -> String {
    let statement = parse(text).unwrap().remove(0).statement;
    let shown = if let Statement::CreateTable(table) = statement {
        create_table("s", &table, &session())
    } else if let Statement::AlterTable { table, action } = statement {
        alter_table("s", &table.name, &action, &session()).map(|steps| steps.join("; "))
    } else {
        panic!("{text}")
    };
    shown.unwrap_or_else(|error| format!("{} {error}", error.state.code()))
}

#[test]
fn tables_are_defined_with_quoted_names_and_byte_lengths() {
    let cases = [
        (
            "create table revenue (account integer encode az64, customer varchar(20) not null, salesamt numeric(18,0))",
            "CREATE TABLE \"s\".\"revenue\" (\"account\" INTEGER, \"customer\" VARCHAR NOT NULL, \
             \"salesamt\" DECIMAL(18,0), CONSTRAINT \"length of customer\" CHECK (strlen(\"customer\") <= 20))",
        ),
        (
            "create table \"t\"\"x\" (\"a\"\"b\" char(3), b text primary key, unique (b))",
            "CREATE TABLE \"s\".\"t\"\"x\" (\"a\"\"b\" VARCHAR, \"b\" VARCHAR NOT NULL, \
             CONSTRAINT \"length of a\"\"b\" CHECK (strlen(\"a\"\"b\") <= 3), \
             CONSTRAINT \"length of b\" CHECK (strlen(\"b\") <= 256))",
        ),
        (
            "create table t (a int2, b int8, c real, d float, e bool, f date, g time, h timetz, i timestamp, j timestamptz)",
            "CREATE TABLE \"s\".\"t\" (\"a\" SMALLINT, \"b\" BIGINT, \"c\" REAL, \"d\" DOUBLE, \"e\" BOOLEAN, \
             \"f\" DATE, \"g\" TIME, \"h\" TIMETZ, \"i\" TIMESTAMP, \"j\" TIMESTAMPTZ)",
        ),
        ("create temp table t (a int)", "0A000 temporary tables are not supported"),
        ("create table #t (a int)", "0A000 temporary tables are not supported"),
        ("create table t (a int identity(1, 1))", "0A000 IDENTITY is not supported"),
        ("alter table t rename to \"u\"\"\"", "ALTER TABLE \"s\".\"t\" RENAME TO \"u\"\"\""),
        ("alter table t rename column a to b", "ALTER TABLE \"s\".\"t\" RENAME COLUMN \"a\" TO \"b\""),
        ("alter table t add column a int encode raw", "ALTER TABLE \"s\".\"t\" ADD COLUMN \"a\" INTEGER"),
        (
            "alter table t add column a int not null",
            "ALTER TABLE \"s\".\"t\" ADD COLUMN \"a\" INTEGER; ALTER TABLE \"s\".\"t\" ALTER COLUMN \"a\" SET NOT NULL",
        ),
        (
            "alter table t add column a varchar(5)",
            "0A000 ALTER TABLE ADD COLUMN of type character varying(5) is not supported",
        ),
        ("alter table t drop column a cascade", "ALTER TABLE \"s\".\"t\" DROP COLUMN \"a\""),
        ("alter table t owner to bob", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(rendered(text), expected, "{text}");
    }
}

#[test]
fn defaults_are_rendered_from_the_tree() {
    let text = rendered("create table t (a int default 3 not null)");
    assert!(text.starts_with("CREATE TABLE \"s\".\"t\" (\"a\" INTEGER NOT NULL DEFAULT ("), "{text}");
    assert!(text.contains('3'), "{text}");
}

#[test]
fn the_other_definitions() {
    assert_eq!(create_schema("a\"b"), "CREATE SCHEMA \"a\"\"b\"");
    assert_eq!(drop_schema("a", false), "DROP SCHEMA \"a\"");
    assert_eq!(drop_schema("a", true), "DROP SCHEMA \"a\" CASCADE");
    assert_eq!(drop_table("s", "t"), "DROP TABLE \"s\".\"t\"");
    assert_eq!(truncate("s", "t"), "TRUNCATE \"s\".\"t\"");
}

#[test]
fn a_table_from_a_query_uses_the_query_s_tables() {
    let query = EngineText::new("SELECT 1".to_owned(), [("s".to_owned(), "u".to_owned())]);
    let names = ["a".to_owned(), "b\"".to_owned()];
    let made = create_table_as("s", "t", false, &names, &query).unwrap();
    assert_eq!(made.text(), "CREATE TABLE \"s\".\"t\" (\"a\", \"b\"\"\") AS SELECT 1");
    assert_eq!(made.tables(), query.tables());
    assert_eq!(create_table_as("s", "t", false, &[], &query).unwrap().text(), "CREATE TABLE \"s\".\"t\" AS SELECT 1");
    assert_eq!(create_table_as("s", "t", true, &[], &query).unwrap_err().state.code(), "0A000");
}
