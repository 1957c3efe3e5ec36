"""Walkthrough 1's set-up and clean-up through the aws CLI alone, on a server that nobody prepared.

What AWS has in its console only (SCIM tokens) is the `gatehouse` command line; the identity provider pushes over SCIM; SQL is psql.
Permission sets are refused by name.
"""

import json
import subprocess

import pytest
from conftest import Server, binary
from helpers import Refused, RedshiftConnector, Scim, cli, free_port, gatehouse, psql, token

ROLE = "arn:aws:iam::123456789012:role/EspressoRedshiftRole"
PASSWORD = "Walkthrough-1-Password"
MASTER = ("espresso", "Espresso-Master-1")
GROUPS = ("awssso-sales", "awssso-finance")
# Seed 000, "Configure Amazon Redshift role-based access".
WAREHOUSE = """
create role "awsidc:awssso-sales";
create role "awsidc:awssso-finance";
create schema sales_schema;
create schema finance_schema;
create table if not exists finance_schema.revenue (account integer encode az64, customer varchar(20) encode lzo, salesamt numeric(18,0) encode az64);
insert into finance_schema.revenue values (10001, 'ABC Company', 12000), (10002, 'Tech Logistics', 175400);
create table if not exists sales_schema.store_sales (id integer encode az64, product varchar(20), sales_amount integer encode az64);
insert into sales_schema.store_sales values (1,'product1',1000), (2,'product2',2000);
grant usage on schema sales_schema to role "awsidc:awssso-sales";
grant select on all tables in schema sales_schema to role "awsidc:awssso-sales";
grant usage on schema finance_schema to role "awsidc:awssso-finance";
grant select on all tables in schema finance_schema to role "awsidc:awssso-finance";
"""
READ = ["select current_user", "select product from sales_schema.store_sales order by 1", "select * from finance_schema.revenue"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A server without the demo organisation."""
    server = Server(tmp_path_factory.mktemp("bare") / "data", command=[binary(), "up"]).start()
    yield server
    assert server.stop() == 0


def run_sql(server, text, expect=0, **where):
    done = psql(server, "-v", "ON_ERROR_STOP=1", database="dev", stdin=text, **where)
    assert (done.returncode == 0) == (expect == 0), done.stderr
    return done.stdout.splitlines() if expect == 0 else done.stderr


def push(server):
    """The identity provider's push, as Okta does it: people, then groups with their members."""
    scim = Scim(server)
    people = {name: scim.create_user(name, password=PASSWORD)["id"] for name in ("ethan", "fiona", "nina")}
    scim.create_group("awssso-sales", people["ethan"])
    scim.create_group("awssso-finance", people["fiona"])
    return people


def test_walkthrough_1_from_nothing_to_nothing(bare):
    instance = check_organisation(bare)
    people = push(bare)
    groups = check_directory(bare, instance["IdentityStoreId"], people)
    application = create_application(bare, instance["InstanceArn"])
    assign(bare, application, groups)
    cluster = create_cluster(bare, application)
    workgroup = create_workgroup(bare, application)
    connect_existing_cluster_by_sql(bare, application)
    people_read_their_tables(bare, cluster)
    one_identity_center_two_warehouses(bare, workgroup)
    a_changed_namespace_is_for_new_warehouses(bare, application, cluster)
    check_events(bare)
    clean_up(bare, instance, application, people, groups)


def check_organisation(server):
    organisation = cli(server, "organizations", "describe-organization")["Organization"]
    (account,) = cli(server, "organizations", "list-accounts")["Accounts"]
    assert organisation["MasterAccountId"] == account["Id"] == "123456789012"
    assert account["Status"] == "ACTIVE"
    (instance,) = cli(server, "sso-admin", "list-instances")["Instances"]
    described = cli(server, "sso-admin", "describe-instance", "--instance-arn", instance["InstanceArn"])
    assert (described["Status"], described["IdentityStoreId"]) == ("ACTIVE", instance["IdentityStoreId"])
    with pytest.raises(Refused, match="CreatePermissionSet"):
        cli(server, "sso-admin", "create-permission-set", "--name", "Redshift-Query-Editor-V2", "--instance-arn", instance["InstanceArn"])
    made = gatehouse(server, "scim-token", "create")
    assert Scim(server, made["BearerToken"])("GET", "/Users?count=1", expect=200)["totalResults"] == 0
    listed = gatehouse(server, "scim-token", "list")["Tokens"]
    assert len(listed) == 2 and made["BearerToken"] not in json.dumps(listed)
    gatehouse(server, "scim-token", "delete", made["TokenId"])
    assert Scim(server, made["BearerToken"])("GET", "/Users")[0] == 401
    return instance


def check_directory(server, store, people):
    """What the identity provider pushed is what identitystore shows."""
    listed = cli(server, "identitystore", "list-users", "--identity-store-id", store)["Users"]
    assert {user["UserName"]: user["UserId"] for user in listed} == people
    assert {user["ExternalIds"][0]["Id"] for user in listed} == {f"00u-{name}" for name in people}
    groups = {}
    for name, member in zip(GROUPS, ("ethan", "fiona")):
        unique = json.dumps({"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": name}})
        found = cli(server, "identitystore", "get-group-id", "--identity-store-id", store, "--alternate-identifier", unique)
        groups[name] = found["GroupId"]
        memberships = cli(
            server, "identitystore", "list-group-memberships", "--identity-store-id", store, "--group-id", found["GroupId"]
        )["GroupMemberships"]
        assert [membership["MemberId"]["UserId"] for membership in memberships] == [people[member]]
    return groups


def create_role(server, instance):
    """Seed 000, "IAM role for IAM Identity Center access": its trust, and the policy that its troubleshooting prints."""
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]},
    }]}
    applications = f"arn:aws:sso::123456789012:application/{instance.rsplit('/', 1)[1]}/*"
    policy = {"Version": "2012-10-17", "Statement": [
        {"Sid": "VisualEditor0", "Effect": "Allow", "Action": "redshift:DescribeQev2IdcApplications", "Resource": "*"},
        {"Sid": "VisualEditor1", "Effect": "Allow", "Action": ["sso:DescribeApplication", "sso:DescribeInstance"], "Resource": applications},
    ]}
    name = ROLE.rsplit("/", 1)[1]
    cli(server, "iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(trust))
    cli(server, "iam", "put-role-policy", "--role-name", name, "--policy-name", "idc", "--policy-document", json.dumps(policy))


def create_application(server, instance):
    create_role(server, instance)
    made = cli(
        server, "redshift", "create-redshift-idc-application", "--idc-instance-arn", instance,
        "--redshift-idc-application-name", "redshift-idc-app", "--idc-display-name", "Amazon-Redshift",
        "--identity-namespace", "awsidc", "--iam-role-arn", ROLE,
    )["RedshiftIdcApplication"]
    (described,) = cli(server, "redshift", "describe-redshift-idc-applications")["RedshiftIdcApplications"]
    assert described["IdcOnboardStatus"] == "Completed" and described["RedshiftIdcApplicationArn"] == made["RedshiftIdcApplicationArn"]
    managed = made["IdcManagedApplicationArn"]
    assert cli(server, "sso-admin", "describe-application", "--application-arn", managed)["Status"] == "ENABLED"
    scopes = cli(server, "sso-admin", "list-application-access-scopes", "--application-arn", managed)["Scopes"]
    assert [scope["Scope"] for scope in scopes] == ["redshift:connect"]
    grants = cli(server, "sso-admin", "list-application-grants", "--application-arn", managed)["Grants"]
    assert {grant["GrantType"] for grant in grants} == {"authorization_code", "refresh_token"}
    editor = cli(
        server, "redshift", "create-qev2-idc-application", "--idc-instance-arn", instance,
        "--qev2-idc-application-name", "query-editor", "--idc-display-name", "Query-Editor-V2",
    )["Qev2IdcApplication"]
    (found,) = cli(server, "redshift", "describe-qev2-idc-applications")["Qev2IdcApplications"]
    assert found["Qev2IdcApplicationArn"] == editor["Qev2IdcApplicationArn"]
    cli(server, "redshift", "delete-qev2-idc-application", "--qev2-idc-application-arn", editor["Qev2IdcApplicationArn"])
    return made


def assign(server, application, groups):
    arn = application["IdcManagedApplicationArn"]
    for group in groups.values():
        cli(
            server, "sso-admin", "create-application-assignment", "--application-arn", arn,
            "--principal-type", "GROUP", "--principal-id", group,
        )
    listed = cli(server, "sso-admin", "list-application-assignments", "--application-arn", arn)["ApplicationAssignments"]
    assert {entry["PrincipalId"] for entry in listed} == set(groups.values())


def create_cluster(server, application):
    port = free_port()
    cli(
        server, "redshift", "create-cluster", "--cluster-identifier", "analytics", "--node-type", "ra3.large",
        "--master-username", MASTER[0], "--master-user-password", MASTER[1], "--db-name", "dev", "--port", port,
        "--redshift-idc-application-arn", application["RedshiftIdcApplicationArn"], "--cluster-type", "single-node",
    )
    cli(server, "redshift", "wait", "cluster-available", "--cluster-identifier", "analytics")
    (cluster,) = cli(server, "redshift", "describe-clusters", "--cluster-identifier", "analytics")["Clusters"]
    assert (cluster["ClusterStatus"], cluster["Endpoint"]["Port"], cluster["DBName"]) == ("available", port, "dev")
    assert [role["IamRoleArn"] for role in cluster["IamRoles"]] == [ROLE], "the role of the integration is attached by itself"
    where = {"user": MASTER[0], "password": MASTER[1], "port": port}
    # A new warehouse with a connection has its identity provider already.
    assert run_sql(server, "select name, namespc from svv_identity_providers", **where) == ["redshift-idc-app|awsidc"]
    refused = run_sql(server, 'create role "wrong:awssso-sales"', expect=1, **where)
    assert 'registered identity provider does not exist for "wrong:awssso-sales"' in refused
    run_sql(server, WAREHOUSE, **where)
    return cluster


def create_workgroup(server, application):
    cli(
        server, "redshift-serverless", "create-namespace", "--namespace-name", "serverless-ns", "--db-name", "dev",
        "--admin-username", MASTER[0], "--admin-user-password", MASTER[1],
        "--redshift-idc-application-arn", application["RedshiftIdcApplicationArn"],
    )
    made = cli(
        server, "redshift-serverless", "create-workgroup", "--workgroup-name", "reports", "--namespace-name", "serverless-ns"
    )["workgroup"]
    found = cli(server, "redshift-serverless", "get-workgroup", "--workgroup-name", "reports")["workgroup"]
    assert (found["status"], found["workgroupId"]) == ("AVAILABLE", made["workgroupId"])
    assert found["endpoint"] == {"address": "reports.redshift-serverless.localhost", "port": int(server["SQL_PORT"]), **{
        name: value for name, value in found["endpoint"].items() if name not in ("address", "port")
    }}
    return found


def connect_existing_cluster_by_sql(server, application):
    """Seed 000: an existing cluster is connected by SQL; the first cluster has no connection."""
    assert run_sql(server, "select count(*) from svv_identity_providers") == ["0"]
    run_sql(server, f"""
        create identity provider "redshift-idc-app" type awsidc namespace 'awsidc'
        application_arn '{application["IdcManagedApplicationArn"]}' iam_role '{ROLE}';
        create role "awsidc:awssso-sales";
    """)
    assert run_sql(server, "select role_name from svv_roles where role_name like 'awsidc%'") == ["awsidc:awssso-sales"]


def people_read_their_tables(server, cluster):
    """The driver signs in through the browser, at the cluster's own port."""
    ethan = RedshiftConnector(server, "ethan", READ, password=PASSWORD, endpoint=cluster["Endpoint"])
    who, sales, revenue = ethan.answers
    assert who == {"rows": [["awsidc:ethan"]]}
    assert sales == {"rows": [["product1"], ["product2"]]}
    assert revenue["error"]["M"] == "permission denied for schema finance_schema"
    access = token(server, "fiona", PASSWORD)
    fiona = RedshiftConnector(server, "fiona", READ[2:], token=access, endpoint=cluster["Endpoint"])
    assert fiona.answers == [{"rows": [["10001", "ABC Company", "12000"], ["10002", "Tech Logistics", "175400"]]}]


def one_identity_center_two_warehouses(server, workgroup):
    """The same person in another warehouse: reached by its name, with what is granted there."""
    where = {"user": MASTER[0], "password": MASTER[1], "host": workgroup["endpoint"]["address"]}
    assert run_sql(server, "select namespc from svv_identity_providers", **where) == ["awsidc"]
    assert run_sql(server, "select count(*) from svv_roles where role_name like 'awsidc%'", **where) == ["0"]
    assert run_sql(server, "select count(*) from svv_tables where table_schema = 'sales_schema'", **where) == ["0"]


def a_changed_namespace_is_for_new_warehouses(server, application, cluster):
    arn = application["RedshiftIdcApplicationArn"]
    cli(server, "redshift", "modify-redshift-idc-application", "--redshift-idc-application-arn", arn, "--identity-namespace", "newidc")
    old = {"user": MASTER[0], "password": MASTER[1], "port": cluster["Endpoint"]["Port"]}
    assert run_sql(server, "select namespc from svv_identity_providers", **old) == ["awsidc"]
    cli(
        server, "redshift", "create-cluster", "--cluster-identifier", "later", "--node-type", "ra3.large",
        "--master-username", MASTER[0], "--master-user-password", MASTER[1], "--redshift-idc-application-arn", arn,
    )
    new = {"user": MASTER[0], "password": MASTER[1], "host": "later.redshift.localhost"}
    assert run_sql(server, "select namespc from svv_identity_providers", **new) == ["newidc"]
    run_sql(server, "alter identity provider \"redshift-idc-app\" namespace 'newidc'", **old)
    assert run_sql(server, "select count(*) from svv_roles where role_name like 'newidc:%'", **old) == ["2"]
    cli(server, "redshift", "delete-cluster", "--cluster-identifier", "later", "--skip-final-cluster-snapshot")
    gone = run_sql(server, "select 1", expect=1, **new)
    assert "later" in gone, gone


def check_events(server):
    def events(key, value):
        attributes = f"AttributeKey={key},AttributeValue={value}"
        return cli(server, "cloudtrail", "lookup-events", "--lookup-attributes", attributes, "--max-items", "20")["Events"]

    (made,) = [event for event in events("EventName", "CreateCluster") if "analytics" in event["CloudTrailEvent"]]
    detail = json.loads(made["CloudTrailEvent"])
    assert (detail["eventSource"], detail["userIdentity"]["type"]) == ("redshift.amazonaws.com", "Root")
    assert MASTER[1] not in made["CloudTrailEvent"]
    pushed = events("EventSource", "identitystore-scim.amazonaws.com")
    assert {event["EventName"] for event in pushed} >= {"CreateUser", "CreateGroup"}
    assert PASSWORD not in json.dumps(pushed) and "Ethan" not in json.dumps(pushed)


def clean_up(server, instance, application, people, groups):
    """Seed 000, "Clean up", and the directory besides. Nothing is left, and nothing comes back at the next start."""
    arn = application["IdcManagedApplicationArn"]
    for group in groups.values():
        cli(
            server, "sso-admin", "delete-application-assignment", "--application-arn", arn,
            "--principal-type", "GROUP", "--principal-id", group,
        )
    cli(
        server, "redshift", "delete-redshift-idc-application", "--redshift-idc-application-arn", application["RedshiftIdcApplicationArn"]
    )
    with pytest.raises(Refused, match="ResourceNotFoundException"):
        cli(server, "sso-admin", "describe-application", "--application-arn", arn)
    with pytest.raises(Refused, match="FinalClusterSnapshot"):
        cli(server, "redshift", "delete-cluster", "--cluster-identifier", "analytics")
    for cluster in ("analytics", "testcluster"):
        cli(server, "redshift", "delete-cluster", "--cluster-identifier", cluster, "--skip-final-cluster-snapshot")
        cli(server, "redshift", "wait", "cluster-deleted", "--cluster-identifier", cluster)
    with pytest.raises(Refused, match="ConflictException"):
        cli(server, "redshift-serverless", "delete-namespace", "--namespace-name", "serverless-ns")
    cli(server, "redshift-serverless", "delete-workgroup", "--workgroup-name", "reports")
    cli(server, "redshift-serverless", "delete-namespace", "--namespace-name", "serverless-ns")
    store = instance["IdentityStoreId"]
    for group in groups.values():
        cli(server, "identitystore", "delete-group", "--identity-store-id", store, "--group-id", group)
    for person in people.values():
        cli(server, "identitystore", "delete-user", "--identity-store-id", store, "--user-id", person)
    assert server.stop() == 0
    server.start()
    assert cli(server, "redshift", "describe-clusters")["Clusters"] == []
    assert cli(server, "redshift-serverless", "list-namespaces")["namespaces"] == []
    assert cli(server, "sso-admin", "list-applications", "--instance-arn", instance["InstanceArn"])["Applications"] == []
    assert cli(server, "identitystore", "list-users", "--identity-store-id", store)["Users"] == []
    left = sorted(path.name for path in (server.data_dir / "warehouses").iterdir())
    assert left == [], "a deleted warehouse leaves no file"
