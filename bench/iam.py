"""Walkthrough 2's path: a SAML response, a role's credentials, a database password, a connection, a first row.

The calls are those that the drivers make, signed by botocore; the connection is psycopg's. Moto stands beside the two AWS calls: the
emulator that people use for them, which looks at no signature and no policy. What a process computes for them is read from /proc.
"""

import http.client
import json
import queue
import subprocess
import threading
import time
import urllib.parse
import xml.etree.ElementTree

import psycopg
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from connections import AT_ONCE, many
from federation import Browser, at_the_provider, own_form, trusting, work_seconds
from report import median, percentile, progress
from servers import ROOT, RUNNING, Gatehouse, Postgres, Server, free_port, wait
from tools import tools

ACCOUNT, REGION = "123456789012", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/redshift-sso-role"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/redshift-sso"
PERSON, GROUP = "ethan", "redshift_dbgroup"
FIRST_ROW = "select * from sales_schema.store_sales limit 1"
PLACES = 4
WARM_UP = 40
JOURNEYS, CALLS = 600, 2000
MOTO = "Moto 5.2.5"


class Moto(Server):
    """The emulator's own server over plain HTTP, one process."""

    def __init__(self, folder):
        self.log, self.port = folder.with_suffix(".log"), free_port()
        self.origin, self.authority = f"http://127.0.0.1:{self.port}", None

    def start(self):
        command = [tools() / "moto_server", "-H", "127.0.0.1", "-p", str(self.port)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        RUNNING.append(self)
        wait(self.process, self.answers, self.log)
        root = Aws(self.origin, None)
        root.redshift(Credentials("anybody", "any"), Action="CreateCluster", ClusterIdentifier="testcluster", NodeType="ra3.xlplus",
                      MasterUsername="admin", MasterUserPassword="Password1")
        return self

    def answers(self):
        try:
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=2).request("GET", "/")
            return True
        except OSError:
            return False


class Aws:
    """One connection to the AWS endpoint, kept open as long as the server keeps it."""

    def __init__(self, origin, authority):
        parts = urllib.parse.urlsplit(origin)
        self.origin = origin
        if parts.scheme == "https":
            self.connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=30, context=trusting(frozenset([authority])))
        else:
            self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)

    def ask(self, service, version, fields, credentials=None):
        body = urllib.parse.urlencode({**fields, "Version": version})
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": f"{service}.{REGION}.amazonaws.com"}
        if credentials:
            request = AWSRequest("POST", f"https://{headers['Host']}/", headers=headers, data=body)
            SigV4Auth(credentials, service, REGION).add_auth(request)
            headers = dict(request.headers)
        self.connection.request("POST", "/", body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"bench: {fields['Action']} at {self.origin}: {answer.status} {text[:600]}")
        return {element.tag.split("}")[-1]: element.text for element in xml.etree.ElementTree.fromstring(text).iter()}

    def assume_role(self, response):
        answer = self.ask("sts", "2011-06-15", {
            "Action": "AssumeRoleWithSAML", "RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": response,
        })
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])

    def redshift(self, credentials, **fields):
        return self.ask("redshift", "2012-12-01", fields, credentials)

    def database_password(self, credentials):
        answer = self.redshift(
            credentials, Action="GetClusterCredentials", ClusterIdentifier="testcluster", DbUser=PERSON, DbName="dev", AutoCreate="true",
            **{"DbGroups.DbGroup.1": GROUP},
        )
        return answer["DbUser"], answer["DbPassword"]


def saml_responses(server, count):
    """What the driver's listener gets, each for one use, from the built-in provider where the person is signed in."""
    authorities = {server.env["GATEHOUSE_CA"]}
    browser = Browser(authorities)
    browser.cookies = at_the_provider(server, authorities, PERSON, server.env["DEMO_PASSWORD"])
    application = f"{server.env['IDP_URL']}/open/amazon-redshift"
    responses = []
    for number in range(count):
        _, text = browser.go(application, lambda _, text: "SAMLResponse" in text)
        responses.append(own_form(text, application)[1]["SAMLResponse"])
        progress("SAML responses", number + 1, count)
    return responses


def in_places(what, pid, origin, authority, items, journey):
    """`journey(aws, item)` of every item from PLACES places: how many a second, the process's own milliseconds and the wait of each."""
    left, waits, failures = queue.SimpleQueue(), [], []
    for item in items:
        left.put(item)

    def place():
        aws = Aws(origin, authority)
        try:
            while True:
                item = left.get_nowait()
                began = time.monotonic()
                journey(aws, item)
                waits.append((time.monotonic() - began) * 1000)
        except queue.Empty:
            pass
        except BaseException as failure:
            failures.append(failure)

    began, worked = time.monotonic(), work_seconds(pid)
    places = [threading.Thread(target=place) for _ in range(PLACES)]
    for one in places:
        one.start()
    for one in places:
        one.join()
    took = time.monotonic() - began
    if failures:
        raise failures[0]
    progress(what, 1, 1)
    return len(waits) / took, (work_seconds(pid) - worked) * 1000 / len(waits), median(waits)


def first_row(server):
    address = server.address(PERSON)

    def journey(aws, response):
        user, password = aws.database_password(aws.assume_role(response))
        with psycopg.connect(**{**address, "user": user, "password": password}) as connection:
            assert connection.execute(FIRST_ROW).fetchone()

    return journey


def measure(report, folder, options):
    server = Gatehouse(folder / "iam")
    server.start()
    moto = Moto(folder / "iam-moto").start()
    ours = (server.process.pid, server.env["GATEHOUSE_HTTPS"], server.env["GATEHOUSE_CA"])
    theirs = (moto.process.pid, moto.origin, moto.authority)
    path(report, server, ours)
    calls(report, server, ours, theirs)
    moto.stop()
    connections(report, folder, server, options)
    server.stop()
    decisions(report)


def path(report, server, ours):
    responses = saml_responses(server, WARM_UP + JOURNEYS)
    in_places("SAML response to first row: warming up", *ours, responses[:WARM_UP], first_row(server))
    rate, work, wait_ms = in_places("SAML response to first row", *ours, responses[WARM_UP:], first_row(server))
    what = "SAML response to first row"
    report.add("iam", f"{what}, {PLACES} at a time", "1/s", rate)
    report.add("iam", f"{what}: Gatehouse's own work", "ms CPU", work)
    report.add("iam", f"{what}: per core of Gatehouse's own", "1/s", 1000 / work)
    report.add("iam", f"{what}: a person waits (median)", "ms", wait_ms)


def calls(report, server, ours, theirs):
    """The two AWS calls of the path, each beside Moto's."""
    responses = saml_responses(server, WARM_UP + CALLS // 2 + 1)
    spare = responses.pop()

    def assume(aws, response):
        aws.assume_role(response)

    assumed = {}
    for name, side in (("Gatehouse", ours), (MOTO, theirs)):
        in_places(f"{name}: warming up", *side, responses[:WARM_UP], assume)
        assumed[name] = in_places(f"{name}: AssumeRoleWithSAML", *side, responses[WARM_UP:], assume)
    beside(report, "AssumeRoleWithSAML", assumed)
    passwords = {}
    for name, side in (("Gatehouse", ours), (MOTO, theirs)):
        credentials = Aws(*side[1:]).assume_role(spare)

        def password(aws, _):
            aws.database_password(credentials)

        in_places(f"{name}: warming up", *side, range(WARM_UP), password)
        passwords[name] = in_places(f"{name}: GetClusterCredentials", *side, range(CALLS), password)
    beside(report, "GetClusterCredentials", passwords)
    report.note("iam: Gatehouse serves TLS, verifies signatures, evaluates policies and writes audit records to disk; Moto serves plain HTTP and does none of that. The client is Python on the same cores.")


def beside(report, what, seen):
    (rate, work, wait_ms), (their_rate, their_work, their_wait) = seen["Gatehouse"], seen[MOTO]
    report.add("iam", f"{what}, {PLACES} at a time", "1/s", rate, their_rate, MOTO)
    report.add("iam", f"{what}: the server's own work", "ms CPU", work, their_work, MOTO)
    report.add("iam", f"{what}: wait (median)", "ms", wait_ms, their_wait, MOTO)


def connections(report, folder, server, options):
    """With a temporary password, beside PostgreSQL with TLS and SCRAM."""
    aws = Aws(server.env["GATEHOUSE_HTTPS"], server.env["GATEHOUSE_CA"])
    (response,) = saml_responses(server, 1)
    user, password = aws.database_password(aws.assume_role(response))
    postgres = Postgres(folder / "iam-postgres").start()
    with postgres.connect("admin") as admin:
        admin.execute(f"create user scramuser password '{postgres.address('scramuser')['password']}'")
    peer = "PostgreSQL 15, SCRAM-SHA-256"
    for workers in (1, AT_ONCE):
        ours = many({**server.address(PERSON), "user": user, "password": password}, options.connections, workers, f"temporary password, {workers} at a time")
        theirs = many(postgres.address("scramuser"), options.connections, workers, f"PostgreSQL, SCRAM, {workers} at a time")
        what = f"connection by temporary password, {workers} at a time"
        report.add("iam", what, "1/s", ours[0], theirs[0], peer)
        for share in (50, 95):
            report.add("iam", f"{what}, p{share}", "ms", percentile(ours[1], share), percentile(theirs[1], share), peer)
    postgres.stop()


def decisions(report):
    """bench/cedar: a decision by the policies of the path, beside Cedar's on the same questions."""
    command = ["cargo", "run", "--quiet", "--release", "--manifest-path", "bench/cedar/Cargo.toml", "--target-dir", "target/cedar"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: bench/cedar: {done.stderr[-2000:]}")
    for row in json.loads(done.stdout):
        answer = "allowed" if row["allowed"] else "denied"
        report.add("iam", f"decision, {row['name']} ({answer})", "us", row["ours_us"], row["cedar_us"], "Cedar")
