"""What IAM's policies say counts at every service: with boto3 and the aws CLI, allowed and denied, and the denial's words."""

import json
import re
import subprocess
import time

import psycopg
import pytest
from botocore.exceptions import ClientError
from conftest import TOOLS, Server
from helpers import aws, gatehouse, pg
from operations_sts import SAML_PROVIDER, SAML_ROLE, saml_response

ACCOUNT = "123456789012"
CLUSTER = f"arn:aws:redshift:us-east-1:{ACCOUNT}:cluster:testcluster"
ESPRESSO = f"arn:aws:iam::{ACCOUNT}:role/EspressoRedshiftRole"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own, so that nothing has to be put back."""
    running = Server(tmp_path_factory.mktemp("iam") / "data").start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def iam(server):
    return aws(server, "iam")


@pytest.fixture
def store(server):
    return aws(server, "sso-admin").list_instances()["Instances"][0]["IdentityStoreId"]


def allow(*actions, resource="*", **more):
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def deny(*actions, resource="*", **more):
    return {**allow(*actions, resource=resource, **more), "Effect": "Deny"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Keys:
    """Somebody's credentials, and clients with them."""

    def __init__(self, server, key, arn=None):
        self.server, self.arn, self.id = server, arn, key["AccessKeyId"]
        self.named = {"aws_access_key_id": self.id, "aws_secret_access_key": key["SecretAccessKey"], "aws_session_token": key.get("SessionToken")}

    def __call__(self, service):
        return aws(self.server, service, **self.named)

    def cli(self, *arguments):
        """The aws CLI's exit code and what it says."""
        environment = self.server.client_env(**{name.upper(): value or "" for name, value in self.named.items()})
        done = subprocess.run(
            [TOOLS / "py/bin/aws", *map(str, arguments), "--output", "json"], env=environment, capture_output=True, text=True, timeout=90,
        )
        return done.returncode, done.stdout or done.stderr


def user(server, name, *statements, **more):
    """An IAM user who may what the statements say."""
    iam = aws(server, "iam")
    arn = iam.create_user(UserName=name, **more)["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    return Keys(server, iam.create_access_key(UserName=name)["AccessKey"], arn)


def role(server, name, principal, *statements):
    """A role that somebody may take, and that may what the statements say; its ARN."""
    iam = aws(server, "iam")
    trust = document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ["sts:AssumeRole", "sts:TagSession"]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return arn


def assumed(keys, arn, **more):
    answer = keys("sts").assume_role(RoleArn=arn, RoleSessionName="session", **more)
    return Keys(keys.server, answer["Credentials"], answer["AssumedRoleUser"]["Arn"])


def refusal(call, **parameters):
    """The error's code and text."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def denied(call, who, action, because, code="AccessDenied", resource="", **parameters):
    found, text = refusal(call, **parameters)
    assert found == code, text
    assert text.startswith(f"User: {who} is not authorized to perform: {action} on resource: {resource}"), text
    assert text.endswith(because), text


def may(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        assert error.response["Error"]["Code"].startswith("AccessDenied"), error
        return False
    return True


def unallowed(action):
    return f"because no identity-based policy allows the {action} action"


def test_a_limited_user_may_what_the_policy_says_and_no_more(server, store):
    """At each service, in its own words."""
    anna = user(
        server, "anna", allow("redshift:DescribeClusters", "iam:GetUser", "ec2:DescribeVpcs", "sso:ListInstances"),
        allow("identitystore:ListUsers", resource=f"arn:aws:identitystore::{ACCOUNT}:identitystore/{store}"),
    )
    assert anna("redshift").describe_clusters()["Clusters"]
    assert anna("iam").get_user()["User"]["UserName"] == "anna"
    assert anna("ec2").describe_vpcs()["Vpcs"]
    assert anna("sso-admin").list_instances()["Instances"]
    assert anna("identitystore").list_users(IdentityStoreId=store)["Users"]
    denied(anna("iam").list_users, anna.arn, "iam:ListUsers", unallowed("iam:ListUsers"))
    denied(
        anna("redshift").delete_cluster, anna.arn, "redshift:DeleteCluster", unallowed("redshift:DeleteCluster"), resource=CLUSTER,
        ClusterIdentifier="testcluster", SkipFinalClusterSnapshot=True,
    )
    json_code = "AccessDeniedException"
    denied(
        anna("identitystore").list_groups, anna.arn, "identitystore:ListGroups", unallowed("identitystore:ListGroups"), json_code,
        IdentityStoreId=store,
    )
    instance = anna("sso-admin").list_instances()["Instances"][0]["InstanceArn"]
    denied(
        anna("sso-admin").describe_instance, anna.arn, "sso:DescribeInstance", unallowed("sso:DescribeInstance"), json_code, InstanceArn=instance
    )
    code, text = refusal(anna("ec2").describe_subnets)
    assert code == "UnauthorizedOperation" and f"User: {anna.arn} is not authorized to perform: ec2:DescribeSubnets" in text, text
    assert anna("sts").get_caller_identity()["Arn"] == anna.arn, "nobody needs a policy for it"


def test_the_same_through_the_cli(server):
    clara = user(server, "clara", allow("redshift:DescribeClusters", resource=CLUSTER))
    code, text = clara.cli("redshift", "describe-clusters", "--cluster-identifier", "testcluster")
    assert code == 0 and json.loads(text)["Clusters"][0]["ClusterIdentifier"] == "testcluster"
    code, text = clara.cli("iam", "list-roles")
    assert code != 0 and "(AccessDenied) when calling the ListRoles operation" in text and unallowed("iam:ListRoles") in text, text
    code, text = clara.cli("organizations", "list-accounts")
    assert code != 0 and "(AccessDeniedException)" in text and unallowed("organizations:ListAccounts") in text, text


def test_a_denial_beats_every_allowance(server, iam):
    dora = user(server, "dora", allow("*"), deny("redshift:Delete*"))
    assert dora("redshift").describe_clusters()["Clusters"]
    denied(
        dora("redshift").delete_cluster, dora.arn, "redshift:DeleteCluster", "with an explicit deny in an identity-based policy",
        ClusterIdentifier="testcluster", SkipFinalClusterSnapshot=True,
    )
    iam.attach_user_policy(UserName="dora", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert refusal(dora("redshift").delete_cluster, ClusterIdentifier="testcluster", SkipFinalClusterSnapshot=True)[0] == "AccessDenied"
    assert aws(server, "redshift").describe_clusters(ClusterIdentifier="testcluster")["Clusters"]


@pytest.mark.parametrize(("name", "condition", "allowed"), [
    ("address", {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1"]}}, True),
    ("elsewhere", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ("encrypted", {"Bool": {"aws:SecureTransport": "true"}}, True),
    ("later", {"DateGreaterThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}, False),
    ("tagged", {"StringEquals": {"aws:PrincipalTag/team": "data"}}, True),
    ("mistagged", {"StringEquals": {"aws:PrincipalTag/team": "finance"}}, False),
    ("resource-tag", {"StringEquals": {"aws:ResourceTag/stage": "test"}}, False),
    ("itself", {"StringEquals": {"aws:username": "condition-itself"}}, True),
    ("no-such-key", {"StringEquals": {"redshift:NoSuchKey": "x"}}, False),
    ("absent", {"StringNotEqualsIfExists": {"redshift:NoSuchKey": "x"}}, True),
])
def test_conditions_are_asked_of_the_call_itself(server, name, condition, allowed):
    who = user(server, f"condition-{name}", allow("redshift:DescribeClusters", Condition=condition), Tags=[{"Key": "team", "Value": "data"}])
    assert may(who("redshift").describe_clusters, ClusterIdentifier="testcluster") == allowed


def test_a_variable_in_a_resource_is_the_callers_name(server):
    own = f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"
    pia, _ = user(server, "pia", allow("iam:GetUser", "iam:ListAccessKeys", resource=own)), user(server, "quinn")
    assert pia("iam").list_access_keys(UserName="pia")["AccessKeyMetadata"]
    denied(pia("iam").list_access_keys, pia.arn, "iam:ListAccessKeys", unallowed("iam:ListAccessKeys"), UserName="quinn")


def test_a_boundary_allows_nothing_and_ends_everything_beyond_it(server, iam):
    made = iam.create_policy(PolicyName="bound", PolicyDocument=document(allow("redshift:*", "iam:GetUser")))["Policy"]["Arn"]
    emma = user(server, "emma", allow("*"), PermissionsBoundary=made)
    assert emma("redshift").describe_clusters()["Clusters"]
    denied(emma("iam").list_users, emma.arn, "iam:ListUsers", "because no permissions boundary allows the iam:ListUsers action")
    iam.delete_user_policy(UserName="emma", PolicyName="own")
    denied(emma("redshift").describe_clusters, emma.arn, "redshift:DescribeClusters", unallowed("redshift:DescribeClusters"))
    iam.put_user_policy(UserName="emma", PolicyName="own", PolicyDocument=document(allow("*")))
    iam.delete_user_permissions_boundary(UserName="emma")
    assert emma("iam").list_users()["Users"], "the next call is decided anew"


def test_a_session_policy_takes_away(server):
    finn = user(server, "finn", allow("sts:AssumeRole"))
    arn = role(server, "wide", finn.arn, allow("redshift:*", "iam:List*"))
    wide = assumed(finn, arn)
    assert wide("redshift").describe_clusters()["Clusters"] and wide("iam").list_users()["Users"]
    narrow = assumed(finn, arn, Policy=document(allow("iam:ListUsers", "ec2:*")))
    assert narrow("iam").list_users()["Users"]
    denied(
        narrow("redshift").describe_clusters, narrow.arn, "redshift:DescribeClusters",
        "because no session policy allows the redshift:DescribeClusters action",
    )
    assert refusal(narrow("ec2").describe_vpcs)[0] == "UnauthorizedOperation", "a session policy gives nothing"
    by_arn = assumed(finn, arn, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}])
    assert by_arn("iam").list_users()["Users"]
    assert refusal(by_arn("redshift").describe_clusters)[0] == "AccessDenied"


def test_who_the_trust_policy_does_not_name_gets_no_session(server):
    named, other = user(server, "named", allow("sts:AssumeRole")), user(server, "other", allow("sts:AssumeRole"))
    arn = role(server, "trusting", named.arn, allow("redshift:*"))
    assert assumed(named, arn)("redshift").describe_clusters()["Clusters"]
    denied(
        other("sts").assume_role, other.arn, "sts:AssumeRole", "because no resource-based policy allows the sts:AssumeRole action",
        RoleArn=arn, RoleSessionName="session",
    )


def test_a_groups_policy_is_its_members(server, iam):
    gina = user(server, "gina")
    describe = gina("redshift").describe_clusters
    denied(describe, gina.arn, "redshift:DescribeClusters", unallowed("redshift:DescribeClusters"))
    iam.create_group(GroupName="readers")
    iam.attach_group_policy(GroupName="readers", PolicyArn="arn:aws:iam::aws:policy/AmazonRedshiftReadOnlyAccess")
    denied(describe, gina.arn, "redshift:DescribeClusters", unallowed("redshift:DescribeClusters"))
    iam.add_user_to_group(GroupName="readers", UserName="gina")
    assert describe()["Clusters"]
    iam.put_group_policy(GroupName="readers", PolicyName="no", PolicyDocument=document(deny("redshift:Describe*", resource=CLUSTER)))
    assert refusal(describe, ClusterIdentifier="testcluster")[0] == "AccessDenied"
    iam.delete_group_policy(GroupName="readers", PolicyName="no")
    iam.remove_user_from_group(GroupName="readers", UserName="gina")
    denied(describe, gina.arn, "redshift:DescribeClusters", unallowed("redshift:DescribeClusters"))


def test_a_key_that_is_deactivated_or_deleted_signs_nothing(server, iam):
    hugo = user(server, "hugo", allow("*"))
    assert hugo("redshift").describe_clusters()["Clusters"]
    iam.update_access_key(UserName="hugo", AccessKeyId=hugo.id, Status="Inactive")
    assert refusal(hugo("redshift").describe_clusters)[0] == "InvalidClientTokenId"
    assert refusal(hugo("sts").get_caller_identity)[0] == "InvalidClientTokenId"
    iam.update_access_key(UserName="hugo", AccessKeyId=hugo.id, Status="Active")
    assert hugo("redshift").describe_clusters()["Clusters"]
    iam.delete_access_key(UserName="hugo", AccessKeyId=hugo.id)
    assert refusal(hugo("redshift").describe_clusters)[0] == "InvalidClientTokenId"


def test_a_session_ends_with_the_key_that_it_came_from(server, iam):
    ines = user(server, "ines", allow("*"))
    session = Keys(server, ines("sts").get_session_token(DurationSeconds=900)["Credentials"])
    other = iam.create_access_key(UserName="ines")["AccessKey"]
    assert session("sts").get_caller_identity()["Arn"] == ines.arn
    assert session("redshift").describe_clusters()["Clusters"]
    assert not may(session("iam").list_users), "without a second factor, IAM is for the key itself (STS, GetSessionToken)"
    iam.delete_access_key(UserName="ines", AccessKeyId=ines.id)
    assert refusal(session("redshift").describe_clusters)[0] == "InvalidClientTokenId"
    assert Keys(server, other)("redshift").describe_clusters()["Clusters"], "her other key is another matter"


def test_a_role_is_passed_by_those_only_who_may_pass_it(server, iam):
    """Otherwise whoever changes a cluster would have what its role may."""
    jack = user(server, "jack", allow("redshift:*"))
    change = {"ClusterIdentifier": "testcluster", "AddIamRoles": [ESPRESSO]}
    denied(jack("redshift").modify_cluster_iam_roles, jack.arn, "iam:PassRole", unallowed("iam:PassRole"), resource=ESPRESSO, **change)

    def pass_to(service):
        condition = {"StringEquals": {"iam:PassedToService": service}}
        statement = allow("iam:PassRole", resource=ESPRESSO, Condition=condition)
        iam.put_user_policy(UserName="jack", PolicyName="pass", PolicyDocument=document(statement))

    pass_to("lambda.amazonaws.com")
    assert refusal(jack("redshift").modify_cluster_iam_roles, **change)[0] == "AccessDenied"
    pass_to("redshift.amazonaws.com")
    roles = jack("redshift").modify_cluster_iam_roles(**change)["Cluster"]["IamRoles"]
    assert ESPRESSO in [one["IamRoleArn"] for one in roles]


def test_the_simulation_says_what_happens(server, iam, store):
    boundary = iam.create_policy(PolicyName="simulated", PolicyDocument=document(allow("redshift:*", "identitystore:*", "iam:Get*")))
    kim = user(
        server, "kim", allow("redshift:Describe*", "iam:*", "identitystore:ListUsers"), deny("redshift:DescribeTags"),
        PermissionsBoundary=boundary["Policy"]["Arn"],
    )
    for service, operation, action, parameters in (
        ("redshift", "describe_clusters", "redshift:DescribeClusters", {}),
        ("redshift", "describe_tags", "redshift:DescribeTags", {}),
        ("redshift", "describe_cluster_snapshots", "redshift:DescribeClusterSnapshots", {}),
        ("redshift", "create_cluster_subnet_group", "redshift:CreateClusterSubnetGroup", {
            "ClusterSubnetGroupName": "x", "Description": "x", "SubnetIds": ["subnet-x"],
        }),
        ("iam", "get_account_summary", "iam:GetAccountSummary", {}),
        ("iam", "list_users", "iam:ListUsers", {}),
        ("identitystore", "list_users", "identitystore:ListUsers", {"IdentityStoreId": store}),
        ("identitystore", "list_groups", "identitystore:ListGroups", {"IdentityStoreId": store}),
    ):
        (told,) = iam.simulate_principal_policy(PolicySourceArn=kim.arn, ActionNames=[action])["EvaluationResults"]
        try:
            getattr(kim(service), operation)(**parameters)
            happened = "allowed"
        except ClientError as error:
            assert error.response["Error"]["Code"].startswith("AccessDenied"), error
            happened = "explicitDeny" if "explicit deny" in str(error) else "implicitDeny"
        assert told["EvalDecision"] == happened, (action, told)


def test_who_is_denied_by_ec2_can_read_why(server, iam):
    """And nobody else can, and what is changed by one character is nothing."""
    lars = user(server, "lars", allow("sts:DecodeAuthorizationMessage"), deny("ec2:CreateVpc"))
    code, text = refusal(lars("ec2").create_vpc, CidrBlock="10.8.0.0/16")
    assert code == "UnauthorizedOperation" and "with an explicit deny in an identity-based policy" in text, text
    message = re.search(r"Encoded authorization failure message: (\S+)", text).group(1)
    told = json.loads(lars("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert (told["allowed"], told["explicitDeny"]) == (False, True)
    assert told["context"]["principal"]["arn"] == lars.arn and told["context"]["action"] == "ec2:CreateVpc"
    changed = message[:-1] + ("A" if message[-1] != "A" else "B")
    assert refusal(lars("sts").decode_authorization_message, EncodedMessage=changed)[0] == "InvalidAuthorizationMessageException"
    iam.put_user_policy(UserName="lars", PolicyName="own", PolicyDocument=document(deny("ec2:CreateVpc")))
    denied(
        lars("sts").decode_authorization_message, lars.arn, "sts:DecodeAuthorizationMessage", unallowed("sts:DecodeAuthorizationMessage"),
        EncodedMessage=message,
    )


def test_sessions_of_before_are_revoked_and_later_ones_are_not(server, iam):
    """As the console's "Revoke active sessions" does it."""
    mona = user(server, "mona", allow("sts:AssumeRole"))
    arn = role(server, "revoked", mona.arn, allow("redshift:*"))
    before = assumed(mona, arn)
    assert before("redshift").describe_clusters()["Clusters"]
    # The time of issue has whole seconds: the sessions of this second are meant too.
    moment = int(time.time()) + 1
    older = {"DateLessThan": {"aws:TokenIssueTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))}}
    iam.put_role_policy(RoleName="revoked", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(deny("*", Condition=older)))
    denied(
        before("redshift").describe_clusters, before.arn, "redshift:DescribeClusters", "with an explicit deny in an identity-based policy"
    )
    deadline = time.monotonic() + 10
    while not may(assumed(mona, arn)("redshift").describe_clusters):
        assert time.monotonic() < deadline, "a session of later is revoked too"
    assert not may(before("redshift").describe_clusters)


def test_the_demos_people_come_under_their_own_name_only(server):
    """Seed 004's policy alone would let everybody with the role come as the master user."""
    assumed = aws(server, "sts").assume_role_with_saml(
        RoleArn=SAML_ROLE, PrincipalArn=SAML_PROVIDER, SAMLAssertion=saml_response(server, "ethan")
    )
    redshift = Keys(server, assumed["Credentials"])("redshift")
    cluster = {"ClusterIdentifier": "testcluster", "DbName": "dev", "AutoCreate": True}
    assert redshift.get_cluster_credentials(DbUser="ethan", DbGroups=["redshift_dbgroup"], **cluster)["DbUser"] == "IAMA:ethan"
    for other in (server["SQL_ADMIN_USER"], "olivia", "*"):
        with pytest.raises(ClientError) as refused:
            redshift.get_cluster_credentials(DbUser=other, **cluster)
        assert refused.value.response["Error"]["Code"] in ("AccessDenied", "InvalidParameterValue"), (other, refused.value)


def test_an_open_database_session_ends_with_the_key_that_it_came_from(server, iam):
    """AWS lets it live; here it ends within a second."""
    nora = user(server, "nora", allow("redshift:GetClusterCredentials", "redshift:CreateClusterUser"))
    got = nora("redshift").get_cluster_credentials(ClusterIdentifier="testcluster", DbUser="nora", DbName="dev", AutoCreate=True)
    with pg(server, got["DbUser"], got["DbPassword"]) as connection:
        assert connection.execute("select current_user").fetchone() == ("nora",)
        iam.update_access_key(UserName="nora", AccessKeyId=nora.id, Status="Inactive")
        deadline = time.monotonic() + 1
        with pytest.raises(psycopg.errors.AdminShutdown):
            while time.monotonic() < deadline:
                connection.execute("select 1")


def test_a_denial_is_explained_by_its_request_id(server):
    otto = user(server, "otto", allow("redshift:DeleteCluster", resource=f"{CLUSTER}-other"))
    with pytest.raises(ClientError) as error:
        otto("redshift").delete_cluster(ClusterIdentifier="testcluster", SkipFinalClusterSnapshot=True)
    told = json.dumps(gatehouse(server, "explain", "login", error.value.response["ResponseMetadata"]["RequestId"]))
    assert "redshift:DeleteCluster" in told and "own" in told and otto.arn in told, told
