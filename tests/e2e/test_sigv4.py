"""Signed AWS requests: what boto3 and botocore sign is taken, and nothing that was altered, is late, or is signed by somebody else."""

import datetime
import http.client
import json
import ssl
import subprocess
import urllib.parse
import urllib.request
from unittest import mock

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from conftest import TOOLS
from helpers import aws

WHO = "Action=GetCallerIdentity&Version=2011-06-15"
# An operation that isn't there is said before the signature is looked at, as AWS does.
NOT_TAKEN = {(403, "SignatureDoesNotMatch"), (400, "MissingAction"), (400, "InvalidAction"), (400, "UnsupportedOperation")}
ROOT = "arn:aws:iam::123456789012:root"


class Call:
    """One signed request, open to alteration between signing and sending."""

    def __init__(self, server, body=WHO, service="sts", region=None, key=None, secret=None, session=None, shift=0, presign=None,
                 method="POST", path="/", headers=None):
        self.server = server
        credentials = Credentials(key or server["AWS_ACCESS_KEY_ID"], secret or server["AWS_SECRET_ACCESS_KEY"], session)
        address = server["AWS_ENDPOINT_URL"] + path
        sent = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", **(headers or {})}
        if presign:
            sent, method, address, body = {}, "GET", f"{address}?{body}", ""
        request = AWSRequest(method, address, headers=sent, data=body)
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=shift)
        region = region or server["AWS_REGION"]
        signer = SigV4QueryAuth(credentials, service, region, expires=presign) if presign else SigV4Auth(credentials, service, region)
        with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now.replace(tzinfo=None)):
            signer.add_auth(request)
        prepared = request.prepare()
        parts = urllib.parse.urlsplit(prepared.url)
        self.method, self.path, self.query = method, parts.path or "/", parts.query
        self.headers = {name: value.decode() if isinstance(value, bytes) else value for name, value in prepared.headers.items()}
        self.body = body

    def send(self):
        """Status, code and message, as AWS writes errors."""
        host = urllib.parse.urlsplit(self.server["AWS_ENDPOINT_URL"])
        context = ssl.create_default_context(cafile=self.server["GATEHOUSE_CA"])
        connection = http.client.HTTPSConnection(host.hostname, host.port, context=context, timeout=20)
        target = self.path + (f"?{self.query}" if self.query else "")
        headers = {**self.headers, "Content-Length": str(len(self.body.encode()))}
        connection.request(self.method, target, self.body.encode(), headers)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        self.request_id = response.headers.get("x-amzn-requestid")
        return response.status, text

    def code(self):
        status, text = self.send()
        assert self.request_id, "every answer can be asked about"
        if text.startswith("{") and status != 200:
            return status, json.loads(text)["__type"].rsplit("#", 1)[-1]
        return status, text.split("<Code>")[1].split("</Code>")[0] if "<Code>" in text else "OK"


def test_an_unaltered_request_is_taken(server):
    status, text = Call(server).send()
    assert status == 200 and f"<Arn>{ROOT}</Arn>" in text and "<Account>123456789012</Account>" in text
    assert Call(server, path="/?" + WHO, body="").code()[0] in (200, 400)


@pytest.mark.parametrize("place", [0, 7, 20, len(WHO) - 1])
def test_a_byte_of_the_body(server, place):
    call = Call(server)
    flipped = chr(ord(call.body[place]) ^ 1)
    call.body = call.body[:place] + flipped + call.body[place + 1 :]
    assert call.code() in NOT_TAKEN


def test_more_or_less_of_the_body(server):
    for body in (WHO + "&X=1", WHO[:-1], "", WHO + " ", WHO + "\0"):
        call = Call(server)
        call.body = body
        assert call.code() in NOT_TAKEN, body


@pytest.mark.parametrize("name,value,code", [
    ("Content-Type", "application/x-www-form-urlencoded", "SignatureDoesNotMatch"),
    ("X-Amz-Date", None, "IncompleteSignature"),
    ("Authorization", None, "MissingAuthenticationToken"),
    ("Authorization", "", "IncompleteSignature"),
    ("Authorization", "AWS4-HMAC-SHA256", "IncompleteSignature"),
    ("Authorization", "Bearer x", "IncompleteSignature"),
    ("Authorization", "AWS3-HMAC-SHA256 Credential=x", "IncompleteSignature"),
])
def test_altered_headers(server, name, value, code):
    call = Call(server, headers={"X-Amz-Meta": "signed"})
    if value is None:
        del call.headers[name]
    else:
        call.headers[name] = value
    assert call.code()[1] in (code, "SignatureDoesNotMatch", "MissingAuthenticationToken"), call.headers
    assert call.code()[0] in (400, 403)


def authorization(call, change):
    call.headers["Authorization"] = change(call.headers["Authorization"])
    return call


def flip(text, at):
    return text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]


@pytest.mark.parametrize("change,codes", [
    (lambda a: flip(a, len(a) - 1), {"SignatureDoesNotMatch"}),
    (lambda a: flip(a, a.index("Signature=") + 10), {"SignatureDoesNotMatch"}),
    (lambda a: a[:-1], {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a + "0", {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a.upper(), {"SignatureDoesNotMatch", "IncompleteSignature", "InvalidClientTokenId"}),
    (lambda a: a.replace("us-east-1", "us-east-2"), {"SignatureDoesNotMatch"}),
    (lambda a: a.replace("/sts/", "/redshift/"), {"SignatureDoesNotMatch"}),
    (lambda a: a.replace("/aws4_request", "/aws5_request"), {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a.replace("Credential=A", "Credential=B"), {"InvalidClientTokenId"}),
    (lambda a: a.replace("content-type;", ""), {"SignatureDoesNotMatch"}),
    (lambda a: a.replace("content-type;host;x-amz-date", "content-type;x-amz-date"), {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a.replace("SignedHeaders=", "SignedHeaders=zz;"), {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a.replace("Signature=", "Signature=, Signature="), {"SignatureDoesNotMatch", "IncompleteSignature"}),
    (lambda a: a.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1"), {"IncompleteSignature"}),
], ids=range(14))
def test_altered_authorization(server, change, codes):
    call = authorization(Call(server), change)
    status, code = call.code()
    assert status in (400, 403) and code in codes, (status, code)


def test_altered_address(server):
    call = Call(server)
    call.path = "/other"
    assert call.send()[0] >= 400
    call = Call(server)
    call.query = "x=1"
    assert call.code() == (403, "SignatureDoesNotMatch")
    call = Call(server)
    call.method = "PUT"
    assert call.send()[0] >= 400
    call = Call(server)
    call.headers["Host"] = "sts.amazonaws.com"
    assert call.code()[0] in (403, 421)


@pytest.mark.parametrize("minutes,taken", [(-20, False), (-16, False), (-10, True), (10, True), (16, False), (20, False)])
def test_clocks_may_differ_by_a_quarter_of_an_hour(server, minutes, taken):
    status, code = Call(server, shift=minutes).code()
    assert (status, code) == ((200, "OK") if taken else (400, "RequestExpired"))


def test_strangers(server):
    assert Call(server, key="AKIAIOSFODNN7EXAMPLE").code() == (403, "InvalidClientTokenId")
    assert Call(server, secret="x" * 40).code() == (403, "SignatureDoesNotMatch")
    assert Call(server, secret=server["AWS_SECRET_ACCESS_KEY"].lower()).code() == (403, "SignatureDoesNotMatch")
    # a session token belongs to temporary keys, never to this one
    assert Call(server, session="some-session-token").code() == (403, "InvalidClientTokenId")
    assert Call(server, key="ASIA" + server["AWS_ACCESS_KEY_ID"][4:]).code() == (403, "InvalidClientTokenId")


def test_wrong_scopes(server):
    assert Call(server, region="eu-west-1").code() == (403, "SignatureDoesNotMatch")
    assert Call(server, service="redshift").code()[0] in (400, 403)
    assert Call(server, service="s3").code()[0] in (400, 403)
    assert Call(server, body="Action=DescribeClusters&Version=2012-12-01", service="sts").code()[0] in (400, 403)
    assert Call(server, body="Action=DescribeClusters&Version=2012-12-01", service="redshift").code() == (200, "OK")


def test_unsigned_requests(server):
    call = Call(server)
    call.headers = {"Content-Type": call.headers["Content-Type"]}
    assert call.code() == (403, "MissingAuthenticationToken")
    target = {"X-Amz-Target": "SWBExternalService.ListInstances", "Content-Type": "application/x-amz-json-1.1"}
    call = Call(server, body="{}", service="sso", headers=target)
    assert call.code() == (200, "OK")
    call.headers = dict(target)
    status, code = call.code()
    assert status in (400, 403) and code == "MissingAuthenticationTokenException"


def test_presigned_requests(server):
    call = Call(server, presign=60)
    status, text = call.send()
    assert status == 200 and ROOT in text
    for change in (
        lambda q: flip(q, len(q) - 1), lambda q: q.replace("X-Amz-Expires=60", "X-Amz-Expires=6000"), lambda q: q + "&x=1",
        lambda q: q.replace("GetCallerIdentity", "GetSessionToken"), lambda q: q.replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
    ):
        altered = Call(server, presign=60)
        altered.query = change(altered.query)
        assert altered.query != call.query and altered.code()[0] in (400, 403), altered.query
    assert Call(server, presign=60, shift=-5).code() == (400, "RequestExpired")
    assert Call(server, presign=600, shift=-5).code() == (200, "OK")
    assert Call(server, presign=60, shift=20).code() == (400, "RequestExpired")
    assert Call(server, presign=700_000).code()[0] == 400


def test_boto3_presigns_too(server):
    address = aws(server, "sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    context = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
    with urllib.request.urlopen(address, context=context, timeout=20) as response:
        assert ROOT in response.read().decode()


# -- what isn't there is refused by name -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service,operation,arguments", [
    ("sts", "get_federation_token", {"Name": "somebody"}),
    ("iam", "create_login_profile", {"UserName": "somebody", "Password": "A-Password-1"}),
    ("redshift", "resize_cluster", {"ClusterIdentifier": "testcluster"}),
    ("redshift", "describe_reserved_nodes", {}),
    ("sso-admin", "list_permission_sets", {"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}),
    ("identitystore", "update_identity_store", {"IdentityStoreId": "d-1234567890"}),
])
def test_an_unknown_operation_is_named(server, service, operation, arguments):
    with pytest.raises(ClientError) as refused:
        getattr(aws(server, service), operation)(**arguments)
    error = refused.value.response["Error"]
    assert error["Code"] in ("UnsupportedOperation", "UnsupportedOperationException")
    assert operation.replace("_", "") in error["Message"].lower().replace("_", "")
    assert "is not supported" in error["Message"]


def test_an_unknown_parameter_is_named(server):
    status, text = Call(server, body=WHO + "&Surprise=1").send()
    assert status == 400 and "Surprise" in text and "GetCallerIdentity" in text
    status, text = Call(server, body="Action=DescribeClusters&Version=2012-12-01&Surprise.Surprise.1=a", service="redshift").send()
    assert status == 400 and "Surprise" in text
    headers = {"X-Amz-Target": "SWBExternalService.ListInstances", "Content-Type": "application/x-amz-json-1.1"}
    status, text = Call(server, body='{"Surprise": 1}', service="sso", headers=headers).send()
    assert status == 400 and "Surprise" in text
    for body in ("{", "[]", '{"MaxResults": "many"}', '{"MaxResults": -1}'):
        assert Call(server, body=body, service="sso", headers=headers).code()[0] == 400, body


def test_a_parameter_given_twice_or_not_at_all(server):
    assert Call(server, body=WHO + "&Action=Other").code()[0] == 400
    assert Call(server, body="Version=2011-06-15").code() == (400, "MissingAction")
    assert Call(server, body="Action=GetCallerIdentity").code()[0] == 400
    assert Call(server, body="Action=GetCallerIdentity&Version=1999-01-01").code() == (400, "InvalidAction")
    assert Call(server, body="Action=NoSuchThing&Version=2011-06-15").code()[0] == 400


def test_a_body_too_large(server):
    call = Call(server, body=WHO + "&Padding=" + "x" * 20_000_000)
    try:
        assert call.send()[0] == 413
    except (ConnectionError, ssl.SSLError):
        pass  # it was closed before all of it was sent
    assert Call(server).code() == (200, "OK")


def test_two_strangers_in_one_process_dont_mix(server):
    good, bad = aws(server, "sts"), aws(server, "sts", aws_secret_access_key="y" * 40)
    for _ in range(3):
        assert good.get_caller_identity()["Arn"] == ROOT
        with pytest.raises(ClientError):
            bad.get_caller_identity()


def cli(server, *arguments, **environment):
    return subprocess.run(
        [TOOLS / "py/bin/aws", *arguments], env=server.client_env(**environment), capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("arguments,environment,words", [
    (["sts", "get-caller-identity"], {"AWS_SECRET_ACCESS_KEY": "x" * 40}, ["SignatureDoesNotMatch", "GetCallerIdentity"]),
    (["sts", "get-federation-token", "--name", "me"], {}, ["UnsupportedOperation", "GetFederationToken is not supported"]),
    (["redshift", "describe-clusters", "--cluster-identifier", "nothing"], {}, ["ClusterNotFound", "nothing"]),
    (["identitystore", "list-users", "--identity-store-id", "d-0000000000"], {}, ["ResourceNotFoundException"]),
    (["sso-admin", "list-permission-sets", "--instance-arn", "arn:aws:sso:::instance/ssoins-1234567890abcdef"], {},
     ["UnsupportedOperationException", "ListPermissionSets"]),
])
def test_the_command_line_shows_a_refusal_as_a_person_reads_it(server, arguments, environment, words):
    done = cli(server, *arguments, **environment)
    assert done.returncode in (254, 255)
    assert done.stdout == ""
    assert "An error occurred (" in done.stderr and "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_the_service_model_of_boto3_reads_every_answer(server):
    """Parsed by the real client, so that a shape that is slightly wrong shows."""
    clusters = aws(server, "redshift").describe_clusters()["Clusters"]
    assert [cluster["ClusterIdentifier"] for cluster in clusters] == ["testcluster"]
    assert isinstance(clusters[0]["Endpoint"]["Port"], int)
    instance = aws(server, "sso-admin").list_instances()["Instances"][0]
    store = aws(server, "identitystore")
    pages = [page["Users"] for page in store.get_paginator("list_users").paginate(
        IdentityStoreId=instance["IdentityStoreId"], PaginationConfig={"PageSize": 2}
    )]
    names = [user["UserName"] for page in pages for user in page]
    assert len(names) == len(set(names)) and {"ethan", "fiona", "olivia", "nina", "admin"} <= set(names)
