//! Accepted statements: text and what is understood, side by side in `statements.txt`.

use crate::ParsedStatement;
use crate::parse;
use crate::parse::identifier;
use crate::statement::{CreateTable, Statement};
use crate::types::DataType;

/// Pairs of a text (`\n` stands for a line feed) and what follows `=> `.
pub(super) fn pairs(file: &'static str) -> Vec<(String, &'static str)> {
    let mut lines = file.lines().filter(|line| !line.is_empty());
    let mut found = Vec::new();
    while let Some(text) = lines.next() {
        let expected = lines.next().and_then(|line| line.strip_prefix("=> "));
        found.push((text.replace("\\n", "\n"), expected.unwrap_or_else(|| panic!("no expectation after {text}"))));
    }
    found
}

fn one(text: &str) -> ParsedStatement {
    let mut all = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(all.len(), 1, "{text}");
    all.remove(0)
}

fn table(text: &str) -> CreateTable {
    let Statement::CreateTable(table) = one(text).statement else { panic!("{text}") };
    *table
}

#[test]
fn each_statement_is_understood_as_written_down() {
    let pairs = pairs(include_str!("statements.txt"));
    assert!(pairs.len() > 100);
    for (text, expected) in pairs {
        assert_eq!(format!("{:?}", one(&text).statement), expected, "{text}");
    }
}

#[test]
fn data_statements_go_to_their_own_parser() {
    let texts = [
        ("select 1", "SELECT"),
        ("(select 1) union (select 2)", "SELECT"),
        ("with a as (select 1) select * from a", "SELECT"),
        ("values (1, 2), (3, 4)", "SELECT"),
        ("insert into finance_schema.revenue values (10001, 'ABC Company', 12000)", "INSERT"),
        ("Insert into sales_schema.store_sales values (1,'product1',1000)", "INSERT"),
        ("update t set a = 1 where b = 2", "UPDATE"),
        ("delete from t where a = 1", "DELETE"),
        ("explain select * from t", "EXPLAIN"),
        ("create table s.t (a, b) distkey(a) as select 1, 2", "SELECT"),
        ("create table t backup no as with x as (select 1 as a) select * from x", "SELECT"),
    ];
    for (text, tag) in texts {
        assert_eq!(one(text).statement.tag(), tag, "{text}");
    }
}

#[test]
fn several_statements_are_split_with_their_own_text_and_parameters() {
    let text = " select 'a;b', $2 -- x;\n; /* q */ select $1 ;; COMMIT";
    let parsed = parse(text).unwrap();
    let shown: Vec<_> = parsed.iter().map(|one| (one.statement.tag(), one.text.as_str(), one.parameters)).collect();
    assert_eq!(
        shown,
        [("SELECT", "select 'a;b', $2 -- x;", 2), ("SELECT", "/* q */ select $1", 1), ("COMMIT", "COMMIT", 0)]
    );
    for empty in ["", "  ", ";", ";;", "-- x", "/* x */ ;"] {
        assert!(matches!(one(empty).statement, Statement::Empty), "{empty}");
    }
}

#[test]
fn the_table_of_seed_1_with_its_lost_parentheses() {
    let table = table(
        "CREATE TABLE IF NOT EXISTS finance_schema.revenue (\naccount INTEGER   ENCODE az64\n\
         ,customer VARCHAR(20)   ENCODE lzo\n,salesamt NUMERIC(18,0)   ENCODE az64\n)\n;",
    );
    assert!(table.if_not_exists && !table.temporary);
    let columns: Vec<_> =
        table.columns.iter().map(|one| (one.name.as_str(), one.data_type, one.encode.as_deref())).collect();
    assert_eq!(
        columns,
        [
            ("account", DataType::Integer, Some("az64")),
            ("customer", DataType::Varchar { length_bytes: 20 }, Some("lzo")),
            ("salesamt", DataType::Numeric { precision: 18, scale: 0 }, Some("az64")),
        ]
    );
}

#[test]
fn columns_end_their_default_where_the_next_attribute_begins() {
    let table = table(
        "create table t (a int default 1+2 not null encode zstd distkey, b varchar(9) default 'x,)' null sortkey, \
         c boolean default not true, d date default null, e timestamptz default getdate() unique, \
         f int default (1) primary key, g int8 identity(-1, 2), h int references o(x), unique (b, c)) backup no",
    );
    let facts: Vec<_> = table
        .columns
        .iter()
        .map(|one| (one.name.as_str(), one.default.is_some(), one.not_null, one.unique, one.primary_key))
        .collect();
    assert_eq!(
        facts,
        [
            ("a", true, true, false, false),
            ("b", true, false, false, false),
            ("c", true, false, false, false),
            ("d", true, false, false, false),
            ("e", true, false, true, false),
            ("f", true, true, false, true),
            ("g", false, true, false, false),
            ("h", false, false, false, false),
        ]
    );
    assert_eq!(table.columns[6].identity, Some((-1, 2)));
    assert_eq!(
        format!("{:?}", table.storage),
        "TableStorage { diststyle: None, distkey: Some(\"a\"), sortkey: [\"b\"], interleaved: false, \
         sortkey_auto: false, encode_auto: false, backup: Some(false) }"
    );
    assert_eq!(table.constraints.len(), 2);
}

#[test]
fn a_table_s_primary_key_makes_its_columns_not_null() {
    let table = table("create table t (a int, b int, primary key (a))");
    assert_eq!(table.columns.iter().map(|one| one.not_null).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn types_are_read_back_from_what_is_shown() {
    let types = [
        "smallint",
        "int2",
        "int",
        "int4",
        "bigint",
        "int8",
        "numeric",
        "decimal(5)",
        "numeric(38,37)",
        "real",
        "float4",
        "float",
        "float8",
        "float(24)",
        "float(25)",
        "double precision",
        "boolean",
        "bool",
        "char",
        "nchar(3)",
        "bpchar",
        "char(max)",
        "character varying",
        "varchar(max)",
        "nvarchar(7)",
        "text",
        "date",
        "time",
        "timetz",
        "time with time zone",
        "timestamp",
        "timestamptz",
        "timestamp with time zone",
        "timestamp without time zone",
    ];
    for text in types {
        let first = table(&format!("create table t (a {text})")).columns[0].data_type;
        let again = table(&format!("create table t (a {first})")).columns[0].data_type;
        assert_eq!(first, again, "{text}");
    }
    assert_eq!(table("create table t (a varchar)").columns[0].data_type.to_string(), "character varying(256)");
    assert_eq!(table("create table t (a char(max))").columns[0].data_type.to_string(), "character(4096)");
}

#[test]
fn names_are_folded_and_cut_and_quoted_user_names_keep_their_case() {
    let user = |text: &str| {
        let Statement::DropUser { mut names, if_exists: false } = one(text).statement else { panic!("{text}") };
        names.remove(0)
    };
    let role = |text: &str| {
        let Statement::DropRole { name, .. } = one(text).statement else { panic!("{text}") };
        name
    };
    assert_eq!(user("drop user Bob"), "bob");
    assert_eq!(user("drop user \"Bob\"\"s\""), "Bob\"s");
    assert_eq!(user("drop user AAD:Alice.X-y@Example.com"), "aad:alice.x-y@example.com");
    assert_eq!(user("drop user \"AAD:Alice\""), "AAD:Alice");
    assert_eq!(role("drop role \"Ns:Group É\""), "ns:group É");
    let long = "é".repeat(64);
    assert_eq!(role(&format!("drop role \"{long}\"")).len(), 126);
    assert_eq!(role(&format!("drop role {}", "x".repeat(200))).len(), 127);
}

#[test]
fn a_quoted_name_is_read_back() {
    for name in ["a", "a b", "a\"b", "ns:a-b", "é", "select"] {
        let Statement::DropRole { name: read, .. } = one(&format!("drop role {}", identifier::quoted(name))).statement
        else {
            panic!("{name}");
        };
        assert_eq!(read, name);
    }
}

#[test]
fn reserved_words_are_sorted() {
    assert!(identifier::RESERVED.is_sorted());
    assert!(identifier::is_reserved("Table") && !identifier::is_reserved("tables"));
}
