//! What is refused, by name; and the labels of result columns.

use crate::fake::{columns, refusal, rendered, statement};

#[track_caller]
fn check(sql: &str, expect: &str) {
    let found = match statement(sql) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => refusal(&error),
    };
    assert_eq!(found, expect, "{sql}");
}

#[test]
fn clauses_that_are_not_carried_out_are_refused_by_name() {
    for (sql, what) in [
        ("select * from sales for update", "FOR UPDATE or FOR SHARE"),
        ("select 1 fetch first 1 rows only", "FETCH FIRST"),
        ("select distinct on (id) id from sales", "DISTINCT ON"),
        ("select id into x from sales", "SELECT INTO"),
        ("select * exclude (id) from sales", "* EXCLUDE"),
        ("select * from sales group by all", "GROUP BY ALL"),
        ("select * from sales tablesample 10 percent", "TABLESAMPLE"),
        ("select * from sales, lateral (select 1) x", "LATERAL"),
        ("select * from sales semi join people on sales.id = people.id", "this kind of join"),
        ("select * from sales pivot (sum(id) for region in ('a'))", "PIVOT"),
        ("select top 5 percent id from sales", "TOP PERCENT"),
        ("select 1 from sales where region like any ('a', 'b')", "LIKE ANY"),
        ("select try_cast('a' as int)", "TRY_CAST"),
        ("select 2 ^ 3", "the operator ^"),
        ("insert into sales (id) values (1) returning id", "RETURNING"),
        ("insert into sales (id) values (1) on conflict do nothing", "ON CONFLICT"),
        ("update sales set (id, big) = (1, 2)", "SET (columns) = …"),
        ("with a as (select 1 x) insert into sales (id) select x from a", "WITH before INSERT"),
        ("select count(distinct *) from sales", "count(DISTINCT *)"),
        ("select sum(id) over (order by id groups 1 preceding) from sales", "a GROUPS frame"),
        ("select to_char(day, day) from sales", "to_char with a computed pattern"),
        ("select datediff(week, day, day) from sales", "datediff by week"),
        ("select sha2('a', 512)", "sha2 with other than 256 bits"),
    ] {
        check(sql, &format!("0A000 {what} is not supported"));
    }
}

#[test]
fn what_would_reach_beyond_the_tables_is_refused() {
    for (sql, expect) in [
        ("select * from read_csv('/etc/passwd')", "0A000 the table function read_csv is not supported"),
        ("select * from duckdb_tables()", "0A000 the table function duckdb_tables is not supported"),
        ("select * from pragma_table_info('x')", "0A000 the table function pragma_table_info is not supported"),
        ("select * from generate_series(1, 2)", "0A000 the table function generate_series is not supported"),
        ("select getenv('HOME')", "42883 function getenv does not exist"),
        ("select read_text('/etc/passwd')", "42883 function read_text does not exist"),
        ("select current_setting('x')", "42883 function current_setting does not exist"),
        ("select hr.upper('x')", "42883 function hr.upper does not exist"),
        ("select columns(*) from sales", "42883 function columns does not exist"),
        ("select list_transform([1], x -> x)", "42883 function list_transform does not exist"),
        ("select [1, 2]", "0A000 an array is not supported"),
        ("select (id).x from sales", "0A000 a subscript or field of an expression is not supported"),
        ("select $$abc$$", "0A000 a dollar-quoted string here is not supported"),
        ("select id::regclass from sales", "0A000 the type REGCLASS is not supported"),
        ("select x'41'", "0A000 an X'…' string is not supported"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn what_sqlparser_itself_does_not_read_is_a_syntax_error() {
    for sql in [
        "select * from '/etc/passwd'",
        "select {'a': 1}",
        "select * from sales positional join people",
        "select * from sales asof join people on sales.id >= people.id",
        "select b'1'",
        "insert into read_csv('x') values (1)",
        "select * from sales join people",
    ] {
        let error = statement(sql).unwrap_err();
        assert_eq!(error.state.code(), "42601", "{sql}: {error}");
    }
    assert!(statement("select U&'\\0061'").is_err());
}

#[test]
fn calls_fit_the_allow_list() {
    for (sql, expect) in [
        ("select nope(1)", "42883 function nope does not exist"),
        ("select upper('a', 2)", "42883 function upper with 2 arguments does not exist"),
        ("select now(1)", "42883 function now with 1 argument does not exist"),
        ("select string_agg('a', ',')", "42883 function string_agg does not exist"),
        ("select row_number()", "42601 window function row_number requires an OVER clause"),
        ("select upper('a') over ()", "42601 OVER specified, but upper is not an aggregate function"),
        ("select dateadd(region, 1, day) from sales", "22023 date part \"region\" is not supported by dateadd"),
        ("select 1 where 'a' like 'a' escape 'xx'", "22023 ESCAPE must be one character"),
        ("select interval 'abc'", "22023 invalid input syntax for type interval: \"abc\""),
        ("select 'a' || 1 + 2", "0A000 mixing + with || or another bit operator is not supported"),
        ("select 'a' || (1 + 2)", "accepted"),
        ("select pg_catalog.version()", "accepted"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn nesting_has_a_limit_and_long_chains_do_not_nest() {
    let chain = |operator: &str, operands: usize| format!("select {}", vec!["(1 = 1)"; operands].join(operator));
    check(&chain(" and ", 400), "accepted");
    check(&format!("select {}", vec!["1"; 150].join("+")), "accepted");
    check(&format!("select {}", vec!["1"; 300].join("+")), "54001 the statement nests too deeply");
    assert!(rendered(&format!("select {}", vec!["1"; 195].join("/")), &[]).is_ok());
    let nested = format!("{}select 1{}", "select (".repeat(12), ")".repeat(12));
    check(&nested, "accepted");
    let unions = vec!["select 1"; 150].join(" union all ");
    assert!(rendered(&unions, &[]).is_ok());
}

#[test]
fn labels_are_those_of_postgresql() {
    for (sql, labels) in [
        ("select current_user, version(), 1 + 1, count(*), 'x'", "current_user version ?column? count ?column?"),
        (
            "select id::text, '1'::int, date '2024-01-01', cast(upper(region) as varchar) from sales",
            "id int4 date upper",
        ),
        ("select case when id = 1 then 2 else 3 end, case id when 1 then 2 else id end from sales", "case id"),
        (
            "select nvl(id, 1), decode(id, 1, 2), coalesce(id, 1), -id, (id) from sales",
            "coalesce case coalesce ?column? id",
        ),
        ("select extract(year from day), substring(region, 1), trim(region) from sales", "date_part substring btrim"),
        ("select ID, Sales.\"Id\", public.sales.id as \"My Id\" from SALES", "id id my id"),
        ("select (select max(id) from sales), exists (select 1)", "?column? ?column?"),
    ] {
        let found: Vec<String> = columns(sql)
            .unwrap()
            .iter()
            .map(|column| {
                let types = [" ?", " text", " integer", " bigint", " date", " boolean", " character varying(20)"];
                let cut = types.iter().find_map(|shown| column.strip_suffix(shown));
                cut.unwrap_or(column).to_owned()
            })
            .collect();
        assert_eq!(found.join(" "), labels, "{sql}");
    }
}

#[test]
fn names_are_folded_cut_and_never_empty() {
    let long = "x".repeat(200);
    let found = columns(&format!("select 1 as {long}")).unwrap();
    assert_eq!(found, [format!("{} integer", "x".repeat(127))]);
    assert!(statement("select 1 as \"\"").is_err());
    assert!(statement("select 1 as \"a\0b\"").is_err());
    assert!(statement("select 'a\0b'").is_err());
}
