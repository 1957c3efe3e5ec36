"""Snapshots, restore, pause, resume and reboot of a cluster, with boto3's waiters and a real psql."""

import urllib.request

import pytest
from botocore.exceptions import ClientError
from helpers import admin, aws, pg, psql


@pytest.fixture
def running(fresh_server):
    return fresh_server()


def test_a_snapshot_is_restored_with_its_people_and_rights(running):
    redshift = aws(running, "redshift")
    admin(running, "create table kept (a int); insert into kept values (1), (2); create user reader password 'Reader-Password-1'; grant select on kept to reader;")
    redshift.create_cluster_snapshot(SnapshotIdentifier="before", ClusterIdentifier="testcluster")
    redshift.get_waiter("snapshot_available").wait(SnapshotIdentifier="before")
    admin(running, "insert into kept values (3); revoke select on kept from reader;")
    with pytest.raises(ClientError, match="ClusterSnapshotAlreadyExists"):
        redshift.create_cluster_snapshot(SnapshotIdentifier="before", ClusterIdentifier="testcluster")
    redshift.restore_from_cluster_snapshot(ClusterIdentifier="again", SnapshotIdentifier="before")
    redshift.get_waiter("cluster_restored").wait(ClusterIdentifier="again")
    read = ["-c", "select count(*) from kept"]
    restored = psql(running, *read, user="reader", password="Reader-Password-1", host="again.redshift.localhost")
    assert restored.stdout.split() == ["2"], restored.stderr
    refused = psql(running, *read, user="reader", password="Reader-Password-1")
    assert "permission denied for relation kept" in refused.stderr
    assert admin(running, "select count(*) from kept") == ["3"]
    redshift.delete_cluster(ClusterIdentifier="again", FinalClusterSnapshotIdentifier="last")
    redshift.get_waiter("cluster_deleted").wait(ClusterIdentifier="again")
    kept = {one["SnapshotIdentifier"] for one in redshift.describe_cluster_snapshots()["Snapshots"]}
    assert kept == {"before", "last"}
    for name in kept:
        redshift.delete_cluster_snapshot(SnapshotIdentifier=name)
    assert redshift.describe_cluster_snapshots()["Snapshots"] == []


def test_a_paused_cluster_lets_nobody_in_and_says_how_to_resume(running):
    redshift = aws(running, "redshift")
    with pg(running) as held:
        held.execute("select 1")
        redshift.pause_cluster(ClusterIdentifier="testcluster")
        with pytest.raises(Exception) as ended:
            held.execute("select 1")
        assert "paused" in str(ended.value) or "terminat" in str(ended.value), ended.value
    refused = psql(running, "-c", "select 1").stderr
    assert "is paused" in refused and "aws redshift resume-cluster --cluster-identifier testcluster" in refused
    assert urllib.request.urlopen(running["GATEHOUSE_HTTP"] + "/readyz").status == 200
    (cluster,) = redshift.describe_clusters()["Clusters"]
    assert cluster["ClusterStatus"] == "paused"
    redshift.resume_cluster(ClusterIdentifier="testcluster")
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="testcluster")
    assert admin(running, "select count(*) from sales_schema.store_sales") == ["4"]


def test_a_reboot_applies_static_parameters(running):
    redshift = aws(running, "redshift")
    redshift.create_cluster_parameter_group(ParameterGroupName="strict", ParameterGroupFamily="redshift-1.0", Description="strict")
    redshift.modify_cluster_parameter_group(ParameterGroupName="strict", Parameters=[
        {"ParameterName": "statement_timeout", "ParameterValue": "200"}, {"ParameterName": "require_ssl", "ParameterValue": "true"},
    ])
    redshift.modify_cluster(ClusterIdentifier="testcluster", ClusterParameterGroupName="strict")
    (cluster,) = redshift.describe_clusters()["Clusters"]
    assert cluster["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    assert admin(running, "show statement_timeout") != ["200"]
    redshift.reboot_cluster(ClusterIdentifier="testcluster")
    redshift.get_waiter("cluster_available").wait(ClusterIdentifier="testcluster")
    assert admin(running, "show statement_timeout") in (["200"], ["200ms"])
    long = "select count(*) from sales_schema.store_sales a0" + "".join(f" cross join sales_schema.store_sales a{number}" for number in range(1, 30))
    assert "57014" in psql(running, "-c", long).stderr
    assert "SSL off" in psql(running, "-c", "select 1", sslmode="disable").stderr
    (cluster,) = redshift.describe_clusters()["Clusters"]
    assert cluster["ClusterParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
