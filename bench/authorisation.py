"""Whether deciding grows with the catalog: the same point query with one role and grant, and with thousands."""

import time

import psycopg
from report import counted, median, progress
from servers import PASSWORD, Gatehouse, Postgres

ROUNDS = 400
BLOCK = 20
WARM_UP = 20
QUERY = "select amount from bench.point where id = 2"


def measure(report, folder, options):
    gatehouses = [Gatehouse(folder / f"authorisation{number}") for number in range(2)]
    postgreses = [Postgres(folder / f"authorisation-postgres{number}") for number in range(2)]
    for server in (*gatehouses, *postgreses):
        server.start()
    sizes = (1, options.roles)
    for server, roles in (*zip(gatehouses, sizes), *zip(postgreses, sizes)):
        prepare(server, roles)
    # "one": the reader has one role; "all": the reader has every role of the catalog.
    for holds in ("one", "all"):
        readers = {
            (name, roles): server.connect(f"reader_{holds}")
            for name, servers in (("Gatehouse", gatehouses), ("PostgreSQL", postgreses))
            for server, roles in zip(servers, sizes)
        }
        times = in_turns(f"point query, reader holds {holds}", readers)
        for roles in sizes:
            what = f"point query, {roles:,} roles with grants, reader has {holds}, p50 of {ROUNDS}"
            peer = "PostgreSQL 15, as many roles"
            if roles > 1 or holds == "one":
                ours, theirs = median(times["Gatehouse", roles]), median(times["PostgreSQL", roles])
                report.add("authorisation", what, "ms", ours, theirs, peer)
        for connection in readers.values():
            connection.close()
    for server in (*gatehouses, *postgreses):
        server.stop()


def prepare(server, roles):
    """`roles` roles with a grant each on the one table; a reader in the first, and a reader in all of them."""
    to_role = "role " if isinstance(server, Gatehouse) else ""
    admin = server.connect("admin")
    title = f"{type(server).__name__}: {roles} roles and grants"
    admin.execute("create schema bench")
    admin.execute("create table bench.point (id integer, amount integer)")
    admin.execute("insert into bench.point values (1, 10), (2, 20), (3, 30)")
    for reader in ("reader_one", "reader_all"):
        admin.execute(f"create user {reader} password '{PASSWORD}'")
    admin.execute("begin")
    for number in range(roles):
        admin.execute(f"create role r{number}")
        admin.execute(f"grant usage on schema bench to {to_role}r{number}")
        admin.execute(f"grant select on table bench.point to {to_role}r{number}")
        admin.execute(f"grant {to_role}r{number} to reader_all")
        if number == 0:
            admin.execute(f"grant {to_role}r{number} to reader_one")
        if (number + 1) % 50 == 0 or number + 1 == roles:
            progress(title, number + 1, roles)
    admin.execute("commit")
    admin.close()


def in_turns(title, readers):
    """Blocks of queries, one connection after the other, so that whatever else the machine does falls on all."""
    times = {name: [] for name in readers}
    for connection in readers.values():
        for _ in range(WARM_UP):
            ask(connection)
    for _ in counted(title, range(ROUNDS // BLOCK)):
        for name, connection in readers.items():
            for _ in range(BLOCK):
                times[name].append(ask(connection))
    return times


def ask(connection: psycopg.Connection):
    started = time.perf_counter()
    rows = connection.execute(QUERY, prepare=False).fetchall()
    took = (time.perf_counter() - started) * 1000
    if rows != [(20,)]:
        raise SystemExit(f"bench: a wrong answer: {rows}")
    return took
