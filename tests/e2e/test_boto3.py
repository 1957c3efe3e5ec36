"""What boto3 does by itself: waiters, every paginator of what is carried out, and retries."""

import http.client
import http.server
import json
import threading
import urllib.parse

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, WaiterError
from conftest import Server, binary
from helpers import aws

ROLE = "arn:aws:iam::123456789012:role/EspressoRedshiftRole"
MASTER = {"MasterUsername": "boss", "MasterUserPassword": "Boto3-Master-1"}
QUICK = {"Delay": 1, "MaxAttempts": 10}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = Server(tmp_path_factory.mktemp("boto3") / "data", command=[binary(), "up"]).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def instance(server):
    (found,) = aws(server, "sso-admin").list_instances()["Instances"]
    return found


def connecting_role(server):
    iam = aws(server, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "redshift.amazonaws.com"}, "Action": "sts:AssumeRole"}
    look = {"Effect": "Allow", "Action": ["sso:DescribeApplication", "sso:DescribeInstance"], "Resource": "*"}
    name = ROLE.rsplit("/", 1)[1]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    iam.put_role_policy(RoleName=name, PolicyName="idc", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": look}))


def all_pages(client, operation, key, size, **parameters):
    """Every item, page by page; no page is larger than asked for, and the walk ends."""
    found, pages = [], 0
    for page in client.get_paginator(operation).paginate(**parameters, PaginationConfig={"PageSize": size}):
        assert len(page[key]) <= size, operation
        found += page[key]
        pages += 1
    return found, pages


def check(client, operation, key, identity, expected, size=1, **parameters):
    """Page by page there is what there is at once, everything once."""
    found, pages = all_pages(client, operation, key, size, **parameters)
    names = [item if identity is None else item[identity] for item in found]
    assert len(names) == len(set(map(str, names))) and set(expected) <= set(names), (operation, names)
    at_once, _ = all_pages(client, operation, key, max(size, 10), **parameters)
    assert at_once == found, operation
    assert pages >= -(-len(found) // size), (operation, pages)
    return found


def test_paginators_of_the_directory(server, instance):
    client, store = aws(server, "identitystore"), {"IdentityStoreId": instance["IdentityStoreId"]}
    check(client, "list_identity_stores", "IdentityStores", "IdentityStoreId", [store["IdentityStoreId"]])
    users = [client.create_user(
        **store, UserName=f"page{n}", DisplayName=f"P{n}", Name={"GivenName": "P", "FamilyName": str(n)}
    )["UserId"] for n in range(4)]
    groups = [client.create_group(**store, DisplayName=f"page{n}")["GroupId"] for n in range(3)]
    for group in groups:
        for user in users if group == groups[0] else users[:1]:
            client.create_group_membership(**store, GroupId=group, MemberId={"UserId": user})
    check(client, "list_users", "Users", "UserId", users, **store)
    check(client, "list_groups", "Groups", "GroupId", groups, **store)
    found = check(client, "list_group_memberships", "GroupMemberships", "MembershipId", [], GroupId=groups[0], **store)
    assert {membership["MemberId"]["UserId"] for membership in found} == set(users)
    member = {"MemberId": {"UserId": users[0]}}
    found = check(client, "list_group_memberships_for_member", "GroupMemberships", "MembershipId", [], **member, **store)
    assert {membership["GroupId"] for membership in found} == set(groups)
    # A page is taken away while it is walked: the rest is neither skipped nor repeated.
    pages = iter(client.get_paginator("list_users").paginate(**store, PaginationConfig={"PageSize": 1}))
    first = next(pages)["Users"][0]["UserId"]
    client.delete_user(**store, UserId=first)
    assert {user["UserId"] for page in pages for user in page["Users"]} == set(users) - {first}


def test_paginators_of_identity_center(server, instance):
    client, of = aws(server, "sso-admin"), {"InstanceArn": instance["InstanceArn"]}
    check(client, "list_instances", "Instances", "InstanceArn", [instance["InstanceArn"]])
    custom = "arn:aws:sso::aws:applicationProvider/custom"
    check(client, "list_application_providers", "ApplicationProviders", "ApplicationProviderArn", [custom])
    made = [client.create_application(**of, Name=f"page{n}", ApplicationProviderArn=custom)["ApplicationArn"] for n in range(3)]
    check(client, "list_applications", "Applications", "ApplicationArn", made, **of)
    application, store = {"ApplicationArn": made[0]}, instance["IdentityStoreId"]
    people = [aws(server, "identitystore").create_group(IdentityStoreId=store, DisplayName=f"assigned{n}")["GroupId"] for n in range(3)]
    for person in people:
        client.create_application_assignment(**application, PrincipalId=person, PrincipalType="GROUP")
    for arn in made[1:]:
        client.create_application_assignment(ApplicationArn=arn, PrincipalId=people[0], PrincipalType="GROUP")
    check(client, "list_application_assignments", "ApplicationAssignments", "PrincipalId", people, **application)
    principal = {"PrincipalId": people[0], "PrincipalType": "GROUP"}
    check(client, "list_application_assignments_for_principal", "ApplicationAssignments", "ApplicationArn", made, **principal, **of)
    client.put_application_access_scope(**application, Scope="redshift:connect")
    check(client, "list_application_access_scopes", "Scopes", "Scope", ["redshift:connect"], **application)
    client.tag_resource(ResourceArn=made[0], InstanceArn=of["InstanceArn"], Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(3)])
    for operation, key, more in (
        ("list_application_grants", "Grants", application),
        ("list_application_authentication_methods", "AuthenticationMethods", application),
        ("list_tags_for_resource", "Tags", {"ResourceArn": made[0], "InstanceArn": of["InstanceArn"]}),
    ):
        pages = list(client.get_paginator(operation).paginate(**more))
        assert sum(len(page[key]) for page in pages) == (3 if key == "Tags" else 0), (operation, pages)


def test_paginators_of_the_organisation(server):
    client = aws(server, "organizations")
    (root,) = check(client, "list_roots", "Roots", "Id", [])
    check(client, "list_accounts", "Accounts", "Id", ["123456789012"])
    check(client, "list_accounts_for_parent", "Accounts", "Id", ["123456789012"], ParentId=root["Id"])
    check(client, "list_parents", "Parents", "Id", [root["Id"]], ChildId="123456789012")
    check(client, "list_children", "Children", "Id", ["123456789012"], ParentId=root["Id"], ChildType="ACCOUNT")
    check(client, "list_organizational_units_for_parent", "OrganizationalUnits", "Id", [], ParentId=root["Id"])
    check(client, "list_delegated_administrators", "DelegatedAdministrators", "Id", [])
    check(client, "list_aws_service_access_for_organization", "EnabledServicePrincipals", "ServicePrincipal", [])
    pages = list(client.get_paginator("list_tags_for_resource").paginate(ResourceId="123456789012"))
    assert [page["Tags"] for page in pages] == [[]]


def test_paginators_of_warehouses(server, instance):
    """redshift takes pages of 20 to 100 (its model): tags are what there are many of."""
    redshift, serverless = aws(server, "redshift"), aws(server, "redshift-serverless")
    tags = [{"Key": f"key{n:02}", "Value": "v"} for n in range(25)]
    redshift.create_cluster(ClusterIdentifier="paged", NodeType="ra3.large", ClusterType="single-node", Tags=tags, **MASTER)
    found, pages = all_pages(redshift, "describe_tags", "TaggedResources", 20, ResourceType="cluster")
    assert {item["Tag"]["Key"] for item in found} >= {tag["Key"] for tag in tags} and pages >= 2
    check(redshift, "describe_clusters", "Clusters", "ClusterIdentifier", ["paged"], size=20)
    connecting_role(server)
    idc = redshift.create_redshift_idc_application(
        IdcInstanceArn=instance["InstanceArn"], RedshiftIdcApplicationName="paged", IdcDisplayName="Paged", IamRoleArn=ROLE, IdentityNamespace="paged",
    )["RedshiftIdcApplication"]["RedshiftIdcApplicationArn"]
    check(redshift, "describe_redshift_idc_applications", "RedshiftIdcApplications", "RedshiftIdcApplicationArn", [idc], size=20)
    check(redshift, "describe_qev2_idc_applications", "Qev2IdcApplications", "Qev2IdcApplicationArn", [], size=20)
    names = [f"paged-{n}" for n in range(3)]
    for name in names:
        serverless.create_namespace(namespaceName=name)
    for name in names[:2]:
        serverless.create_workgroup(workgroupName=name, namespaceName=name)
    check(serverless, "list_namespaces", "namespaces", "namespaceName", names)
    check(serverless, "list_workgroups", "workgroups", "workgroupName", names[:2])
    for name in names[:2]:
        serverless.delete_workgroup(workgroupName=name)
    for name in names:
        serverless.delete_namespace(namespaceName=name)
    redshift.delete_redshift_idc_application(RedshiftIdcApplicationArn=idc)
    redshift.delete_cluster(ClusterIdentifier="paged", SkipFinalClusterSnapshot=True)
    redshift.get_waiter("cluster_deleted").wait(ClusterIdentifier="paged", WaiterConfig=QUICK)


def test_the_paginator_of_events(server):
    client = aws(server, "cloudtrail")
    named = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateNamespace"}]}
    for n in range(3):
        with pytest.raises(ClientError):
            aws(server, "redshift-serverless").create_namespace(namespaceName="UPPER")
    found, pages = all_pages(client, "lookup_events", "Events", 1, **named)
    assert len(found) >= 3 and len({event["EventId"] for event in found}) == len(found) <= pages


def test_waiters(server):
    client = aws(server, "redshift")
    client.create_cluster(ClusterIdentifier="waited", NodeType="ra3.large", ClusterType="single-node", **MASTER)
    client.get_waiter("cluster_available").wait(ClusterIdentifier="waited", WaiterConfig=QUICK)
    (cluster,) = client.describe_clusters(ClusterIdentifier="waited")["Clusters"]
    assert cluster["ClusterStatus"] == "available" and cluster["Endpoint"]["Port"]
    with pytest.raises(WaiterError):
        client.get_waiter("cluster_deleted").wait(ClusterIdentifier="waited", WaiterConfig={"Delay": 0, "MaxAttempts": 2})
    client.delete_cluster(ClusterIdentifier="waited", SkipFinalClusterSnapshot=True)
    client.get_waiter("cluster_deleted").wait(ClusterIdentifier="waited", WaiterConfig=QUICK)


def test_a_token_of_another_list_or_a_broken_one_is_refused(server, instance):
    client, store = aws(server, "identitystore"), {"IdentityStoreId": instance["IdentityStoreId"]}
    for n in range(2):
        client.create_group(**store, DisplayName=f"token{n}")
    token = client.list_groups(**store, MaxResults=1)["NextToken"]
    wrong = {"another list's": (client.list_users, token), "none of ours": (client.list_groups, "x")}
    for which, (operation, text) in wrong.items():
        with pytest.raises(client.exceptions.ValidationException):
            print(which, operation(**store, MaxResults=1, NextToken=text))


class Unlucky(http.server.ThreadingHTTPServer):
    """Stands before the server and fails the first requests, each in its way; the rest it passes on."""

    def __init__(self, server, *failures):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behind = urllib.parse.urlsplit(server["GATEHOUSE_HTTP"]).netloc
        self.failures, self.seen = list(failures), 0
        self.address = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.seen += 1
        body = self.rfile.read(int(self.headers["Content-Length"]))
        failure = self.server.failures.pop(0) if self.server.failures else None
        if isinstance(failure, tuple):
            return self.answer(*failure)
        behind = http.client.HTTPConnection(self.server.behind, timeout=20)
        # With the Host that was signed.
        behind.request("POST", self.path, body, dict(self.headers))
        answer = behind.getresponse()
        content = answer.read()
        behind.close()
        if failure == "lost":
            self.close_connection = True
            return self.connection.close()
        return self.answer(answer.status, content, answer.getheader("Content-Type"))

    def answer(self, status, content, kind="application/x-amz-json-1.1"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


THROTTLED = (400, b'{"__type":"ThrottlingException","Message":"Rate exceeded"}')
UNAVAILABLE = (503, b"")


@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_retries(server, instance, mode):
    """A throttled call and a 503 are repeated, signed anew; the answer is the right one, and the write is there once."""
    config = Config(retries={"mode": mode, "max_attempts": 4})
    store = {"IdentityStoreId": instance["IdentityStoreId"]}
    with Unlucky(server, THROTTLED, UNAVAILABLE) as unlucky:
        client = aws(server, "identitystore", endpoint_url=unlucky.address, config=config)
        group = client.create_group(**store, DisplayName=f"retried-{mode}")["GroupId"]
        assert unlucky.seen == 3
    assert aws(server, "identitystore").describe_group(**store, GroupId=group)["DisplayName"] == f"retried-{mode}"


def test_a_lost_answer_is_asked_for_again_without_a_second_application(server, instance):
    """boto3 sends the same ClientToken with the repetition."""
    custom = "arn:aws:sso::aws:applicationProvider/custom"
    with Unlucky(server, "lost") as unlucky:
        client = aws(server, "sso-admin", endpoint_url=unlucky.address)
        made = client.create_application(InstanceArn=instance["InstanceArn"], Name="lost-answer", ApplicationProviderArn=custom)
        assert unlucky.seen == 2
    listed = aws(server, "sso-admin").list_applications(InstanceArn=instance["InstanceArn"])["Applications"]
    assert [found["ApplicationArn"] for found in listed if found["Name"] == "lost-answer"] == [made["ApplicationArn"]]
