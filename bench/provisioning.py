"""An identity provider's push: people, then groups with their members, over SCIM; then one change, and a sign-in among them all."""

import http.client
import json
import ssl
import subprocess
import threading
import time
import urllib.parse

from report import median, progress
from servers import RUNNING, ROOT, Gatehouse, Server, free_port, wait
from sign_in import access_token

PEER = ROOT / ".tools/scim/bin/scim2-server"
PEER_NAME = "scim2-server 0.8.3"
PEER_TOKEN = "bench-token"
SENDERS = 8
CHANGES = 21
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Peer(Server):
    """The SCIM server of PyPI: everything in memory, one process."""

    def __init__(self, log):
        self.port, self.log = free_port(), log

    def start(self):
        if not PEER.exists():
            raise SystemExit(f"bench: {PEER} isn't there; `cargo xtask setup` brings it")
        with open(self.log, "ab") as log:
            command = [PEER, "--bearer-token", PEER_TOKEN, "--port", str(self.port)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        RUNNING.append(self)
        wait(self.process, self.answers, self.log)
        return self

    def answers(self):
        try:
            return Client(f"http://127.0.0.1:{self.port}/v2", PEER_TOKEN)("GET", "/ServiceProviderConfig")[0] == 200
        except OSError:
            return False


class Client:
    """One connection that is kept open."""

    def __init__(self, url, token, ca=None):
        parts = urllib.parse.urlsplit(url)
        tls = {"context": ssl.create_default_context(cafile=ca)} if parts.scheme == "https" else {}
        kind = http.client.HTTPSConnection if tls else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=120, **tls)
        self.base, self.headers = parts.path, {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}

    def __call__(self, method, path, body=None):
        self.connection.request(method, self.base + path, body and json.dumps(body), self.headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None


def person(number):
    return {
        "schemas": [USER], "userName": f"person{number}@example.com", "externalId": f"00u{number}", "active": True,
        "name": {"givenName": f"Given{number}", "familyName": "Family"}, "displayName": f"Person {number}",
        "emails": [{"value": f"person{number}@example.com", "type": "work", "primary": True}],
    }


def group(number, members):
    return {"schemas": [GROUP], "displayName": f"group{number}", "members": [{"value": member} for member in members]}


def push(what, connect, path, bodies):
    """Sends everything over a few connections at a time; the ids in the bodies' order, and the seconds it took."""
    bodies = list(bodies)
    ids, failures, taken, lock = [None] * len(bodies), [], iter(range(len(bodies))), threading.Lock()

    def send():
        client = connect()
        while not failures:
            with lock:
                number = next(taken, None)
            if number is None:
                return
            status, answer = client("POST", path, bodies[number])
            if status != 201:
                failures.append((status, answer))
                return
            ids[number] = answer["id"]
            if number % 1000 == 999:
                progress(what, number + 1, len(bodies))

    senders = [threading.Thread(target=send) for _ in range(SENDERS)]
    started = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - started
    if failures:
        raise SystemExit(f"bench: {path} answered {failures[0]}")
    return ids, took


def one_change(client, ids):
    """The median time of a PATCH of one person."""
    times = []
    for number in range(CHANGES):
        operation = {"op": "replace", "path": "title", "value": f"Title {number}"}
        started = time.perf_counter()
        status, answer = client("PATCH", f"/Users/{ids[number]}", {"schemas": [PATCH], "Operations": [operation]})
        times.append((time.perf_counter() - started) * 1000)
        if status not in (200, 204):
            raise SystemExit(f"bench: PATCH answered {status} {answer}")
    return median(times)


def same_size(report, folder, options):
    """The same requests at a size that the peer bears, over plain HTTP for both."""
    server = Gatehouse(folder / "provisioning-small")
    server.start()
    ours = lambda: Client(server.env["GATEHOUSE_HTTP"] + "/scim/v2", server.env["SCIM_TOKEN"])
    peer = Peer(folder / "scim2-server.log").start()
    theirs = lambda: Client(f"http://127.0.0.1:{peer.port}/v2", PEER_TOKEN)
    results = []
    for name, connect in (("Gatehouse", ours), ("peer", theirs)):
        what = f"{name}: {options.peer_people:,} people"
        ids, took = push(what, connect, "/Users", map(person, range(options.peer_people)))
        results.append((options.peer_people / took, one_change(connect(), ids)))
    (rate, change), (peer_rate, peer_change) = results
    report.add("provisioning", f"{options.peer_people:,} people by POST, {SENDERS} connections", "per second", rate, peer_rate, PEER_NAME)
    report.add("provisioning", f"one PATCH among {options.peer_people:,} people, median of {CHANGES}", "ms", change, peer_change, PEER_NAME)
    peer.stop()
    server.stop()


def large(report, folder, options):
    server = Gatehouse(folder / "provisioning")
    server.start()
    env = server.env
    connect = lambda: Client(env["SCIM_URL"], env["SCIM_TOKEN"], env["GATEHOUSE_CA"])
    people, groups, size = options.people, options.groups, options.members
    ids, took = push(f"{people:,} people", connect, "/Users", map(person, range(people)))
    report.add("provisioning", f"{people:,} people by POST over TLS", "per second", people / took)
    # every person is in as many groups; neighbours are in different ones
    bodies = (group(number, [ids[(number * size + step * 7919) % people] for step in range(size)]) for number in range(groups))
    _, took = push(f"{groups:,} groups of {size}", connect, "/Groups", bodies)
    report.add("provisioning", f"{groups:,} groups with {groups * size:,} memberships", "memberships per second", groups * size / took)
    report.add("provisioning", f"one PATCH among {people:,} people, median of {CHANGES}", "ms", one_change(connect(), ids))
    started = time.perf_counter()
    access_token(server, "ethan")
    report.add("provisioning", f"a sign-in among {people:,} people, to the access token", "ms", (time.perf_counter() - started) * 1000)
    report.add("provisioning", "peak memory (VmHWM)", "MiB", server.peak_mib())
    server.stop()
    report.add("provisioning", "restart with all of them", "ms", server.start() * 1000)
    report.add("provisioning", "memory (VmRSS) after the restart", "MiB", server.resident_mib())
    server.stop()


def measure(report, folder, options):
    same_size(report, folder, options)
    large(report, folder, options)
