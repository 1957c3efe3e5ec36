"""The corpus of SAML attacks, presented to AssumeRoleWithSAML: nobody gets credentials, and each is refused for its own reason."""

import base64
import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import Server, binary
from helpers import cli, gatehouse
from test_saml_attacks import BEFORE_MEANING, CORPUS, KEY, MADE_FOR, NAMES, PROVIDER

ARN = "arn:aws:iam::123456789012:saml-provider/attacked"
ROLE = "arn:aws:iam::123456789012:role/attacked"
# Characters of base64 that STS takes.
LONGEST = 100_000
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Federated": ARN}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}],
}


@pytest.fixture(scope="module")
def sts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sts-attacks")
    server = Server(folder / "data", command=[binary(), "up"]).start()
    pems = [(CORPUS / f"keys/{name}.crt.pem").read_text() for name in ("idp", "old", "ec")]
    keys = "".join(KEY % "".join(line for line in pem.splitlines() if "CERTIFICATE" not in line) for pem in pems)
    (folder / "idp.xml").write_text(PROVIDER % keys)
    cli(server, "iam", "create-saml-provider", "--name", "attacked", "--saml-metadata-document", f"file://{folder / 'idp.xml'}")
    cli(server, "iam", "create-role", "--role-name", "attacked", "--assume-role-policy-document", json.dumps(TRUST))
    server.sts = boto3.client(
        "sts", endpoint_url=server["AWS_ENDPOINT_URL"], region_name="us-east-1", verify=server["GATEHOUSE_CA"],
        config=Config(signature_version=UNSIGNED, retries={"max_attempts": 1}),
    )
    yield server
    assert server.stop() == 0


def refused(sts, document, **changed):
    with pytest.raises(ClientError) as error:
        sts.sts.assume_role_with_saml(
            **{"RoleArn": ROLE, "PrincipalArn": ARN, "SAMLAssertion": base64.b64encode(document).decode(), **changed}
        )
    return error.value.response


@pytest.mark.parametrize("file", sorted(CORPUS.rglob("*.xml")), ids=lambda file: file.stem)
def test_nobody_gets_credentials(sts, file):
    document = file.read_bytes()
    told = refused(sts, document)
    if len(base64.b64encode(document)) > LONGEST:
        assert told["Error"]["Code"] == "ValidationError", told
        return
    assert told["Error"]["Code"] in ("InvalidIdentityToken", "ExpiredTokenException", "AccessDenied", "ValidationError"), told
    reason = MADE_FOR.get(file.stem)
    if reason in BEFORE_MEANING:
        assert told["Error"]["Code"] == "InvalidIdentityToken", told


@pytest.mark.parametrize("name", sorted(path.stem for path in CORPUS.glob("xsw*.xml")))
def test_a_wrapped_signature_is_told_to_the_administrator(sts, name):
    told = refused(sts, (CORPUS / f"{name}.xml").read_bytes())
    story = gatehouse(sts, "explain", "login", told["ResponseMetadata"]["RequestId"])
    assert story["Failed"]["Check"] == NAMES[MADE_FOR[name]], story


def test_a_provider_that_isnt_there(sts):
    told = refused(sts, (CORPUS / "xsw3-forged-before-signed.xml").read_bytes(), PrincipalArn="arn:aws:iam::123456789012:saml-provider/nothing")
    assert told["Error"] == {**told["Error"], "Code": "InvalidIdentityToken", "Message": "Specified provider doesn't exist"}, told
