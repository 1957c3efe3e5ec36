"""Walkthrough 2 (seed 004) from its first step to its last: SAML at JumpCloud, IAM, STS, a cluster, the real drivers in a real browser.

JumpCloud's part is played by the built-in identity provider, and then by Keycloak. AWS's part is done with the aws CLI.
"""

import base64
import contextlib
import json
import socket
import sqlite3
import ssl
import time
import urllib.parse
import urllib.request

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from browser import chromium, person
from conftest import Server, binary
from helpers import RedshiftConnector, aws, cli, free_port, gatehouse, psql
from idp import PASSWORD, sign_in
from jdbc import jdbc  # noqa: F401, a fixture
from jumpcloud import GROUP, LISTENER, AtKeycloak, BuiltIn

ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/redshift-sso"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/redshift-sso-role"
MASTER = ("some_admin", "Some-Admin-Password-1")
READ = "select product from reports.sales order by 1"
# Seed 004, "Create an Access Policy". The list of the first statement was lost there; AWS's own example has it.
POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "AllowGetClusterCreds", "Effect": "Allow", "Action": "redshift:GetClusterCredentials",
            "Resource": [
                "arn:aws:redshift:us-east-1:123456789012:dbuser:analytics/${redshift:DbUser}",
                "arn:aws:redshift:us-east-1:123456789012:dbname:analytics/testdb",
            ],
        },
        {
            "Sid": "AllowCreateClusterUser", "Effect": "Allow", "Action": "redshift:CreateClusterUser",
            "Resource": "arn:aws:redshift:us-east-1:123456789012:dbuser:analytics/${redshift:DbUser}",
        },
        {
            "Sid": "AllowJoinGroup", "Effect": "Allow", "Action": "redshift:JoinGroup",
            "Resource": "arn:aws:redshift:us-east-1:123456789012:dbgroup:analytics/redshift_dbgroup",
        },
    ],
}


def trust(listener):
    """Seed 004, "Create an IAM Role": only assertions for the driver's listener."""
    return json.dumps({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": listener}},
        }],
    })


@pytest.fixture(scope="module", params=["built-in", "keycloak"])
def jumpcloud(request, tmp_path_factory):
    """The whole set-up, in the seed's order. What AWS has in its console only is here what the page shows."""
    folder = tmp_path_factory.mktemp(f"saml-{request.param}")
    server = Server(folder / "data", command=[binary(), "up"]).start()
    provider = BuiltIn(server) if request.param == "built-in" else AtKeycloak(server, request.getfixturevalue("keycloak"))
    metadata = provider.prepare(folder, f"{ROLE},{PROVIDER}")
    register_provider(server, provider, metadata, folder)
    group = create_security_group(server)
    create_role(server)
    provider.cluster = create_cluster(server, group)
    provider.folder = folder
    yield provider
    assert server.stop() == 0


def register_provider(server, provider, metadata, folder):
    made = cli(server, "iam", "create-saml-provider", "--name", "redshift-sso", "--saml-metadata-document", f"file://{metadata}")
    assert made["SAMLProviderArn"] == PROVIDER
    assert [one["Arn"] for one in cli(server, "iam", "list-saml-providers")["SAMLProviderList"]] == [PROVIDER]
    sp_metadata = folder / "saml-metadata.xml"
    tls = ssl.create_default_context(cafile=server["GATEHOUSE_CA"])
    with urllib.request.urlopen(f"{server['GATEHOUSE_HTTPS']}/static/saml-metadata.xml", context=tls) as answer:
        sp_metadata.write_bytes(answer.read())
    provider.upload(sp_metadata)


def create_security_group(server):
    """From this machine's one address, to the port that the seed's cluster has."""
    (vpc,) = cli(server, "ec2", "describe-vpcs")["Vpcs"]
    made = cli(server, "ec2", "create-security-group", "--group-name", "redshift-sso", "--description", "the VPN", "--vpc-id", vpc["VpcId"])
    cli(server, "ec2", "authorize-security-group-ingress", "--group-id", made["GroupId"], "--protocol", "tcp", "--port", "0-65535", "--cidr", "127.0.0.1/32")
    return made["GroupId"]


def create_role(server):
    policy = cli(server, "iam", "create-policy", "--policy-name", "redshift-sso-policy", "--policy-document", json.dumps(POLICY))["Policy"]
    cli(server, "iam", "create-role", "--role-name", "redshift-sso-role", "--assume-role-policy-document", trust(LISTENER))
    cli(server, "iam", "attach-role-policy", "--role-name", "redshift-sso-role", "--policy-arn", policy["Arn"])
    assert cli(server, "iam", "get-role", "--role-name", "redshift-sso-role")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust(LISTENER))


def create_cluster(server, group):
    subnets = [subnet["SubnetId"] for subnet in cli(server, "ec2", "describe-subnets")["Subnets"]]
    cli(server, "redshift", "create-cluster-subnet-group", "--cluster-subnet-group-name", "redshift-sso", "--description", "all of them",
        "--subnet-ids", *subnets)
    cli(server, "redshift", "create-cluster-parameter-group", "--parameter-group-name", "redshift-sso", "--parameter-group-family", "redshift-1.0",
        "--description", "the seed's")
    cli(
        server, "redshift", "create-cluster", "--cluster-identifier", "analytics", "--node-type", "dc2.large", "--cluster-type", "single-node",
        "--db-name", "testdb", "--port", free_port(), "--master-username", MASTER[0], "--master-user-password", MASTER[1],
        "--vpc-security-group-ids", group, "--cluster-subnet-group-name", "redshift-sso", "--no-publicly-accessible",
        "--no-enhanced-vpc-routing", "--cluster-parameter-group-name", "redshift-sso", "--no-encrypted",
        "--preferred-maintenance-window", "sun:03:00-sun:03:30", "--automated-snapshot-retention-period", "1",
    )
    cli(server, "redshift", "wait", "cluster-available", "--cluster-identifier", "analytics")
    (cluster,) = cli(server, "redshift", "describe-clusters", "--cluster-identifier", "analytics")["Clusters"]
    assert cluster["ClusterSubnetGroupName"] == "redshift-sso"
    assert [one["VpcSecurityGroupId"] for one in cluster["VpcSecurityGroups"]] == [group]
    assert [one["ParameterGroupName"] for one in cluster["ClusterParameterGroups"]] == ["redshift-sso"]
    return cluster["Endpoint"]


# The clients ---------------------------------------------------------------------------------------------------------------------------

def place(jumpcloud):
    return f"{jumpcloud.cluster['Address']}:{jumpcloud.cluster['Port']}/testdb"


def extended(jumpcloud, **more):
    """The extended properties of the seed's connection window."""
    return {
        "login_url": jumpcloud.login_url, "plugin_name": "com.amazon.redshift.plugin.BrowserSamlCredentialsProvider",
        "idp_response_timeout": "60", "ClusterID": "analytics", "Region": "us-east-1", "EndpointUrl": jumpcloud.server["AWS_ENDPOINT_URL"],
        "StsEndpointUrl": jumpcloud.server["GATEHOUSE_HTTPS"], **more,
    }


def browsing(jumpcloud, who):
    return {"SIGN_IN_AS": who, "SIGN_IN_AT": jumpcloud.form, "DEMO_PASSWORD": PASSWORD, "GATEHOUSE_SPKI": jumpcloud.spki()}


def python(jumpcloud, who, statements, hold=False, driver="2.2", refusal=None, **more):
    """redshift_connector with the browser plugin."""
    server = jumpcloud.server
    connect = {
        "iam": True, "host": jumpcloud.cluster["Address"], "port": jumpcloud.cluster["Port"], "database": "testdb",
        "cluster_identifier": "analytics", "region": "us-east-1", "credentials_provider": "BrowserSamlCredentialsProvider",
        "login_url": jumpcloud.login_url, "idp_response_timeout": 60, "timeout": 60, "endpoint_url": server["AWS_ENDPOINT_URL"], **more,
    }
    return RedshiftConnector(
        server, who, statements, hold=hold, driver=driver, password=PASSWORD, provider=(None, jumpcloud.form), connect=connect, refusal=refusal,
        more={"AWS_ENDPOINT_URL_STS": server["GATEHOUSE_HTTPS"], "GATEHOUSE_SPKI": jumpcloud.spki()},
    )


def master(jumpcloud, jdbc, *statements):  # noqa: F811
    return jdbc.query(
        jumpcloud.server, f"jdbc:redshift://{place(jumpcloud)}", {"user": MASTER[0], "password": MASTER[1]}, *statements
    )


def ok(lines):
    assert not [line for line in lines if line[0] == "error"], lines
    return [line[1:] for line in lines if line[0] == "row"]


@pytest.fixture(scope="module")
def ready(jumpcloud, jdbc):  # noqa: F811
    """The seed's "Create the DB Group", by the master user over JDBC."""
    ok(master(
        jumpcloud, jdbc, f"create group {GROUP}", "create schema reports", "create table reports.sales (product varchar(20), amount int)",
        "insert into reports.sales values ('product1', 1), ('product2', 2)", "create table reports.salaries (who varchar(20))",
        f"grant usage on schema reports to group {GROUP}", f"grant select on reports.sales to group {GROUP}",
        "create user existing_user password 'Existing-Password-1'", "alter user existing_user password disable",
    ))
    return jumpcloud


def test_the_master_user_signs_in_by_sqlline(ready, jdbc):  # noqa: F811
    said = jdbc.sqlline(
        ready.server, f"jdbc:redshift://{place(ready)}", {"user": MASTER[0], "password": MASTER[1]}, "select current_user, current_database();"
    )
    assert "'some_admin','testdb'" in said, said


def test_a_disabled_password_opens_nothing(ready):
    refused = psql(ready.server, "-c", "select 1", user="existing_user", password="Existing-Password-1", database="testdb", port=ready.cluster["Port"])
    assert refused.returncode == 2 and "password authentication failed" in refused.stderr


def test_jdbc_through_the_browser(ready, jdbc):  # noqa: F811
    lines = jdbc.query(
        ready.server, f"jdbc:redshift:iam://{place(ready)}", extended(ready), "select current_user", READ, "select * from reports.salaries",
        **browsing(ready, "jane"),
    )
    assert lines[0][0].startswith("connected jdbc:redshift:iam://") or lines[0][0].startswith("connected"), lines
    assert lines[1:4] == [["row", "jane"], ["row", "product1"], ["row", "product2"]], lines
    assert lines[4][:2] == ["error", "42501"] and "permission denied for relation salaries" in lines[4][2]


def test_sqlline_through_the_browser(ready, jdbc):  # noqa: F811
    said = jdbc.sqlline(
        ready.server, f"jdbc:redshift:iam://{place(ready)}", extended(ready), f"select current_user;\n{READ};", **browsing(ready, "joe")
    )
    assert "'joe'" in said and "'product2'" in said, said


def test_jdbc_by_cluster_and_region_alone(ready, jdbc):  # noqa: F811
    """`jdbc:redshift:iam://cluster:region/db`: the driver asks DescribeClusters for the endpoint, for which the role needs a permission.

    Then the driver (2.3.0) takes the endpoint's address for a custom domain; an address of several clusters names none of them.
    """
    properties = extended(ready)
    del properties["ClusterID"], properties["Region"]
    url = "jdbc:redshift:iam://analytics:us-east-1/testdb"
    refused = jdbc.query(ready.server, url, properties, "select 1", **browsing(ready, "jane"))
    assert refused[0][0] == "error" and "redshift:DescribeClusters" in refused[0][2], refused
    allow = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "redshift:DescribeClusters", "Resource": "*"}}
    cli(ready.server, "iam", "put-role-policy", "--role-name", "redshift-sso-role", "--policy-name", "find", "--policy-document", json.dumps(allow))
    try:
        told = jdbc.query(ready.server, url, properties, "select current_user", **browsing(ready, "jane"))
        assert told[0][0] == "error" and "Give ClusterIdentifier" in told[0][2], told
    finally:
        cli(ready.server, "iam", "delete-role-policy", "--role-name", "redshift-sso-role", "--policy-name", "find")


@pytest.mark.parametrize("driver", ["2.2", "2.1"])
def test_python_through_the_browser(ready, driver):
    who, sales, salaries = python(ready, "jane", ["select current_user", READ, "select * from reports.salaries"], driver=driver).answers
    assert who == {"rows": [["jane"]]}
    assert sales == {"rows": [["product1"], ["product2"]]}
    assert salaries["error"]["C"] == "42501" and "salaries" in salaries["error"]["M"]


def test_a_preferred_role_that_isnt_in_the_assertion(ready, jdbc):  # noqa: F811
    """The driver itself refuses it; the role that is there is taken."""
    other = f"arn:aws:iam::{ACCOUNT}:role/another"
    refused = jdbc.query(ready.server, f"jdbc:redshift:iam://{place(ready)}", extended(ready, preferred_role=other), "select 1", **browsing(ready, "jane"))
    assert refused[0][0] == "error" and "preferred role" in refused[0][2].lower(), refused
    lines = jdbc.query(
        ready.server, f"jdbc:redshift:iam://{place(ready)}", extended(ready, preferred_role=ROLE), "select current_user", **browsing(ready, "jane")
    )
    assert ok(lines) == [["jane"]]


def test_who_isnt_authorised_gets_no_assertion(ready, tmp_path):
    if ready.form == "keycloak":
        # Keycloak lets everybody of the realm in: without the group, the assertion names none.
        held = python(ready, "nick", ["select current_user", READ]).answers
        assert held[0] == {"rows": [["nick"]]} and held[1]["error"]["C"] == "42501"
        return
    with chromium(ready.server) as browser, person(browser) as nick:
        nick.goto(ready.login_url)
        sign_in(nick, "nick")
        assert GROUP in nick.text() and "Reference" in nick.text()


def test_a_group_that_is_gone_at_the_provider_means_no_session_in_it(ready):
    ready.leave_group("joe")
    try:
        if ready.form == "keycloak":
            who, sales = python(ready, "joe", ["select current_user", READ]).answers
            assert who == {"rows": [["joe"]]} and sales["error"]["C"] == "42501"
        else:
            with chromium(ready.server) as browser, person(browser) as joe:
                joe.goto(ready.login_url)
                sign_in(joe, "joe")
                assert "Reference" in joe.text()
    finally:
        ready.join_group("joe")


def test_the_persons_name_stays(ready, jdbc):  # noqa: F811
    """In the connection log of the warehouse, and in the audit, beside role and assertion."""
    held = python(ready, "jane", ["select pg_backend_pid()"], hold=True)
    (rows,) = held.answers
    logged = ok(master(ready, jdbc, "select trim(user_name), trim(auth_method), trim(event), session_id from sys_connection_log order by record_time desc limit 40"))
    held.close()
    mine = [row for row in logged if row[3] == rows["rows"][0][0]]
    assert mine and mine[0][0] == "jane", logged
    found = cli(ready.server, "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=GetClusterCredentials")
    event = json.loads(found["Events"][0]["CloudTrailEvent"])
    assert event["userIdentity"]["type"] == "AssumedRole"
    assert event["userIdentity"]["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/redshift-sso-role/jane"


def test_an_open_session_ends_with_what_it_stands_on(ready):
    """AWS lets it live; here it ends within a second when the policy that it was opened by is taken away."""
    held = python(ready, "jane", ["select 1"], hold=True)
    policy = f"arn:aws:iam::{ACCOUNT}:policy/redshift-sso-policy"
    cli(ready.server, "iam", "detach-role-policy", "--role-name", "redshift-sso-role", "--policy-arn", policy)
    try:
        deadline = time.monotonic() + 1
        while "error" not in (answer := held.ask("select 1")):
            assert time.monotonic() < deadline, "the session lives on"
    finally:
        cli(ready.server, "iam", "attach-role-policy", "--role-name", "redshift-sso-role", "--policy-arn", policy)
        held.close()
    assert "57P01" in str(answer) or "error" in answer


def test_the_network_rule_counts_before_tls(ready):
    """The security group has this machine's first address only, and the cluster a port of its own: nothing is read or answered."""
    address = (ready.cluster["Address"], ready.cluster["Port"])
    with socket.create_connection(address, timeout=10, source_address=("127.0.0.2", 0)) as refused:
        with contextlib.suppress(ConnectionError):
            refused.sendall(bytes.fromhex("0000000804d2162f"))
            assert refused.recv(1) == b""
    with socket.create_connection(address, timeout=10, source_address=("127.0.0.1", 0)) as admitted:
        admitted.sendall(bytes.fromhex("0000000804d2162f"))
        assert admitted.recv(1) == b"S"
    trail = sqlite3.connect(f"file:{ready.server.data_dir / 'control.sqlite'}?mode=ro", uri=True)
    told = [row[0] for row in trail.execute("select fields from audit where fields like '%127.0.0.2%'")]
    assert told and "authorize-security-group-ingress" in told[-1] and "127.0.0.2/32" in told[-1], told


def assertion(ready, who, folder):
    """The SAMLResponse that the driver's listener would get: the browser is stopped at its door."""
    got = []
    with chromium(ready) as browser, person(browser) as somebody:
        somebody.page.route(LISTENER, lambda route: (got.append(route.request.post_data), route.fulfill(body="<main>thanks</main>", content_type="text/html")))
        somebody.goto(ready.login_url)
        if ready.form == "keycloak":
            somebody.page.locator("#username").fill(who)
            somebody.page.locator("#password").fill(PASSWORD)
            somebody.page.locator("#kc-login").click()
        else:
            somebody.page.locator("#user_name").fill(who)
            somebody.page.locator("#password").fill(PASSWORD)
            somebody.page.keyboard.press("Enter")
        somebody.page.wait_for_url(LISTENER)
    fields = dict(urllib.parse.parse_qsl(got[0]))
    return fields["SAMLResponse"]


def assume(ready, saml_response, **more):
    client = aws(ready.server, "sts", config=Config(signature_version=UNSIGNED))
    return client.assume_role_with_saml(RoleArn=ROLE, PrincipalArn=PROVIDER, SAMLAssertion=saml_response, **more)


def as_role(ready, credentials, service):
    return aws(
        ready.server, service, aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def refused_at_the_door(ready, response):
    """apis.md 9.13, as far as it is STS's. What is refused doesn't use the assertion up."""
    told = {
        "changed": refusal(ready, base64.b64encode(base64.b64decode(response).replace(b">jane<", b">joe<")).decode()),
        "longer than any": refusal(ready, response, DurationSeconds=43201),
        "longer than the role's": refusal(ready, response, DurationSeconds=7200),
    }
    cli(ready.server, "iam", "update-assume-role-policy", "--role-name", "redshift-sso-role", "--policy-document", trust("http://localhost:7891/redshift/"))
    told["for another listener"] = refusal(ready, response)
    cli(ready.server, "iam", "update-assume-role-policy", "--role-name", "redshift-sso-role", "--policy-document", trust(LISTENER))
    assert told == {
        "changed": ("InvalidIdentityToken", 400), "longer than any": ("ValidationError", 400),
        "longer than the role's": ("ValidationError", 400), "for another listener": ("AccessDenied", 403),
    }


def refusal(ready, response, **more):
    with pytest.raises(ClientError) as refused:
        assume(ready, response, **more)
    told = refused.value.response
    return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]


def test_the_same_through_boto3(ready, tmp_path):
    """apis.md 9.12: assume-role-with-saml, then get-cluster-credentials, then psql."""
    response = assertion(ready, "jane", tmp_path)
    refused_at_the_door(ready, response)
    assumed = assume(ready, response)
    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/redshift-sso-role/jane"
    assert (assumed["Audience"], assumed["SubjectType"]) == (LISTENER, assumed["SubjectType"])
    assert as_role(ready, assumed["Credentials"], "sts").get_caller_identity()["Arn"] == assumed["AssumedRoleUser"]["Arn"]
    redshift = as_role(ready, assumed["Credentials"], "redshift")
    asked = {"DbUser": "jane", "DbName": "testdb", "ClusterIdentifier": "analytics", "AutoCreate": True, "DbGroups": [GROUP]}
    got = redshift.get_cluster_credentials(**asked)
    assert got["DbUser"] == "IAMA:jane"
    done = psql(
        ready.server, "-c", "select current_user", "-c", READ, user=got["DbUser"], password=got["DbPassword"], database="testdb",
        port=ready.cluster["Port"],
    )
    assert done.stdout.split() == ["jane", "product1", "product2"], done.stderr
    root = aws(ready.server, "redshift")
    for client, code, changed in (
        (redshift, "InvalidParameterValue", {"DurationSeconds": 899}),
        (redshift, "InvalidParameterValue", {"DurationSeconds": 3601}),
        (redshift, "AccessDenied", {"ClusterIdentifier": "nothing-here"}),
        (root, "ClusterNotFound", {"ClusterIdentifier": "nothing-here"}),
        (redshift, "AccessDenied", {"DbName": "another"}),
    ):
        with pytest.raises(client.exceptions.ClientError) as refused:
            client.get_cluster_credentials(**{**asked, **changed})
        assert refused.value.response["Error"]["Code"] == code, refused.value
    with pytest.raises(redshift.exceptions.ClientError) as refused:
        redshift.get_cluster_credentials(**{**asked, "DbGroups": ["another_group"]})
    reference = refused.value.response["ResponseMetadata"]["RequestId"]
    assert "redshift:JoinGroup" in str(refused.value) and "another_group" in str(refused.value)
    story = gatehouse(ready.server, "explain", "login", reference)
    told = json.dumps(story)
    assert "redshift:JoinGroup" in told and "AllowJoinGroup" in told, told
    with pytest.raises(Exception) as again:
        assume(ready, response)
    assert again.value.response["Error"]["Code"] == "InvalidIdentityToken", again.value


def test_the_removal(ready):
    """The seed's last steps, at JumpCloud and in AWS. It comes last: the file's order is the walkthrough's."""
    server = ready.server
    held = python(ready, "jane", ["select 1"], hold=True)
    cli(server, "iam", "detach-role-policy", "--role-name", "redshift-sso-role", "--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/redshift-sso-policy")
    cli(server, "iam", "delete-role", "--role-name", "redshift-sso-role")
    assert "error" in held.ask("select 1")
    held.close()
    ready.remove()
    cli(server, "iam", "delete-policy", "--policy-arn", f"arn:aws:iam::{ACCOUNT}:policy/redshift-sso-policy")
    cli(server, "iam", "delete-saml-provider", "--saml-provider-arn", PROVIDER)
    cli(server, "redshift", "delete-cluster", "--cluster-identifier", "analytics", "--skip-final-cluster-snapshot")
    cli(server, "redshift", "wait", "cluster-deleted", "--cluster-identifier", "analytics")
    cli(server, "redshift", "delete-cluster-subnet-group", "--cluster-subnet-group-name", "redshift-sso")
    cli(server, "redshift", "delete-cluster-parameter-group", "--parameter-group-name", "redshift-sso")
    (group,) = cli(server, "ec2", "describe-security-groups", "--group-names", "redshift-sso")["SecurityGroups"]
    cli(server, "ec2", "delete-security-group", "--group-id", group["GroupId"])
