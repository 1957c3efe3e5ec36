//! The engine's text, to the letter. Every text here was run on DuckDB 1.5.5, which takes all but the one that names a
//! column outside its cage (`h.salary`).

mod length;

use crate::fake::{refusal, rendered, session, statement};
use crate::render::{Literal, expression};
use crate::statement::Statement;
use crate::types::DataType;

const SALES: &str = r#"(SELECT "id", "region", "amount", "day", "big" FROM "public"."sales") AS"#;
const PEOPLE: &str = r#"(SELECT "id", "name" FROM "public"."people") AS"#;

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    let parameters = [
        Literal::Int(-5),
        Literal::Text("o'x".into()),
        Literal::Typed("2024-01-01".into(), DataType::Date),
        Literal::Null,
        Literal::Number("1.50".into()),
        Literal::Bytes(vec![0xDE, 0x27]),
        Literal::Bool(true),
    ];
    for (sql, expect) in cases {
        let found = match rendered(sql, &parameters) {
            Ok(text) => text.text().replace(SALES, "$SALES").replace(PEOPLE, "$PEOPLE"),
            Err(error) => refusal(&error),
        };
        assert_eq!(found, *expect, "{sql}");
    }
}

#[test]
fn a_parameter_that_is_a_column_has_a_type() {
    let sql = "select $1, $2 from sales where id = $1";
    let found = rendered(sql, &[Literal::Null, Literal::NullOf(DataType::Integer)]).unwrap();
    let start = r#"SELECT CAST(NULL AS VARCHAR) AS "?column?", CAST(NULL AS INTEGER) AS "?column?" FROM"#;
    assert!(found.text().starts_with(start), "{}", found.text());
    assert!(found.text().contains("= NULL"), "{}", found.text());
}

#[test]
fn comments_nest_and_escape_strings_are_strings() {
    check(&[
        ("select 1 /* a /* b */ c */ as x", r#"SELECT 1 AS "x""#),
        (r"select E'a\\'", r#"SELECT 'a\' AS "?column?""#),
        (r"select E'it\'s'", r#"SELECT 'it''s' AS "?column?""#),
    ]);
}

#[test]
fn tables_stand_in_their_cage() {
    check(&[
        ("select * from sales", r#"SELECT * FROM $SALES "sales""#),
        ("select id from public.sales as s(i, r) where i = 1", r#"42703 column "id" does not exist"#),
        (
            "select h.id from hr.people h(id, pay)",
            r#"SELECT "h"."id" AS "id" FROM (SELECT "id" AS "id" FROM "hr"."people") AS "h""#,
        ),
        (
            "select h.salary from hr.people h",
            r#"SELECT "h"."salary" AS "salary" FROM (SELECT "id" FROM "hr"."people") AS "h""#,
        ),
        ("select 1 from hr.hidden", r#"42P01 relation "hidden" does not exist"#),
        (
            "select * from svv_roles",
            r#"SELECT * FROM (SELECT CAST("c0" AS BIGINT) AS "role_id", CAST("c1" AS VARCHAR) AS "role_name" FROM (VALUES (7, 'awsidc:awssso-sales'), (NULL, 'it''s')) AS "rows"("c0", "c1")) AS "svv_roles""#,
        ),
        ("select * from svv_empty e(y)", r#"SELECT * FROM (SELECT CAST(NULL AS INTEGER) AS "y" WHERE FALSE) AS "e""#),
        (
            "select * from (select 1), (select 2 a) b",
            r#"SELECT * FROM (SELECT 1 AS "?column?") AS "derived 1", (SELECT 2 AS "a") AS "b""#,
        ),
        (
            "with c(n) as (select id from sales), d as (select n from c) select * from c join d on c.n = d.n",
            r#"WITH "cte 1"("n") AS (SELECT "sales"."id" AS "id" FROM $SALES "sales"), "cte 2" AS (SELECT "c"."n" AS "n" FROM "cte 1" AS "c") SELECT * FROM ("cte 1" AS "c" INNER JOIN "cte 2" AS "d" ON ("c"."n" = "d"."n"))"#,
        ),
        (
            "with sales as (select id from sales) select sales.id from sales",
            r#"WITH "cte 1" AS (SELECT "sales"."id" AS "id" FROM $SALES "sales") SELECT "sales"."id" AS "id" FROM "cte 1" AS "sales""#,
        ),
        (
            "with recursive r(n) as (select 1 union all select n + 1 from r where n < 3) select n from r",
            r#"WITH RECURSIVE "cte 1"("n") AS ((SELECT 1 AS "?column?") UNION ALL (SELECT ("r"."n" + 1) AS "?column?" FROM "cte 1" AS "r" WHERE ("r"."n" < 3))) SELECT "r"."n" AS "n" FROM "cte 1" AS "r""#,
        ),
        (
            "select public.sales.id, dev.public.sales.region, sales.* from public.sales",
            r#"SELECT "sales"."id" AS "id", "sales"."region" AS "region", "sales".* FROM $SALES "sales""#,
        ),
        (
            "select * from people p join sales using (id)",
            r#"SELECT "id" AS "id", "p"."name" AS "name", "sales"."region" AS "region", "sales"."amount" AS "amount", "sales"."day" AS "day", "sales"."big" AS "big" FROM ($PEOPLE "p" INNER JOIN $SALES "sales" USING ("id"))"#,
        ),
        (
            "select * from people natural join (select 1 as other) o",
            r#"SELECT * FROM ($PEOPLE "people" INNER JOIN (SELECT 1 AS "other") AS "o" ON TRUE)"#,
        ),
        (
            "select p.id from people p left join sales s on p.id = s.id full join people q on q.id = p.id, people z",
            r#"SELECT "p"."id" AS "id" FROM (($PEOPLE "p" LEFT JOIN $SALES "s" ON ("p"."id" = "s"."id")) FULL JOIN $PEOPLE "q" ON ("q"."id" = "p"."id")), $PEOPLE "z""#,
        ),
        (
            "select p.id from people p cross join sales",
            r#"SELECT "p"."id" AS "id" FROM ($PEOPLE "p" CROSS JOIN $SALES "sales")"#,
        ),
        (
            "select (select max(p.id) from people p where p.id = s.id) from sales s",
            r#"SELECT (SELECT max("p"."id") AS "max" FROM $PEOPLE "p" WHERE ("p"."id" = "s"."id")) AS "?column?" FROM $SALES "s""#,
        ),
    ]);
}

#[test]
fn queries_keep_their_meaning() {
    check(&[
        (
            "select distinct region, count(*) as n from sales where id > 1 group by region having count(*) > 1 order by n desc, 1, region nulls first limit 10 offset 5",
            r#"SELECT DISTINCT "sales"."region" AS "region", count(*) AS "n" FROM $SALES "sales" WHERE ("sales"."id" > 1) GROUP BY "sales"."region" HAVING (count(*) > 1) ORDER BY "n" DESC NULLS FIRST, 1 ASC NULLS LAST, "region" ASC NULLS FIRST LIMIT CAST(10 AS BIGINT) OFFSET CAST(5 AS BIGINT)"#,
        ),
        (
            "select top 3 id from sales order by id",
            r#"SELECT "sales"."id" AS "id" FROM $SALES "sales" ORDER BY "id" ASC NULLS LAST LIMIT CAST(3 AS BIGINT)"#,
        ),
        (
            "select -id as id from sales order by id",
            r#"SELECT (- "sales"."id") AS "id" FROM $SALES "sales" ORDER BY "id" ASC NULLS LAST"#,
        ),
        (
            "select id as a, a + 1 as b from sales where a > 1",
            r#"SELECT "sales"."id" AS "a", ("a" + 1) AS "b" FROM $SALES "sales" WHERE ("a" > 1)"#,
        ),
        (
            "select 1 union select 2 union all select 3 order by 1",
            r#"((SELECT 1 AS "?column?") UNION (SELECT 2 AS "?column?")) UNION ALL (SELECT 3 AS "?column?") ORDER BY 1 ASC NULLS LAST"#,
        ),
        (
            "(select 1 as q order by q limit 1) except (select 2)",
            r#"((SELECT 1 AS "q" ORDER BY "q" ASC NULLS LAST LIMIT CAST(1 AS BIGINT))) EXCEPT ((SELECT 2 AS "?column?"))"#,
        ),
        ("select 1 minus select 2", r#"(SELECT 1 AS "?column?") EXCEPT (SELECT 2 AS "?column?")"#),
        (
            "values (1, 'a'), (2, null) order by column1",
            r#"SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS "*VALUES*"("column1", "column2") ORDER BY "column1" ASC NULLS LAST"#,
        ),
        (
            "select region from sales group by rollup (region, (id, day)), cube (big), grouping sets ((id), ())",
            r#"SELECT "sales"."region" AS "region" FROM $SALES "sales" GROUP BY ROLLUP (("sales"."region"), ("sales"."id", "sales"."day")), CUBE (("sales"."big")), GROUPING SETS (("sales"."id"), ())"#,
        ),
        (
            "select sum(id) over w, lag(id, 1) ignore nulls over (partition by region order by day desc rows between 1 preceding and current row) from sales window w as (order by id range unbounded preceding) qualify row_number() over w = 1",
            r#"SELECT CAST(sum("sales"."id") OVER "w" AS BIGINT) AS "sum", lag("sales"."id", 1 IGNORE NULLS) OVER (PARTITION BY "sales"."region" ORDER BY "sales"."day" DESC NULLS FIRST ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS "lag" FROM $SALES "sales" WINDOW "w" AS (ORDER BY "sales"."id" ASC NULLS LAST RANGE UNBOUNDED PRECEDING) QUALIFY (row_number() OVER "w" = 1)"#,
        ),
        (
            "select count(*), count(distinct region), sum(amount) filter (where id = 1), avg(id), avg(big) from sales",
            r#"SELECT count(*) AS "count", count(DISTINCT "sales"."region") AS "count", sum("sales"."amount") FILTER (WHERE ("sales"."id" = 1)) AS "sum", CAST(sum("sales"."id") // count("sales"."id") AS BIGINT) AS "avg", CAST(sum("sales"."big") // count("sales"."big") AS BIGINT) AS "avg" FROM $SALES "sales""#,
        ),
        (
            "select ratio_to_report(id) over (), avg(big) over (order by id) from sales",
            r#"SELECT (CAST("sales"."id" AS DOUBLE) / sum("sales"."id") OVER ()) AS "ratio_to_report", CAST(sum("sales"."big") OVER (ORDER BY "sales"."id" ASC NULLS LAST) // count("sales"."big") OVER (ORDER BY "sales"."id" ASC NULLS LAST) AS BIGINT) AS "avg" FROM $SALES "sales""#,
        ),
        (
            "select listagg(region) within group (order by id desc), listagg(distinct region, ', '), percentile_cont(0.9) within group (order by amount desc) from sales",
            r#"SELECT list_transform([{'a0': string_agg(CAST("sales"."region" AS VARCHAR), '' ORDER BY "sales"."id" DESC NULLS FIRST)}], lambda "arguments": CASE WHEN strlen("arguments"."a0") > 65535 THEN error('value too long for type character varying(65535)') ELSE "arguments"."a0" END)[1] AS "listagg", list_transform([{'a0': string_agg(DISTINCT CAST("sales"."region" AS VARCHAR), ', ')}], lambda "arguments": CASE WHEN strlen("arguments"."a0") > 65535 THEN error('value too long for type character varying(65535)') ELSE "arguments"."a0" END)[1] AS "listagg", quantile_cont("sales"."amount", 1 - 0.9) AS "percentile_cont" FROM $SALES "sales""#,
        ),
    ]);
}

#[test]
fn expressions_keep_their_meaning() {
    check(&[
        (
            r#"select 1 + 2 * 3, - -1, not true, 'a' || 'b' || 'c', 1.5e3, null, true, '--', 'it''s; drop', 'a\\b'"#,
            r#"SELECT (1 + (2 * 3)) AS "?column?", (- (- 1)) AS "?column?", (NOT TRUE) AS "?column?", ('a' || 'b' || 'c') AS "?column?", 1.5e3 AS "?column?", NULL AS "?column?", TRUE AS "?column?", '--' AS "?column?", 'it''s; drop' AS "?column?", 'a\b' AS "?column?""#,
        ),
        (
            "select id from sales where id = 1 and (region is null or not region = 'x') and day between '2024-01-01' and '2024-02-01' and id not in (1, 2)",
            r#"SELECT "sales"."id" AS "id" FROM $SALES "sales" WHERE (("sales"."id" = 1) AND (("sales"."region" IS NULL) OR (NOT ("sales"."region" = 'x'))) AND ("sales"."day" BETWEEN '2024-01-01' AND '2024-02-01') AND ("sales"."id" NOT IN (1, 2)))"#,
        ),
        (
            "select 1 where (1, 2) in (select id, id from people) and 1 <> all (select id from people) and not exists (select 1)",
            r#"SELECT 1 AS "?column?" WHERE ((row(1, 2) IN (SELECT "people"."id" AS "id", "people"."id" AS "id" FROM $PEOPLE "people")) AND (1 <> ALL (SELECT "people"."id" AS "id" FROM $PEOPLE "people")) AND (NOT EXISTS (SELECT 1 AS "?column?")))"#,
        ),
        (
            r#"select 1 where 'a' like 'a\\%' and 'a' not ilike 'b' escape '!' and 'a' ~* 'A' and 'a' not similar to 'x%_.[a-c%]'"#,
            r#"SELECT 1 AS "?column?" WHERE (('a' LIKE 'a\%' ESCAPE '\') AND ('a' NOT ILIKE 'b' ESCAPE '!') AND (regexp_matches('a', 'A', 'i')) AND (NOT regexp_matches('a', '(?s)^(?:x.*.\.[a-c%])$')))"#,
        ),
        (
            "select 1 is distinct from 2, true is not true, null is unknown, null is not null",
            r#"SELECT (1 IS DISTINCT FROM 2) AS "?column?", (TRUE IS NOT TRUE) AS "?column?", (NULL IS NULL) AS "?column?", (NULL IS NOT NULL) AS "?column?""#,
        ),
        (
            "select case id when 1 then 'a' end, case when id = 1 then 2 else 3 end from sales",
            r#"SELECT CASE "sales"."id" WHEN 1 THEN 'a' END AS "case", CASE WHEN ("sales"."id" = 1) THEN 2 ELSE 3 END AS "case" FROM $SALES "sales""#,
        ),
        (
            "select id / 2, id / big, amount / 3, id % big, mod(id, 2), id / (big + 1) from sales",
            r#"SELECT ("sales"."id" / 2) AS "?column?", (CASE WHEN "sales"."big" = 0 THEN error('division by zero') ELSE "sales"."id" / "sales"."big" END) AS "?column?", CAST(("sales"."amount" / 3) AS DECIMAL(21,13)) AS "?column?", (CASE WHEN "sales"."big" = 0 THEN error('division by zero') ELSE "sales"."id" % "sales"."big" END) AS "?column?", CASE WHEN 2 = 0 THEN error('division by zero') ELSE mod("sales"."id", 2) END AS "mod", list_transform([{'a0': "sales"."id", 'a1': ("sales"."big" + 1)}], lambda "arguments": (CASE WHEN "arguments"."a1" = 0 THEN error('division by zero') ELSE "arguments"."a0" / "arguments"."a1" END))[1] AS "?column?" FROM $SALES "sales""#,
        ),
        (
            "select id::varchar, region::varchar(3), upper(region)::char(2), 'abcdé'::varchar(5), '5'::numeric(5,2), id::numeric from sales",
            r#"SELECT CAST("sales"."id" AS VARCHAR) AS "id", CASE WHEN strlen(CAST("sales"."region" AS VARCHAR)) <= 3 THEN CAST("sales"."region" AS VARCHAR) ELSE coalesce(TRY(decode(encode(CAST("sales"."region" AS VARCHAR))[1:3])), TRY(decode(encode(CAST("sales"."region" AS VARCHAR))[1:3-1])), TRY(decode(encode(CAST("sales"."region" AS VARCHAR))[1:3-2])), TRY(decode(encode(CAST("sales"."region" AS VARCHAR))[1:3-3]))) END AS "region", rtrim(list_transform([{'a0': CAST(upper("sales"."region") AS VARCHAR)}], lambda "arguments": CASE WHEN strlen("arguments"."a0") <= 2 THEN "arguments"."a0" ELSE coalesce(TRY(decode(encode("arguments"."a0")[1:2])), TRY(decode(encode("arguments"."a0")[1:2-1])), TRY(decode(encode("arguments"."a0")[1:2-2])), TRY(decode(encode("arguments"."a0")[1:2-3]))) END)[1], ' ') AS "upper", CAST('abcd' AS VARCHAR) AS "varchar", CAST('5' AS DECIMAL(5,2)) AS "numeric", CAST("sales"."id" AS DECIMAL(18,0)) AS "id" FROM $SALES "sales""#,
        ),
        (
            "select date '2024-01-01', timestamp '2024-01-01 10:00:00', interval '1 month -2 days 03:04:05.5', interval '3' hour, '2 weeks'::interval",
            r#"SELECT CAST('2024-01-01' AS DATE) AS "date", CAST('2024-01-01 10:00:00' AS TIMESTAMP) AS "timestamp", (to_months(1) + to_days(-2) + to_microseconds(11045500000)) AS "interval", (to_microseconds(10800000000)) AS "interval", (to_days(14)) AS "interval""#,
        ),
        (
            "select current_user, session_user, current_user_id, current_database(), current_schema(), version(), pg_backend_pid(), getdate(), sysdate, current_timestamp, current_date",
            r#"SELECT CAST('awsidc:o''hara' AS VARCHAR) AS "current_user", CAST('admin' AS VARCHAR) AS "session_user", CAST(101 AS INTEGER) AS "current_user_id", CAST('dev' AS VARCHAR) AS "current_database", CAST('public' AS VARCHAR) AS "current_schema", CAST('PostgreSQL 8.0.2' AS VARCHAR) AS "version", CAST(4711 AS INTEGER) AS "pg_backend_pid", CAST('2026-11-22 07:00:00.123456' AS TIMESTAMP) AS "getdate", CAST('2026-11-22 07:00:00.123456' AS TIMESTAMP) AS "sysdate", CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ) AS "current_timestamp", CAST('2026-11-22' AS DATE) AS "current_date""#,
        ),
        (
            "select dateadd(month, 1, day), dateadd(h, -1, '2024-01-01'), datediff(day, day, getdate()), date_part(dow, day), extract(epoch from day), date_trunc('mon', day), trunc(day), last_day(day) from sales",
            r#"SELECT (CAST("sales"."day" AS TIMESTAMP) + to_months(CAST(1 AS INTEGER))) AS "date_add", (CAST('2024-01-01' AS TIMESTAMP) + to_hours(CAST((- 1) AS BIGINT))) AS "date_add", date_diff('day', CAST("sales"."day" AS TIMESTAMP), CAST('2026-11-22 07:00:00.123456' AS TIMESTAMP)) AS "date_diff", CAST(date_part('dow', CAST("sales"."day" AS TIMESTAMP)) AS DOUBLE) AS "date_part", CAST(floor(date_part('epoch', CAST("sales"."day" AS TIMESTAMP))) AS BIGINT) AS "date_part", date_trunc('month', CAST("sales"."day" AS TIMESTAMP)) AS "date_trunc", CAST("sales"."day" AS DATE) AS "trunc", last_day(CAST("sales"."day" AS TIMESTAMP)) AS "last_day" FROM $SALES "sales""#,
        ),
        (
            r#"select to_char(day, 'YYYY-MM-DD'), to_char(current_timestamp, '"{0}''"HH24:MI MON Month Q'), to_date('2024', 'YYYY'), convert_timezone('UTC', 'America/New_York', day) from sales"#,
            r#"SELECT (strftime(CAST("sales"."day" AS TIMESTAMP), '%Y-%m-%d')) AS "to_char", (strftime(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ), '{0}''%H:%M ') || upper(strftime(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ), '%b')) || strftime(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ), ' ') || rpad(strftime(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ), '%B'), 9, ' ') || strftime(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ), ' ') || CAST(quarter(CAST('2026-11-22 07:00:00.123456+00' AS TIMESTAMPTZ)) AS VARCHAR)) AS "to_char", CAST(strptime('2024', '%Y') AS DATE) AS "to_date", timezone('America/New_York', timezone('UTC', CAST("sales"."day" AS TIMESTAMP))) AS "convert_timezone" FROM $SALES "sales""#,
        ),
        (
            "select decode(region, 'a', 1, null, 2, 3), decode(upper(region), 'A', region), nvl(region, 'x'), nvl2(region, 1, 2), nullif(id, 1), greatest(id, 2) from sales",
            r#"SELECT CASE WHEN "sales"."region" IS NOT DISTINCT FROM 'a' THEN 1 WHEN "sales"."region" IS NOT DISTINCT FROM NULL THEN 2 ELSE 3 END AS "case", CASE WHEN upper("sales"."region") IS NOT DISTINCT FROM 'A' THEN "sales"."region" END AS "case", coalesce("sales"."region", 'x') AS "coalesce", CASE WHEN "sales"."region" IS NOT NULL THEN 1 ELSE 2 END AS "case", nullif("sales"."id", 1) AS "nullif", greatest("sales"."id", 2) AS "greatest" FROM $SALES "sales""#,
        ),
        (
            "select substring(region, 2, 3), substring(region, 0, 3), substring(upper(region), id), left(region, 2), len(region), position('a' in region), charindex('a', region), concat(region, 'x'), trim(both 'x' from region) from sales",
            r#"SELECT substr("sales"."region", 2, 3) AS "substring", CASE WHEN 3 < 0 THEN error('negative substring length not allowed') WHEN 0 >= 1 THEN substr("sales"."region", 0, 3) WHEN 0 + 3 > 1 THEN substr("sales"."region", 1, 0 + 3 - 1) WHEN 0 + 3 <= 1 THEN left("sales"."region", 0) END AS "substring", substr(upper("sales"."region"), CASE WHEN "sales"."id" < 1 THEN 1 ELSE "sales"."id" END) AS "substring", left("sales"."region", 2) AS "left", CAST(length(CAST("sales"."region" AS VARCHAR)) AS INTEGER) AS "len", CAST(strpos("sales"."region", 'a') AS INTEGER) AS "position", CAST(strpos("sales"."region", 'a') AS INTEGER) AS "charindex", (CASE WHEN strlen(CAST(CAST("sales"."region" AS VARCHAR) AS VARCHAR)) > 65534 THEN error('value too long for type character varying(65535)') ELSE CAST("sales"."region" AS VARCHAR) END || CAST('x' AS VARCHAR)) AS "concat", trim("sales"."region", 'x') AS "btrim" FROM $SALES "sales""#,
        ),
        (
            "select json_extract_path_text(region, 'a', 'b'), json_extract_path_text(region, 'a', true), regexp_replace(region, 'a', 'b'), sha2(region, 256), log(id), round(amount, 1) from sales",
            r#"SELECT json_extract_string("sales"."region", '$."a"."b"') AS "json_extract_path_text", CASE WHEN json_valid("sales"."region") THEN json_extract_string("sales"."region", '$."a"') END AS "json_extract_path_text", regexp_replace("sales"."region", 'a', CASE WHEN strlen("sales"."region") + (strlen("sales"."region") + 1) * strlen('b') <= 65535 THEN 'b' WHEN strlen("sales"."region") + len(regexp_extract_all("sales"."region", 'a')) * strlen('b') - strlen(array_to_string(regexp_extract_all("sales"."region", 'a'), '')) > 65535 THEN error('value too long for type character varying(65535)') ELSE 'b' END, 'g') AS "regexp_replace", sha256("sales"."region") AS "sha2", log10("sales"."id") AS "log", round("sales"."amount", CAST(1 AS INTEGER)) AS "round" FROM $SALES "sales""#,
        ),
        (
            "select day at time zone 'UTC' from sales",
            r#"SELECT timezone('UTC', CAST("sales"."day" AS TIMESTAMP)) AS "timezone" FROM $SALES "sales""#,
        ),
    ]);
}

#[test]
fn parameters_are_literals() {
    check(&[
        (
            "select $1, $2, $3, $4, $5, $6, $7",
            r#"SELECT (-5) AS "?column?", 'o''x' AS "?column?", CAST('2024-01-01' AS DATE) AS "?column?", CAST(NULL AS VARCHAR) AS "?column?", (1.50) AS "?column?", CAST('\xDE\x27' AS BLOB) AS "?column?", TRUE AS "?column?""#,
        ),
        (
            "select id from sales where region = $2 and id > $1 order by $1 limit $5",
            r#"SELECT "sales"."id" AS "id" FROM $SALES "sales" WHERE (("sales"."region" = 'o''x') AND ("sales"."id" > (-5))) ORDER BY CAST((-5) AS VARCHAR) ASC NULLS LAST LIMIT CAST((1.50) AS BIGINT)"#,
        ),
        ("select $8", "42P02 there is no parameter $8"),
    ]);
}

#[test]
fn changes_name_the_table_itself() {
    check(&[
        (
            "insert into people values (1, 'a'), (2, default)",
            r#"INSERT INTO "public"."people" ("id", "name") VALUES (1, 'a'), (2, DEFAULT)"#,
        ),
        (
            "insert into people (name) select region from sales",
            r#"INSERT INTO "public"."people" ("name") SELECT "sales"."region" AS "region" FROM $SALES "sales""#,
        ),
        ("insert into people values (1)", r#"INSERT INTO "public"."people" ("id") VALUES (1)"#),
        ("insert into people default values", r#"INSERT INTO "public"."people" DEFAULT VALUES"#),
        (
            "insert into people with c as (select 1 i) select i, 'x' from c",
            r#"INSERT INTO "public"."people" ("id", "name") WITH "cte 1" AS (SELECT 1 AS "i") SELECT "c"."i" AS "i", 'x' AS "?column?" FROM "cte 1" AS "c""#,
        ),
        (
            "update people set name = 'x', id = default",
            r#"UPDATE "public"."people" AS "people" SET "name" = 'x', "id" = DEFAULT"#,
        ),
        (
            "update people p set name = s.region from sales s where s.id = p.id",
            r#"UPDATE "public"."people" AS "p" SET "name" = "s"."region" FROM $SALES "s" WHERE ("s"."id" = "p"."id")"#,
        ),
        (
            "with c as (select 1 i) update people set name = 'x' from c where c.i = people.id",
            r#"WITH "cte 1" AS (SELECT 1 AS "i") UPDATE "public"."people" AS "people" SET "name" = 'x' FROM "cte 1" AS "c" WHERE ("c"."i" = "people"."id")"#,
        ),
        ("delete from people", r#"DELETE FROM "public"."people" AS "people""#),
        (
            "delete from people p using sales s where s.id = p.id",
            r#"DELETE FROM "public"."people" AS "p" USING $SALES "s" WHERE ("s"."id" = "p"."id")"#,
        ),
        ("truncate sales", r#"TRUNCATE "public"."sales""#),
    ]);
}

#[test]
fn computed_arguments_are_computed_once() {
    check(&[
        (
            "select random() / random(), (1 + 1) / (2 + 2)",
            r#"SELECT list_transform([{'a0': random(), 'a1': random()}], lambda "arguments": (CASE WHEN "arguments"."a1" = 0 THEN error('division by zero') ELSE "arguments"."a0" / "arguments"."a1" END))[1] AS "?column?", list_transform([{'a0': (1 + 1), 'a1': (2 + 2)}], lambda "arguments": (CASE WHEN "arguments"."a1" = 0 THEN error('division by zero') ELSE "arguments"."a0" / "arguments"."a1" END))[1] AS "?column?""#,
        ),
        (
            "select arguments.id / (arguments.id + 1) from sales arguments",
            r#"SELECT list_transform([{'a0': "arguments"."id", 'a1': ("arguments"."id" + 1)}], lambda "arguments": (CASE WHEN "arguments"."a1" = 0 THEN error('division by zero') ELSE "arguments"."a0" / "arguments"."a1" END))[1] AS "?column?" FROM $SALES "arguments""#,
        ),
        (
            "select decode(upper(region), 'A', id, id + 1) from sales",
            r#"SELECT CASE WHEN upper("sales"."region") IS NOT DISTINCT FROM 'A' THEN "sales"."id" ELSE ("sales"."id" + 1) END AS "case" FROM $SALES "sales""#,
        ),
    ]);
}

#[test]
fn the_tables_of_a_text_are_listed_once_and_sorted() {
    for (sql, tables) in [
        ("select 1", ""),
        ("select * from svv_roles", ""),
        ("select * from sales a, sales b, people, hr.people c", "hr.people public.people public.sales"),
        ("with unused as (select * from sales) select 1", "public.sales"),
        ("insert into people (id) select id from sales", "public.people public.sales"),
        ("delete from people where id in (select id from sales)", "public.people public.sales"),
        ("truncate sales", "public.sales"),
    ] {
        let text = rendered(sql, &[]).unwrap();
        let found: Vec<String> = text.tables().iter().map(|(schema, name)| format!("{schema}.{name}")).collect();
        assert_eq!(found.join(" "), tables, "{sql}");
    }
}

#[test]
fn nothing_of_a_parameter_leaves_its_literal() {
    for text in ["'; drop table x; --", "''", "\\'", "$1", "{0}", "\" or 1=1", "\u{2019}"] {
        let literal = format!("'{}'", text.replace('\'', "''"));
        let found = rendered("select $1, upper($1)", &[Literal::Text(text.into())]).unwrap();
        assert_eq!(found.text(), format!("SELECT {literal} AS \"?column?\", upper({literal}) AS \"upper\""));
    }
    for number in ["1; drop", "0x10", "nan", "1e999", "", "1'"] {
        assert!(rendered("select $1", &[Literal::Number(number.into())]).is_err(), "{number}");
    }
    assert!(rendered("select $1", &[Literal::Text("a\0b".into())]).is_err());
}

#[test]
fn nested_templates_do_not_multiply() {
    let mut sql = "region".to_owned();
    for _ in 0..30 {
        sql = format!("substring({sql}, id, id)");
    }
    let text = rendered(&format!("select {sql} from sales"), &[]).unwrap();
    assert!(text.text().len() < 40_000, "{}", text.text().len());
}

#[test]
fn a_default_is_evaluated_by_the_engine_and_knows_nobody() {
    for (default, expect) in [
        ("1 + 2", "(1 + 2)"),
        ("'it''s'", "'it''s'"),
        ("getdate()", "timezone('UTC', now())"),
        ("current_timestamp", "now()"),
        (
            "dateadd(day, 1, current_date)",
            "(CAST(CAST(timezone('UTC', now()) AS DATE) AS TIMESTAMP) + to_days(CAST(1 AS INTEGER)))",
        ),
        // no lambda there
        (
            "lower('B') || 'x'",
            "(CASE WHEN strlen(CAST(lower('B') AS VARCHAR)) > 65534 THEN error('value too long for type character varying(65535)') ELSE lower('B') END || 'x')",
        ),
        ("left(random()::varchar, 5) || 'x'", "0A000 random() inside another function in DEFAULT is not supported"),
        ("current_user", "0A000 a DEFAULT that asks about the session is not supported"),
        ("other_column", "42703 column \"other_column\" does not exist"),
        ("(select 1)", "0A000 a query in DEFAULT is not supported"),
        ("(select max(id) from sales)", "42P01 relation \"sales\" does not exist"),
        ("$1", "0A000 a parameter in DEFAULT is not supported"),
    ] {
        let Statement::Query(query) = statement(&format!("select {default}")).unwrap() else { panic!("{default}") };
        let crate::ast::QueryBody::Select(select) = query.body else { panic!("{default}") };
        let [crate::ast::SelectItem::Expr { expr, .. }] = select.items.as_slice() else { panic!("{default}") };
        let found = expression(expr, &session()).unwrap_or_else(|error| refusal(&error));
        assert_eq!(found, expect, "{default}");
    }
}
