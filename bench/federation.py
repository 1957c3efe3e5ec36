"""Brokered SAML sign-ins, beside Keycloak brokering from the same identity provider; token refreshes; SAML per core.

One Gatehouse is the identity provider of both (its built-in one). The measured ones are a second Gatehouse and Keycloak, each as SAML
service provider: a fresh browser starts there, is sent to the provider (where it is signed in already), and comes back with an
assertion that must be verified, matched to a person and turned into a session. Work of the measured process is read from /proc.
"""

import base64
import functools
import hashlib
import html
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from report import median, progress
from servers import RUNNING, ROOT, Gatehouse, Server, binary, free_port, wait

KEYCLOAK = ROOT / ".tools/keycloak/keycloak-26.7.3"
KEYCLOAK_NAME = "Keycloak 26.7.3"
PERSON, PASSWORD = "bench@example.com", "bench-Password-1"
BROWSERS = 4
SECONDS = 10


class Keycloak(Server):
    """In production mode over plain HTTP, its data in a file of its own; warmed up by the caller."""

    stop_signal = signal.SIGTERM

    def __init__(self, folder):
        self.folder, self.port, self.log = folder, free_port(), folder.with_suffix(".log")
        self.url, self.pid = f"http://127.0.0.1:{self.port}", None

    def start(self):
        shutil.copytree(KEYCLOAK, self.folder, symlinks=True)
        environment = {**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"}
        command = [
            self.folder / "bin/kc.sh", "start", "--http-enabled=true", f"--hostname={self.url}", "--http-host=127.0.0.1",
            f"--http-port={self.port}", "--db=dev-file", "--cache=local", "--log-level=warn", f"--http-management-port={free_port()}",
        ]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
        RUNNING.append(self)
        wait(self.process, self.answers, self.log, 240)
        children = subprocess.run(["pgrep", "-g", str(self.process.pid), "java"], capture_output=True, text=True)
        self.pid = int(children.stdout.split()[0])
        return self

    def stop(self):
        if self in RUNNING:
            RUNNING.remove(self)
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def answers(self):
        try:
            urllib.request.urlopen(self.url + "/realms/master", timeout=2).close()
            return True
        except OSError:
            return False

    def admin(self, method, path, body=None):
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        address = f"{self.url}/realms/master/protocol/openid-connect/token"
        with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), timeout=20) as answer:
            token = json.load(answer)["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"{self.url}/admin/realms{path}", None if body is None else json.dumps(body).encode(), headers, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return (answer.headers.get("Location") or "").rsplit("/", 1)[-1]


@functools.cache
def trusting(authorities):
    """One for all browsers: making it costs more than a sign-in."""
    tls = ssl.create_default_context()
    for authority in authorities:
        tls.load_verify_locations(authority)
    return tls


class Browser:
    """Keeps connections open and cookies per host; follows redirects and posts the forms that post themselves."""

    def __init__(self, authorities):
        self.tls = trusting(frozenset(authorities))
        self.connections, self.cookies = {}, {}

    def ask(self, method, address, form=None, headers=None):
        parts = urllib.parse.urlsplit(address)
        origin = (parts.scheme, parts.netloc)
        if origin not in self.connections:
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            more = {"context": self.tls} if parts.scheme == "https" else {}
            self.connections[origin] = kind(parts.hostname, parts.port, timeout=30, **more)
        connection, jar = self.connections[origin], self.cookies.setdefault(parts.netloc, {})
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()), **(headers or {})} if jar else dict(headers or {})
        body = None
        if form is not None:
            body, sent["Content-Type"] = urllib.parse.urlencode(form), "application/x-www-form-urlencoded"
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            if value and "Max-Age=0" not in line:
                jar[name] = value
            else:
                jar.pop(name, None)
        return answer.status, answer.headers.get("Location"), text

    def go(self, address, until, form=None, steps=20):
        """Follows what a browser follows by itself, until `until(address, text)`."""
        method = "POST" if form is not None else "GET"
        for _ in range(steps):
            status, location, text = self.ask(method, address, form)
            if location:
                address, method, form = urllib.parse.urljoin(address, location), "GET", None
                if until(address, ""):
                    return address, text
                continue
            if until(address, text):
                return address, text
            if "SAMLResponse" in text or "SAMLRequest" in text:
                method, (address, form) = "POST", own_form(text, address)
                continue
            onward = re.search(r'http-equiv="refresh" content="0; ?url=([^"]+)"', text, re.I)
            if not onward:
                raise SystemExit(f"bench: stuck at {address} ({status}): {re.sub('<[^>]+>', ' ', text)[:600]}")
            address, method, form = urllib.parse.urljoin(address, html.unescape(onward[1])), "GET", None
        raise SystemExit(f"bench: too many steps, last {address}")


def own_form(text, address):
    action = re.search(r'<form[^>]*action="([^"]*)"', text, re.I)
    inputs = re.findall(r"<input[^>]*>", text, re.I)
    fields = {}
    for one in inputs:
        name, value = re.search(r'name="([^"]*)"', one, re.I), re.search(r'value="([^"]*)"', one, re.I)
        if name:
            fields[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    return urllib.parse.urljoin(address, html.unescape(action[1])), fields


def command(server, *arguments, stdin=None):
    done = subprocess.run(
        [binary(), *map(str, arguments), "--data-dir", server.data_dir, "--json"], input=stdin, capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise SystemExit(f"bench: gatehouse {' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout) if done.stdout.strip() else None


def scim_person(server):
    tls = ssl.create_default_context(cafile=server.env["GATEHOUSE_CA"])
    body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": PERSON, "active": True}
    headers = {"Authorization": f"Bearer {server.env['SCIM_TOKEN']}", "Content-Type": "application/scim+json"}
    request = urllib.request.Request(server.env["SCIM_URL"] + "/Users", json.dumps(body).encode(), headers)
    urllib.request.urlopen(request, context=tls, timeout=20).close()


def provider(folder):
    """The identity provider of both, with one person."""
    server = Gatehouse(folder / "provider")
    server.start()
    command(server, "idp", "group", "add", "bench")
    command(server, "idp", "person", "add", PERSON, "--email", PERSON, "--group", "bench", "--password-file", "-", stdin=PASSWORD)
    return server


def gatehouse_as_service_provider(folder, idp):
    server = Gatehouse(folder / "measured")
    server.start()
    scim_person(server)
    application = command(idp, "idp", "app", "add", "saml", "Gatehouse", "--group", "bench", "--audience", "later", "--acs", "https://later.example/", "--name-id-format", "email-address")
    metadata, ours = folder / "gatehouse-idp.xml", folder / "gatehouse-sp.xml"
    command(idp, "idp", "app", "metadata", application["slug"], "--out", metadata)
    source = command(server, "identity-source", "add", "saml", "Bench", "--metadata", metadata)["IdentitySource"]["SourceId"]
    command(server, "identity-source", "metadata", source, "--out", ours)
    command(idp, "idp", "app", "upload-sp-metadata", application["slug"], ours)
    base = server.env["GATEHOUSE_HTTPS"]
    return server, f"{base}/signin/with/{source}", lambda address, text: address == f"{base}/signin" and PERSON in text


def keycloak_as_service_provider(folder, idp):
    server = Keycloak(folder / "keycloak").start()
    server.admin("POST", "", {"realm": "bench", "enabled": True, "sslRequired": "none"})
    entity, acs = f"{server.url}/realms/bench", f"{server.url}/realms/bench/broker/bench/endpoint"
    application = command(idp, "idp", "app", "add", "saml", "Keycloak", "--group", "bench", "--audience", entity, "--acs", acs, "--name-id-format", "email-address")
    metadata = folder / "keycloak-idp.xml"
    command(idp, "idp", "app", "metadata", application["slug"], "--out", metadata)
    text = metadata.read_text()
    issuer = re.search(r'entityID="([^"]+)"', text)[1]
    certificate = re.search(r"X509Certificate>([^<]+)<", text)[1]
    server.admin("POST", "/bench/identity-provider/instances", {
        "alias": "bench", "providerId": "saml", "enabled": True, "trustEmail": True, "config": {
            "idpEntityId": issuer, "entityId": entity, "singleSignOnServiceUrl": issuer, "signingCertificate": certificate,
            "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "principalType": "SUBJECT",
            "postBindingResponse": "true", "postBindingAuthnRequest": "false", "validateSignature": "true", "wantAssertionsSigned": "true",
            "wantAuthnRequestsSigned": "false", "syncMode": "IMPORT",
        },
    })
    person = server.admin("POST", "/bench/users", {
        "username": PERSON, "email": PERSON, "emailVerified": True, "enabled": True, "firstName": "B", "lastName": "B",
    })
    server.admin("POST", f"/bench/users/{person}/federated-identity/bench", {
        "identityProvider": "bench", "userId": PERSON, "userName": PERSON,
    })
    redirect = f"{server.url}/arrived"
    server.admin("POST", "/bench/clients", {
        "clientId": "bench", "publicClient": True, "redirectUris": [redirect], "enabled": True, "standardFlowEnabled": True,
        "directAccessGrantsEnabled": True,
    })
    server.admin("PUT", f"/bench/users/{person}/reset-password", {"type": "password", "value": PASSWORD, "temporary": False})
    query = urllib.parse.urlencode({
        "client_id": "bench", "redirect_uri": redirect, "response_type": "code", "scope": "openid", "kc_idp_hint": "bench", "state": "s",
    })
    start = f"{server.url}/realms/bench/protocol/openid-connect/auth?{query}"
    return server, start, lambda address, text: address.startswith(redirect)


def work_seconds(pid):
    """What the process has computed, over all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def at_the_provider(idp, authorities, person=PERSON, password=PASSWORD):
    """The cookies of a browser that is signed in at the provider."""
    browser = Browser(authorities)
    address = idp.env["IDP_URL"]
    for _ in range(5):
        status, location, text = browser.ask("GET", address)
        if not location:
            break
        address = urllib.parse.urljoin(address, location)
    action, fields = own_form(text, address)
    browser.go(action, lambda _, text: "Sign out" in text, {**fields, "user_name": person, "password": password})
    return browser.cookies


def sign_ins(what, pid, start, arrived, signed_in, authorities, seconds):
    """Sign-ins a second, milliseconds of the process's own work for each, and the median a person waits."""
    waits = []

    def sign_in():
        browser = Browser(authorities)
        browser.cookies = {host: dict(jar) for host, jar in signed_in.items()}
        began = time.monotonic()
        browser.go(start, arrived)
        waits.append(time.monotonic() - began)
        for connection in browser.connections.values():
            connection.close()

    def one_browser():
        while time.monotonic() < end:
            sign_in()

    sign_in()  # what fails, fails here, where it is seen
    waits.clear()

    began, worked = time.monotonic(), work_seconds(pid)
    end = began + seconds
    threads = [threading.Thread(target=one_browser) for _ in range(BROWSERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    progress(what, 1, 1)
    return len(waits) / took, (work_seconds(pid) - worked) * 1000 / len(waits), median(waits) * 1000


def measure(report, folder, chosen):
    folder = Path(folder) / "federation"
    folder.mkdir(parents=True)
    idp = provider(folder)
    measured = {}
    sides = {"gatehouse": gatehouse_as_service_provider(folder, idp), "keycloak": keycloak_as_service_provider(folder, idp)}
    for name, (server, start, arrived) in sides.items():
        authorities = {idp.env["GATEHOUSE_CA"], *([server.env["GATEHOUSE_CA"]] if name == "gatehouse" else [])}
        pid = server.process.pid if name == "gatehouse" else server.pid
        signed_in = at_the_provider(idp, authorities)
        before = resident(pid)
        # A Java program is compiled while it runs: what is measured comes after as long a time of the same.
        sign_ins(f"{name}: warming up", pid, start, arrived, signed_in, authorities, SECONDS)
        measured[name] = (*sign_ins(f"{name}: brokered SAML sign-ins", pid, start, arrived, signed_in, authorities, SECONDS), before, resident(pid))
    ours, theirs = measured["gatehouse"], measured["keycloak"]
    part = "federation"
    report.add(part, f"brokered SAML sign-ins, {BROWSERS} browsers", "1/s", ours[0], theirs[0], KEYCLOAK_NAME)
    report.add(part, "the broker's own work for a sign-in", "ms CPU", ours[1], theirs[1], KEYCLOAK_NAME)
    report.add(part, "a person waits (median)", "ms", ours[2], theirs[2], KEYCLOAK_NAME)
    report.add(part, "memory before", "MiB", ours[3], theirs[3], KEYCLOAK_NAME)
    report.add(part, "memory after", "MiB", ours[4], theirs[4], KEYCLOAK_NAME)
    report.note("federation: Gatehouse serves TLS, Keycloak plain HTTP; provider, browsers and the measured one share the machine's cores, and the browsers are Python: the broker's own work is the number that lasts.")
    refreshes(report, idp, sides["keycloak"][0])
    saml_per_core(report)
    for server in (idp, *(side[0] for side in sides.values())):
        server.stop()


def post(connection, path, form, headers=None):
    connection.request("POST", path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise SystemExit(f"bench: {path}: {answer.status} {text[:300]}")
    return json.loads(text)


def refreshes(report, idp, keycloak):
    """Refresh tokens exchanged one after the other on each of some connections; the answer has an ID token, signed with RSA-2048."""
    base = urllib.parse.urlsplit(idp.env["IDP_URL"])
    made = command(idp, "idp", "app", "add", "oidc", "Refreshes", "--group", "bench", "--redirect-uri", "http://127.0.0.1:7891/arrived")
    tls = ssl.create_default_context(cafile=idp.env["GATEHOUSE_CA"])
    signed_in = at_the_provider(idp, {idp.env["GATEHOUSE_CA"]})

    def our_connection():
        return http.client.HTTPSConnection(base.hostname, base.port, context=tls, timeout=30)

    def their_connection():
        return http.client.HTTPConnection("127.0.0.1", keycloak.port, timeout=30)

    def our_token():
        return authorization_code(idp, made, signed_in)

    def their_token():
        form = {"grant_type": "password", "client_id": "bench", "username": PERSON, "password": PASSWORD, "scope": "openid"}
        return post(their_connection(), "/realms/bench/protocol/openid-connect/token", form)["refresh_token"]

    basic = credentials(made)
    ours = refreshes_a_second("gatehouse", our_connection, "/idp/oauth/token", our_token, *basic)
    path = "/realms/bench/protocol/openid-connect/token"
    refreshes_a_second("keycloak: warming up", their_connection, path, their_token, {"client_id": "bench"}, {})
    theirs = refreshes_a_second("keycloak", their_connection, path, their_token, {"client_id": "bench"}, {})
    report.add("federation", f"token refreshes, {BROWSERS} connections", "1/s", ours, theirs, KEYCLOAK_NAME)
    report.note("federation: Gatehouse rotates each refresh token and keeps it on disk; Keycloak's default doesn't rotate.")


def refreshes_a_second(what, connect, path, token, fields, headers):
    counts = []

    def one(refresh_token, connection):
        count = 0
        while time.monotonic() < end:
            answer = post(connection, path, {"grant_type": "refresh_token", "refresh_token": refresh_token, **fields}, headers)
            refresh_token, count = answer["refresh_token"], count + 1
        counts.append(count)

    start = [(token(), connect()) for _ in range(BROWSERS)]
    began = time.monotonic()
    end = began + SECONDS / 2
    threads = [threading.Thread(target=one, args=pair) for pair in start]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    progress(f"{what}: token refreshes", 1, 1)
    return sum(counts) / (time.monotonic() - began)


def credentials(made):
    pair = base64.b64encode(f"{made['client_id']}:{made['client_secret']}".encode()).decode()
    return {}, {"Authorization": f"Basic {pair}"}


def authorization_code(idp, made, signed_in):
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = "http://127.0.0.1:7891/arrived"
    query = urllib.parse.urlencode({
        "client_id": made["client_id"], "redirect_uri": redirect, "response_type": "code", "scope": "openid offline_access", "state": "s",
        "code_challenge": challenge, "code_challenge_method": "S256", "nonce": "n",
    })
    browser = Browser({idp.env["GATEHOUSE_CA"]})
    browser.cookies = {host: dict(jar) for host, jar in signed_in.items()}
    address, text = browser.go(f"{idp.env['IDP_URL']}/oauth/authorize?{query}", lambda address, text: address.startswith(redirect) or "<form" in text)
    if not address.startswith(redirect):
        # offline_access asks the person once.
        action, fields = own_form(text, address)
        address, _ = browser.go(action, lambda address, _: address.startswith(redirect), {**fields, "decision": "allow"})
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))["code"]
    base = urllib.parse.urlsplit(idp.env["IDP_URL"])
    tls = ssl.create_default_context(cafile=idp.env["GATEHOUSE_CA"])
    connection = http.client.HTTPSConnection(base.hostname, base.port, context=tls, timeout=30)
    fields, headers = credentials(made)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier, **fields}
    return post(connection, "/idp/oauth/token", form, headers)["refresh_token"]


def saml_per_core(report):
    """The example of crate saml: one thread, RSA-2048."""
    done = subprocess.run(
        ["cargo", "run", "--quiet", "--release", "--package", "saml", "--example", "speed"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    numbers = json.loads(done.stdout)
    report.add("federation", "SAML responses issued (RSA-2048), one core", "1/s", numbers["issue_per_second"])
    report.add("federation", "SAML responses validated (RSA-2048), one core", "1/s", numbers["validate_per_second"])
