//! Footprints, scopes and result columns.

use crate::fake::{columns, footprint, refusal, show};

#[track_caller]
fn check(sql: &str, expect: &str) {
    let found = match footprint(sql) {
        Ok(footprint) => show(&footprint),
        Err(error) => refusal(&error),
    };
    assert_eq!(found, expect, "{sql}");
}

#[test]
fn every_table_read_is_in_the_footprint() {
    for (sql, expect) in [
        ("select 1", ""),
        ("select * from sales", "SELECT public.sales"),
        ("select * from sales a, sales b", "SELECT public.sales"),
        ("select * from people, hr.people h", "SELECT public.people, SELECT hr.people"),
        ("select 1 from sales where id in (select id from people)", "SELECT public.sales, SELECT public.people"),
        ("select (select max(id) from hr.people)", "SELECT hr.people"),
        ("select 1 where exists (select 1 from sales)", "SELECT public.sales"),
        ("select 1 order by (select max(id) from sales)", "SELECT public.sales"),
        ("select 1 limit (select max(id) from sales)", "SELECT public.sales"),
        (
            "select count(*) filter (where exists (select 1 from people)) from sales",
            "SELECT public.sales, SELECT public.people",
        ),
        (
            "select sum(id) over (order by (select max(id) from hr.people)) from sales",
            "SELECT public.sales, SELECT hr.people",
        ),
        ("with unused as (select * from sales) select 1", "SELECT public.sales"),
        ("select * from (select * from (select * from sales) a) b", "SELECT public.sales"),
        (
            "select 1 from sales a join people b on exists (select 1 from hr.people)",
            "SELECT public.sales, SELECT public.people, SELECT hr.people",
        ),
        ("values ((select max(id) from sales))", "SELECT public.sales"),
        (
            "select id from sales union select id from people except select id from hr.people",
            "SELECT public.sales, SELECT public.people, SELECT hr.people",
        ),
        ("select * from svv_roles", "SELECT pg_catalog.svv_roles"),
        ("explain select * from sales", "SELECT public.sales"),
        ("create table t as select * from sales", "SELECT public.sales"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn changes_name_their_target_first_and_read_it_where_its_rows_decide() {
    for (sql, expect) in [
        ("insert into sales (id) values (1)", "INSERT public.sales"),
        ("insert into sales (id) select id from people", "INSERT public.sales, SELECT public.people"),
        ("insert into sales (id) select id from sales", "INSERT public.sales, SELECT public.sales"),
        ("update people set name = 'x'", "UPDATE public.people"),
        ("update people set name = upper(name)", "UPDATE public.people, SELECT public.people"),
        ("update people set name = 'x' where id = 1", "UPDATE public.people, SELECT public.people"),
        ("update people set name = 'x' from sales", "UPDATE public.people, SELECT public.sales"),
        (
            "update people p set name = s.region from sales s where s.id = p.id",
            "UPDATE public.people, SELECT public.people, SELECT public.sales",
        ),
        ("update people set name = (select max(region) from sales)", "UPDATE public.people, SELECT public.sales"),
        (
            "update people set name = (select max(region) from sales where sales.id = people.id)",
            "UPDATE public.people, SELECT public.people, SELECT public.sales",
        ),
        // a label doesn't hide a column of the changed table: in GROUP BY the engine takes the column
        (
            "update people set id = (select n from (select 'q' as name, count(*) as n from sales group by cast(name as int)) d)",
            "UPDATE public.people, SELECT public.people, SELECT public.sales",
        ),
        (
            "update people set id = (select n from (select 'q' as name, (select length(name)) as n) d)",
            "UPDATE public.people, SELECT public.people",
        ),
        ("delete from people", "DELETE public.people"),
        ("delete from people where true", "DELETE public.people, SELECT public.people"),
        ("delete from people using sales", "DELETE public.people, SELECT public.sales"),
        (
            "with d as (select id from sales) delete from people using d where d.id = people.id",
            "DELETE public.people, SELECT public.people, SELECT public.sales",
        ),
        ("truncate table sales", "TRUNCATE public.sales"),
        ("delete from svv_roles", "0A000 \"svv_roles\" is a system view and can't be changed"),
        ("truncate svv_roles", "0A000 \"svv_roles\" is a system view and can't be changed"),
        ("with people as (select 1 id) delete from people", "DELETE public.people"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn a_cte_is_seen_in_its_scope_only() {
    for (sql, expect) in [
        ("with sales as (select 1 x) select * from sales", ""),
        ("with sales as (select 1 x) select * from public.sales", "SELECT public.sales"),
        ("with sales as (select * from sales) select * from sales", "SELECT public.sales"),
        ("with a as (select * from b), b as (select 1) select 1", "42P01 relation \"b\" does not exist"),
        ("with b as (select 1 x), a as (select * from b) select * from a", ""),
        ("with c as (select * from c) select 1", "42P01 relation \"c\" does not exist"),
        ("select * from (with sales as (select 1 x) select * from sales) t, sales", "SELECT public.sales"),
        ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 9) select * from n", ""),
        (
            "with recursive sales as (select id from sales union all select 1) select 1",
            "42601 recursive reference to query \"sales\" must not appear within its non-recursive term",
        ),
        ("with a as (select 1 x) select (select x from a) from (select * from a) b", ""),
        ("with a as (select 1), a as (select 2) select 1", "42712 WITH query name \"a\" specified more than once"),
        ("with a(x, y) as (select 1) select 1", "42703 table \"a\" has 1 columns available but 2 columns specified"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn unknown_names_are_refused() {
    for (sql, expect) in [
        ("select * from nope", "42P01 relation \"nope\" does not exist"),
        ("select * from public.nope", "42P01 relation \"public.nope\" does not exist"),
        ("select * from nope.t", "3F000 schema \"nope\" does not exist"),
        ("select * from information_schema.tables", "3F000 schema \"information_schema\" does not exist"),
        ("select * from main.sqlite_master", "3F000 schema \"main\" does not exist"),
        ("select * from gatehouse.catalog", "3F000 schema \"gatehouse\" does not exist"),
        ("select * from \"/etc/passwd\"", "42P01 relation \"/etc/passwd\" does not exist"),
        ("select * from \"/etc/passwd.csv\"", "42P01 relation \"/etc/passwd.csv\" does not exist"),
        ("select * from duckdb_tables", "42P01 relation \"duckdb_tables\" does not exist"),
        ("select id from dev.public.sales", "SELECT public.sales"),
        ("select id from other.public.sales", "0A000 cross-database references are not supported: \"other\""),
        ("select x from sales", "42703 column \"x\" does not exist"),
        ("select sales.x from sales", "42703 column sales.x does not exist"),
        ("select x.id from sales", "42P01 missing FROM-clause entry for table \"x\""),
        ("select rowid from sales", "42703 column \"rowid\" does not exist"),
        ("delete from sales where rowid = 1", "42703 column \"rowid\" does not exist"),
        ("update sales set nope = 1", "42703 column \"nope\" of relation \"sales\" does not exist"),
        ("insert into sales (nope) values (1)", "42703 column \"nope\" of relation \"sales\" does not exist"),
        ("select count(*) from sales limit id", "42703 column \"id\" does not exist"),
        ("select id from sales s, people p", "42702 column reference \"id\" is ambiguous"),
        ("select * from sales a, people a", "42712 table name \"a\" specified more than once"),
        ("select * from people, hr.people", "42712 table name \"people\" specified more than once"),
        ("update sales s set id = 1 from people s", "42712 table name \"s\" specified more than once"),
        ("select sales from sales", "0A000 the whole row \"sales\" as a value is not supported"),
        ("select count(s) from sales s", "0A000 the whole row \"s\" as a value is not supported"),
        ("select * from sales s, (select s.id) x", "42P01 missing FROM-clause entry for table \"s\""),
        (
            "select id as x from sales union select id from people order by region",
            "42703 column \"region\" does not exist",
        ),
        ("select \"current_timestamp\"", "42703 column \"current_timestamp\" does not exist"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn numbers_of_columns_fit() {
    for (sql, expect) in [
        ("insert into people values (1, 'a', 3)", "42601 INSERT has more expressions than target columns"),
        ("insert into people (id) values (1, 2)", "42601 INSERT has more expressions than target columns"),
        ("insert into people (id, name) values (1)", "42601 INSERT has more target columns than expressions"),
        ("insert into people (id, name) select id from sales", "42601 INSERT has more target columns than expressions"),
        ("insert into people select * from sales", "42601 INSERT has more expressions than target columns"),
        ("insert into people values (1)", "INSERT public.people"),
        ("insert into people select * from people", "INSERT public.people, SELECT public.people"),
        ("select 1 union select 1, 2", "42601 each UNION query must have the same number of columns"),
        ("select 1 where 1 = (select 1, 2)", "42601 subquery must return only one column"),
        ("select 1 where 1 in (select 1, 2)", "42601 subquery has too many columns"),
        ("select 1 where (1, 2) in (select 1)", "42601 subquery has too few columns"),
        ("select 1 where (1, 2) = (1, 2, 3)", "42601 unequal number of entries in row expressions"),
        ("values (1), (2, 3)", "42601 VALUES lists must all be the same length"),
    ] {
        check(sql, expect);
    }
}

#[test]
fn types_follow_redshift() {
    for (sql, expect) in [
        ("select sum(id), sum(big), sum(amount) from sales", "sum bigint, sum numeric(38,0), sum numeric(38,2)"),
        ("select avg(id), avg(amount), avg(1.5e0) from sales", "avg bigint, avg numeric(38,2), avg double precision"),
        (
            "select id / 2, amount / 3, amount / amount from sales",
            "?column? integer, ?column? numeric(21,13), ?column? numeric(21,11)",
        ),
        ("select sum(amount) / count(*) from sales", "?column? numeric(38,4)"),
        (
            "select coalesce(id, 1.5), coalesce(null, id), case when true then id else null end from sales",
            "coalesce numeric(11,1), coalesce integer, case integer",
        ),
        (
            "select day - day, day + 1, trunc(day), date_trunc('month', day) from sales",
            "?column? integer, ?column? date, trunc date, date_trunc timestamp without time zone",
        ),
        (
            "select * from sales join people using (id)",
            "id integer, region character varying(20), amount numeric(10,2), day date, big bigint, name character varying(20)",
        ),
        ("select p.* from sales natural join people p", "id integer, name character varying(20)"),
    ] {
        assert_eq!(columns(sql).unwrap().join(", "), expect, "{sql}");
    }
}
