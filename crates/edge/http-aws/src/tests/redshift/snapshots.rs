use std::sync::atomic::Ordering;

use time::Duration;

use super::super::world::{Reply, World};

async fn call(world: &World, form: &str) -> Reply {
    world.query("redshift", form).send().await
}

/// With a cluster "one".
async fn world() -> World {
    let world = World::new().await;
    let form = "Action=CreateCluster&ClusterIdentifier=one&NodeType=ra3.large&MasterUsername=awsuser\
                &MasterUserPassword=Passw0rd&Port=5450";
    call(&world, form).await.ok();
    world.host.calls();
    world
}

#[tokio::test]
async fn a_snapshot_is_taken_shown_and_deleted() {
    let world = world().await;
    let form = "Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier=First\
                &ManualSnapshotRetentionPeriod=3&Tags.Tag.1.Key=team&Tags.Tag.1.Value=a";
    let made = call(&world, form).await.ok();
    for (name, value) in [
        ("SnapshotIdentifier", "first"),
        ("ClusterIdentifier", "one"),
        ("Status", "available"),
        ("SnapshotType", "manual"),
        ("Port", "5450"),
        ("MasterUsername", "awsuser"),
        ("DBName", "dev"),
        ("OwnerAccount", "123456789012"),
        ("TotalBackupSizeInMegaBytes", "4.00"),
        ("BackupProgressInMegaBytes", "4.00"),
        ("CurrentBackupRateInMegaBytesPerSecond", "0.00"),
        ("EstimatedSecondsToCompletion", "0"),
        ("ManualSnapshotRetentionPeriod", "3"),
        ("ManualSnapshotRemainingDays", "3"),
        ("SnapshotArn", "arn:aws:redshift:us-east-1:123456789012:snapshot:one/first"),
    ] {
        assert_eq!(made.element(name), value, "{name}");
    }
    assert_eq!(world.host.calls(), ["snapshot"]);
    world.clock.advance(Duration::hours(30));
    let shown = call(&world, "Action=DescribeClusterSnapshots&SnapshotIdentifier=first").await.ok();
    assert_eq!((shown.element("Status"), shown.element("ManualSnapshotRemainingDays")), ("available", "2"));
    let arn = "arn%3Aaws%3Aredshift%3Aus-east-1%3A123456789012%3Asnapshot%3Aone%2Ffirst";
    let by_arn = call(&world, &format!("Action=DescribeClusterSnapshots&SnapshotArn={arn}")).await.ok();
    assert_eq!(by_arn.element("SnapshotIdentifier"), "first");
    let tags = call(&world, &format!("Action=DescribeTags&ResourceName={arn}")).await.ok();
    assert_eq!((tags.element("ResourceType"), tags.element("Key")), ("Snapshot", "team"));
    let deleted = call(&world, "Action=DeleteClusterSnapshot&SnapshotIdentifier=first").await.ok();
    assert_eq!(deleted.element("Status"), "deleted");
    call(&world, "Action=DescribeClusterSnapshots&SnapshotIdentifier=first").await.fails(
        404,
        "ClusterSnapshotNotFound",
        "Snapshot first not found",
    );
}

#[tokio::test]
async fn snapshots_are_listed_as_they_are_asked_for() {
    let world = world().await;
    for identifier in ["a", "b", "c"] {
        let form = format!("Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier={identifier}");
        call(&world, &form).await.ok();
        world.clock.advance(Duration::hours(1));
    }
    let listed = async |more: &str| {
        let reply = call(&world, &format!("Action=DescribeClusterSnapshots{more}")).await.ok();
        let names = reply.body.split("<SnapshotIdentifier>").skip(1);
        names.map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>().concat()
    };
    for (more, expected) in [
        ("", "abc"),
        ("&ClusterIdentifier=one&ClusterExists=true", "abc"),
        ("&ClusterExists=false", ""),
        ("&SnapshotType=automated", ""),
        ("&OwnerAccount=123456789012", "abc"),
        ("&OwnerAccount=000000000000", ""),
        ("&StartTime=2026-03-01T00%3A30%3A00Z", "bc"),
        ("&EndTime=2026-03-01T00%3A30%3A00Z", "a"),
        ("&TagKeys.TagKey.1=none", ""),
        (
            "&SortingEntities.SnapshotSortingEntity.1.Attribute=CREATE_TIME\
             &SortingEntities.SnapshotSortingEntity.1.SortOrder=DESC",
            "cba",
        ),
    ] {
        assert_eq!(listed(more).await, expected, "{more}");
    }
    for (more, code, said) in [
        ("&ClusterExists=true", "MissingParameter", "ClusterIdentifier"),
        ("&SnapshotType=other", "InvalidParameterValue", "automated or manual"),
        ("&StartTime=yesterday", "InvalidParameterValue", "StartTime"),
        ("&SnapshotIdentifier=a&SnapshotArn=b", "InvalidParameterCombination", "SnapshotArn"),
        ("&SortingEntities.SnapshotSortingEntity.1.Attribute=NAME", "InvalidParameterValue", "CREATE_TIME"),
        ("&Other=1", "InvalidParameterValue", "Other"),
    ] {
        call(&world, &format!("Action=DescribeClusterSnapshots{more}")).await.fails(400, code, said);
    }
    call(&world, "Action=DescribeClusterSnapshots&ClusterIdentifier=gone").await.fails(
        404,
        "ClusterNotFound",
        "Cluster gone not found",
    );
}

#[tokio::test]
async fn a_snapshot_becomes_a_cluster() {
    let world = world().await;
    call(&world, "Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier=first").await.ok();
    world.host.calls();
    let form = "Action=RestoreFromClusterSnapshot&ClusterIdentifier=two&SnapshotIdentifier=first\
                &SnapshotClusterIdentifier=one&Port=5451&PubliclyAccessible=true&AutomatedSnapshotRetentionPeriod=7";
    let made = call(&world, form).await.ok();
    assert_eq!((made.element("ClusterIdentifier"), made.element("ClusterStatus")), ("two", "available"));
    let restore = made.element("RestoreStatus");
    assert!(restore.contains("<Status>completed</Status>"), "{restore}");
    assert!(restore.contains("<SnapshotSizeInMegaBytes>4</SnapshotSizeInMegaBytes>"), "{restore}");
    assert_eq!((made.element("MasterUsername"), made.element("AutomatedSnapshotRetentionPeriod")), ("awsuser", "7"));
    assert_eq!(world.host.calls(), ["listen 5451", "restore"]);
    let one = call(&world, "Action=DescribeClusters&ClusterIdentifier=one").await.ok();
    assert!(!one.body.contains("RestoreStatus"));
    let of = |more: &str| format!("Action=RestoreFromClusterSnapshot&ClusterIdentifier=three&{more}");
    for (more, status, code, said) in [
        ("SnapshotIdentifier=gone", 404, "ClusterSnapshotNotFound", "Snapshot gone not found"),
        ("SnapshotIdentifier=first&SnapshotClusterIdentifier=two", 404, "ClusterSnapshotNotFound", "first"),
        ("SnapshotIdentifier=first&ClusterParameterGroupName=gone", 404, "ClusterParameterGroupNotFound", "gone"),
        ("SnapshotIdentifier=first&Encrypted=true", 400, "InvalidParameterValue", "Encrypted"),
        ("SnapshotIdentifier=first&ReservedNodeId=x", 400, "InvalidParameterValue", "ReservedNodeId"),
        (
            "SnapshotIdentifier=first&SnapshotScheduleIdentifier=x",
            400,
            "InvalidParameterValue",
            "AutomatedSnapshotRetentionPeriod",
        ),
        (
            "SnapshotIdentifier=first&RedshiftIdcApplicationArn=x",
            400,
            "InvalidParameterValue",
            "ALTER IDENTITY PROVIDER",
        ),
        ("SnapshotIdentifier=first&OwnerAccount=000000000000", 400, "InvalidParameterValue", "OwnerAccount"),
        ("SnapshotIdentifier=first&NodeType=big", 400, "InvalidParameterValue", "NodeType"),
        ("SnapshotIdentifier=first&SnapshotArn=x", 400, "InvalidParameterCombination", "SnapshotArn"),
        ("Port=5452", 400, "MissingParameter", "SnapshotIdentifier"),
    ] {
        call(&world, &of(more)).await.fails(status, code, said);
    }
    let taken = "Action=RestoreFromClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier=first";
    call(&world, taken).await.fails(400, "ClusterAlreadyExists", "one");
    assert!(world.host.calls().is_empty());
}

#[tokio::test]
async fn several_snapshots_are_changed_and_deleted_each_for_itself() {
    let world = world().await;
    for identifier in ["a", "b"] {
        let form = format!("Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier={identifier}");
        call(&world, &form).await.ok();
    }
    let form = "Action=BatchModifyClusterSnapshots&SnapshotIdentifierList.String.1=a&SnapshotIdentifierList.String.2=x\
                &ManualSnapshotRetentionPeriod=9";
    let changed = call(&world, form).await.ok();
    assert!(changed.element("Resources").contains("<String>a</String>"), "{}", changed.body);
    assert_eq!(
        (changed.element("SnapshotIdentifier"), changed.element("FailureCode")),
        ("x", "ClusterSnapshotNotFound")
    );
    let shown = call(&world, "Action=DescribeClusterSnapshots&SnapshotIdentifier=a").await.ok();
    assert_eq!(shown.element("ManualSnapshotRetentionPeriod"), "9");
    let form = "Action=BatchDeleteClusterSnapshots&Identifiers.DeleteClusterSnapshotMessage.1.SnapshotIdentifier=a\
                &Identifiers.DeleteClusterSnapshotMessage.2.SnapshotIdentifier=b\
                &Identifiers.DeleteClusterSnapshotMessage.2.SnapshotClusterIdentifier=other";
    let deleted = call(&world, form).await.ok();
    assert!(deleted.element("Resources").contains("<String>a</String>"), "{}", deleted.body);
    assert_eq!(deleted.element("SnapshotClusterIdentifier"), "other");
    call(&world, "Action=BatchDeleteClusterSnapshots").await.fails(400, "MissingParameter", "Identifiers");
    let many: String = (1..=101).map(|n| format!("&SnapshotIdentifierList.String.{n}=s{n}")).collect();
    let code = "BatchModifyClusterSnapshotsLimitExceededFault";
    call(&world, &format!("Action=BatchModifyClusterSnapshots{many}")).await.fails(400, code, "100");
}

#[tokio::test]
async fn retentions_and_copies_have_their_rules() {
    let world = world().await;
    let create = "Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier=first";
    for days in ["0", "3654", "x", "-2"] {
        let form = format!("{create}&ManualSnapshotRetentionPeriod={days}");
        call(&world, &form).await.fails(400, "InvalidRetentionPeriodFault", "3653");
    }
    call(&world, create).await.ok();
    call(&world, create).await.fails(400, "ClusterSnapshotAlreadyExists", "first");
    world.clock.advance(Duration::days(3));
    let modify = "Action=ModifyClusterSnapshot&SnapshotIdentifier=first&ManualSnapshotRetentionPeriod=2";
    call(&world, modify).await.fails(400, "InvalidRetentionPeriodFault", "Force=true");
    let copy = "Action=CopyClusterSnapshot&SourceSnapshotIdentifier=first&TargetSnapshotIdentifier=second";
    call(&world, copy).await.fails(400, "InvalidClusterSnapshotState", "automated");
    let forced = call(&world, &format!("{modify}&Force=true")).await.ok();
    assert_eq!(forced.element("Status"), "deleted");
    world.state.control.tend_snapshots().await;
    let all = call(&world, "Action=DescribeClusterSnapshots").await.ok();
    let automated = all.element("SnapshotIdentifier").to_owned();
    assert!(automated.starts_with("rs:one-2026-03-03-"), "{automated}");
    assert!(!all.body.contains("ManualSnapshotRetentionPeriod"));
    let form = format!("Action=DeleteClusterSnapshot&SnapshotIdentifier={}", automated.replace(':', "%3A"));
    call(&world, &form).await.fails(400, "InvalidClusterSnapshotState", "CopyClusterSnapshot");
    let copy = copy.replace("=first", &format!("={}", automated.replace(':', "%3A")));
    let copied = call(&world, &copy).await.ok();
    assert_eq!((copied.element("SnapshotType"), copied.element("Status")), ("manual", "available"));
    for refused in
        ["EnableSnapshotCopy", "CreateSnapshotSchedule", "AuthorizeSnapshotAccess", "RestoreTableFromClusterSnapshot"]
    {
        call(&world, &format!("Action={refused}")).await.fails(400, "UnsupportedOperation", refused);
    }
}

#[tokio::test]
async fn a_cluster_is_paused_resumed_and_rebooted() {
    let world = world().await;
    let paused = call(&world, "Action=PauseCluster&ClusterIdentifier=one").await.ok();
    let states = |reply: &Reply| {
        (reply.element("ClusterStatus").to_owned(), reply.element("ClusterAvailabilityStatus").to_owned())
    };
    assert_eq!(states(&paused), ("paused".to_owned(), "Unavailable".to_owned()));
    assert_eq!(paused.element("Port"), "5450");
    let again = call(&world, "Action=PauseCluster&ClusterIdentifier=one").await;
    again.fails(400, "InvalidClusterState", "aws redshift resume-cluster --cluster-identifier one");
    let snapshot = "Action=CreateClusterSnapshot&ClusterIdentifier=one&SnapshotIdentifier=first";
    call(&world, snapshot).await.fails(400, "InvalidClusterState", "paused");
    let resumed = call(&world, "Action=ResumeCluster&ClusterIdentifier=one").await.ok();
    assert_eq!(states(&resumed), ("available".to_owned(), "Available".to_owned()));
    let rebooted = call(&world, "Action=RebootCluster&ClusterIdentifier=one").await.ok();
    assert_eq!(states(&rebooted), ("available".to_owned(), "Available".to_owned()));
    assert_eq!(world.host.calls(), ["close Paused", "open", "close Rebooted", "open"]);
    world.host.broken.store(true, Ordering::Relaxed);
    call(&world, "Action=RebootCluster&ClusterIdentifier=one").await.fails(503, "ServiceUnavailable", "Try again");
    let shown = call(&world, "Action=DescribeClusters&ClusterIdentifier=one").await.ok();
    assert_eq!(states(&shown), ("available".to_owned(), "Failed".to_owned()));
    for action in ["PauseCluster", "ResumeCluster", "RebootCluster"] {
        let form = format!("Action={action}&ClusterIdentifier=gone");
        call(&world, &form).await.fails(404, "ClusterNotFound", "gone");
    }
}

#[tokio::test]
async fn a_cluster_is_deleted_after_its_last_snapshot() {
    let world = world().await;
    let delete = "Action=DeleteCluster&ClusterIdentifier=one";
    call(&world, delete).await.fails(400, "InvalidParameterValue", "SkipFinalClusterSnapshot=true");
    let both = format!("{delete}&SkipFinalClusterSnapshot=true&FinalClusterSnapshotIdentifier=last");
    call(&world, &both).await.fails(400, "InvalidParameterCombination", "FinalClusterSnapshotIdentifier");
    let deleted = call(&world, &format!("{delete}&FinalClusterSnapshotIdentifier=Last")).await.ok();
    assert_eq!(deleted.element("ClusterStatus"), "deleting");
    assert_eq!(world.host.calls(), ["close Deleted", "snapshot", "delete", "close 5450"]);
    let kept = call(&world, "Action=DescribeClusterSnapshots&ClusterIdentifier=one&ClusterExists=false").await.ok();
    assert_eq!((kept.element("SnapshotIdentifier"), kept.element("ManualSnapshotRetentionPeriod")), ("last", "-1"));
}
