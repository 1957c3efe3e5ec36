"""The whole path of walkthrough 1, from `cargo xtask up` and endpoints.env, with the real clients."""

import json
import subprocess
import time

import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import TOOLS, Server
from helpers import RedshiftConnector, Scim, admin, psql, refused_sign_in

READ_SALES = "select product, sales_amount from sales_schema.store_sales order by sales_amount"
READ_REVENUE = "select * from finance_schema.revenue"
# Minutes of work for the engine: only an end from outside finishes it in time.
LONG = "select count(*) from sales_schema.store_sales a" + "".join(
    f" cross join sales_schema.store_sales {alias}" for alias in "bcdefghijklmnopq"
)


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("path") / "data", command=["cargo", "xtask", "up"]).start(deadline_seconds=900)
    yield server
    assert server.stop() == 0


def aws(server, service):
    return boto3.client(
        service,
        endpoint_url=server["AWS_ENDPOINT_URL"],
        region_name=server["AWS_REGION"],
        aws_access_key_id=server["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=server["AWS_SECRET_ACCESS_KEY"],
        verify=server["GATEHOUSE_CA"],
    )


def cli(server, *arguments):
    done = subprocess.run(
        [TOOLS / "py/bin/aws", *arguments, "--output", "json"], env=server.client_env(), capture_output=True, text=True, timeout=60
    )
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else done.stderr


def test_the_administrator_sees_the_organisation(up):
    """Steps 0 to 6 with boto3 and the aws CLI."""
    assert aws(up, "sts").get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"
    code, identity = cli(up, "sts", "get-caller-identity")
    assert (code, identity["Account"]) == (0, "123456789012")
    application = aws(up, "redshift").describe_redshift_idc_applications()["RedshiftIdcApplications"][0]
    assert application["IdentityNamespace"] == "awsidc"
    assert application["IdcManagedApplicationArn"] == up["IDC_APPLICATION_ARN"]
    cluster = aws(up, "redshift").describe_clusters(ClusterIdentifier="testcluster")["Clusters"][0]
    assert (cluster["ClusterStatus"], cluster["Endpoint"]["Port"]) == ("available", int(up["SQL_PORT"]))
    instance = aws(up, "sso-admin").list_instances()["Instances"][0]
    assert instance["InstanceArn"] == up["IDC_INSTANCE_ARN"]
    store = aws(up, "identitystore")
    names = {user["UserName"] for user in store.list_users(IdentityStoreId=instance["IdentityStoreId"])["Users"]}
    assert {"ethan", "fiona", "olivia", "nina", "admin"} <= names
    sales = store.get_group_id(
        IdentityStoreId=instance["IdentityStoreId"],
        AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "awssso-sales"}},
    )["GroupId"]
    code, assigned = cli(up, "sso-admin", "list-application-assignments", "--application-arn", up["IDC_APPLICATION_ARN"])
    assert code == 0, assigned
    assert sales in {assignment["PrincipalId"] for assignment in assigned["ApplicationAssignments"]}


@pytest.mark.parametrize("driver", ["2.2", "2.1"])
def test_a_person_reads_their_tables_and_no_others(up, driver, tmp_path):
    """The browser signs in, the driver connects, the roles decide; every word of the refusal helps."""
    ethan = RedshiftConnector(up, "ethan", ["select current_user", READ_SALES, READ_REVENUE], driver=driver, pictures=tmp_path)
    who, sales, revenue = ethan.answers
    assert who == {"rows": [["awsidc:ethan"]]}
    assert sales["rows"] == [["product1", "1000"], ["product2", "2000"], ["product3", "3000"], ["product4", "4000"]]
    assert revenue["error"]["C"] == "42501"
    assert revenue["error"]["M"] == "permission denied for schema finance_schema"
    assert "awssso-sales" in revenue["error"]["D"]
    assert 'GRANT USAGE ON SCHEMA finance_schema TO ROLE "awsidc:awssso-sales"' in revenue["error"]["H"]


def test_schema_usage_alone_names_the_relation(up):
    admin(up, 'grant usage on schema finance_schema to role "awsidc:awssso-sales"')
    try:
        refused = RedshiftConnector(up, "ethan", [READ_REVENUE]).answers[0]["error"]
    finally:
        admin(up, 'revoke usage on schema finance_schema from role "awsidc:awssso-sales"')
    assert refused["M"] == "permission denied for relation revenue"
    assert 'GRANT SELECT ON TABLE finance_schema.revenue TO ROLE "awsidc:awssso-sales"' in refused["H"]


def test_who_isnt_assigned_is_told_so_and_gets_no_token(up, tmp_path):
    told = refused_sign_in(up, "nina", tmp_path)
    assert "not assigned" in told and "administrator" in told, told


def ended_within_a_second(up, person, change):
    """Runs `change` while one connection is idle and one runs a statement; both must be out within a second."""
    idle = RedshiftConnector(up, person, ["select 1"], hold=True)
    busy = RedshiftConnector(up, person, ["select 1"], hold=True)
    busy.send(LONG)
    time.sleep(0.3)  # the statement is under way; what is measured begins now
    started = time.monotonic()
    change()
    running = busy.receive()
    took = time.monotonic() - started
    stopped = idle.ask("select 1")
    idle.close()
    busy.close()
    return running, stopped, took


def test_deactivation_ends_everything_within_a_second(up, tmp_path):
    scim = Scim(up)
    try:
        running, stopped, took = ended_within_a_second(up, "olivia", lambda: scim.set_active("olivia", False))
        refused = refused_sign_in(up, "olivia", tmp_path)
    finally:
        scim.set_active("olivia", True)
    assert took < 1, f"the running statement ended after {took:.2f} s"
    assert running["error"].get("C") == "57014", running
    assert "error" in stopped, stopped
    assert "password" in refused.lower(), "a deactivated person is told no more than one with a wrong password"


def test_a_lost_group_counts_from_the_next_statement(up):
    scim = Scim(up)
    fiona, finance = scim.user("fiona"), scim.group("awssso-finance")
    sales = scim.group("awssso-sales")
    add = {"op": "add", "path": "members", "value": [{"value": fiona["id"]}]}
    remove = {"op": "remove", "path": f'members[value eq "{fiona["id"]}"]'}
    held = RedshiftConnector(up, "fiona", ["select count(*) from finance_schema.revenue"], hold=True)
    assert held.answers == [{"rows": [["4"]]}]
    scim.patch("Groups", sales["id"], add)
    assert held.ask("select count(*) from sales_schema.store_sales") == {"rows": [["4"]]}
    scim.patch("Groups", finance["id"], remove)
    lost = held.ask("select count(*) from finance_schema.revenue")
    scim.patch("Groups", finance["id"], add)
    scim.patch("Groups", sales["id"], remove)
    held.close()
    assert lost["error"]["M"] == "permission denied for schema finance_schema", lost


def test_a_lost_assignment_ends_the_session(up):
    sso = aws(up, "sso-admin")
    scim = Scim(up)
    person = scim.create_user("temp", password="Temp-Password-1")
    assignment = {"ApplicationArn": up["IDC_APPLICATION_ARN"], "PrincipalId": person["id"], "PrincipalType": "USER"}
    sso.create_application_assignment(**assignment)
    held = RedshiftConnector(up, "temp", ["select current_user"], hold=True, password="Temp-Password-1")
    sso.delete_application_assignment(**assignment)
    ended = held.ask("select 1")
    held.close()
    assert held.answers == [{"rows": [["awsidc:temp"]]}]
    assert "error" in ended, ended


def test_a_namespace_change_renames_the_roles(up):
    admin(up, """alter identity provider "redshift-idc-app" namespace 'awsidctest'""")
    try:
        assert 'awsidctest:awssso-sales' in admin(up, "select role_name from svv_roles")
        refused = psql(up, "-c", 'create role "awsidc:x"')
        assert 'registered identity provider does not exist for "awsidc:x"' in refused.stderr
        assert RedshiftConnector(up, "ethan", ["select current_user"]).answers == [{"rows": [["awsidctest:ethan"]]}]
    finally:
        admin(up, """alter identity provider "redshift-idc-app" namespace 'awsidc'""")


def test_everything_was_recorded_under_one_correlation_id(up):
    import sqlite3

    RedshiftConnector(up, "ethan", [READ_SALES])
    trail = sqlite3.connect(f"file:{up.data_dir}/control.sqlite?mode=ro", uri=True)
    (correlation,) = trail.execute(
        "select correlation from audit where step = 'statement' and principal like '%ethan%' order by sequence desc limit 1"
    ).fetchone()
    steps = [step for (step,) in trail.execute("select step from audit where correlation = ? order by sequence", (correlation,))]
    for step in ("sign_in", "authorization", "token", "connection", "statement"):
        assert step in steps, steps


def test_a_wrong_secret_is_refused_by_name(up):
    client = boto3.client(
        "sts", endpoint_url=up["AWS_ENDPOINT_URL"], region_name=up["AWS_REGION"], verify=up["GATEHOUSE_CA"],
        aws_access_key_id=up["AWS_ACCESS_KEY_ID"], aws_secret_access_key="x" * 40,
    )
    with pytest.raises(ClientError) as refused:
        client.get_caller_identity()
    assert refused.value.response["Error"]["Code"] == "SignatureDoesNotMatch"


