"""Starting, stopping, dying and coming back; what is on disk and in the logs."""

import json
import re
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import threading
import time
import urllib.error
import urllib.request

import psycopg
import pytest
from conftest import Server, binary
from helpers import RedshiftConnector, Scim, admin, aws, enter, pg, token
from oauth import Flow
from wire import Wire, message, text

SECRETS = ("SCIM_TOKEN", "AWS_SECRET_ACCESS_KEY", "SQL_ADMIN_PASSWORD", "DEMO_PASSWORD")
LASTING = (*SECRETS, "AWS_ACCESS_KEY_ID", "IDC_INSTANCE_ARN", "IDC_APPLICATION_ARN", "IDC_ISSUER_URL")


def up(data_dir, *options):
    """`gatehouse up` that is expected to refuse: exit code and what it says."""
    arguments = [binary(), "up", "--data-dir", data_dir, *options]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stderr


def verify(data_dir, *options):
    return subprocess.run([binary(), "audit", "verify", "--data-dir", data_dir, *options], capture_output=True, text=True, timeout=30)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def trail(server):
    return sqlite3.connect(f"file:{server.data_dir}/control.sqlite?mode=ro", uri=True)


# -- coming back -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_restart_keeps_everything(fresh_server, how):
    server = fresh_server()
    before = dict(server.env)
    ca = (server.data_dir / "ca.pem").read_bytes()
    scim = Scim(server)
    user = scim.create_user("late", password="Late-Passw0rd")
    scim.create_group("late-group", user["id"])
    flow = Flow(server)
    issued = flow.tokens("ethan")
    with pg(server) as connection:
        connection.execute("create schema kept; create table kept.t (i int, v varchar(20) not null default 'x')")
        connection.execute("insert into kept.t values (1, 'one'), (2, 'two')")
        connection.execute('create role "awsidc:late-group"; grant usage on schema kept to role "awsidc:late-group"')
        connection.execute('grant select on kept.t to role "awsidc:late-group"')
        connection.execute("create user local_user password 'Passw0rd.ok' connection limit 3")
        connection.execute("create group keepers with user local_user")
        privileges = connection.execute("select * from svv_relation_privileges order by 1, 2, 3, 4").fetchall()
        users = connection.execute("select usename, usesysid, usesuper from pg_user order by 1").fetchall()
    server.stop(how)
    server.start()
    assert {name: server[name] for name in LASTING} == {name: before[name] for name in LASTING}
    assert (server.data_dir / "ca.pem").read_bytes() == ca
    assert Scim(server).user("late")["id"] == user["id"]
    assert [member["value"] for member in Scim(server).group("late-group")["members"]] == [user["id"]]
    with pg(server) as connection:
        assert connection.execute("select * from svv_relation_privileges order by 1, 2, 3, 4").fetchall() == privileges
        assert connection.execute("select usename, usesysid, usesuper from pg_user order by 1").fetchall() == users
        assert connection.execute("select * from kept.t order by i").fetchall() == [(1, "one"), (2, "two")]
        connection.execute("insert into kept.t (i) values (3)")
        assert connection.execute("select v from kept.t where i = 3").fetchall() == [("x",)]
    pg(server, "local_user", "Passw0rd.ok").close()
    # tokens and refresh tokens outlive the process, by what was stored of them
    with Wire(server).login(token=issued["accessToken"]) as ethan:
        assert ethan.query("select count(*) from sales_schema.store_sales").rows == [("4",)]
    flow.base = server["GATEHOUSE_HTTPS"]
    status, refreshed = flow.refresh(issued["refreshToken"])
    assert status == 200, refreshed
    assert aws(server, "sts").get_caller_identity()["Account"] == "123456789012"
    assert verify(server.data_dir).returncode == 0


def test_a_kill_in_a_transaction_leaves_nothing_of_it(fresh_server):
    server = fresh_server()
    admin(server, "create schema half; create table half.kept (i int); insert into half.kept values (1)")
    with enter(server) as wire:
        for statement in (
            "begin",
            "create table half.lost (i int)",
            "insert into half.lost values (1)",
            'grant usage on schema half to role "awsidc:awssso-sales"',
            'grant select on half.kept to role "awsidc:awssso-sales"',
            "insert into half.kept values (2)",
            "create user half_user password 'Passw0rd.ok'",
            "create role half_role",
        ):
            assert wire.query(statement).error is None, statement
        server.stop(signal.SIGKILL)
    server.start()
    with pg(server) as connection:
        assert connection.execute("select i from half.kept").fetchall() == [(1,)]
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("select * from half.lost")
        assert connection.execute("select * from svv_relation_privileges where namespace_name = 'half'").fetchall() == []
        assert connection.execute("select * from svv_schema_privileges where namespace_name = 'half'").fetchall() == []
        assert connection.execute("select * from pg_user where usename = 'half_user'").fetchall() == []
        assert connection.execute("select * from svv_roles where role_name = 'half_role'").fetchall() == []
        # and the names are free: engine and catalog agree
        connection.execute("create table half.lost (i int); create role half_role; create user half_user password 'Passw0rd.ok'")
    with Wire(server).login(token=token(server, "ethan")) as ethan:
        assert ethan.query("select * from half.kept").error["C"] == "42501"


@pytest.mark.parametrize("attempt", range(3))
def test_a_kill_amid_commits_keeps_what_was_acknowledged(fresh_server, attempt):
    """DDL and GRANT in each transaction: an acknowledged one is there whole, any other whole or not at all."""
    server = fresh_server()
    admin(server, "create schema many")
    acknowledged = []

    def work():
        with enter(server) as wire:
            for number in range(10_000):
                answer = wire.query(
                    f"begin; create table many.t{number} (i int); insert into many.t{number} values ({number}); "
                    f'grant select on many.t{number} to role "awsidc:awssso-sales"; commit'
                )
                if answer.error is not None:
                    return
                acknowledged.append(number)

    def quietly():
        try:
            work()
        except OSError:
            pass  # the kill

    worker = threading.Thread(target=quietly)
    worker.start()
    wait_for(lambda: len(acknowledged) >= 5 + 7 * attempt)
    server.stop(signal.SIGKILL)
    worker.join()
    server.start()
    with pg(server) as connection:
        tables = {name for (name,) in connection.execute("select table_name from svv_tables where table_schema = 'many'").fetchall()}
        granted = {name for (name,) in connection.execute(
            "select relation_name from svv_relation_privileges where namespace_name = 'many'"
        ).fetchall()}
        assert tables == granted
        assert {f"t{number}" for number in acknowledged} <= tables
        assert len(tables) <= len(acknowledged) + 1
        for name in tables:
            assert connection.execute(f"select i from many.{name}").fetchall() == [(int(name[1:]),)]
    assert verify(server.data_dir).returncode == 0


def test_a_kill_amid_scim_writes_keeps_what_was_acknowledged(fresh_server):
    server = fresh_server()
    acknowledged = []

    def work():
        scim = Scim(server)
        for number in range(10_000):
            try:
                user = scim.create_user(f"person{number}")
                scim.create_group(f"group{number}", user["id"])
            except (OSError, AssertionError):
                return
            acknowledged.append(number)

    worker = threading.Thread(target=work)
    worker.start()
    wait_for(lambda: len(acknowledged) >= 15)
    server.stop(signal.SIGKILL)
    worker.join()
    server.start()
    scim = Scim(server)
    for number in acknowledged:
        user = scim.user(f"person{number}")
        members = [member["value"] for member in scim.group(f"group{number}")["members"]]
        assert members == [user["id"]]
    assert verify(server.data_dir).returncode == 0


def test_an_interrupted_first_start_is_completed(fresh_server, tmp_path):
    """Killed at some moment of its first start, the next start makes a whole organisation of what is there."""
    data = tmp_path / "unlucky"
    for delay in (0.02, 0.06, 0.12, 0.2):
        process = subprocess.Popen(
            [binary(), "up", "--demo", "--data-dir", data, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--sql", "127.0.0.1:0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.kill()
        process.wait()
    server = Server(data).start()
    try:
        assert admin(server, "select count(*) from finance_schema.revenue") == ["4"]
        with Wire(server).login(token=token(server, "ethan")) as ethan:
            assert ethan.query("select count(*) from sales_schema.store_sales").rows == [("4",)]
    finally:
        server.stop(signal.SIGKILL)


def wait_for(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


# -- stopping ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_stop_says_goodbye_to_everybody(fresh_server, how):
    server = fresh_server()
    idle, inside, busy = enter(server), enter(server), enter(server)
    half_open = socket.create_connection((server["SQL_HOST"], int(server["SQL_PORT"])), timeout=10)
    slow = socket.create_connection(tuple(server["GATEHOUSE_HTTP"].removeprefix("http://").split(":")), timeout=10)
    if how == signal.SIGTERM:
        # a request that never ends is waited for, a bounded time
        slow.sendall(b"GET /healthz HTTP/1.1\r\n")
    inside.query("begin; create table public.never (i int)")
    busy.send(message(b"Q", text("select count(*) from " + ", ".join(f"sales_schema.store_sales {a}" for a in "abcdefghijklmnopq"))))
    assert server.stop(how) == 0
    for wire in (idle, inside):
        answer = wire.until_ready()
        assert (answer.error["S"], answer.error["C"]) == ("FATAL", "57P01"), answer
        assert wire.closed()
    stopped = busy.until_ready()
    assert stopped.error["C"] in ("57014", "57P01"), stopped
    half_open.close()
    slow.close()
    server.start()
    with enter(server) as wire:
        assert wire.query("select * from public.never").error["C"] == "42P01"


def test_a_driver_is_told_of_the_stop(fresh_server):
    server = fresh_server()
    held = RedshiftConnector(server, "", ["select 1"], hold=True, token=token(server, "ethan"))
    assert server.stop() == 0
    ended = held.ask("select 1")
    held.close()
    assert "error" in ended, ended


# -- refusals ----------------------------------------------------------------------------------------------------------------


def test_a_second_server_on_the_same_data_is_refused(server):
    code, said = up(server.data_dir, "--http", "127.0.0.1:0", "--https", "127.0.0.1:0", "--sql", "127.0.0.1:0")
    assert code != 0
    assert f"another gatehouse uses {server.data_dir}" in said
    assert admin(server, "select 1") == ["1"]


@pytest.mark.parametrize("option", ["--http", "--https", "--sql"])
def test_a_port_in_use_is_named(tmp_path, option):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ports = {"--http": "127.0.0.1:0", "--https": "127.0.0.1:0", "--sql": "127.0.0.1:0", option: address}
        code, said = up(tmp_path / "data", *[part for pair in ports.items() for part in pair])
    assert code != 0
    assert address in said and option in said and "in use" in said
    assert "panicked" not in said


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_plain_http_stays_on_this_machine(tmp_path, address):
    code, said = up(tmp_path / "data", "--http", address, "--https", "127.0.0.1:0", "--sql", "127.0.0.1:0")
    assert code != 0
    assert "isn't a loopback address" in said and "--https" in said


@pytest.mark.parametrize("options", [["--http", "nonsense"], ["--log-format", "xml"], ["--log", "a=b=c"], ["--no-such-option"]])
def test_wrong_options_are_refused(tmp_path, options):
    code, said = up(tmp_path / "data", *options)
    assert code != 0 and said and "panicked" not in said


def test_without_demo_there_is_nobody_and_nothing(tmp_path):
    server = Server(tmp_path / "data", command=[binary(), "up"]).start()
    try:
        assert "DEMO_PASSWORD" not in server.env and "IDC_APPLICATION_ARN" not in server.env
        # rdsdb owns the system's own objects and can't log in
        assert sorted(admin(server, "select usename from pg_user")) == [server["SQL_ADMIN_USER"], "rdsdb"]
        assert admin(server, "select count(*) from svv_roles") == ["0"]
        assert Scim(server)("GET", "/Users", expect=200)["totalResults"] == 0
    finally:
        assert server.stop() == 0


# -- files -------------------------------------------------------------------------------------------------------------------


def test_files_are_closed_to_others(server):
    assert stat.S_IMODE(server.data_dir.stat().st_mode) == 0o700
    seen = {}
    for path in server.data_dir.rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        seen[path.name] = oct(mode)
        if path.is_dir():
            assert mode == 0o700, (path, oct(mode))
        else:
            assert mode == 0o600, (path, oct(mode))
    assert seen["endpoints.env"] == "0o600"
    assert (server.data_dir / "secrets").is_dir()


def test_endpoints_are_written_when_everything_accepts(fresh_server):
    """The moment the file is there, every address in it answers."""
    server = fresh_server()
    assert get(server["GATEHOUSE_HTTP"] + "/readyz")[0] == 200
    assert admin(server, "select 1") == ["1"]
    assert Scim(server)("GET", "/ServiceProviderConfig")[0] == 200
    newest = max(path.stat().st_mtime_ns for path in (server.data_dir / "secrets").iterdir())
    assert (server.data_dir / "endpoints.env").stat().st_mtime_ns >= newest
    lines = (server.data_dir / "endpoints.env").read_text().splitlines()
    names = [line.split("=")[0] for line in lines]
    assert len(names) == len(set(names)) and set(names) >= set("""GATEHOUSE_HTTP GATEHOUSE_HTTPS GATEHOUSE_CA SCIM_URL SCIM_TOKEN AWS_ENDPOINT_URL AWS_REGION AWS_ACCESS_KEY_ID
        AWS_SECRET_ACCESS_KEY AWS_CA_BUNDLE SQL_HOST SQL_PORT SQL_DATABASE SQL_ADMIN_USER SQL_ADMIN_PASSWORD IDC_ISSUER_URL
        IDC_INSTANCE_ARN IDC_APPLICATION_ARN DEMO_PASSWORD""".split())
    shell = subprocess.run(
        ["sh", "-c", f"set -a; . {server.data_dir}/endpoints.env; printf %s \"$SQL_ADMIN_PASSWORD\""], capture_output=True, text=True
    )
    assert shell.stdout == server["SQL_ADMIN_PASSWORD"]


def test_health_and_metrics(server):
    http, https = server["GATEHOUSE_HTTP"], server["GATEHOUSE_HTTPS"]
    assert get(http + "/healthz") == (200, "alive\n")
    assert get(http + "/readyz") == (200, "ready\n")
    admin(server, "select 1")
    status, metrics = get(http + "/metrics")
    assert status == 200
    for name in ("pg_connections_total", "pg_messages_total", "gatehouse_rows_total"):
        assert re.search(rf"^{name}(\{{[^}}]*\}})? \d", metrics, re.M), name
    assert all(re.match(r'(#.*|[a-z_]+(\{[^}]*\})? [0-9.e+-]+)$', line) for line in metrics.splitlines() if line), metrics[:500]
    # to strangers the numbers say too much
    context = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
    with pytest.raises(urllib.error.HTTPError) as hidden:
        urllib.request.urlopen(https + "/metrics", context=context, timeout=10)
    assert hidden.value.code == 404
    with urllib.request.urlopen(https + "/healthz", context=context, timeout=10) as response:
        assert response.status == 200


# -- audit and logs ----------------------------------------------------------------------------------------------------------


def test_the_audit_trail_verifies_and_betrays_tampering(fresh_server):
    server = fresh_server()
    admin(server, "select count(*) from sales_schema.store_sales")
    assert verify(server.data_dir).returncode == 0
    server.stop()
    good = verify(server.data_dir, "--json")
    head = json.loads(good.stdout)
    assert head["unbroken"] and head["records"] > 3
    file = server.data_dir / "control.sqlite"
    original = file.read_bytes()
    middle = head["records"] // 2
    for change, broken_at in (
        (f"update audit set outcome = 'denied' where sequence = {middle}", middle),
        (f"update audit set principal = 'somebody else' where sequence = {middle}", middle),
        (f"update audit set fields = '[]' where sequence = {middle}", middle),
        (f"update audit set at = '2020-01-01T00:00:00Z' where sequence = {middle}", middle),
        (f"update audit set hash = '{'0' * 64}' where sequence = {middle}", middle),
        (f"delete from audit where sequence = {middle}", middle),
        ("delete from audit where sequence = 1", 1),
        (f"update audit set sequence = {head['records'] + 100} where sequence = {head['records']}", None),
    ):
        with sqlite3.connect(file) as connection:
            assert connection.execute(change).rowcount == 1
        connection.close()
        found = verify(server.data_dir)
        assert found.returncode != 0, change
        assert "broken at record" in found.stderr, (change, found.stderr)
        if broken_at is not None:
            assert re.search(rf"broken at record ({broken_at}|{broken_at + 1})\b", found.stderr), (change, found.stderr)
        restore(file, original)
    # what was cut off at the end is betrayed by a head that was kept elsewhere
    since = f"{head['records']}:{head['head']}"
    assert verify(server.data_dir, "--since", since).returncode == 0
    with sqlite3.connect(file) as connection:
        connection.execute(f"delete from audit where sequence = {head['records']}")
    connection.close()
    assert verify(server.data_dir).returncode == 0
    assert verify(server.data_dir, "--since", since).returncode != 0


def restore(file, content):
    for extra in ("-wal", "-shm"):
        file.with_name(file.name + extra).unlink(missing_ok=True)
    file.write_bytes(content)


def test_json_logs_are_json(fresh_server):
    server = fresh_server(options=["--log-format", "json", "--log", "debug"])
    with pytest.raises(psycopg.OperationalError):
        pg(server, "nobody", "Wrong1pass")
    admin(server, "select 1")
    server.stop()
    lines = [line for line in server.log.read_text().splitlines() if line.startswith("{")]
    assert len(lines) > 5
    for line in lines:
        entry = json.loads(line)
        assert {"timestamp", "level", "fields", "target"} <= set(entry), entry
    # the rest is the greeting on standard output
    others = [line for line in server.log.read_text().splitlines() if not line.startswith("{")]
    assert others[0] == "Gatehouse is ready." and len(others) < 10, others


def test_no_secret_is_written_anywhere(fresh_server):
    """Everything that is secret is used, refused, mistyped and set; then log, audit trail and engine files are searched."""
    server = fresh_server(options=["--log", "trace,sqlx=debug,rustls=debug,h2=debug,hyper=debug"])
    secrets = {name: server[name] for name in SECRETS}
    flow = Flow(server)
    code = flow.code("ethan")
    _, issued = flow.exchange(code)
    secrets |= {"code": code, "access token": issued["accessToken"], "refresh token": issued["refreshToken"], "verifier": flow.verifier}
    secrets |= {"client secret": flow.client["clientSecret"]}
    _, refreshed = flow.refresh(issued["refreshToken"])
    secrets |= {"second access token": refreshed["accessToken"]}
    with Wire(server).login(token=refreshed["accessToken"]) as wire:
        wire.query("select 1")
    secrets |= {"new password": "Brand1new.secret", "other password": "Other1new.secret", "wrong password": "Typo1ed.secret"}
    secrets |= {"broken statement": "Broken1new.secret", "scim password": "Scim-Secret-1", "wrong demo password": "Wrong-Secret-1"}
    with pg(server) as connection:
        connection.execute("create user hush password 'Brand1new.secret'")
        connection.execute("alter user hush password 'Other1new.secret' valid until 'infinity'")
        for broken in ("create user hush2 pasword 'Broken1new.secret'", "create user hush password 'Broken1new.secret'",
                       "alter user nobody_here password 'Broken1new.secret'", "create user hush3 password 'Broken1new.secret"):
            with pytest.raises(psycopg.Error) as refused:
                connection.execute(broken)
            assert "Broken1new" not in (refused.value.diag.message_primary or "") + (refused.value.diag.message_detail or "")
    with pytest.raises(psycopg.OperationalError):
        pg(server, "hush", "Typo1ed.secret")
    pg(server, "hush", "Other1new.secret").close()
    Scim(server).create_user("quiet", password="Scim-Secret-1")
    Flow(server).sign_in("ethan", "Wrong-Secret-1")
    secrets |= {"tampered": issued["accessToken"][:-4] + "AAAA"}
    with pytest.raises(Exception):
        Wire(server).login(token=secrets["tampered"])
    assert aws(server, "sts").get_caller_identity()["Account"]
    session = re.search(r"=([\w-]{43})$", next(
        f"{cookie.name}={cookie.value}" for handler in flow.browser.handlers if hasattr(handler, "cookiejar") for cookie in handler.cookiejar
        if "session" in cookie.name
    ))
    secrets |= {"browser session": session[1]}
    server.stop()
    log = server.log.read_text()
    rows = [str(row) for row in trail(server).execute("select * from audit")]
    assert len(rows) > 20
    assert any("hush" in row for row in rows), "statements about users are recorded"
    for name, secret in secrets.items():
        assert secret not in log, f"{name} is in the log"
        assert not [row for row in rows if secret in row], f"{name} is in the audit trail"
    kept_in_clear = {"endpoints.env", "scim-token", "sql-admin-password", "demo-password"}
    hashed = {name: secret for name, secret in secrets.items() if name != "AWS_SECRET_ACCESS_KEY"}
    for path in server.data_dir.rglob("*"):
        if path.is_file() and path.name not in kept_in_clear:
            content = path.read_bytes()
            for name, secret in hashed.items():
                assert secret.encode() not in content, f"{name} is in {path.name}"


def test_every_step_is_in_the_trail(server):
    access = token(server, "fiona")
    with Wire(server).login(token=access, application_name="trail") as wire:
        wire.query("select count(*) from finance_schema.revenue")
        wire.query("select * from sales_schema.store_sales")
    rows = trail(server).execute(
        "select correlation from audit where step = 'statement' and principal like '%fiona%' order by sequence desc limit 1"
    ).fetchone()
    steps = trail(server).execute(
        "select step, outcome, fields from audit where correlation = ? order by sequence", rows
    ).fetchall()
    assert [step for step, _, _ in steps][:4] == ["sign_in", "authorization", "token", "connection"], steps
    statements = [(outcome, fields) for step, outcome, fields in steps if step == "statement"]
    assert [outcome for outcome, _ in statements] == ["allowed", "denied"]
    assert "42501" in statements[1][1] and "finance_schema.revenue" in statements[0][1]
