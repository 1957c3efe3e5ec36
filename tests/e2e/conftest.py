"""A whole Gatehouse per test session: the real binary, the demo organisation, free ports, its own data directory."""

import base64
import hashlib
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
CLIENTS = Path(__file__).resolve().parent / "clients"


def binary():
    """The built server: `cargo xtask test` names it; a hand-started pytest takes the debug build."""
    return os.environ.get("GATEHOUSE_BINARY") or str(ROOT / "target/debug/gatehouse")


class Server:
    """A running Gatehouse and what its endpoints.env says."""

    def __init__(self, data_dir, command=None, options=()):
        self.data_dir = Path(data_dir)
        self.log = self.data_dir.parent / f"{self.data_dir.name}.log"
        self.command = list(command or [binary(), "up", "--demo"])
        self.options = list(options)
        self.process = None
        self.env = {}

    def start(self, deadline_seconds=120, ports=None):
        ports = ports or {"--http": 0, "--https": 0, "--sql": 0}
        endpoints = self.data_dir / "endpoints.env"
        endpoints.unlink(missing_ok=True)
        listen = [part for option, port in ports.items() for part in (option, f"127.0.0.1:{port}")]
        arguments = [*self.command, "--data-dir", str(self.data_dir), *listen, *self.options]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(arguments, cwd=ROOT, stdout=log, stderr=log)
        deadline = time.monotonic() + deadline_seconds
        while not endpoints.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)
        self.env = dict(
            line.split("=", 1)
            for line in (shlex.split(text)[0] for text in endpoints.read_text().splitlines() if text)
        )
        return self

    def __getitem__(self, name):
        return self.env[name]

    def client_env(self, **more):
        """The environment a person gets by sourcing endpoints.env, with what Python's TLS needs."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "PG"))}
        return {
            **inherited,
            **self.env,
            "SSL_CERT_FILE": self["GATEHOUSE_CA"],
            "REQUESTS_CA_BUNDLE": self["GATEHOUSE_CA"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DEFAULT_REGION": self["AWS_REGION"],
            "AWS_PAGER": "",
            **more,
        }

    def stop(self, how=signal.SIGTERM, deadline_seconds=20):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(deadline_seconds)
        return self.process.returncode

    def spki(self):
        return spki(self.data_dir / "server.pem")


def spki(certificate):
    """SHA-256 of a certificate's public key, as Chromium's --ignore-certificate-errors-spki-list takes it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, check=True, capture_output=True)
    return base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("gatehouse") / "data").start()
    yield running
    assert running.stop() == 0, "SIGTERM must stop the server cleanly"
    verified = subprocess.run([binary(), "audit", "verify", "--data-dir", running.data_dir], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stderr


@pytest.fixture
def fresh_server(tmp_path):
    """A server of the test's own, for what would disturb the others."""
    started = []

    def start(**options):
        running = Server(tmp_path / f"data{len(started)}", **options)
        started.append(running)
        return running.start()

    yield start
    for running in started:
        running.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory):
    """One Keycloak for all tests; each makes realms of its own."""
    from peers_keycloak import Keycloak  # it needs what this file defines

    running = Keycloak(tmp_path_factory.mktemp("keycloak")).start()
    yield running
    running.stop()
