"""The real psql: what a person types, sees, and stops with Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest
from helpers import admin, psql


def lines(server, *arguments, **options):
    done = psql(server, *arguments, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_answers_and_tags(server):
    script = """
        create schema psql_it;
        create table psql_it.t (i int, v varchar(10));
        insert into psql_it.t values (1, 'one'), (2, null);
        select * from psql_it.t order by i;
        update psql_it.t set v = 'two' where i = 2;
        delete from psql_it.t where i = 1;
        truncate psql_it.t;
        begin; insert into psql_it.t values (3, 'x'); rollback;
        select count(*) from psql_it.t;
        drop schema psql_it cascade;
    """
    assert lines(server, stdin=script) == [
        "CREATE SCHEMA", "CREATE TABLE", "INSERT 0 2", "1|one", "2|", "UPDATE 1", "DELETE 1", "TRUNCATE TABLE", "BEGIN", "INSERT 0 1",
        "ROLLBACK", "0", "DROP SCHEMA",
    ]


def test_several_statements_in_one_option_are_one_transaction(server):
    done = psql(server, "-c", "create table public.once (i int); insert into public.once values (1); select 1/0")
    assert done.returncode == 1 and "22012" in done.stderr
    assert "42P01" in psql(server, "-c", "select * from public.once").stderr
    assert lines(server, "-c", "select 1; select 2") == ["1", "2"]
    assert lines(server, "-c", "select 1;;; select 2;") == ["1", "2"]


def test_a_file_stops_at_the_first_error_when_told_to(server):
    script = "select 1;\nselect nothing;\nselect 2;\n"
    stopped = psql(server, "-v", "ON_ERROR_STOP=1", stdin=script)
    assert (stopped.returncode, stopped.stdout) == (3, "1\n")
    assert psql(server, stdin=script).stdout == "1\n2\n"


def test_errors_show_code_detail_hint_and_place(server):
    done = psql(server, "-c", "select id\nfrom sales_schema.store_sales whre id = 1")
    assert "ERROR:  42601: syntax error at or near \"id\"" in done.stderr
    assert "LINE 2: from sales_schema.store_sales whre id = 1\n                                           ^" in done.stderr
    admin(server, "create user psql_user password 'Passw0rd.ok'")
    try:
        denied = psql(server, "-c", "select * from finance_schema.revenue", user="psql_user", password="Passw0rd.ok")
        assert "ERROR:  42501: permission denied for schema finance_schema" in denied.stderr
        assert re.search(r"DETAIL:  Missing are: USAGE on schema finance_schema; SELECT on table finance_schema.revenue", denied.stderr)
        assert "HINT:" in denied.stderr and "GRANT USAGE ON SCHEMA finance_schema TO psql_user" in denied.stderr
    finally:
        admin(server, "drop user psql_user")


def test_notices_are_shown(server):
    done = psql(server, "-c", "commit")
    assert done.returncode == 0 and "WARNING:  25P01: there is no transaction in progress" in done.stderr
    done = psql(server, "-c", "drop table if exists public.nothing_here")
    assert done.returncode == 0 and "does not exist" in done.stderr


def test_variables_are_quoted_by_psql(server):
    script = "\\set v 'it''s; drop table x; -- \\\\'\nselect :'v' as v;\nselect 1 as :\"n\";\n"
    done = psql(server, "-v", "n=odd \"name\"", stdin=script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["it's; drop table x; -- \\", "1"]


def test_output_formats(server):
    query = "select id, product from sales_schema.store_sales where id < 3 order by id"
    environment_free = ["-P", "format=csv", "-c", query]
    assert lines(server, *environment_free) == ["1,product1", "2,product2"]
    expanded = psql(server, "-x", "-c", query + " limit 1").stdout
    assert "id|1" in expanded and "product|product1" in expanded


def test_connection_info_and_encryption(server):
    shown = psql(server, "-c", "\\conninfo").stdout
    assert 'database "dev"' in shown and "SSL connection (protocol: TLSv1.3" in shown
    assert lines(server, "-c", "select current_user, current_database(), current_schema()") == ["awsuser|dev|public"]


def test_a_wrong_ca_or_name_is_noticed(server, tmp_path):
    other = tmp_path / "other.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", tmp_path / "k", "-out", other,
         "-subj", "/CN=other", "-days", "1"], check=True, capture_output=True,
    )
    environment = {**os.environ, "PGPASSWORD": server["SQL_ADMIN_PASSWORD"], "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(other)}
    done = subprocess.run(
        ["psql", "-X", "-h", server["SQL_HOST"], "-p", server["SQL_PORT"], "-U", "awsuser", "-d", "dev", "-c", "select 1"],
        env=environment, capture_output=True, text=True, timeout=30,
    )
    assert done.returncode == 2 and "certificate verify failed" in done.stderr


@pytest.mark.parametrize("sslmode", ["disable", "allow", "prefer", "require"])
def test_ssl_modes(server, sslmode):
    done = psql(server, "-c", "\\conninfo", sslmode=sslmode)
    if sslmode == "disable":
        assert done.returncode == 2 and "only over an encrypted connection" in done.stderr
    else:
        assert done.returncode == 0 and "SSL connection" in done.stdout, done.stderr


def test_wrong_passwords(server):
    done = psql(server, "-c", "select 1", user="psql_nobody", password="Wrong1pass")
    assert done.returncode == 2
    assert 'FATAL:  password authentication failed for user "psql_nobody"' in done.stderr


def test_ctrl_c_stops_the_statement_and_not_the_session(server):
    """In a terminal, as a person sits before it."""
    controller, terminal = pty.openpty()
    environment = {
        **os.environ, "PGPASSWORD": server["SQL_ADMIN_PASSWORD"], "PGSSLMODE": "verify-full", "PGSSLROOTCERT": server["GATEHOUSE_CA"],
        "PAGER": "cat", "TERM": "dumb",
    }
    process = subprocess.Popen(
        ["psql", "-X", "-h", server["SQL_HOST"], "-p", server["SQL_PORT"], "-U", "awsuser", "-d", "dev", "-v", "VERBOSITY=verbose"],
        env=environment, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True,
    )
    os.close(terminal)
    seen = ""

    def until(wanted, seconds=15, prod=None):
        nonlocal seen
        deadline = time.monotonic() + seconds
        while wanted not in seen:
            assert time.monotonic() < deadline, seen
            if select.select([controller], [], [], 0.5)[0]:
                try:
                    seen += os.read(controller, 65536).decode()
                except OSError:
                    raise AssertionError(f"psql has ended with {process.wait()}: {seen}") from None
            elif prod:
                # said nothing for half a second: the statement runs
                prod()

    until("dev=#")
    seen = ""
    tables = ", ".join(f"sales_schema.store_sales {alias}" for alias in "abcdefghijklmnopq")
    os.write(controller, f"select count(*) from {tables};\n".encode())
    until(";")
    until("ERROR:  57014", prod=lambda: process.send_signal(signal.SIGINT))
    assert "Query cancelled on user's request" in seen
    seen = ""
    os.write(controller, b"select 'still ' || 'here';\n")
    until("still here")
    os.write(controller, b"\\q\n")
    assert process.wait(10) == 0
    os.close(controller)
