"""SQL through the whole server: walkthrough 1's statements as printed, identities and grants, queries beside a real PostgreSQL."""

import datetime
import json
import subprocess
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from conftest import Server
from helpers import cli, enter, free_port, pg
from oauth import Flow
from wire import Refused, Wire

POSTGRES = Path("/usr/lib/postgresql/15/bin")

# Walkthrough 1 in its order, its lost characters repaired; a line each, as a person pastes it (several statements in some).
WALKTHROUGH = [
    """CREATE IDENTITY PROVIDER "redshift-idc-app" TYPE AWSIDC
NAMESPACE 'awsidc'
APPLICATION_ARN '{application}'
IAM_ROLE 'arn:aws:iam::123456789012:role/EspressoRedshiftRole';""",
    """ALTER IDENTITY PROVIDER "redshift-idc-app"
NAMESPACE 'awsidctest'; ALTER IDENTITY PROVIDER "redshift-idc-app"
IAM_ROLE 'arn:aws:iam::123456789012:role/administratoraccess';""",
    """ALTER IDENTITY PROVIDER "redshift-idc-app" NAMESPACE 'awsidc' IAM_ROLE default;""",
    """ALTER IDENTITY PROVIDER "redshift-idc-app" disable;""",
    """ALTER IDENTITY PROVIDER "redshift-idc-app" enable;""",
    "select * from identity_providers;",
    """create role "awsidc:awssso-sales";
create role "awsidc:awssso-finance";""",
    "create schema sales_schema;\ncreate schema finance_schema;",
    """CREATE TABLE IF NOT EXISTS finance_schema.revenue
(
account INTEGER   ENCODE az64
,customer VARCHAR(20)   ENCODE lzo
,salesamt NUMERIC(18,0)   ENCODE az64
)
DISTSTYLE AUTO
; insert into finance_schema.revenue values (10001, 'ABC Company', 12000);
insert into finance_schema.revenue values (10002, 'Tech Logistics', 175400);
insert into finance_schema.revenue values (10003, 'XYZ Industry', 24355);
insert into finance_schema.revenue values (10004, 'The tax experts', 186577); CREATE TABLE IF NOT EXISTS sales_schema.store_sales
(
ID INTEGER   ENCODE az64,
Product varchar(20),
Sales_Amount INTEGER   ENCODE az64
)
DISTSTYLE AUTO
;
Insert into sales_schema.store_sales values (1,'product1',1000);
Insert into sales_schema.store_sales values (2,'product2',2000);
Insert into sales_schema.store_sales values (3,'product3',3000);
Insert into sales_schema.store_sales values (4,'product4',4000);""",
    """grant usage on schema sales_schema to role "awsidc:awssso-sales";
grant select on all tables in schema sales_schema to role "awsidc:awssso-sales"; grant usage on schema finance_schema to role "awsidc:awssso-finance";
grant select on all tables in schema finance_schema to role "awsidc:awssso-finance";""",
]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server whose warehouse is emptied, to be filled by hand as the walkthrough does."""
    server = Server(tmp_path_factory.mktemp("bare") / "data").start()
    with pg(server) as connection:
        connection.execute('drop identity provider "redshift-idc-app" cascade')
        connection.execute("drop schema sales_schema cascade")
        connection.execute("drop schema finance_schema cascade")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def by_hand(bare):
    """The walkthrough's statements, run as they are printed; each must succeed. The roles that they name are there."""
    trust = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    cli(bare, "iam", "create-role", "--role-name", "administratoraccess", "--assume-role-policy-document", document)
    cli(bare, "iam", "attach-role-policy", "--role-name", "administratoraccess",
        "--policy-arn", "arn:aws:iam::aws:policy/AdministratorAccess")
    role = "arn:aws:iam::123456789012:role/EspressoRedshiftRole"
    (cluster,) = cli(bare, "redshift", "describe-clusters")["Clusters"]
    cli(bare, "redshift", "modify-cluster-iam-roles", "--cluster-identifier", cluster["ClusterIdentifier"],
        "--default-iam-role-arn", role)
    with enter(bare) as wire:
        for statement in WALKTHROUGH:
            answer = wire.query(statement.format(application=bare["IDC_APPLICATION_ARN"]))
            assert answer.error is None, (statement, answer.error)
            assert answer.status == "I"
    return bare


@pytest.fixture
def sql(server):
    with pg(server) as connection:
        yield connection


@pytest.fixture(scope="module")
def shop(server):
    """A small schema to ask questions of, on Gatehouse."""
    with pg(server) as connection:
        connection.execute("create schema shop")
        fill(connection)
        connection.execute("set search_path to shop")
        yield connection
        connection.execute("drop schema shop cascade")


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """The same schema in a real PostgreSQL 15."""
    folder = tmp_path_factory.mktemp("postgres")
    for place in [folder, *folder.parents][:3]:
        place.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    subprocess.run(["chown", "postgres", data], check=True)
    port = free_port()

    def run(*command):
        subprocess.run(["runuser", "-u", "postgres", "--", *map(str, command)], check=True, capture_output=True, cwd="/", timeout=60)

    run(POSTGRES / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync", "--locale=C", "-E", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
    run(POSTGRES / "pg_ctl", "-D", data, "-o", options, "-l", data / "log", "-w", "start")
    try:
        with psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute("create schema shop")
            fill(connection)
            connection.execute("set search_path to shop; set timezone to 'UTC'")
            yield connection
    finally:
        run(POSTGRES / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def fill(connection):
    connection.execute("create table shop.customer (id int not null, name varchar(40), city varchar(40), since date, vip boolean)")
    connection.execute("create table shop.purchase (id int, customer_id int, amount numeric(10,2), at timestamp, item varchar(40), pieces smallint)")
    connection.execute("""insert into shop.customer values
        (1, 'Ada', 'London', '2020-01-31', true), (2, 'Bob', 'Paris', '2021-06-15', false), (3, 'Cy', null, '2022-12-31', null),
        (4, 'Dora', 'London', null, false), (5, 'élan', 'Ørsted', '2024-02-29', true)""")
    connection.execute("""insert into shop.purchase values
        (1, 1, 10.50, '2024-01-01 10:00:00', 'pen', 1), (2, 1, 99.99, '2024-01-02 11:30:00', 'bag', 2),
        (3, 2, 5.00, '2024-01-02 12:00:00', 'pen', 10), (4, 2, null, '2024-02-29 23:59:59.5', 'ink', 3),
        (5, 3, 1000.00, '2024-03-01 00:00:00', 'desk', 1), (6, null, 7.25, '2024-03-15 08:15:30', 'ink', 7),
        (7, 1, -3.10, '2024-12-31 23:00:00', 'pen', null)""")


# The same rows on Gatehouse and on PostgreSQL 15. Where Redshift itself differs from PostgreSQL there is a note and no query:
# avg of whole numbers is whole and avg of decimals keeps their scale (DIFFERENT below); "Id" is folded to id; extract's column
# is called date_part, as in PostgreSQL 8; char comparison ignores trailing blanks; `^` and grouping() are refused by name.
PORTABLE = [
    "select 1 + 2 * 3, 7 / 2, -7 / 2, 7 % 3, -7 % 3, 2.5 * 2, 1.0 / 3",
    "select 5::numeric(6,2) / 2, 0.1 + 0.2, 1e2",
    "select 'a' || 'b', 'it''s', length('élan'), upper('abc'), lower('ABC'), char_length('')",
    "select substring('Gatehouse' from 1 for 4), substring('Gatehouse', 5), position('house' in 'Gatehouse'), strpos('abc', 'c')",
    "select trim('  x '), ltrim('xxa', 'x'), rtrim('axx', 'x'), lpad('7', 3, '0'), rpad('7', 3, '.'), replace('aXbX', 'X', '-')",
    "select left('abcdef', 2), right('abcdef', 2), reverse('abc'), repeat('ab', 3), split_part('a,b,c', ',', 2), initcap('hello world')",
    "select abs(-5), ceil(1.2), floor(-1.2), round(2.567, 2), trunc(2.567, 1), mod(10, 3), sign(-3), power(2, 10), sqrt(16.0)",
    "select coalesce(null, null, 3), nullif(1, 1), nullif(1, 2), greatest(1, 5, 3), least(4, 2, 8)",
    "select true and null, false and null, true or null, not null::boolean, null = null, null is null, 1 is not null",
    "select 1 = 1.0, 'a' < 'b', 2 between 1 and 3, 5 not between 1 and 3, 3 in (1, 2, 3), 3 not in (1, 2)",
    "select 'abc' like 'a%', 'abc' like '_b_', 'abc' not like '%z%', 'ABC' ilike 'abc', 'a%c' like 'a\\%c'",
    "select 'abc' ~ '^a', 'abc' !~ 'z', 'ABC' ~* 'b'",
    "select case when 1 > 2 then 'a' when 2 > 1 then 'b' else 'c' end, case 3 when 3 then 'three' end, case 4 when 3 then 'x' end",
    "select cast('12' as int), '3.7'::numeric(4,1), 12::varchar, '2024-01-31'::date, 't'::boolean, 1::boolean",
    "select 1.5::int, 2.5::int, -1.5::int, 0.4::int",
    "select date '2024-03-01' - date '2024-02-01', date '2024-01-31' + 1, date_trunc('month', timestamp '2024-02-29 10:11:12')",
    "select extract(year from date '2024-02-29'), extract(dow from date '2024-02-29'), extract(epoch from timestamp '1970-01-02 00:00:00')",
    "select date_part('month', timestamp '2024-02-29 10:11:12'), date_part('hour', timestamp '2024-02-29 10:11:12')",
    "select timestamp '2024-01-31 00:00:00' + interval '1 month', timestamp '2024-01-01' - interval '1 day', date '2024-01-01' + interval '1 hour'",
    "select to_char(date '2024-02-29', 'YYYY-MM-DD'), to_char(timestamp '2024-02-29 13:05:09', 'HH24:MI:SS')",
    "select to_date('29.02.2024', 'DD.MM.YYYY')",
    "select md5('abc'), ascii('A'), chr(65), translate('abc', 'ab', 'xy')",
    "select * from customer order by id",
    "select name, city from customer where vip order by name",
    "select name from customer where city is null",
    "select distinct city from customer order by city nulls last",
    "select city, count(*) from customer group by city order by city nulls last",
    "select city, count(*) as c from customer group by 1 having count(*) > 1 order by 1",
    "select count(*), count(city), count(distinct city), min(since), max(since) from customer",
    "select sum(amount), min(amount), max(amount) from purchase",
    "select sum(pieces), min(pieces), max(pieces) from purchase",
    "select stddev(amount), variance(amount), stddev_pop(amount) from purchase where amount is not null",
    "select bool_and(vip), bool_or(vip) from customer",
    "select count(*) from purchase where amount > (select avg(amount) from purchase)",
    "select c.name, p.item, p.amount from customer c join purchase p on p.customer_id = c.id order by p.id",
    "select c.name, count(p.id), sum(p.amount) from customer c left join purchase p on p.customer_id = c.id group by c.name order by c.name",
    "select c.name, p.id from customer c right join purchase p on p.customer_id = c.id order by p.id",
    "select c.id, p.id from customer c full outer join purchase p on p.customer_id = c.id order by c.id nulls last, p.id nulls last",
    "select a.id, b.id from customer a cross join customer b where a.id < b.id order by 1, 2",
    "select a.name, b.name from customer a join customer b on a.city = b.city and a.id <> b.id order by 1, 2",
    "select name from customer join (select customer_id as id from purchase) p using (id) order by name",
    "select name from customer c where exists (select 1 from purchase p where p.customer_id = c.id and p.amount > 50) order by name",
    "select name from customer c where not exists (select 1 from purchase p where p.customer_id = c.id) order by name",
    "select name from customer where id in (select customer_id from purchase where item = 'pen') order by name",
    "select name, (select max(amount) from purchase p where p.customer_id = c.id) as most from customer c order by id",
    "select item, total from (select item, sum(amount) as total from purchase group by item) t where total > 5 order by item",
    "with big as (select * from purchase where amount > 9), names as (select id, name from customer) "
    "select n.name, b.amount from big b join names n on n.id = b.customer_id order by b.id",
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select i from n order by i",
    "select id from customer union select customer_id from purchase order by 1 nulls last",
    "select city from customer union all select item from purchase order by 1 nulls last",
    "select id from customer intersect select customer_id from purchase order by 1",
    "select id from customer except select customer_id from purchase order by 1",
    "select 1 as a, 'x' as b union all select 2, 'y' order by a desc",
    "select id, row_number() over (order by amount nulls last, id) from purchase order by id",
    "select id, rank() over (partition by customer_id order by at), dense_rank() over (order by item) from purchase order by id",
    "select id, sum(amount) over (partition by customer_id order by id rows between unbounded preceding and current row) from purchase order by id",
    "select id, lag(id) over (order by id), lead(id, 2) over (order by id), lag(id, 1, -1) over (order by id) from purchase order by id",
    "select id, first_value(item) over (partition by customer_id order by id rows between unbounded preceding and unbounded following) from purchase order by id",
    "select id, ntile(3) over (order by id), percent_rank() over (order by id), cume_dist() over (order by id) from purchase order by id",
    "select id, count(*) over (), max(amount) over (partition by item) from purchase order by id",
    "select item, sum(pieces) from purchase group by rollup(item) order by 1 nulls last",
    "select customer_id, item, count(*) from purchase group by grouping sets ((customer_id), (item)) order by 1 nulls last, 2 nulls last",
    "select * from (values (1, 'a'), (2, 'b')) as t(n, s) order by n desc",
    "select id from purchase order by amount desc nulls last, id limit 3 offset 1",
    "select id from purchase where at >= '2024-02-01' and at < '2024-04-01' order by id",
    "select date_trunc('month', at), count(*) from purchase group by 1 order by 1",
    "select distinct item, pieces is null from purchase order by 1, 2",
    "select name || ' from ' || city from customer order by id",
    "select sum(case when vip then 1 else 0 end), count(case when not vip then 1 end) from customer",
    "select max(length(name)), min(upper(name)) from customer",
    "select id from customer where (city, vip) in (select 'London', true)",
    "select count(*) from customer a, customer b, customer c where a.id = b.id and b.id = c.id",
    "select null::int, null::varchar, null::date, null::numeric(5,2)",
    "select id as \"my id\", name \"select\" from customer where \"id\" = 1",
    "select 1 -- the rest is a comment\n  + 1 /* and /* nested */ too */ as two",
]


@pytest.mark.parametrize("query", PORTABLE)
def test_the_same_rows_as_postgresql(shop, postgres, query):
    assert plain(shop.execute(query).fetchall()) == plain(postgres.execute(query).fetchall())


@pytest.mark.parametrize("query", PORTABLE)
def test_the_same_column_names_as_postgresql(shop, postgres, query):
    ours, theirs = ([column.name for column in connection.execute(query).description] for connection in (shop, postgres))
    assert ours == ["date_part" if name == "extract" else name for name in theirs]


def plain(rows):
    """Numbers as numbers, whichever type carries them; PostgreSQL and Redshift choose other widths and scales."""
    def number(cell):
        return round(float(cell), 4) if isinstance(cell, (int, float, Decimal)) and not isinstance(cell, bool) else cell

    return [tuple(number(cell) for cell in row) for row in rows]


# Redshift's own, which PostgreSQL doesn't have or answers differently.
DIFFERENT = [
    ("select avg(id) from customer", [(3,)]),
    ("select avg(pieces), avg(amount) from purchase", [(4, Decimal("186.61"))]),
    ("select nvl(null, 'x'), nvl2(null, 'a', 'b'), decode(2, 1, 'one', 2, 'two', 'many'), decode(null, null, 'same')",
     [("x", "b", "two", "same")]),
    ("select len('abc'), charindex('b', 'abc'), dateadd(month, 1, date '2024-01-31')::date, datediff(day, '2024-01-01'::date, '2024-03-01'::date)",
     [(3, 2, datetime.date(2024, 2, 29), 60)]),
    ("select listagg(name, ', ') within group (order by name desc) from customer where id < 4", [("Cy, Bob, Ada",)]),
    ("select median(amount) from purchase where id in (1, 2, 3)", [(Decimal("10.5"),)]),
    ("select top 2 id from customer order by id desc", [(5,), (4,)]),
    ("select id from customer minus select customer_id from purchase order by 1", [(4,), (5,)]),
    ("select id, row_number() over (partition by city order by id) as n from customer where city = 'London' qualify n = 2", [(4, 2)]),
    ("select trunc(timestamp '2024-02-29 10:00:00'), last_day(date '2024-02-01')",
     [(datetime.date(2024, 2, 29),) * 2]),
    ("select amount as a, a * 2 as doubled from purchase where id = 1", [(Decimal("10.50"), Decimal("21.00"))]),
    ("select getdate() is not null, sysdate is not null, current_date = getdate()::date", [(True, True, True)]),
]


@pytest.mark.parametrize("query,rows", DIFFERENT)
def test_what_redshift_has_of_its_own(shop, query, rows):
    assert shop.execute(query).fetchall() == rows


def test_changes_of_rows(sql):
    sql.execute("create schema change_it")
    try:
        sql.execute("create table change_it.a (id int, v varchar(20) default 'none', n numeric(8,2))")
        sql.execute("create table change_it.b (id int, v varchar(20))")
        assert sql.execute("insert into change_it.a (id, n) values (1, 1.5), (2, 2.5), (3, 3.5)").statusmessage == "INSERT 0 3"
        assert sql.execute("insert into change_it.b values (1, 'one'), (3, 'three')").rowcount == 2
        assert sql.execute("select * from change_it.a where id = 1").fetchall() == [(1, "none", Decimal("1.50"))]
        assert sql.execute("update change_it.a set v = upper(b.v), n = n + 1 from change_it.b b where a.id = b.id").statusmessage == "UPDATE 2"
        assert sql.execute("select id, v, n from change_it.a order by id").fetchall() == [
            (1, "ONE", Decimal("2.50")), (2, "none", Decimal("2.50")), (3, "THREE", Decimal("4.50"))
        ]
        assert sql.execute("update change_it.a set v = default where id = 1").rowcount == 1
        assert sql.execute("insert into change_it.b select id + 10, v from change_it.a where n > 2.5").rowcount == 1
        assert sql.execute("delete from change_it.a using change_it.b where a.id = b.id and b.v = 'three'").statusmessage == "DELETE 1"
        assert sql.execute("select id, v from change_it.a order by id").fetchall() == [(1, "none"), (2, "none")]
        assert sql.execute("delete from change_it.a").rowcount == 2
        assert sql.execute("insert into change_it.a default values").rowcount == 1
        assert sql.execute("select id, v from change_it.a").fetchall() == [(None, "none")]
        assert sql.execute("truncate change_it.b").statusmessage == "TRUNCATE TABLE"
        assert sql.execute("select count(*) from change_it.b").fetchone() == (0,)
        sql.execute("create table change_it.c as select id, v || '!' as loud from change_it.a")
        assert sql.execute("select loud from change_it.c").fetchall() == [("none!",)]
        with pytest.raises(psycopg.errors.NotNullViolation):
            sql.execute("create table change_it.d (i int not null); insert into change_it.d values (null)")
        with pytest.raises(psycopg.errors.StringDataRightTruncation):
            sql.execute("insert into change_it.b values (1, 'much too long for twenty characters')")
    finally:
        sql.execute("drop schema change_it cascade")


def test_tables_change_their_shape(sql):
    sql.execute("create schema shape_it")
    try:
        sql.execute("create table shape_it.t (a int primary key, b varchar(10) encode zstd) diststyle key distkey (a) sortkey (a)")
        sql.execute("insert into shape_it.t values (1, 'x')")
        sql.execute("alter table shape_it.t add column c int default 7")
        sql.execute("alter table shape_it.t rename column b to bb")
        sql.execute("alter table shape_it.t rename to u")
        assert sql.execute("select * from shape_it.u").fetchall() == [(1, "x", 7)]
        assert [c.name for c in sql.execute("select * from shape_it.u").description] == ["a", "bb", "c"]
        sql.execute("alter table shape_it.u drop column c")
        assert sql.execute("select column_name, data_type from svv_columns where table_schema = 'shape_it' order by ordinal_position").fetchall() == [
            ("a", "integer"), ("bb", "character varying")
        ]
        sql.execute("drop table shape_it.u")
        assert sql.execute("drop table if exists shape_it.u").statusmessage == "DROP TABLE"
        with pytest.raises(psycopg.errors.UndefinedTable):
            sql.execute("drop table shape_it.u")
    finally:
        sql.execute("drop schema shape_it cascade")


# -- walkthrough 1 by hand -------------------------------------------------------------------------------------------------


def test_the_walkthrough_as_printed(by_hand):
    with enter(by_hand) as wire:
        provider = wire.query("select name, type, namespc, enabled from identity_providers")
        assert provider.rows == [("redshift-idc-app", "awsidc", "awsidc", "t")]
        assert wire.query("select * from svv_identity_providers").columns == ["uid", "name", "type", "instanceid", "namespc", "params", "enabled"]
        assert wire.query("desc identity provider \"redshift-idc-app\"").rows[0][1] == "redshift-idc-app"
        assert wire.query("select sum(salesamt) from finance_schema.revenue").rows == [("398332",)]
        assert wire.query("select product from sales_schema.store_sales order by id").rows == [(f"product{n}",) for n in range(1, 5)]
        assert sorted(wire.query("select role_name from svv_roles").rows) == [("awsidc:awssso-finance",), ("awsidc:awssso-sales",)]
    assert read_as(by_hand, "ethan", "select count(*) from sales_schema.store_sales").rows == [("4",)]
    denied = read_as(by_hand, "ethan", "select * from finance_schema.revenue").error
    assert (denied["C"], denied["M"]) == ("42501", "permission denied for schema finance_schema")
    assert read_as(by_hand, "fiona", "select count(*) from finance_schema.revenue").rows == [("4",)]
    for schema in ("sales_schema.store_sales", "finance_schema.revenue"):
        assert read_as(by_hand, "olivia", f"select count(*) from {schema}").rows == [("4",)]


def read_as(server, who, statement):
    with sign_in(server, who) as wire:
        return wire.query(statement)


def sign_in(server, who):
    return Wire(server).login(token=Flow(server).tokens(who)["accessToken"])


def test_the_printed_mistakes_are_told(by_hand):
    with enter(by_hand) as wire:
        wrong = wire.query('create role "wrong:awssso-sales"').error
        assert wrong["M"] == 'registered identity provider does not exist for "wrong:awssso-sales"'
        assert wire.query("create role \"awsidc:awssso-sales;").error["C"] == "42601"
        assert wire.query("CREATE GROUP redshift-dbgroup;").error["C"] == "42601"
        several = wire.query("insert into finance_schema.revenue values (1, 'x', 2, 3)").error
        assert "INSERT has more expressions than target columns" in several["M"]
        assert wire.query("commit").notices[0]["M"] == "there is no transaction in progress"


def test_a_disabled_provider_lets_nobody_in(by_hand):
    token = Flow(by_hand).tokens("ethan")["accessToken"]
    with enter(by_hand) as wire, Wire(by_hand).login(token=token) as already_in:
        assert wire.query('alter identity provider "redshift-idc-app" disable').error is None
        try:
            assert wire.query("select enabled from identity_providers").rows == [("f",)]
            with pytest.raises(Refused) as refused:
                Wire(by_hand).login(token=token)
            assert refused.value.error["C"] == "28000"
            assert refused.value.error["M"] == 'identity provider "redshift-idc-app" is disabled'
            assert "ENABLE" in refused.value.error["H"]
            # roles and grants stay (sql.md 1.2), but while it is disabled they are nobody's
            assert ("awsidc:awssso-sales",) in wire.query("select role_name from svv_roles").rows
            assert already_in.query("select count(*) from sales_schema.store_sales").error["C"] == "42501"
        finally:
            assert wire.query('alter identity provider "redshift-idc-app" enable').error is None
        assert already_in.query("select count(*) from sales_schema.store_sales").rows == [("4",)]
    with Wire(by_hand).login(token=token) as again:
        assert again.query("select count(*) from sales_schema.store_sales").rows == [("4",)]


def test_a_new_namespace_renames_users_and_roles(by_hand):
    with enter(by_hand) as wire, sign_in(by_hand, "ethan") as ethan:
        assert wire.query("alter identity provider \"redshift-idc-app\" namespace 'other'").error is None
        try:
            assert ("other:awssso-sales",) in wire.query("select role_name from svv_roles").rows
            assert ("other:ethan",) in wire.query("select usename from pg_user").rows
            # the grants went with the roles, and the session with its person
            assert ethan.query("select count(*) from sales_schema.store_sales").rows == [("4",)]
            assert ethan.query("select current_user").rows == [("other:ethan",)]
            missing = wire.query('create role "awsidc:late"').error
            assert missing["M"] == 'registered identity provider does not exist for "awsidc:late"'
            assert wire.query("alter identity provider \"redshift-idc-app\" namespace 'sys'").error is not None
        finally:
            assert wire.query("alter identity provider \"redshift-idc-app\" namespace 'awsidc'").error is None


def test_only_a_superuser_touches_identity_providers(by_hand):
    statements = [
        ("create identity provider p type awsidc namespace 'n' application_arn 'arn:aws:sso::1:application/a/b' iam_role default", "create"),
        ('alter identity provider "redshift-idc-app" disable', "alter"),
        ('drop identity provider "redshift-idc-app" cascade', "drop"),
    ]
    with sign_in(by_hand, "ethan") as wire:
        for statement, verb in statements:
            error = wire.query(statement).error
            assert (error["C"], error["M"]) == ("42501", f"must be superuser to {verb} identity providers")
        assert wire.query("select * from svv_identity_providers").rows == []


def test_drop_cascade_takes_users_and_roles_along(by_hand):
    with enter(by_hand) as wire, sign_in(by_hand, "ethan") as ethan:
        refused = wire.query('drop identity provider "redshift-idc-app"').error
        assert refused["C"] == "2BP01", refused
        assert wire.query('begin; drop identity provider "redshift-idc-app" cascade').error is None
        assert wire.query("select * from identity_providers").rows == []
        assert wire.query("select role_name from svv_roles").rows == []
        assert wire.query("select usename from pg_user where usename like 'awsidc:%'").rows == []
        assert wire.query("select * from svv_relation_privileges where namespace_name = 'sales_schema'").rows == []
        # not committed yet: for everybody else it is all there
        assert ethan.query("select count(*) from sales_schema.store_sales").rows == [("4",)]
        assert wire.query("rollback").error is None
        assert wire.query("select count(*) from svv_roles").rows == [("2",)]
        assert ethan.query("select count(*) from sales_schema.store_sales").rows == [("4",)]


# -- identities and grants ---------------------------------------------------------------------------------------------------


@pytest.fixture
def people(sql, server):
    """Database users and a schema, gone afterwards."""
    sql.execute("create schema club")
    sql.execute("create table club.lounge (i int); create table club.closed (i int)")
    sql.execute("insert into club.lounge values (1); insert into club.closed values (2)")
    connections = {}
    for name in ("amy", "ben"):
        sql.execute(f"create user {name} password 'Passw0rd.ok'")
        connections[name] = pg(server, name, "Passw0rd.ok")
    yield connections
    for connection in connections.values():
        connection.close()
    sql.execute("drop schema club cascade")
    for name in connections:
        sql.execute(f"drop user {name}")


def may(connection, statement):
    """Whether it is allowed; that, and nothing else, may be in the way."""
    try:
        connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


def test_schema_and_table_are_both_needed(sql, people):
    amy = people["amy"]
    read = "select * from club.lounge"
    assert not may(amy, read)
    sql.execute("grant select on club.lounge to amy")
    assert not may(amy, read)
    sql.execute("grant usage on schema club to amy")
    assert may(amy, read)
    assert not may(amy, "select * from club.closed")
    assert not may(amy, "insert into club.lounge values (1)")
    sql.execute("revoke select on club.lounge from amy")
    assert not may(amy, read)
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as denied:
        amy.execute(read)
    assert denied.value.diag.message_primary == "permission denied for relation lounge"
    assert "GRANT SELECT ON TABLE club.lounge TO amy" in denied.value.diag.message_hint


def test_groups_and_public(sql, people):
    amy, ben = people["amy"], people["ben"]
    sql.execute("grant usage on schema club to public")
    sql.execute("create group readers with user amy")
    try:
        sql.execute("grant select on club.lounge to group readers")
        assert may(amy, "select * from club.lounge") and not may(ben, "select * from club.lounge")
        sql.execute("alter group readers add user ben; alter group readers drop user amy")
        assert may(ben, "select * from club.lounge") and not may(amy, "select * from club.lounge")
        with pytest.raises(psycopg.Error):
            sql.execute("drop group readers")
        sql.execute("grant select on club.lounge to public; revoke select on club.lounge from group readers")
        assert may(amy, "select * from club.lounge") and may(ben, "select * from club.lounge")
    finally:
        sql.execute("drop group readers")


def test_roles_inherit(sql, people):
    amy, ben = people["amy"], people["ben"]
    read = "select * from club.closed"
    sql.execute("create role reader; create role analyst; create role boss")
    try:
        sql.execute("grant usage on schema club to role reader; grant select on all tables in schema club to role reader")
        sql.execute("grant role reader to role analyst; grant role analyst to role boss; grant role boss to amy")
        assert may(amy, read) and not may(ben, read)
        assert sql.execute("select role_name, granted_role_name from svv_role_grants order by 1").fetchall() == [
            ("analyst", "reader"), ("boss", "analyst")
        ]
        with pytest.raises(psycopg.Error) as circle:
            sql.execute("grant role boss to role reader")
        assert "circular dependency" in circle.value.diag.message_primary
        sql.execute("revoke role reader from role analyst")
        assert not may(amy, read)
        sql.execute("grant role reader to ben")
        assert may(ben, read)
        with pytest.raises(psycopg.Error) as granted:
            sql.execute("drop role reader")
        assert "cannot drop this role since it has been granted on a user" in granted.value.diag.message_primary
        sql.execute("drop role reader force")
        assert not may(ben, read)
    finally:
        sql.execute("drop role boss force; drop role analyst force")


def test_the_grant_option_passes_on(sql, people):
    amy, ben = people["amy"], people["ben"]
    sql.execute("grant usage on schema club to public")
    sql.execute("grant select on club.lounge to amy")
    assert not may(amy, "grant select on club.lounge to ben")
    sql.execute("grant select on club.lounge to amy with grant option")
    assert may(amy, "grant select on club.lounge to ben")
    assert may(ben, "select * from club.lounge")
    assert not may(amy, "grant insert on club.lounge to ben")


def test_owners_rule_what_they_made(sql, people):
    amy, ben = people["amy"], people["ben"]
    sql.execute("grant create, usage on schema club to amy; grant usage on schema club to ben")
    assert may(amy, "create table club.mine (i int)") and not may(ben, "create table club.his (i int)")
    assert not may(ben, "select * from club.mine") and not may(ben, "drop table club.mine")
    assert may(amy, "grant select on club.mine to ben") and may(ben, "select * from club.mine")
    with pytest.raises(psycopg.Error) as owns:
        sql.execute("drop user amy")
    assert owns.value.sqlstate == "55006"
    assert may(amy, "drop table club.mine")


def test_a_user_rules_nobody(people):
    for statement in (
        "create user eve password 'Passw0rd.ok'", "alter user ben password 'Passw0rd.no'", "alter user amy createuser", "drop user ben",
        "create group g", "create role r", "set session authorization ben", "create schema own_schema", "drop schema club cascade",
        "grant role \"awsidc:awssso-finance\" to amy", "alter table club.lounge owner to amy",
    ):
        assert not may(people["amy"], statement), statement
    assert may(people["amy"], "alter user amy password 'Passw0rd.ok'")


def test_the_administrator_can_be_somebody_else(sql, people):
    sql.execute("set session authorization amy")
    assert sql.execute("select current_user, session_user").fetchone()[0] == "amy"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sql.execute("select * from finance_schema.revenue")
    sql.execute("reset session authorization")
    assert sql.execute("select count(*) from finance_schema.revenue").fetchone() == (4,)


def test_what_is_not_carried_out_is_refused_by_name(sql):
    for statement, name in {
        "create view v as select 1": "CREATE VIEW",
        "create procedure p() as $$ begin end $$ language plpgsql": "CREATE PROCEDURE",
        "alter default privileges grant select on tables to public": "ALTER DEFAULT PRIVILEGES",
        "create rls policy p using (true)": "CREATE RLS POLICY",
        "create masking policy p using (1)": "CREATE MASKING POLICY",
        "unload ('select 1') to 's3://b'": "UNLOAD",
        "vacuum": "VACUUM",
        "merge into a using b on true when matched then delete": "MERGE",
        "declare c cursor for select 1": "DECLARE",
        "prepare x as select 1": "PREPARE",
        "create database other": "CREATE DATABASE",
        "show grants": "SHOW GRANTS",
    }.items():
        with pytest.raises(psycopg.errors.FeatureNotSupported) as refused:
            sql.execute(statement)
        assert name in refused.value.diag.message_primary
