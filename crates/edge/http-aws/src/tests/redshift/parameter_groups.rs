use super::{call, cluster_form};
use crate::tests::world::World;

const CREATE: &str =
    "Action=CreateClusterParameterGroup&ParameterGroupName=Mine&ParameterGroupFamily=redshift-1.0&Description=d";

fn parameter(number: usize, name: &str, value: &str) -> String {
    format!("&Parameters.Parameter.{number}.ParameterName={name}&Parameters.Parameter.{number}.ParameterValue={value}")
}

#[tokio::test]
async fn a_group_is_made_changed_used_and_deleted() {
    let world = World::new().await;
    let made = call(&world, &format!("{CREATE}&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data")).await.ok();
    assert_eq!((made.element("ParameterGroupName"), made.element("ParameterGroupFamily")), ("mine", "redshift-1.0"));
    assert_eq!(world.last_record().target, "arn:aws:redshift:us-east-1:123456789012:parametergroup:mine");
    call(&world, CREATE).await.fails(400, "ClusterParameterGroupAlreadyExists", "mine");
    call(&world, &cluster_form("one", "&ClusterParameterGroupName=MINE")).await.ok();

    let wanted = parameter(1, "require_ssl", "true") + &parameter(2, "statement_timeout", "2500");
    let modify = format!(
        "Action=ModifyClusterParameterGroup&ParameterGroupName=mine{wanted}&Parameters.Parameter.1.ApplyType=static"
    );
    let changed = call(&world, &modify).await.ok();
    assert!(changed.element("ParameterGroupStatus").contains("until you reboot"));
    let described = call(&world, "Action=DescribeClusterParameters&ParameterGroupName=mine&Source=user").await.ok();
    assert_eq!(described.body.matches("<Parameter>").count(), 2);
    assert!(described.body.contains("<ParameterValue>2500</ParameterValue>"));
    let rest =
        call(&world, "Action=DescribeClusterParameters&ParameterGroupName=mine&Source=engine-default").await.ok();
    assert_eq!(rest.body.matches("<Parameter>").count(), 12);
    let cluster = call(&world, "Action=DescribeClusters").await.ok();
    assert_eq!(cluster.body.matches("pending-reboot").count(), 3);
    let rebooted = call(&world, "Action=RebootCluster&ClusterIdentifier=one").await.ok();
    assert_eq!(rebooted.element("ClusterIdentifier"), "one");
    assert!(!call(&world, "Action=DescribeClusters").await.ok().body.contains("pending-reboot"));

    let delete = "Action=DeleteClusterParameterGroup&ParameterGroupName=mine";
    call(&world, delete).await.fails(400, "InvalidClusterParameterGroupState", "cluster one");
    let reset = "Action=ResetClusterParameterGroup&ParameterGroupName=mine";
    let one = "&ResetAllParameters=false&Parameters.Parameter.1.ParameterName=require_ssl";
    call(&world, &format!("{reset}{one}")).await.ok();
    call(&world, &format!("{reset}&ResetAllParameters=true")).await.ok();
    let modify = "Action=ModifyCluster&ClusterIdentifier=one&ClusterParameterGroupName=default.redshift-1.0";
    call(&world, modify).await.ok();
    call(&world, delete).await.ok();
    call(&world, delete).await.fails(404, "ClusterParameterGroupNotFound", "mine");
}

#[tokio::test]
async fn the_families_own_groups_are_listed_and_stay() {
    let world = World::new().await;
    call(&world, &format!("{CREATE}&Tags.Tag.1.Key=team&Tags.Tag.1.Value=data")).await.ok();
    let listed = call(&world, "Action=DescribeClusterParameterGroups").await.ok();
    for name in ["default.redshift-1.0", "default.redshift-2.0", "mine"] {
        assert!(listed.body.contains(&format!("<ParameterGroupName>{name}</ParameterGroupName>")), "{name}");
    }
    let tagged = call(&world, "Action=DescribeClusterParameterGroups&TagKeys.TagKey.1=team").await.ok();
    assert_eq!(tagged.body.matches("<ClusterParameterGroup>").count(), 1);
    for operation in ["ModifyClusterParameterGroup", "ResetClusterParameterGroup", "DeleteClusterParameterGroup"] {
        let more = if operation.starts_with("Modify") { parameter(1, "require_ssl", "true") } else { String::new() };
        let form = format!("Action={operation}&ParameterGroupName=default.redshift-1.0{more}");
        call(&world, &form).await.fails(400, "InvalidClusterParameterGroupState", "CreateClusterParameterGroup");
    }
    let defaults = |family: &str| format!("Action=DescribeDefaultClusterParameters&ParameterGroupFamily={family}");
    for (family, required) in [("redshift-1.0", "false"), ("redshift-2.0", "true")] {
        let reply = call(&world, &defaults(family)).await.ok();
        assert_eq!(reply.body.matches("<Parameter>").count(), 14);
        let value = format!("<ParameterName>require_ssl</ParameterName><ParameterValue>{required}</ParameterValue>");
        assert!(reply.body.contains(&value), "{family}");
        assert_eq!(reply.body.matches("<ApplyType>static</ApplyType>").count(), 14);
    }
    call(&world, &defaults("redshift-3.0")).await.fails(400, "InvalidParameterValue", "redshift-1.0 or redshift-2.0");
}

#[tokio::test]
async fn wrong_parameters_change_nothing() {
    let world = World::new().await;
    call(&world, CREATE).await.ok();
    let right = parameter(1, "require_ssl", "true");
    for (wrong, message) in [
        (parameter(2, "statement_timeout", "5"), "from 100"),
        (parameter(2, "no_such", "5"), "no_such"),
        (parameter(2, "datestyle", "German"), "ISO, MDY"),
        (parameter(2, "wlm_json_configuration", "[]"), "without queues"),
        (parameter(2, "require_ssl", "false"), "once"),
        ("&Parameters.Parameter.2.ParameterName=search_path".to_owned(), "needs a ParameterValue"),
        ("&Parameters.Parameter.2.ParameterValue=x".to_owned(), "needs a ParameterName"),
        ("&Parameters.Parameter.1.ApplyType=dynamic".to_owned(), "ApplyType"),
    ] {
        let form = format!("Action=ModifyClusterParameterGroup&ParameterGroupName=mine{right}{wrong}");
        call(&world, &form).await.fails(400, "InvalidParameterValue", message);
        let described = call(&world, "Action=DescribeClusterParameters&ParameterGroupName=mine&Source=user").await.ok();
        assert_eq!(described.element("Parameters"), "");
    }
    for (form, status, code, message) in [
        ("ModifyClusterParameterGroup&ParameterGroupName=mine", 400, "MissingParameter", "Parameters"),
        ("DescribeClusterParameters&ParameterGroupName=none", 404, "ClusterParameterGroupNotFound", "none"),
        ("DescribeClusterParameters&ParameterGroupName=mine&Source=x", 400, "InvalidParameterValue", "Source"),
        ("DescribeClusterParameterGroups&ParameterGroupName=none", 404, "ClusterParameterGroupNotFound", "none"),
        (
            "ResetClusterParameterGroup&ParameterGroupName=mine&ResetAllParameters=false",
            400,
            "MissingParameter",
            "Parameters",
        ),
        (
            "CreateClusterParameterGroup&ParameterGroupName=a--b&ParameterGroupFamily=redshift-1.0&Description=d",
            400,
            "InvalidParameterValue",
            "hyphen",
        ),
        (
            "CreateClusterParameterGroup&ParameterGroupName=b&ParameterGroupFamily=mysql8.0&Description=d",
            400,
            "InvalidParameterValue",
            "redshift-1.0",
        ),
    ] {
        call(&world, &format!("Action={form}")).await.fails(status, code, message);
    }
}
