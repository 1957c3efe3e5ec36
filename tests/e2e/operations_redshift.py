"""Redshift's operations: a cluster's life from its subnet group to the last snapshot, with its managed password in Secrets Manager."""

import time

from helpers import aws

ROLE = "arn:aws:iam::123456789012:role/EspressoRedshiftRole"
OTHER_ROLE = "arn:aws:iam::123456789012:role/Other"
NAME = "operations"
CLUSTER = {"ClusterIdentifier": NAME}
RESTORED = {"ClusterIdentifier": "operations-restored"}
SUBNETS, PARAMETERS = {"ClusterSubnetGroupName": NAME}, {"ParameterGroupName": NAME}
PROFILE = {"AuthenticationProfileName": NAME}


def redshift(server, instance, key):
    """`key` makes the keys of an IAM user of what was answered."""
    wait = Wait(server)
    return [
        *of("redshift", applications(instance)), *of("redshift", groups(server)), *of("redshift", clusters(wait)),
        *of("redshift", credentials(key)), *of("redshift", logging_and_options()), *of("redshift", snapshots(wait)),
        *of("redshift", power(wait)), *of("secretsmanager", secrets()), *of("redshift", removed(wait)),
    ]


def of(service, steps):
    return [(service, *step) for step in steps]


class Wait:
    """Parameters that are given once something has become what it is to be."""

    def __init__(self, server):
        self.redshift = aws(server, "redshift")

    def until(self, waiter, parameters, **what):
        def given(answers):
            self.redshift.get_waiter(waiter).wait(**what, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
            return parameters(answers) if callable(parameters) else parameters

        return given

    def available(self, parameters, cluster=CLUSTER):
        return self.until("cluster_available", parameters, **cluster)

    def paused(self, parameters):
        """boto3 has no waiter for it."""

        def given(_):
            deadline = time.monotonic() + 60
            while self.redshift.describe_clusters(**CLUSTER)["Clusters"][0]["ClusterStatus"] != "paused":
                assert time.monotonic() < deadline, "the cluster isn't paused"
                time.sleep(0.1)
            return parameters

        return given


def application(answers):
    made = answers["CreateRedshiftIdcApplication"]["RedshiftIdcApplication"]
    return {"RedshiftIdcApplicationArn": made["RedshiftIdcApplicationArn"]}


def applications(instance):
    def editor(answers):
        return {"Qev2IdcApplicationArn": answers["CreateQev2IdcApplication"]["Qev2IdcApplication"]["Qev2IdcApplicationArn"]}

    of_instance = {"IdcInstanceArn": instance, "IdcDisplayName": "Operations"}
    yield "CreateRedshiftIdcApplication", {
        **of_instance, "RedshiftIdcApplicationName": NAME, "IamRoleArn": ROLE, "IdentityNamespace": "ops",
    }
    yield "DescribeRedshiftIdcApplications", {}
    yield "ModifyRedshiftIdcApplication", lambda a: {**application(a), "IdcDisplayName": "Operations2"}
    yield "CreateQev2IdcApplication", {**of_instance, "Qev2IdcApplicationName": NAME}
    yield "DescribeQev2IdcApplications", {}
    yield "ModifyQev2IdcApplication", lambda a: {**editor(a), "IdcDisplayName": "Operations2"}
    yield "DeleteQev2IdcApplication", editor


def groups(server):
    subnets = {"SubnetIds": [subnet["SubnetId"] for subnet in aws(server, "ec2").describe_subnets()["Subnets"]]}
    timeout = {"ParameterName": "statement_timeout", "ParameterValue": "60000"}
    yield "CreateClusterSubnetGroup", {**SUBNETS, **subnets, "Description": "d"}
    yield "DescribeClusterSubnetGroups", SUBNETS
    yield "ModifyClusterSubnetGroup", {**SUBNETS, **subnets, "Description": "e"}
    yield "CreateClusterParameterGroup", {**PARAMETERS, "ParameterGroupFamily": "redshift-1.0", "Description": "d"}
    yield "DescribeClusterParameterGroups", PARAMETERS
    yield "DescribeClusterParameters", PARAMETERS
    yield "DescribeDefaultClusterParameters", {"ParameterGroupFamily": "redshift-1.0"}
    yield "ModifyClusterParameterGroup", {**PARAMETERS, "Parameters": [timeout]}
    yield "ResetClusterParameterGroup", {**PARAMETERS, "ResetAllParameters": True}


def clusters(wait):
    new = {"NodeType": "ra3.large", "MasterUsername": "master", "ManageMasterPassword": True, "ClusterParameterGroupName": NAME, **SUBNETS}
    yield "CreateCluster", lambda a: {**CLUSTER, **new, **application(a)}
    yield "DescribeClusters", wait.available(CLUSTER)
    yield "ModifyCluster", {**CLUSTER, "AutomatedSnapshotRetentionPeriod": 3}
    yield "ModifyClusterIamRoles", wait.available({**CLUSTER, "AddIamRoles": [OTHER_ROLE]})
    yield "CreateTags", lambda a: {"ResourceName": application(a)["RedshiftIdcApplicationArn"], "Tags": [{"Key": "k", "Value": "v"}]}
    yield "DescribeTags", lambda a: {"ResourceName": application(a)["RedshiftIdcApplicationArn"]}
    yield "DeleteTags", lambda a: {"ResourceName": application(a)["RedshiftIdcApplicationArn"], "TagKeys": ["k"]}


def credentials(key):
    content = '{"AllowDBUserOverride":"1","DbGroups":"staff"}'
    yield "GetClusterCredentials", {**CLUSTER, "DbUser": "somebody", "AutoCreate": True}
    yield "GetClusterCredentialsWithIAM", CLUSTER, key
    yield "CreateAuthenticationProfile", {**PROFILE, "AuthenticationProfileContent": content}
    yield "DescribeAuthenticationProfiles", PROFILE
    yield "ModifyAuthenticationProfile", {**PROFILE, "AuthenticationProfileContent": '{"DbGroups":"others"}'}
    yield "DeleteAuthenticationProfile", PROFILE
    yield "DescribeCustomDomainAssociations", {}


def logging_and_options():
    yield "DescribeLoggingStatus", CLUSTER
    yield "EnableLogging", {**CLUSTER, "LogDestinationType": "cloudwatch"}
    yield "DisableLogging", CLUSTER
    yield "DescribeOrderableClusterOptions", {}
    yield "DescribeClusterVersions", {}
    yield "DescribeClusterTracks", {}
    yield "DescribeAccountAttributes", {}


def snapshots(wait):
    def named(name, parameters):
        return wait.until("snapshot_available", parameters, ClusterIdentifier=NAME, SnapshotIdentifier=name)

    def another(parameters):
        """A second snapshot, for those who take several."""

        def given(_):
            wait.redshift.create_cluster_snapshot(**CLUSTER, SnapshotIdentifier="operations-2")
            return parameters

        return given

    first = {"SnapshotIdentifier": "operations-1"}
    yield "CreateClusterSnapshot", {**CLUSTER, **first}
    yield "DescribeClusterSnapshots", named("operations-1", CLUSTER)
    yield "ModifyClusterSnapshot", {**first, "ManualSnapshotRetentionPeriod": 7}
    yield "RestoreFromClusterSnapshot", {**RESTORED, **first, **SUBNETS}
    copy = {"SourceSnapshotIdentifier": "operations-1", "TargetSnapshotIdentifier": "operations-3"}
    yield "CopyClusterSnapshot", wait.available(copy, RESTORED)
    yield "BatchModifyClusterSnapshots", another({"SnapshotIdentifierList": ["operations-1"], "ManualSnapshotRetentionPeriod": 8})
    yield "DeleteClusterSnapshot", named("operations-2", first)
    yield "BatchDeleteClusterSnapshots", {"Identifiers": [{"SnapshotIdentifier": "operations-2"}]}


def power(wait):
    yield "RebootCluster", CLUSTER
    yield "PauseCluster", wait.available(CLUSTER)
    yield "ResumeCluster", wait.paused(CLUSTER)


def secrets():
    def secret(answers):
        return {"SecretId": answers["CreateCluster"]["Cluster"]["MasterPasswordSecretArn"]}

    yield "ListSecrets", {}
    yield "DescribeSecret", secret
    yield "GetSecretValue", secret
    yield "RotateSecret", secret


def removed(wait):
    """The restored cluster goes by the same operation, beside the steps."""

    def last(answers):
        wait.redshift.delete_cluster(**RESTORED, SkipFinalClusterSnapshot=True)
        wait.redshift.get_waiter("cluster_deleted").wait(**RESTORED, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        return {**CLUSTER, "SkipFinalClusterSnapshot": True}

    yield "DeleteCluster", wait.available(last)
    gone = wait.until("cluster_deleted", SUBNETS, **CLUSTER)
    yield "DeleteClusterSubnetGroup", gone
    yield "DeleteClusterParameterGroup", PARAMETERS
    yield "DeleteRedshiftIdcApplication", application
