"""Temporary credentials, by every road that leads to them. Nobody needs a browser: the built-in provider's forms work without."""

import base64
import hashlib
import json
import re
import secrets
import urllib.parse
import urllib.request

from botocore.exceptions import ClientError
from helpers import aws, gatehouse
from oauth import REDIRECT, Flow

ACCOUNT = "123456789012"
# The demo's (crates/gatehouse/src/demo/aws.rs).
SAML_PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/redshift-sso"
SAML_ROLE = f"arn:aws:iam::{ACCOUNT}:role/redshift-sso-role"
SAML_APPLICATION = "amazon-redshift"
WEB_ROLE = "operations-web"


def sts(server):
    def by_saml(_):
        return {"RoleArn": SAML_ROLE, "PrincipalArn": SAML_PROVIDER, "SAMLAssertion": saml_response(server, "ethan")}

    def by_token(_):
        return {
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{WEB_ROLE}", "RoleSessionName": "ethan", "WebIdentityToken": WebIdentity(server).token("ethan"),
        }

    yield "sts", "GetCallerIdentity", {}
    yield "sts", "GetAccessKeyInfo", {"AccessKeyId": server["AWS_ACCESS_KEY_ID"]}
    yield "sts", "GetSessionToken", {"DurationSeconds": 900}
    yield "sts", "AssumeRoleWithSAML", by_saml
    yield "sts", "AssumeRoleWithWebIdentity", by_token


def by_a_user(server, key):
    """What root has no use for. `key` makes the keys of an IAM user of what was answered."""

    def message(answers):
        """What EC2 tells a user whom a policy denies something."""
        try:
            aws(server, "ec2", **key(answers)).create_vpc(CidrBlock="10.7.0.0/16")
        except ClientError as error:
            return {"EncodedMessage": error.response["Error"]["Message"].split("Encoded authorization failure message: ")[1].split()[0]}
        raise AssertionError("the user is denied ec2:CreateVpc")

    yield "sts", "AssumeRole", lambda a: {"RoleArn": a["CreateRole"]["Role"]["Arn"], "RoleSessionName": "operations"}, key
    yield "sts", "DecodeAuthorizationMessage", message, key


def after(server):
    """What was made for the web identity's road goes again."""
    WebIdentity(server).remove()


class ProviderPages(Flow):
    """The built-in provider's sign-in form."""

    def __init__(self, server):
        super().__init__(server)
        self.base = server["IDP_URL"]

    def past_sign_in(self, address, who):
        form = self.visit(address).form("/idp/signin")
        return self.visit("/idp/signin", {**form["fields"], "user_name": who, "password": self.server["DEMO_PASSWORD"]})


    def code(self, form):
        """The code in the address of the page that leads back to a program."""
        request = urllib.request.Request(f"{self.base}/oauth/authorize/answer", urllib.parse.urlencode(form).encode())
        with self.browser.open(request, timeout=20) as answer:
            return re.search(r"[?&;]code=([\w.~-]+)", answer.read().decode()).group(1)


def saml_response(server, who):
    """What the driver's listener gets."""
    page = ProviderPages(server).past_sign_in(f"{server['IDP_URL']}/open/{SAML_APPLICATION}", who)
    (form,) = [form for form in page.forms if "SAMLResponse" in form["fields"]]
    return form["fields"]["SAMLResponse"]


def signed_in(server, client_id, who, scope="openid"):
    """The tokens of somebody who allows a public OpenID application what it asks for."""
    pages, verifier = ProviderPages(server), secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": client_id, "redirect_uri": REDIRECT, "response_type": "code", "scope": scope, "state": "s", "nonce": "n",
        "code_challenge_method": "S256", "code_challenge": challenge,
    }
    page = pages.past_sign_in(f"{server['IDP_URL']}/oauth/authorize?{urllib.parse.urlencode(query)}", who)
    consent = next(form for form in page.forms if ("decision", "allow") in form["buttons"])
    code = pages.code({**consent["fields"], "decision": "allow"})
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier, "client_id": client_id}
    request = urllib.request.Request(f"{server['IDP_URL']}/oauth/token", urllib.parse.urlencode(form).encode())
    with pages.program.open(request, timeout=20) as response:
        return json.load(response)


class WebIdentity:
    """An OpenID application at the built-in provider, that provider in IAM, and a role that trusts it."""

    def __init__(self, server):
        self.server, self.iam = server, aws(server, "iam")
        issuer = server["IDP_URL"].removeprefix("https://")
        self.arn = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}"

    def token(self, who):
        made = gatehouse(
            self.server, "idp", "app", "add", "oidc", "Operations", "--group", "redshift_dbgroup", "--redirect-uri", REDIRECT, "--public",
        )
        self.iam.create_open_id_connect_provider(Url=self.server["IDP_URL"], ClientIDList=[made["client_id"]])
        trust = {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": {"Federated": self.arn}, "Action": "sts:AssumeRoleWithWebIdentity"},
        }
        self.iam.create_role(RoleName=WEB_ROLE, AssumeRolePolicyDocument=json.dumps(trust))
        return signed_in(self.server, made["client_id"], who)["id_token"]

    def remove(self):
        self.iam.delete_role(RoleName=WEB_ROLE)
        self.iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=self.arn)
        gatehouse(self.server, "idp", "app", "deactivate", "operations")
        gatehouse(self.server, "idp", "app", "delete", "operations", "--type-count", "1")
