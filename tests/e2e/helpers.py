"""What several tests ask of a server."""

import json
import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import psycopg
from conftest import CLIENTS, TOOLS, binary
from oauth import Flow
from wire import Wire

PYTHONS = {"2.2": TOOLS / "py/bin/python", "2.1": TOOLS / "py21/bin/python"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Scim:
    """The identity provider's provisioning client: plain HTTPS with a bearer token, as Okta sends it."""

    def __init__(self, server, token=None):
        self.url, self.token = server["SCIM_URL"], token or server["SCIM_TOKEN"]
        self.tls = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])

    def __call__(self, method, path, body=None, headers=None, expect=None):
        request = urllib.request.Request(
            self.url.rstrip("/") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/scim+json",
                "User-Agent": "Okta SCIM Client 1.0.0",
                **(headers or {}),
            },
        )
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=10) as response:
                status, text = response.status, response.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        answer = json.loads(text) if text else None
        if expect is not None:
            assert status == expect, (method, path, status, answer)
        return answer if expect is not None else (status, answer)

    def find(self, kind, attribute, value):
        query = urllib.parse.quote(f'{attribute} eq "{value}"')
        found = self("GET", f"/{kind}?filter={query}", expect=200)
        assert found["totalResults"] == 1, found
        return found["Resources"][0]

    def user(self, user_name):
        return self.find("Users", "userName", user_name)

    def group(self, display_name):
        return self.find("Groups", "displayName", display_name)

    def set_active(self, user_name, active):
        operation = {"op": "replace", "value": {"active": active}}
        self.patch("Users", self.user(user_name)["id"], operation)

    def patch(self, kind, identifier, *operations, expect=200):
        body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
        return self("PATCH", f"/{kind}/{identifier}", body, expect=expect)

    def create_user(self, user_name, **more):
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": user_name,
            "externalId": f"00u-{user_name}",
            "name": {"givenName": user_name.title(), "familyName": "Example"},
            "displayName": user_name.title(),
            "emails": [{"value": f"{user_name}@example.com", "type": "work", "primary": True}],
            "active": True,
            **more,
        }
        return self("POST", "/Users", body, expect=201)

    def create_group(self, display_name, *members):
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": display_name,
            "members": [{"value": member} for member in members],
        }
        return self("POST", "/Groups", body, expect=201)


class RedshiftConnector:
    """An unmodified redshift_connector in a process of its own, signed in through a real browser, with a token, or as a database
    user. A statement is a text, or a text with its parameters."""

    def __init__(
        self, server, who, statements=(), hold=False, driver="2.2", token=None, pictures=None, password=None, user=None,
        refusal=None, endpoint=None, provider=None, connect=None, more=None,
    ):
        port = free_port()
        environment = server.client_env(
            BROWSER=f"{sys.executable} {CLIENTS / 'browser.py'} %s &",
            SIGN_IN_AS=who,
            LISTEN_PORT=str(port),
            GATEHOUSE_SPKI=server.spki(),
            AWS_ENDPOINT_URL_SSO_OIDC=server["GATEHOUSE_HTTPS"],
            TOKEN=token or "",
            DB_USER=user or "",
            DB_PASSWORD=(user and password) or "",
            GATEHOUSE_PICTURES=str(pictures or ""),
            REFUSAL=str(refusal or ""),
        )
        environment.update(more or {})
        if provider:
            # (the source's name on the sign-in page or None where it is the only one, whose form comes)
            environment["SIGN_IN_WITH"], environment["SIGN_IN_AT"] = provider[0] or "", provider[1]
        if endpoint:
            environment["SQL_HOST"], environment["SQL_PORT"] = endpoint["Address"], str(endpoint["Port"])
        if password:
            environment["DEMO_PASSWORD"] = password
        self.process = subprocess.Popen(
            [PYTHONS[driver], CLIENTS / "redshift_idc.py"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.process.stdin.write(json.dumps({"statements": list(statements), "hold": hold, "connect": connect}) + "\n")
        self.process.stdin.flush()
        self.answers = []
        if refusal:
            return
        if not hold:
            output, errors = self.process.communicate(timeout=90)
            self.answers = [json.loads(line) for line in output.splitlines()]
            assert self.answers, errors
            return
        while True:
            line = self.process.stdout.readline()
            assert line, self.process.stderr.read()
            answer = json.loads(line)
            if answer.get("holding"):
                break
            self.answers.append(answer)
            assert "refused" not in answer, answer

    def send(self, statement):
        self.process.stdin.write(json.dumps(statement) + "\n")
        self.process.stdin.flush()

    def receive(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, statement):
        self.send(statement)
        return self.receive()

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)


def refused_sign_in(server, who, folder, **options):
    """What the browser shows somebody whom the driver's sign-in doesn't let in. The driver itself waits on; it is ended."""
    told = folder / "refusal.txt"
    driver = RedshiftConnector(server, who, ["select 1"], refusal=told, pictures=folder, **options)
    try:
        deadline = time.monotonic() + 30
        while not told.exists():
            assert time.monotonic() < deadline, "the browser wasn't refused"
            time.sleep(0.05)
        return told.read_text()
    finally:
        driver.process.kill()
        driver.process.wait()


def psql(server, *arguments, user=None, password=None, database=None, sslmode="verify-full", stdin=None, host=None, port=None):
    """The real psql, as the SQL administrator unless told otherwise. A `host` is a name that no DNS knows: it goes into SNI only."""
    named = {"PGHOSTADDR": server["SQL_HOST"]} if host else {}
    environment = {
        **os.environ,
        **named,
        "PGPASSWORD": password or server["SQL_ADMIN_PASSWORD"],
        "PGSSLMODE": sslmode,
        "PGSSLROOTCERT": server["GATEHOUSE_CA"],
        "PGCONNECT_TIMEOUT": "10",
    }
    command = [
        "psql", "-X", "-h", host or server["SQL_HOST"], "-p", str(port or server["SQL_PORT"]), "-U", user or server["SQL_ADMIN_USER"],
        "-d", database or server["SQL_DATABASE"], "-v", "VERBOSITY=verbose", "-At", *arguments,
    ]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, input=stdin)


def admin(server, sql):
    """Statements that must succeed, as the SQL administrator; the rows as text lines."""
    done = psql(server, "-v", "ON_ERROR_STOP=1", "-c", sql) if ";" not in sql.rstrip().rstrip(";") else psql(
        server, "-v", "ON_ERROR_STOP=1", stdin=sql
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def token(server, who, password=None):
    """An access token of this person, got as a person gets it: sign-in page, consent, code, exchange."""
    return Flow(server).tokens(who, password)["accessToken"]


def pg(server, user=None, password=None, **options):
    """psycopg, as the SQL administrator unless told otherwise; each statement is its own transaction unless told otherwise."""
    return psycopg.connect(
        host=server["SQL_HOST"],
        port=server["SQL_PORT"],
        user=user or server["SQL_ADMIN_USER"],
        password=password or server["SQL_ADMIN_PASSWORD"],
        dbname=server["SQL_DATABASE"],
        **{"sslmode": "verify-full", "sslrootcert": server["GATEHOUSE_CA"], "autocommit": True, "connect_timeout": 20, **options},
    )


def enter(server, user=None, password=None, **parameters):
    """The byte-by-byte client, signed in as the SQL administrator unless told otherwise."""
    user, password = user or server["SQL_ADMIN_USER"], password or server["SQL_ADMIN_PASSWORD"]
    return Wire(server).login(user, password, **parameters)


def gatehouse(server, *arguments, expect=0, stdin=None):
    """The command line's JSON, or what it says when it fails."""
    command = [binary(), *map(str, arguments), "--data-dir", server.data_dir, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, input=stdin)
    assert (done.returncode == 0) == (expect == 0), (command, done.stdout, done.stderr)
    if expect:
        return done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


class Refused(Exception):
    """What the aws CLI said when it failed: `An error occurred (CODE) when calling …: MESSAGE`."""


def cli(server, *arguments):
    """The real aws CLI with the root key; its JSON, or Refused."""
    done = subprocess.run(
        [TOOLS / "py/bin/aws", *map(str, arguments), "--output", "json"],
        env=server.client_env(), capture_output=True, text=True, timeout=90,
    )
    if done.returncode != 0:
        raise Refused(done.stderr.strip())
    return json.loads(done.stdout) if done.stdout.strip() else None


def aws(server, service, **changed):
    """A boto3 client with the root key."""
    return boto3.client(service, **{
        "endpoint_url": server["AWS_ENDPOINT_URL"],
        "region_name": server["AWS_REGION"],
        "aws_access_key_id": server["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": server["AWS_SECRET_ACCESS_KEY"],
        "verify": server["GATEHOUSE_CA"],
        **changed,
    })
