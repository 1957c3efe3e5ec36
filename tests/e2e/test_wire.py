"""Bytes that no driver sends, and clients that behave badly: the server says so, and serves the others."""

import concurrent.futures
import hashlib
import os
import socket
import ssl
import struct
import threading
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest
from helpers import admin, enter, pg, token
from wire import GSS_REQUEST, SSL_REQUEST, Refused, Wire, fields, message, startup, text

OPEN = {"user": "awsuser", "database": "dev"}


@pytest.fixture
def alive(server):
    """Whatever a test did, the server still serves afterwards."""
    yield
    assert admin(server, "select count(*) from sales_schema.store_sales") == ["4"]


def raw(server, tls=False):
    return Wire(server, tls=tls, timeout=20)


def outcome(wire):
    """The error that the server says before it closes, or nothing."""
    try:
        tag, body = wire.receive()
    except (ConnectionError, OSError):
        return None
    assert tag == b"E", (tag, body)
    error = fields(body)
    assert error["S"] == "FATAL", error
    assert wire.closed()
    return error


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
@pytest.mark.parametrize("packet,sqlstate", [
    (struct.pack("!i", 0), "08P01"),
    (struct.pack("!i", 4), "08P01"),
    (struct.pack("!i", 7), "08P01"),
    (struct.pack("!i", -1), "08P01"),
    (struct.pack("!i", 0x7FFFFFFF), "08P01"),
    (struct.pack("!i", 1_000_000) + b"x" * 100, "08P01"),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "08P01"),
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "08P01"),
    (startup(OPEN, protocol=131072), "0A000"),
    (startup(OPEN, protocol=196609), "0A000"),
    (startup(OPEN, protocol=0), "0A000"),
    (struct.pack("!ii", 8, 196608), "08P01"),
    (struct.pack("!ii", 9, 196608) + b"x", "08P01"),
    (struct.pack("!ii", 17, 196608) + b"user\0awsu", "08P01"),
    (struct.pack("!ii", 14, 196608) + b"user\0\0", "08P01"),
    (startup(OPEN)[:-1] + b"x", "08P01"),
    (struct.pack("!ii", 8 + 7, 196608) + b"user\0\xff\0", "08P01"),
    (struct.pack("!iii", 12, 80877102, 1), "08P01"),
    (startup({**OPEN, "padding": "x" * 20_000}), "08P01"),
    (struct.pack("!ii", 8, 80877103) * 2, None),
], ids=range(20))
def test_malformed_startup_packets(server, alive, packet, sqlstate, tls):
    wire = raw(server, tls)
    wire.send(packet)
    if packet[4:8] == SSL_REQUEST[4:]:
        # in clear: TLS begins, and the second request is no handshake; inside TLS it has no place
        assert tls or wire.exactly(1) == b"S"
        wire.closed() if not tls else outcome(wire)
        return
    error = outcome(wire)
    assert error is not None and error["C"] == sqlstate, error
    assert "INTERNAL" not in str(error) and ".rs" not in str(error)


@pytest.mark.parametrize("size", range(0, 40, 3))
def test_truncated_startup_packets(server, alive, size):
    wire = raw(server)
    wire.send(startup(OPEN)[:size])
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.closed()


def test_gss_is_declined_and_tls_goes_on(server, alive):
    wire = raw(server)
    wire.send(GSS_REQUEST)
    assert wire.exactly(1) == b"N"
    wire.send(SSL_REQUEST)
    assert wire.exactly(1) == b"S"
    wire.close()


def test_clear_text_behind_the_request_for_encryption_is_not_read(server, alive):
    """CVE-2021-23214: what an attacker puts in before the handshake must not count as sent by the client."""
    wire = raw(server)
    wire.send(SSL_REQUEST + startup(OPEN) + message(b"Q", text("select 1")))
    assert wire.exactly(1) == b"S"
    # an alert of TLS, if anything; never an answer of PostgreSQL's
    rest = b""
    try:
        while part := wire.socket.recv(4096):
            rest += part
    except ConnectionError:
        pass
    assert rest[:1] in (b"", b"\x15"), rest


def test_a_garbled_handshake_ends_the_connection(server, alive):
    wire = raw(server)
    wire.send(SSL_REQUEST)
    assert wire.exactly(1) == b"S"
    wire.send(b"not a handshake at all")
    assert wire.closed()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_is_refused(server, alive):
    context = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    wire = raw(server)
    wire.send(SSL_REQUEST)
    assert wire.exactly(1) == b"S"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        context.wrap_socket(wire.socket, server_hostname=server["SQL_HOST"])


@pytest.mark.parametrize("sent", [
    message(b"Q", text("select 1")),
    message(b"p"),
    message(b"p", b"no terminator"),
    message(b"p", b"\xff\0"),
    message(b"p", b"a\0b\0"),
    message(b"i", b"a token"),
    message(b"d", struct.pack("!i", 5)),
    b"p" + struct.pack("!i", 3),
    b"p" + struct.pack("!i", -1),
    b"p" + struct.pack("!i", 200_000_000),
    message(b"\0"),
], ids=range(11))
def test_wrong_answers_to_the_password_question(server, alive, sent):
    wire = raw(server, tls=True)
    wire.send(startup(OPEN))
    tag, _ = wire.receive()
    assert tag == b"R"
    wire.send(sent)
    error = outcome(wire)
    assert error["C"] in ("08P01", "28000"), error


@pytest.mark.parametrize("sent", [
    message(b"!", b"x"),
    b"Q" + struct.pack("!i", 3),
    b"Q" + struct.pack("!i", -5),
    b"Q" + struct.pack("!i", 0x7FFFFFFF),
    b"Q" + struct.pack("!i", 100 * 1024 * 1024),
    message(b"d", b"copy data"),
    message(b"c"),
    message(b"f", text("no")),
    message(b"S", b"extra"),
    message(b"p", text("password")),
], ids=range(10))
def test_messages_after_which_nothing_can_be_read(server, alive, sent):
    with enter(server) as wire:
        wire.send(sent)
        error = outcome(wire)
        assert error["C"] == "08P01", error


@pytest.mark.parametrize("sent", [
    message(b"Q", b"select 1"),
    message(b"Q", b"select '\xff'\0"),
    message(b"Q", b"select 1\0select 2\0"),
    message(b"Q"),
    message(b"F", b"\0" * 20),
])
def test_malformed_simple_messages_leave_the_session_usable(server, alive, sent):
    with enter(server) as wire:
        wire.send(sent)
        answer = wire.until_ready()
        assert answer.error["S"] == "ERROR" and answer.status == "I", answer
        assert wire.query("select 1").rows == [("1",)]


@pytest.mark.parametrize("sent,sqlstate", [
    (message(b"B", b"\0nothing\0" + struct.pack("!hhh", 0, 0, 0)), "26000"),
    (message(b"E", b"nothing\0" + struct.pack("!i", 0)), "34000"),
    (message(b"D", b"Snothing\0"), "26000"),
    (message(b"D", b"Pnothing\0"), "34000"),
    (message(b"D", b"Xnothing\0"), "08P01"),
    (message(b"P", b"\0select $1, $2\0" + struct.pack("!hi", 1, 23)) + message(b"B", b"\0\0" + struct.pack("!hhih", 0, 1, -1, 0)), "08P01"),
    (message(b"P", b"\0select 1\0" + struct.pack("!h", 5)), "08P01"),
    (message(b"P", b"\0select $1\0" + struct.pack("!hi", 1, 23)) + message(b"B", b"\0\0" + struct.pack("!hhhi2sh", 1, 1, 1, 2, b"xx", 0)), "22P03"),
    (message(b"P", b"\0select 1\0" + struct.pack("!h", 0)) + message(b"B", b"\0\0" + struct.pack("!hhhh", 0, 0, 1, 7)), "08P01"),
    (message(b"P", b"twice\0select 1\0" + struct.pack("!h", 0)) * 2, "42P05"),
    (message(b"P", b"\0select $1\0" + struct.pack("!hi", 1, 600)) + message(b"B", b"\0\0" + struct.pack("!hhi1sh", 0, 1, 1, b"1", 0)), "0A000"),
], ids=range(11))
def test_extended_messages_out_of_order(server, alive, sent, sqlstate):
    """The error is said once; everything up to Sync is skipped; the session goes on."""
    with enter(server) as wire:
        wire.send(sent + message(b"P", b"\0select 2\0" + struct.pack("!h", 0)) + message(b"S"))
        answer = wire.until_ready()
        assert answer.error["C"] == sqlstate and answer.status == "I", answer
        assert wire.extended("select $1::int", "3").rows == [("3",)]


def test_sync_and_flush_out_of_the_blue(server, alive):
    with enter(server) as wire:
        wire.send(message(b"H") + message(b"S") + message(b"C", b"Snothing\0") + message(b"S"))
        assert wire.until_ready().status == "I"
        assert wire.until_ready().status == "I"


def test_an_error_in_the_pipeline_skips_to_sync_and_takes_the_transaction_back(server, alive):
    admin(server, "create table public.pipelined (i int)")
    try:
        with enter(server) as wire:
            def run(statement):
                parse = message(b"P", b"\0" + statement.encode() + b"\0" + struct.pack("!h", 0))
                return parse + message(b"B", b"\0\0" + struct.pack("!hhh", 0, 0, 0)) + message(b"E", b"\0" + struct.pack("!i", 0))

            insert = run("insert into public.pipelined values (1)")
            wire.send(insert + run("select 1/0") + insert + message(b"S"))
            answer = wire.until_ready()
            assert (answer.tags, answer.error["C"], answer.status) == (["INSERT 0 1"], "22012", "I")
            assert wire.query("select count(*) from public.pipelined").rows == [("0",)]
            wire.send(insert + message(b"S") + insert + message(b"S"))
            assert wire.until_ready().tags == wire.until_ready().tags == ["INSERT 0 1"]
            assert wire.query("select count(*) from public.pipelined").rows == [("2",)]
    finally:
        admin(server, "drop table public.pipelined")


def test_rows_come_in_portions(server, alive):
    with enter(server) as wire:
        wire.send(
            message(b"P", b"\0select id from sales_schema.store_sales order by id\0" + struct.pack("!h", 0))
            + message(b"B", b"p\0\0" + struct.pack("!hhh", 0, 0, 0))
            + message(b"E", b"p\0" + struct.pack("!i", 3)) + message(b"E", b"p\0" + struct.pack("!i", 3)) + message(b"S")
        )
        tags = []
        while not tags or tags[-1] != b"Z":
            tags.append(wire.receive()[0])
        assert tags == [b"1", b"2", b"D", b"D", b"D", b"s", b"D", b"C", b"Z"]


# -- cancelling ------------------------------------------------------------------------------------------------------------


LONG = "select count(*) from " + ", ".join(f"sales_schema.store_sales {alias}" for alias in "abcdefghijklmnopq")


def cancel(server, process_id, secret, tls=False):
    wire = raw(server, tls)
    wire.send(struct.pack("!iiii", 16, 80877102, process_id, secret))
    assert wire.closed()


@pytest.mark.parametrize("tls", [False, True], ids=["clear", "tls"])
def test_only_the_right_key_cancels(server, alive, tls):
    with enter(server) as busy, enter(server) as other:
        process_id, secret = busy.key
        assert other.key != busy.key
        busy.send(message(b"Q", text(LONG)))
        for wrong in ((process_id, secret ^ 1), (process_id, 0), (other.key[0], secret), (process_id + 1000, secret), (0, 0)):
            cancel(server, *wrong, tls=tls)
        busy.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            busy.receive()
        busy.socket.settimeout(20)
        # a cancel that comes before the engine has begun would be lost, as in PostgreSQL: it is sent until it is heard
        stop = threading.Event()
        canceller = threading.Thread(target=lambda: [cancel(server, *busy.key, tls=tls) for _ in iter(lambda: stop.wait(0.1), True)])
        canceller.start()
        answer = busy.until_ready()
        stop.set()
        canceller.join()
        assert answer.error["C"] == "57014"
        assert busy.query("select 1").rows == [("1",)]
        assert other.query("select 1").rows == [("1",)]


def test_a_client_that_goes_away_takes_its_statement_along(server, alive):
    busy = enter(server)
    busy.send(message(b"Q", text(LONG)))
    busy.close()
    wait_until(lambda: sessions(server) == 0, "the statement of a client that is gone must end")


def sessions(server):
    """Open SQL connections, as the server counts them."""
    metrics = urllib.request.urlopen(server["GATEHOUSE_HTTP"] + "/metrics", timeout=10).read().decode()
    return int(float(next(line.split()[-1] for line in metrics.splitlines() if line.startswith("pg_connections_active"))))


def wait_until(condition, what, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


# -- clients that don't read, or are many --------------------------------------------------------------------------------------


def resident(server):
    """Of the server process, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) * 1024


def test_a_client_that_stops_reading_costs_little(server, alive):
    """Ten million rows are asked for and not read: the server holds a bounded part of them and serves others meanwhile."""
    admin(server, "create table public.ten as select row_number() over () as n from sales_schema.store_sales a "
                  "cross join sales_schema.store_sales b cross join sales_schema.store_sales c limit 10")
    rows = "select a.n + b.n, 'a row of some length, so that there are many bytes of it', c.n from " + ", ".join(
        f"public.ten {alias}" for alias in "abcdefg"
    )
    try:
        with enter(server) as warm:
            assert len(warm.query("select * from public.ten").rows) == 10
        before = resident(server)
        stalled = [enter(server) for _ in range(3)]
        for wire in stalled:
            wire.send(message(b"Q", text(rows)))
        served = 0
        peak = before
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            with pg(server) as connection:
                assert connection.execute("select count(*) from sales_schema.store_sales").fetchone() == (4,)
            served += 1
            peak = max(peak, resident(server))
        assert served >= 5, "others must be served meanwhile"
        assert peak - before < 200 * 1024 * 1024, f"{(peak - before) / 1e6:.0f} MB more"
        for wire in stalled:
            wire.close()
        wait_until(lambda: sessions(server) == 0, "stalled clients that are gone must leave nothing open")
    finally:
        admin(server, "drop table public.ten")


def test_many_connections_opened_and_dropped(server, alive):
    def knock(number):
        wire = raw(server, tls=number % 3 == 0)
        wire.send(startup(OPEN)[: number % 30])
        wire.close()

    def visit(number):
        with enter(server) as wire:
            return wire.query(f"select {number}").rows == [(str(number),)]

    descriptors = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    with concurrent.futures.ThreadPoolExecutor(20) as crowd:
        list(crowd.map(knock, range(300)))
        assert all(crowd.map(visit, range(60)))
    wait_until(lambda: sessions(server) == 0, "every connection must be closed")
    wait_until(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) <= descriptors + 10, "no file descriptor may be left")


def test_many_sessions_at_once_keep_apart(server, alive):
    def work(number):
        with pg(server) as connection:
            connection.execute(f"set application_name to 'session {number}'")
            return [connection.execute("show application_name").fetchone()[0] for _ in range(5)] == [f"session {number}"] * 5

    with concurrent.futures.ThreadPoolExecutor(25) as crowd:
        assert all(crowd.map(work, range(75)))


def test_a_full_server_says_so(fresh_server):
    """500 sessions at the same time; cancel requests are still heard."""
    server = fresh_server()
    # kept as MD5, so that no encryption is needed
    admin(server, f"create user many password 'md5{hashlib.md5(b'Passw0rd.okmany').hexdigest()}' createuser")
    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        held = list(crowd.map(lambda _: Wire(server, tls=False).login("many", "Passw0rd.ok"), range(500)))
    try:
        with pytest.raises(Refused) as refused:
            Wire(server, tls=False).login("many", "Passw0rd.ok")
        assert (refused.value.error["C"], refused.value.error["M"]) == ("53300", "too many connections")
        held[0].send(message(b"Q", text(LONG)))
        wait_until(lambda: statement_runs(held[0], lambda: cancel(server, *held[0].key)), "a cancel request must be heard")
        assert held[-1].query("select 1").rows == [("1",)]
    finally:
        for each in held:
            each.close()
    wait_until(lambda: sessions(server) == 0, "closed connections must make room")
    assert admin(server, "select 1") == ["1"]


def statement_runs(wire, stop):
    """Asks for the end of the running statement; whether it has come."""
    stop()
    wire.socket.settimeout(0.1)
    try:
        answer = wire.until_ready()
    except TimeoutError:
        return False
    wire.socket.settimeout(20)
    assert answer.error["C"] == "57014"
    return True


def test_half_open_connections_keep_nobody_out(fresh_server):
    """Who doesn't go on with his login gives way, oldest first, to those who do."""
    server = fresh_server()
    waiting = [socket.create_connection((server["SQL_HOST"], int(server["SQL_PORT"])), timeout=20) for _ in range(600)]
    try:
        assert admin(server, "select 1") == ["1"]
        assert b"53300" in waiting[0].recv(1000)
        assert waiting[0].recv(1000) == b""
    finally:
        for each in waiting:
            each.close()
    wait_until(lambda: sessions(server) == 0, "closed connections must leave nothing open")


def test_a_very_long_statement_is_refused_or_run_but_never_fatal(server, alive):
    with enter(server) as wire:
        many = wire.query("select " + ", ".join(f"{n} as c{n}" for n in range(1500)))
        assert many.error is None and len(many.columns) == 1500
        deep = wire.query("select " + "(" * 20_000 + "1" + ")" * 20_000)
        assert deep.error["C"] == "54001"
        deep = wire.query("select " + "not " * 20_000 + "true")
        assert deep.error["C"] == "54001"
        deep = wire.query("select " + "1 + " * 50_000 + "1")
        assert deep.error is None or deep.error["C"] == "54001", deep.error
        deep = wire.query("select * from " + "(select * from " * 3_000 + "sales_schema.store_sales" + ") t" * 3_000)
        assert deep.error["C"] == "54001"
        deep = wire.query("select 1 " + "union all select 1 " * 20_000)
        assert deep.error is None or deep.error["C"] == "54001", deep.error
        assert wire.query("select length('" + "x" * 65_535 + "')").rows == [("65535",)]
        assert wire.query("select length('" + "x" * 5_000_000 + "')").error["C"] == "22001"
        assert wire.query("select 1").rows == [("1",)]


def test_prepared_statements_are_bounded(server, alive):
    with enter(server) as wire:
        parse = b"".join(message(b"P", f"s{n}".encode() + b"\0select 1\0" + struct.pack("!h", 0)) for n in range(5_001))
        wire.send(parse + message(b"S"))
        answer = wire.until_ready()
        assert answer.error["C"] in ("53400", "54000"), answer
        assert wire.query("deallocate all").tags == ["DEALLOCATE"]
        assert wire.extended("select 1").rows == [("1",)]


def test_encryption_is_needed_for_tokens_and_clear_passwords(server, alive):
    access = token(server, "ethan")
    with pytest.raises(Refused) as refused:
        Wire(server, tls=False).login(token=access)
    assert "only over an encrypted connection" in refused.value.error["M"]
    with pytest.raises(psycopg.OperationalError) as unencrypted:
        pg(server, sslmode="disable")
    assert "only over an encrypted connection" in str(unencrypted.value)
