"""The two servers: Gatehouse, and a PostgreSQL 15 with TLS and SCRAM, both on 127.0.0.1 and free ports."""

import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[1]
POSTGRES = Path("/usr/lib/postgresql/15/bin")
PASSWORD = "bench-Password-1"
RUNNING = []


def binary():
    return os.environ.get("GATEHOUSE_BINARY") or str(ROOT / "target/debug/gatehouse")


def stop_all():
    while RUNNING:
        RUNNING[-1].stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(process, ready, log, seconds=120):
    """Asks `ready` until it says yes."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"bench: a server did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.002)


class Server:
    """A process of ours, ended by `stop`."""

    process = None
    stop_signal = signal.SIGTERM

    def stop(self):
        if self in RUNNING:
            RUNNING.remove(self)
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(20)

    def connect(self, user, **more):
        """psycopg over TLS 1.3, the certificate verified."""
        return psycopg.connect(**self.address(user), autocommit=True, **more)


class Gatehouse(Server):
    def __init__(self, data_dir):
        self.data_dir = Path(data_dir)
        self.log = self.data_dir.with_suffix(".log")
        self.env = {}

    def start(self):
        """Starts it; the seconds until endpoints.env is there, which is when every listener accepts."""
        endpoints = self.data_dir / "endpoints.env"
        endpoints.unlink(missing_ok=True)
        ports = [part for name in ("--http", "--https", "--sql") for part in (name, "127.0.0.1:0")]
        command = [binary(), "up", "--demo", "--data-dir", str(self.data_dir), "--log", "warn", *ports]
        with open(self.log, "ab") as log:
            started = time.perf_counter()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        RUNNING.append(self)
        wait(self.process, endpoints.exists, self.log)
        took = time.perf_counter() - started
        lines = (shlex.split(line)[0] for line in endpoints.read_text().splitlines() if line)
        self.env = dict(line.split("=", 1) for line in lines)
        return took

    def resident_mib(self):
        return self.memory_mib("VmRSS")

    def peak_mib(self):
        return self.memory_mib("VmHWM")

    def memory_mib(self, name):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = [line for line in status.splitlines() if line.startswith(name)]
        return int(line.split()[1]) / 1024

    def address(self, user):
        password = self.env["SQL_ADMIN_PASSWORD"] if user == "admin" else PASSWORD
        return {
            "host": "127.0.0.1",
            "port": int(self.env["SQL_PORT"]),
            "dbname": self.env["SQL_DATABASE"],
            "user": self.env["SQL_ADMIN_USER"] if user == "admin" else user,
            "password": password,
            "sslmode": "verify-full",
            "sslrootcert": self.env["GATEHOUSE_CA"],
            "ssl_min_protocol_version": "TLSv1.3",
            "connect_timeout": 20,
        }


class Postgres(Server):
    """PostgreSQL as its package configures it, but for TLS. Users: `postgres` (SCRAM), others as they are made."""

    stop_signal = signal.SIGINT  # ends the sessions, then stops

    def __init__(self, folder):
        self.folder = Path(folder)
        self.log = self.folder.with_suffix(".log")
        self.port = free_port()

    def start(self):
        if not (POSTGRES / "postgres").exists():
            raise SystemExit(f"bench: {POSTGRES}/postgres isn't there; install PostgreSQL 15 (apt-get install postgresql-15)")
        self.folder.mkdir()
        as_whom = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            shutil.chown(self.folder, account.pw_uid, account.pw_gid)
            as_whom = {"user": "postgres", "group": "postgres", "extra_groups": []}
        data, secret = self.folder / "data", self.folder / "password"
        key, certificate = self.folder / "server.key", self.folder / "server.pem"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        run = {"check": True, "capture_output": True, "cwd": self.folder, **as_whom}
        initdb = [POSTGRES / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8"]
        subprocess.run([*initdb, "--locale=C"], **run)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], **run
        )
        lines = ["hostssl all md5user 127.0.0.1/32 md5", "hostssl all all 127.0.0.1/32 scram-sha-256"]
        (data / "pg_hba.conf").write_text("\n".join(lines) + "\n")
        settings = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "port": self.port, "ssl": "on",
            "ssl_cert_file": certificate, "ssl_key_file": key, "ssl_min_protocol_version": "TLSv1.3",
        }
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [POSTGRES / "postgres", "-D", data, *flags], stdout=log, stderr=log, cwd=self.folder, **as_whom
            )
        RUNNING.append(self)
        wait(self.process, self.answers, self.log)
        return self

    def answers(self):
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def address(self, user):
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "dbname": "postgres",
            "user": "postgres" if user == "admin" else user,
            "password": PASSWORD,
            "sslmode": "verify-full",
            "sslrootcert": str(self.folder / "server.pem"),
            "ssl_min_protocol_version": "TLSv1.3",
            "connect_timeout": 20,
        }
