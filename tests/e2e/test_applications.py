"""Applications' settings, several warehouses, and CreateTokenWithIAM, with boto3 and the wire."""

import time

import pytest
from botocore.exceptions import ClientError
from helpers import aws, cli
from oauth import REDIRECT, Flow
from wire import Refused, Wire

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"
CODE = {"AuthorizationCode": {"RedirectUris": ["http://127.0.0.1/", "http://localhost/"]}}


@pytest.fixture
def sso(server):
    return aws(server, "sso-admin")


def put_back(server, sso):
    arn = server["IDC_APPLICATION_ARN"]
    sso.update_application(ApplicationArn=arn, Status="ENABLED")
    sso.put_application_grant(ApplicationArn=arn, GrantType="authorization_code", Grant=CODE)
    sso.put_application_grant(ApplicationArn=arn, GrantType="refresh_token", Grant={"RefreshToken": {}})
    sso.put_application_access_scope(ApplicationArn=arn, Scope="redshift:connect")


def ended_within_a_second(wire):
    wire.socket.settimeout(1)
    tag, body = wire.receive()
    assert tag == b"E", tag
    return body.decode(errors="replace")


@pytest.mark.parametrize("take", ["disable", "scope"])
def test_a_closed_application_ends_sessions_and_tokens_at_once(server, sso, take):
    arn = server["IDC_APPLICATION_ARN"]
    flow = Flow(server)
    tokens = flow.tokens("ethan")
    wire = Wire(server).login(token=tokens["accessToken"])
    assert wire.query("select 1").rows == [("1",)]
    try:
        if take == "disable":
            sso.update_application(ApplicationArn=arn, Status="DISABLED")
            call = "UpdateApplication"
        else:
            sso.delete_application_access_scope(ApplicationArn=arn, Scope="redshift:connect")
            call = "PutApplicationAccessScope"
        began = time.monotonic()
        text = ended_within_a_second(wire)
        assert "57P01" in text and call in text, text
        assert time.monotonic() - began < 1
        with pytest.raises(Refused) as refused:
            Wire(server).login(token=tokens["accessToken"])
        status, answer = flow.refresh(tokens["refreshToken"])
        assert status == 400, answer
        page = Flow(server).sign_in("ethan")
        assert page.status == 403 and call in page.text, page.text
    finally:
        put_back(server, sso)
    assert Wire(server).login(token=Flow(server).tokens("ethan")["accessToken"]).query("select 1").rows == [("1",)]


def test_refresh_grant(server, sso):
    arn = server["IDC_APPLICATION_ARN"]
    flow = Flow(server)
    tokens = flow.tokens("ethan")
    sso.delete_application_grant(ApplicationArn=arn, GrantType="refresh_token")
    try:
        status, answer = flow.refresh(tokens["refreshToken"])
        assert (status, answer["error"]) == (400, "unauthorized_client") and "PutApplicationGrant" in answer["message"]
        assert "refreshToken" not in Flow(server).tokens("ethan")
    finally:
        put_back(server, sso)
    assert flow.refresh(tokens["refreshToken"])[0] == 200
    sso.delete_application_grant(ApplicationArn=arn, GrantType="authorization_code")
    try:
        page = Flow(server).sign_in("ethan")
        assert page.status == 403 and "PutApplicationGrant" in page.text
    finally:
        put_back(server, sso)


def test_https_redirect(server):
    with pytest.raises(AssertionError, match="PutApplicationGrant"):
        Flow(server, redirectUris=["https://evil.example.com/cb"])


@pytest.fixture
def editor(server, sso):
    made = sso.create_application(
        InstanceArn=server["IDC_INSTANCE_ARN"], ApplicationProviderArn="arn:aws:sso::aws:applicationProvider/custom", Name="Editor")
    arn = made["ApplicationArn"]
    sso.put_application_assignment_configuration(ApplicationArn=arn, AssignmentRequired=False)
    sso.put_application_grant(ApplicationArn=arn, GrantType="authorization_code",
        Grant={"AuthorizationCode": {"RedirectUris": [REDIRECT]}})
    sso.put_application_grant(ApplicationArn=arn, GrantType="refresh_token", Grant={"RefreshToken": {}})
    sso.put_application_access_scope(ApplicationArn=arn, Scope="redshift:connect", AuthorizedTargets=[server["IDC_APPLICATION_ARN"]])
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "123456789012"},
        "Action": "sso-oauth:CreateTokenWithIAM", "Resource": "*"}]}
    for one in (arn, server["IDC_APPLICATION_ARN"]):
        sso.put_application_authentication_method(ApplicationArn=one, AuthenticationMethodType="IAM",
            AuthenticationMethod={"Iam": {"ActorPolicy": policy}})
    sso.put_application_grant(ApplicationArn=server["IDC_APPLICATION_ARN"], GrantType=EXCHANGE, Grant={"TokenExchange": {}})
    yield arn
    sso.delete_application_grant(ApplicationArn=server["IDC_APPLICATION_ARN"], GrantType=EXCHANGE)
    sso.delete_application(ApplicationArn=arn)


def test_create_token_with_iam(server, sso, editor):
    flow = Flow(server)
    flow.client = {"clientId": editor}
    oidc = aws(server, "sso-oidc")
    code = flow.code("ethan")
    with pytest.raises(ClientError) as refused:
        oidc.create_token_with_iam(clientId=editor, grantType="authorization_code", code=code, redirectUri=REDIRECT)
    assert refused.value.response["Error"]["Code"] == "InvalidGrantException", refused.value
    got = oidc.create_token_with_iam(clientId=editor, grantType="authorization_code", code=code, redirectUri=REDIRECT,
        codeVerifier=flow.verifier)
    with pytest.raises(Refused, match="28000"):
        Wire(server).login(token=got["accessToken"])
    exchanged = oidc.create_token_with_iam(clientId=server["IDC_APPLICATION_ARN"], grantType=EXCHANGE,
        subjectToken=got["accessToken"], subjectTokenType=ACCESS)
    wire = Wire(server).login(token=exchanged["accessToken"])
    assert wire.query("select current_user").rows == [("awsidc:ethan",)]
    again = oidc.create_token_with_iam(clientId=editor, grantType="refresh_token", refreshToken=got["refreshToken"])
    assert again["accessToken"] != got["accessToken"]
    through_cli = cli(server, "sso-oidc", "create-token-with-iam", "--client-id", editor, "--grant-type", "refresh_token",
        "--refresh-token", again["refreshToken"])
    assert through_cli["tokenType"] == "Bearer"
    for changed, error in [({"region_name": "eu-west-1"}, "InvalidRequestRegionException"),
            ({"aws_secret_access_key": "x" * 40}, "InvalidSignatureException")]:
        with pytest.raises(ClientError) as refused:
            aws(server, "sso-oidc", **changed).create_token_with_iam(clientId=editor, grantType="refresh_token", refreshToken="x")
        assert refused.value.response["Error"]["Code"] == error, refused.value.response
    # the editor is closed: what came from its token ends, the session too
    sso.update_application(ApplicationArn=editor, Status="DISABLED")
    text = ended_within_a_second(wire)
    assert "57P01" in text, text
    sso.update_application(ApplicationArn=editor, Status="ENABLED")


def test_two_warehouses_one_token(server, sso):
    redshift = aws(server, "redshift")
    made = redshift.create_redshift_idc_application(IdcInstanceArn=server["IDC_INSTANCE_ARN"], RedshiftIdcApplicationName="second",
        IdcDisplayName="Second", IdentityNamespace="second", IamRoleArn="arn:aws:iam::123456789012:role/EspressoRedshiftRole")["RedshiftIdcApplication"]
    redshift.create_cluster(ClusterIdentifier="second", NodeType="ra3.large", MasterUsername="awsuser", MasterUserPassword="Passw0rd1",
        RedshiftIdcApplicationArn=made["RedshiftIdcApplicationArn"], ClusterType="single-node")
    managed = made["IdcManagedApplicationArn"]
    store = aws(server, "identitystore")
    store_id = sso.list_instances()["Instances"][0]["IdentityStoreId"]
    ethan = store.get_user_id(IdentityStoreId=store_id, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "ethan"}})["UserId"]
    flow = Flow(server)
    token = flow.tokens("ethan")["accessToken"]

    def enter():
        return Wire(server, server_name="second.redshift.localhost").login(token=token)

    try:
        with pytest.raises(Refused, match="28000"):
            enter()
        sso.create_application_assignment(ApplicationArn=managed, PrincipalId=ethan, PrincipalType="USER")
        second, first = enter(), Wire(server).login(token=token)
        assert second.query("select current_user").rows == [("second:ethan",)]
        assert first.query("select current_user").rows == [("awsidc:ethan",)]
        sso.delete_application_assignment(ApplicationArn=managed, PrincipalId=ethan, PrincipalType="USER")
        text = ended_within_a_second(second)
        assert "57P01" in text, text
        assert first.query("select 1").rows == [("1",)]
        sso.create_application_assignment(ApplicationArn=managed, PrincipalId=ethan, PrincipalType="USER")
        third = enter()
        redshift.delete_cluster(ClusterIdentifier="second", SkipFinalClusterSnapshot=True)
        text = ended_within_a_second(third)
        assert "deleted" in text, text
        assert first.query("select 1").rows == [("1",)]
    finally:
        try:
            redshift.delete_cluster(ClusterIdentifier="second", SkipFinalClusterSnapshot=True)
        except ClientError:
            pass
