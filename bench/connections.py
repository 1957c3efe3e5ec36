"""What a new connection costs: TCP, TLS 1.3 with the certificate verified, proof, session, ready; then closed."""

import hashlib
import multiprocessing
import os
import time

import psycopg
import redshift_connector
from report import counted, median, percentile, progress
from servers import PASSWORD, Gatehouse, Postgres
from sign_in import access_token

AT_ONCE = 8
WARM_UP = 5
DRIVER_CONNECTIONS = 40


def measure(report, folder, options):
    gatehouse = Gatehouse(folder / "connections")
    gatehouse.start()
    postgres = Postgres(folder / "connections-postgres").start()
    with gatehouse.connect("admin") as admin:
        admin.execute(f"create user md5user password '{md5('md5user')}'")
        admin.execute(f"create user shauser password 'sha256|{PASSWORD}'")
    with postgres.connect("admin") as admin:
        admin.execute(f"create user md5user password '{md5('md5user')}'")
        admin.execute(f"create user scramuser password '{PASSWORD}'")
    kinds = [
        ("md5", gatehouse, "md5user"),
        ("SCRAM-SHA-256", postgres, "scramuser"),
        ("md5", postgres, "md5user"),
    ]
    seen = {}
    for how, server, user in kinds:
        name = "Gatehouse" if server is gatehouse else "PostgreSQL"
        for workers in (1, AT_ONCE):
            title = f"{name} {how}, {workers} at a time"
            seen[name, how, workers] = many(server.address(user), options.connections, workers, title)
    for workers in (1, AT_ONCE):
        per_second, times = seen["Gatehouse", "md5", workers]
        for how in ("SCRAM-SHA-256", "md5"):
            peer_per_second, peer_times = seen["PostgreSQL", how, workers]
            what, peer = f"psycopg, md5, {workers} at a time", f"PostgreSQL 15, {how}"
            report.add("connections", what, "per second", per_second, peer_per_second, peer)
            for share in (50, 95):
                ours, theirs = percentile(times, share), percentile(peer_times, share)
                report.add("connections", f"{what}, p{share}", "ms", ours, theirs, peer)
    drivers(report, gatehouse)
    gatehouse.stop()
    postgres.stop()


def md5(user):
    """How PostgreSQL and Redshift keep a password that md5 proves."""
    return "md5" + hashlib.md5((PASSWORD + user).encode()).hexdigest()


def worker(address, count, gate, answers):
    times = []
    for number in range(-WARM_UP, count):
        if number == 0:
            gate.wait()
        started = time.perf_counter()
        connection = psycopg.connect(**address)
        took = (time.perf_counter() - started) * 1000
        connection.close()
        if number >= 0:
            times.append(took)
    answers.put(times)


def many(address, count, workers, title):
    """Connections per second from first to last, and each one's milliseconds; one process per place."""
    progress(title, 0, 1)
    context = multiprocessing.get_context("fork")
    gate, answers = context.Barrier(workers + 1), context.Queue()
    each = count // workers
    places = [context.Process(target=worker, args=(address, each, gate, answers), daemon=True) for _ in range(workers)]
    for place in places:
        place.start()
    gate.wait(timeout=120)
    started = time.perf_counter()
    times = [took for _ in places for took in answers.get(timeout=300)]
    elapsed = time.perf_counter() - started
    for place in places:
        place.join(20)
    progress(title, 1, 1)
    return len(times) / elapsed, times


def drivers(report, gatehouse):
    """The real Redshift driver: a password, and an access token of a person who signed in once before."""
    token = access_token(gatehouse, "ethan")
    os.environ["SSL_CERT_FILE"] = gatehouse.env["GATEHOUSE_CA"]  # the driver takes Python's default authorities
    common = {"host": "127.0.0.1", "port": int(gatehouse.env["SQL_PORT"]), "database": gatehouse.env["SQL_DATABASE"]}
    ways = {
        "password (code 13)": {"user": "shauser", "password": PASSWORD, "sslmode": "verify-full"},
        "access token (code 14)": {"credentials_provider": "IdpTokenAuthPlugin", "token": token, "token_type": "ACCESS_TOKEN"},
    }
    for how, settings in ways.items():
        times = []
        for number in counted(f"redshift_connector, {how}", range(DRIVER_CONNECTIONS)):
            started = time.perf_counter()
            connection = redshift_connector.connect(**common, **settings)
            times.append((time.perf_counter() - started) * 1000)
            connection.close()
        report.add("connections", f"redshift_connector 2.2, {how}, p50 of {DRIVER_CONNECTIONS}", "ms", median(times))
