"""Statements that try to leave their cage: to the machine's files, to the engine, to what somebody else may read."""

import re
import time

import pytest
from helpers import admin, enter, pg, token
from psycopg import sql
from conftest import ROOT
from wire import Wire

SECRET = re.compile(r"ABC Company|Tech Logistics|XYZ Industry|tax experts|175400|186577|24355|398332|root:|/bin/")
# What no client may see of the engine behind.
INTERNALS = re.compile(
    re.escape(f"{ROOT}/")
    + r"|gatehouse\.|__|Candidate bindings|Binder Error|Catalog Error|Parser Error|duckdb|DuckDB|sqlparser|\.rs\b|/tmp/|panicked|"
    r"LINE 1|Did you mean|internal error"
)
# Undefined, denied, not supported, syntax: a refusal says one of these and never anything of class XX.
REFUSED = {"42501", "42P01", "42703", "42883", "0A000", "42601", "42704", "22023", "3F000", "42602", "55P02", "0A001", "3D000", "42809",
           "42P02", "08P01", "42622", "22P05", "42P10", "42P07", "26000", "42939", "54001"}

FILES = [
    "select * from '/etc/passwd'",
    "select * from \"/etc/passwd\"",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('x.parquet')",
    "select * from read_json('/etc/passwd')",
    "select * from read_ndjson('/etc/passwd')",
    "select * from parquet_scan('x')",
    "select * from parquet_metadata('x')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/*')",
    "select * from 'https://example.com/x.csv'",
    "select * from \"s3://bucket/x.parquet\"",
    "select content from read_text('/etc/passwd')",
    "select read_text('/etc/passwd')",
    "select (select content from read_text('/etc/passwd'))",
    "select * from sqlite_scan('control.sqlite', 'users')",
    "select * from postgres_scan('', '', '')",
    "select getenv('PATH')",
    "select pg_read_file('/etc/passwd')",
    "select lo_import('/etc/passwd')",
    "select load_extension('x')",
    "copy sales_schema.store_sales to '/tmp/x.csv'",
    "copy sales_schema.store_sales from '/etc/passwd'",
    "copy (select 1) to '/tmp/x'",
    "copy sales_schema.store_sales from stdin",
    "copy sales_schema.store_sales from program 'id'",
    "export database '/tmp/x'",
    "import database '/tmp/x'",
    "attach '/tmp/x.db' as x",
    "attach database 'control.sqlite' as control (type sqlite)",
    "detach gatehouse",
    "use memory",
    "install httpfs",
    "load httpfs",
    "force install httpfs",
    "create secret s (type s3)",
    "create macro m() as 1",
    "create function f() as 1",
    "create type t as enum ('a')",
    "create sequence s",
    "create index i on sales_schema.store_sales (id)",
    "unload ('select 1') to 's3://x'",
    "call pragma_version()",
    "pragma database_list",
    "pragma version",
    "pragma enable_profiling",
    "pragma table_info('sales_schema.store_sales')",
    "checkpoint",
    "force checkpoint",
    "vacuum",
    "analyze",
    "describe sales_schema.store_sales",
    "summarize finance_schema.revenue",
    "show tables",
    "show all tables",
    "show databases",
    "from finance_schema.revenue",
    "pivot finance_schema.revenue on account using sum(salesamt)",
    "select * from query('select 1')",
    "select * from query_table('finance_schema.revenue')",
    "execute x",
    "prepare x as select 1",
    "do $$ begin end $$",
    "listen x",
    "create extension x",
    "create language x",
    "create database x",
    "create rule r as on select to x do instead nothing",
]

ENGINE = [
    "select * from duckdb_tables()",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_functions()",
    "select * from duckdb_databases()",
    "select * from duckdb_columns()",
    "select * from duckdb_memory()",
    "select * from pragma_database_size()",
    "select * from pragma_storage_info('revenue')",
    "select * from pragma_table_info('finance_schema.revenue')",
    "select * from duckdb_tables",
    "select * from information_schema.tables",
    "select * from information_schema.columns",
    "select * from main.sqlite_master",
    "select * from sqlite_master",
    "select * from sqlite_schema",
    "select * from sqlite_temp_master",
    "select * from gatehouse.catalog",
    "select * from gatehouse.main.catalog",
    "select * from __gatehouse.catalog",
    "select * from main.catalog",
    "select * from temp.information_schema.tables",
    "select * from temp.anything",
    "select * from memory.main.x",
    "select * from system.main.duckdb_tables",
    "select * from warehouse.finance_schema.revenue",
    "select * from pg_catalog.duckdb_tables",
    "select * from pg_catalog.pg_class_that_is_not_there",
    "select * from pg_shadow",
    "select * from pg_authid",
    "select current_setting('secret_directory')",
    "select current_setting('temp_directory')",
    "select getvariable('x')",
    "select nextval('x')",
    "select current_schemas(true)",
    "select txid_current()",
    "select in_search_path('a', 'b')",
    "select * from range(10)",
    "select * from generate_series(1, 10)",
    "select * from unnest([1, 2])",
    "select * from repeat_row(1, num_rows => 3)",
    "select * from test_all_types()",
    "select [1, 2, 3]",
    "select {'a': 1}",
    "select map {'a': 1}",
    "select list_transform([1], x -> x)",
    "select columns('.*') from sales_schema.store_sales",
    "select * replace (1 as id) from sales_schema.store_sales",
    "select rowid from sales_schema.store_sales",
    "select __row from sales_schema.store_sales",
    "select ctid from sales_schema.store_sales",
    "select xmin from sales_schema.store_sales",
    "select error('x')",
    "select json_serialize_sql('select 1')",
    "select * from json_execute_serialized_sql('{}')",
    "select json_deserialize_sql('{}')",
    "select pg_typeof(1) from sales_schema.store_sales, lateral (select * from read_text('/etc/passwd')) t",
    "select stats(id) from sales_schema.store_sales",
    "select * from sales_schema.store_sales using sample 10%",
    "select * from sales_schema.store_sales tablesample reservoir(1)",
    "select * from sales_schema.store_sales at (version => 1)",
    "select * from sales_schema.store_sales positional join finance_schema.revenue",
    "select * from sales_schema.store_sales asof join finance_schema.revenue using (id)",
    "select id from sales_schema.store_sales semi join finance_schema.revenue on true",
    "set memory_limit = '1GB'",
    "set threads to 1",
    "set enable_external_access to true",
    "set enable_external_access = 1",
    "set lock_configuration = false",
    "set allow_unsigned_extensions = true",
    "set custom_extension_repository = 'http://x'",
    "set home_directory = '/'",
    "set temp_directory = '/tmp'",
    "set file_search_path = '/'",
    "set schema = 'finance_schema'",
    "set global threads = 1",
    "set variable x = 1",
    "set local memory_limit = '1GB'",
    "reset memory_limit",
    "reset enable_external_access",
    "set role postgres",
    "set session_authorization to awsuser",
    "set is_superuser to on",
    "select set_config('enable_external_access', 'true', false)",
]

# Only what reads finance_schema.revenue in some way; ethan may read sales_schema only.
REVENUE = [
    "select * from finance_schema.revenue",
    "select * from dev.finance_schema.revenue",
    "select * from \"finance_schema\".\"revenue\"",
    "select * from \"FINANCE_SCHEMA\".\"REVENUE\"",
    "select * from FINANCE_SCHEMA.Revenue",
    "table finance_schema.revenue",
    "select count(*) from finance_schema.revenue",
    "select 1 from finance_schema.revenue",
    "select from finance_schema.revenue",
    "select * from only finance_schema.revenue",
    "select * from finance_schema/**/./**/revenue",
    "select * from finance_schema./*x*/revenue--",
    "select * from /*/**/*/finance_schema.revenue",
    "select * from -- x\nfinance_schema.revenue",
    "select * from U&\"finance\\005fschema\".revenue",
    "select * from U&\"f\\0069nance_schema\".U&\"revenue\"",
    "select * from \"finance_schema.revenue\"",
    "select * from \"finance_schema\"\".\"\"revenue\"",
    "select * from (select * from finance_schema.revenue) t",
    "select * from (select * from (select * from finance_schema.revenue) a) b",
    "select (select max(salesamt) from finance_schema.revenue)",
    "select id, (select customer from finance_schema.revenue where account = id + 10000) from sales_schema.store_sales",
    "select * from sales_schema.store_sales where id in (select account from finance_schema.revenue)",
    "select * from sales_schema.store_sales s where exists (select 1 from finance_schema.revenue r where r.account > s.id)",
    "select * from sales_schema.store_sales where sales_amount > all (select salesamt from finance_schema.revenue)",
    "select * from sales_schema.store_sales order by (select max(salesamt) from finance_schema.revenue)",
    "select * from sales_schema.store_sales limit (select count(*) from finance_schema.revenue)",
    "select count(*) from sales_schema.store_sales group by (select max(account) from finance_schema.revenue)",
    "select count(*) from sales_schema.store_sales having count(*) < (select max(account) from finance_schema.revenue)",
    "select case when (select count(*) from finance_schema.revenue) > 0 then 1 end",
    "select coalesce((select customer from finance_schema.revenue limit 1), '')",
    "select sum((select max(salesamt) from finance_schema.revenue)) over () from sales_schema.store_sales",
    "select * from sales_schema.store_sales, finance_schema.revenue",
    "select * from sales_schema.store_sales a join finance_schema.revenue b on a.id = b.account",
    "select * from sales_schema.store_sales a join sales_schema.store_sales b on a.id in (select account from finance_schema.revenue)",
    "select * from sales_schema.store_sales natural join finance_schema.revenue",
    "select * from sales_schema.store_sales s, lateral (select * from finance_schema.revenue r where r.account > s.id) t",
    "select * from sales_schema.store_sales s left join lateral (select * from finance_schema.revenue) t on true",
    "select product from sales_schema.store_sales union select customer from finance_schema.revenue",
    "select id from sales_schema.store_sales except select account from finance_schema.revenue",
    "(select id from sales_schema.store_sales) intersect (select account from finance_schema.revenue)",
    "values ((select max(salesamt) from finance_schema.revenue))",
    "select * from (values ((select max(customer) from finance_schema.revenue))) t(x)",
    "with r as (select * from finance_schema.revenue) select * from r",
    "with store_sales as (select * from finance_schema.revenue) select * from store_sales",
    "with revenue as (select 1 as a) select * from finance_schema.revenue",
    "with revenue as (select * from finance_schema.revenue) select * from revenue",
    "with a as (with b as (select * from finance_schema.revenue) select * from b) select * from a",
    "with recursive r(n) as (select 1 union all select account from finance_schema.revenue) select * from r",
    "with unused as (select * from finance_schema.revenue) select 1",
    "select \"finance_schema.revenue\".customer from finance_schema.revenue",
    "select revenue from finance_schema.revenue",
    "select r.* from finance_schema.revenue r",
    "select finance_schema.revenue.customer from sales_schema.store_sales",
    "select (finance_schema.revenue).customer",
    "explain select * from finance_schema.revenue",
    "explain analyze select * from finance_schema.revenue",
    "explain verbose select * from finance_schema.revenue",
    "insert into finance_schema.revenue values (1, 'x', 1)",
    "update finance_schema.revenue set salesamt = 0",
    "delete from finance_schema.revenue",
    "truncate finance_schema.revenue",
    "drop table finance_schema.revenue",
    "alter table finance_schema.revenue add column x int",
    "alter table finance_schema.revenue rename to mine",
    "alter table finance_schema.revenue owner to \"awsidc:ethan\"",
    "create table public.stolen as select * from finance_schema.revenue",
    "create table public.stolen as with r as (select * from finance_schema.revenue) select * from r",
    "create table public.stolen (like finance_schema.revenue)",
    "select * into public.stolen from finance_schema.revenue",
    "insert into public.ethan_own select customer from finance_schema.revenue",
    "insert into public.ethan_own values ((select max(customer) from finance_schema.revenue))",
    "insert into public.ethan_own with r as (select customer from finance_schema.revenue) select * from r",
    "update public.ethan_own set v = (select max(customer) from finance_schema.revenue)",
    "update public.ethan_own set v = r.customer from finance_schema.revenue r",
    "update public.ethan_own set v = 'x' where v in (select customer from finance_schema.revenue)",
    "delete from public.ethan_own using finance_schema.revenue r where v = r.customer",
    "delete from public.ethan_own where v in (select customer from finance_schema.revenue)",
    "grant select on finance_schema.revenue to \"awsidc:ethan\"",
    "grant usage on schema finance_schema to \"awsidc:ethan\"",
    "grant role \"awsidc:awssso-finance\" to \"awsidc:ethan\"",
    "grant role \"awsidc:awssso-finance\" to role \"awsidc:awssso-sales\"",
    "set session authorization awsuser",
    "set session authorization \"awsidc:fiona\"",
    "alter user \"awsidc:ethan\" createuser",
    "create user mallory password 'Passw0rd.ok' createuser",
    "alter schema finance_schema owner to \"awsidc:ethan\"",
    "drop schema finance_schema cascade",
    "drop role \"awsidc:awssso-finance\" force",
    "alter identity provider \"redshift-idc-app\" namespace 'x'",
    "create view public.v as select * from finance_schema.revenue",
    "select 1; select * from finance_schema.revenue",
    "select 'x' /* ; */ ; ; select * from finance_schema.revenue; select 1",
    "begin; select * from finance_schema.revenue; commit",
    "select $$;$$; select * from finance_schema.revenue",
    "select $a$ $$ $a$, $$'$$; select max(customer) from finance_schema.revenue",
    "select 'a\\'; select * from finance_schema.revenue; --",
    "select 'a\\\\'; select * from finance_schema.revenue; --'",
    "select E'a\\\\'; select * from finance_schema.revenue; --'",
    "select * from finance_schema.revenue where 'a' = 'a' or 1/0 = 1",
    "select customer::int from finance_schema.revenue",
    "select has_table_privilege('finance_schema.revenue', 'select'), (select count(*) from finance_schema.revenue)",
]

# Refused by syntax or name for everybody, whoever asks.
FORMS = [
    "select * from \"a\0b\"",
    "select * from \"\"",
    "select * from \"" + "x" * 2000 + "\"",
    "select * from a.b.c.d.e",
    "select * from sales_schema.\"store_sales\"\"; drop table x; --\"",
    "select * from sales_schema.store_sales; drop",
    "select '",
    "select $$",
    "select /*",
    "select \"",
    "select * from sales_schema.store_sales where",
    "select $1",
    "select ?",
    "select :x",
    "select @x",
    "select * from @stage",
    "select #1",
    "select 1 from sales_schema.store_sales t(a, b, c, d, e)",
    "select nothing.id from sales_schema.store_sales",
    "select sales_schema.store_sales.nothing from sales_schema.store_sales",
    "\\copy x from y",
]


@pytest.fixture(scope="module")
def sessions(server):
    """ethan (by his token) and the administrator, each on one connection; and a table that ethan owns."""
    ethan, administrator = Wire(server).login(token=token(server, "ethan")), enter(server)
    assert ethan.query("create table public.ethan_own (v varchar(50)); insert into public.ethan_own values ('mine')").error is None
    yield {"ethan": ethan, "administrator": administrator}
    assert ethan.query("select v from public.ethan_own").rows == [("mine",)]
    ethan.query("drop table public.ethan_own")
    ethan.close()
    administrator.close()


def ask(wire, statement, extended):
    """One statement, by either protocol; afterwards the connection is idle again."""
    answer = wire.extended(statement) if extended else wire.query(statement)
    if answer.status != "I":
        assert wire.query("rollback").status == "I"
    return answer


def refused(answer, statement=""):
    """Refused, and not a word of the engine or of the data in it, but for what the statement itself said."""
    error = answer.error
    assert error is not None, answer
    assert error["C"] in REFUSED, error
    told = " ".join(error.values())
    for word in sorted(re.findall(r"[\w/.]+|\w+", statement) + re.findall(r"\w+", statement), key=len, reverse=True):
        told = told.replace(word, "…")
    assert not INTERNALS.search(told.replace("internal error, reference", "")), error
    assert not SECRET.search(told), error
    assert not SECRET.search(str(answer.rows)), answer
    return error


@pytest.mark.parametrize("extended", [False, True], ids=["simple", "extended"])
@pytest.mark.parametrize("who", ["ethan", "administrator"])
@pytest.mark.parametrize("statement", FILES + ENGINE + FORMS, ids=lambda text: repr(text)[:60])
def test_nobody_reaches_the_engine_or_the_machine(sessions, who, statement, extended):
    refused(ask(sessions[who], statement, extended), statement)


@pytest.mark.parametrize("extended", [False, True], ids=["simple", "extended"])
@pytest.mark.parametrize("statement", REVENUE, ids=lambda text: repr(text)[:70])
def test_ethan_never_reads_revenue(sessions, statement, extended):
    refused(ask(sessions["ethan"], statement, extended), statement)


def test_after_all_that_nothing_has_changed(server, sessions):
    assert sessions["administrator"].query("select count(*), sum(salesamt) from finance_schema.revenue").rows == [("4", "398332")]
    assert sessions["administrator"].query("select count(*) from sales_schema.store_sales").rows == [("4",)]
    assert sessions["ethan"].query("select count(*) from sales_schema.store_sales").rows == [("4",)]
    made = "select table_name from svv_tables where table_schema = 'public' and table_name <> 'ethan_own'"
    assert sessions["administrator"].query(made).rows == []
    assert sessions["administrator"].query("select usename from pg_user where usename = 'mallory'").rows == []
    privileges = "select identity_name from svv_relation_privileges where relation_name = 'revenue' order by 1"
    assert sessions["administrator"].query(privileges).rows == [("awsidc:awssso-finance",)]


@pytest.mark.parametrize("name,expected", [
    ('"sales_schema"."store_sales"', 4), ("SALES_SCHEMA.STORE_SALES", 4), ("sales_schema . store_sales", 4),
    ("sales_schema/* a /* nested */ comment */.store_sales", 4), ("dev.sales_schema.store_sales", 4),
])
def test_other_spellings_of_what_is_allowed(sessions, name, expected):
    assert ask(sessions["ethan"], f"select count(*) from {name}", False).rows == [(str(expected),)]


@pytest.mark.parametrize("statement,rows", [
    ("with revenue as (select 1 as a) select * from revenue", [("1",)]),
    ("with finance_schema as (select 'no schema' as customer) select customer from finance_schema", [("no schema",)]),
    ("select 'select * from finance_schema.revenue'", [("select * from finance_schema.revenue",)]),
    ("select 'a\\'; select * from finance_schema.revenue; --'", [("a'; select * from finance_schema.revenue; --",)]),
    ("select E'a\\'; select * from finance_schema.revenue; --'", [("a'; select * from finance_schema.revenue; --",)]),
    ("select 1 /* ; select * from finance_schema.revenue */ -- ; select 2", [("1",)]),
    ("select 'a' as \"read_text('/etc/passwd')\"", [("a",)]),
    ("select \"x\"\"y\" from (select 1 as \"x\"\"y\") t", [("1",)]),
])
def test_what_only_looks_like_an_escape_is_answered(sessions, statement, rows):
    answer = ask(sessions["ethan"], statement, False)
    assert answer.rows == rows, answer


def test_a_subquery_cannot_name_what_its_reader_may_not_see(server, sessions):
    """A table made and granted for one role is invisible to others in every view of the catalog that they may read."""
    seen = sessions["ethan"].query("select relation_name, identity_name from svv_relation_privileges").rows
    assert all(identity != "awsidc:awssso-finance" for _, identity in seen), seen


def test_the_search_path_opens_nothing(sessions):
    ethan = sessions["ethan"]
    for path in ("finance_schema", "main", "gatehouse", "__gatehouse", "information_schema", "temp", "pg_catalog, finance_schema"):
        ethan.query(f"set search_path to {path}")
        refused(ask(ethan, "select * from revenue", False))
        refused(ask(ethan, "select * from catalog", False))
        refused(ask(ethan, "select * from tables", False))
    ethan.query("reset search_path")


@pytest.mark.parametrize("extended", [False, True], ids=["simple", "extended"])
@pytest.mark.parametrize("statement", [
    "with recursive r(s, i) as (select repeat('a', 60000), 0 union all select s || s, i + 1 from r where i < 12) select max(length(s)) from r",
    "with recursive r(s, i) as (select repeat('a', 1000000), 0 union all select s || s, i + 1 from r where i < 12) select max(length(s)) from r",
    "select length(replace(repeat('a', 60000), 'a', repeat('b', 60000)))",
    "select length(regexp_replace(repeat('a', 60000), 'a', 'bbbbbbbbbb'))",
    "select length(lpad('x', 2147483647, 'y'))",
    "select length(rpad('x', 2147483647))",
    "select length(repeat('x', 2147483647))",
    "select length(translate(repeat('a', 60000), 'a', 'é'))",
    "select length(quote_literal(repeat('''', 60000)))",
    "select length(concat(repeat('a', 60000), repeat('b', 60000)))",
    "select length(listagg(repeat('a', 60000))) from sales_schema.store_sales",
    f"select length('{'x' * 65536}')",
], ids=lambda text: repr(text)[:60])
def test_a_text_longer_than_redshifts_longest_is_never_built(sessions, statement, extended):
    """The engine doesn't count it against its memory."""
    started = time.monotonic()
    answer = ask(sessions["ethan"], statement, extended)
    told = {"C": "22001", "M": "value too long for type character varying(65535)"}
    assert answer.error is not None and told.items() <= answer.error.items(), answer
    assert time.monotonic() - started < 5


def test_a_text_as_long_as_redshifts_longest_is_answered(sessions):
    statement = "select length(repeat('a', 65534) || 'x'), region || '-' as k, length(k || k) from (select lower('R') as region) t where k > 'a'"
    assert ask(sessions["ethan"], statement, False).rows == [("65535", "r-", "4")]


def test_a_user_name_is_no_way_in(server):
    """Names with quotes, dots and other people's prefixes are names, nothing else."""
    for name in ('x"; drop table y; --', "awsidc:ethan2", "a'b", "__gatehouse", "awsuser "):
        quoted = '"' + name.replace('"', '""') + '"'
        with enter(server) as wire:
            answer = wire.query(f"create user {quoted} password 'Passw0rd.ok'")
            if answer.error is None:
                assert (name,) in wire.query("select usename from pg_user").rows
                assert wire.query(f"drop user {quoted}").error is None
            else:
                refused(answer)
    assert admin(server, "select count(*) from sales_schema.store_sales") == ["4"]


def test_column_names_are_never_engine_text(sessions):
    administrator = sessions["administrator"]
    nasty = 'a"; drop table finance_schema.revenue; --'
    quoted = '"' + nasty.replace('"', '""') + '"'
    assert ask(administrator, f"create table public.odd ({quoted} int)", False).error is None
    try:
        assert ask(administrator, f"insert into public.odd ({quoted}) values (1)", False).error is None
        answer = ask(administrator, f"select {quoted}, t.{quoted} as again from public.odd t where {quoted} = 1 order by {quoted}", False)
        assert (answer.rows, answer.columns) == ([("1", "1")], [nasty, "again"])
    finally:
        assert ask(administrator, "drop table public.odd", False).error is None
    assert ask(administrator, "select count(*) from finance_schema.revenue", False).rows == [("4",)]


@pytest.mark.parametrize("value", ["\\", "\\'", "\\'; select * from finance_schema.revenue; --", "'", "\\\\'", "a\\nb", "$$", "E'"])
def test_what_a_driver_quotes_by_itself_stays_a_text(server, sessions, value):
    """libpq and the drivers quote by what the server announces of backslashes; both sides must mean the same."""
    assert sessions["ethan"].parameters["standard_conforming_strings"] == "off"
    with pg(server) as connection:
        quoted = sql.Literal(value).as_string(connection)
        assert connection.execute(f"select {quoted} as quoted").fetchall() == [(value,)]
