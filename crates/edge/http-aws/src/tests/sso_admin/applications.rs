use center::{ApplicationGrants, ApplicationStatus, CUSTOM_PROVIDER_ARN, NewApplication};
use control::{QEV2_PROVIDER_ARN, REDSHIFT_PROVIDER_ARN};
use serde_json::{Value, json};

use super::super::world::{ACCOUNT, World};
use super::{MISSING, MISSING_INSTANCE, application, call, instance, needs_an_application, ok, refused, stored, with};

fn new(world: &World) -> Value {
    json!({"InstanceArn": instance(world), "ApplicationProviderArn": CUSTOM_PROVIDER_ARN, "Name": "app"})
}

#[tokio::test]
async fn an_application_is_created_and_described() {
    let world = World::new().await;
    let body = json!({
        "InstanceArn": instance(&world), "ApplicationProviderArn": CUSTOM_PROVIDER_ARN, "Name": "app",
        "Description": "what it is", "Status": "DISABLED", "Tags": [{"Key": "team", "Value": "data"}],
    });
    let made = ok(&world, "CreateApplication", &body).await;
    let store = world.state.center.instance().identity_store_id.as_str();
    let store = format!("arn:aws:identitystore::{ACCOUNT}:identitystore/{store}");
    assert_eq!((&made["InstanceArn"], &made["IdentityStoreArn"]), (&json!(instance(&world)), &json!(store)));
    assert_eq!(world.last_record().target, instance(&world));
    let described = ok(&world, "DescribeApplication", &json!({"ApplicationArn": made["ApplicationArn"]})).await;
    let expected = json!({
        "ApplicationArn": made["ApplicationArn"], "ApplicationProviderArn": CUSTOM_PROVIDER_ARN, "Name": "app",
        "Description": "what it is", "Status": "DISABLED", "ApplicationAccount": ACCOUNT, "InstanceArn": instance(&world),
        "IdentityStoreArn": store, "CreatedDate": 1_772_323_170, "CreatedFrom": "us-east-1",
    });
    assert_eq!(described, expected);
    let application = stored(&world, made["ApplicationArn"].as_str().unwrap());
    assert!(application.assignment_required && application.tags["team"] == "data");
    assert_eq!((&application.grants, application.scopes.len()), (&ApplicationGrants::default(), 0));
    needs_an_application(&world, "DescribeApplication", &json!({})).await;
}

#[tokio::test]
async fn new_applications_are_refused_for_a_reason() {
    let world = World::new().await;
    let right = new(&world);
    let long = json!("x".repeat(129));
    let twice = json!([{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]);
    let many = json!((0..51).map(|n| json!({"Key": format!("k{n}"), "Value": ""})).collect::<Vec<_>>());
    let (invalid, missing) = ("ValidationException", "ResourceNotFoundException");
    for (member, value, code, message) in [
        ("InstanceArn", Value::Null, invalid, "CreateApplication requires the parameter InstanceArn"),
        ("InstanceArn", json!("arn:x"), invalid, "InstanceArn"),
        ("InstanceArn", json!(MISSING_INSTANCE), missing, MISSING_INSTANCE),
        ("ApplicationProviderArn", Value::Null, invalid, "ApplicationProviderArn"),
        ("ApplicationProviderArn", json!("custom"), invalid, "ApplicationProviderArn"),
        ("ApplicationProviderArn", json!("arn:aws:sso::aws:applicationProvider/x"), missing, "applicationProvider/x"),
        ("ApplicationProviderArn", json!(REDSHIFT_PROVIDER_ARN), "ConflictException", "CreateRedshiftIdcApplication"),
        ("ApplicationProviderArn", json!(QEV2_PROVIDER_ARN), "ConflictException", "CreateQev2IdcApplication"),
        ("Name", json!(""), invalid, "1 to 100"),
        ("Name", long.clone(), invalid, "1 to 100"),
        ("Description", json!(""), invalid, "1 to 128"),
        ("Description", long, invalid, "1 to 128"),
        ("Status", json!("enabled"), invalid, "Status"),
        ("ClientToken", json!("a b"), invalid, "ClientToken"),
        ("Tags", twice, invalid, "twice"),
        ("Tags", json!([{"Key": "aws:x", "Value": ""}]), invalid, "aws:"),
        ("Tags", json!([{"Key": "x", "Value": "", "More": 1}]), invalid, "More"),
        ("Tags", many, "ServiceQuotaExceededException", "50"),
        (
            "PortalOptions",
            json!({"Visibility": "ENABLED"}),
            invalid,
            "parameter \"PortalOptions\" of CreateApplication",
        ),
    ] {
        refused(&world, "CreateApplication", &with(&right, member, value), code, message).await;
    }
    assert!(world.state.center.applications().is_empty());
}

#[tokio::test]
async fn a_client_token_makes_one_application() {
    let world = World::new().await;
    let body = with(&new(&world), "ClientToken", json!("7f1d2c6e"));
    let made = ok(&world, "CreateApplication", &body).await;
    assert_eq!(ok(&world, "CreateApplication", &body).await, made);
    for (member, value) in [("Name", json!("other")), ("Description", json!("d")), ("Status", json!("DISABLED"))] {
        let other = with(&body, member, value);
        refused(&world, "CreateApplication", &other, "ConflictException", "ClientToken").await;
    }
    assert_eq!(world.state.center.applications().len(), 1);
    let next = ok(&world, "CreateApplication", &with(&body, "ClientToken", json!("8"))).await;
    assert_ne!(next, made);
}

#[tokio::test]
async fn applications_are_listed_in_pages_and_by_filter() {
    let world = World::new().await;
    for _ in 0..5 {
        application(&world).await;
    }
    let managed = managed(&world, QEV2_PROVIDER_ARN).await;
    let list = json!({"InstanceArn": instance(&world)});
    let all = ok(&world, "ListApplications", &list).await;
    let all = all["Applications"].as_array().unwrap();
    assert_eq!(all.len(), 6);
    let described = ok(&world, "DescribeApplication", &json!({"ApplicationArn": all[0]["ApplicationArn"]})).await;
    assert_eq!(all[0], described);
    let custom: Vec<_> = all.iter().filter(|one| one["ApplicationArn"] != managed.as_str()).cloned().collect();
    for (filter, expected) in [
        (json!({}), all.clone()),
        (json!({"ApplicationAccount": ACCOUNT}), all.clone()),
        (json!({"ApplicationAccount": "999999999999"}), Vec::new()),
        (json!({"ApplicationProvider": CUSTOM_PROVIDER_ARN}), custom.clone()),
        (json!({"ApplicationProvider": CUSTOM_PROVIDER_ARN, "ApplicationAccount": ACCOUNT}), custom),
        (json!({"ApplicationProvider": REDSHIFT_PROVIDER_ARN}), Vec::new()),
    ] {
        let (mut seen, mut token) = (Vec::new(), Value::Null);
        loop {
            let body = with(&with(&list, "Filter", filter.clone()), "NextToken", token);
            let page = ok(&world, "ListApplications", &with(&body, "MaxResults", json!(2))).await;
            seen.extend(page["Applications"].as_array().unwrap().clone());
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        assert_eq!(seen, expected, "{filter}");
    }
    for (member, value, message) in [
        ("Filter", json!({"ApplicationAccount": "1"}), "ApplicationAccount"),
        ("Filter", json!({"ApplicationProvider": "custom"}), "ApplicationProvider"),
        ("Filter", json!({"Name": "app"}), "Name"),
        ("NextToken", json!("eA"), "NextToken"),
        ("MaxResults", json!(101), "MaxResults"),
    ] {
        refused(&world, "ListApplications", &with(&list, member, value), "ValidationException", message).await;
    }
}

#[tokio::test]
async fn an_application_is_updated() {
    let world = World::new().await;
    let arn = application(&world).await;
    let update = json!({"ApplicationArn": arn, "Name": "renamed", "Description": "d", "Status": "DISABLED"});
    assert_eq!(ok(&world, "UpdateApplication", &update).await, json!({}));
    ok(&world, "UpdateApplication", &json!({"ApplicationArn": arn, "Status": "ENABLED"})).await;
    let described = ok(&world, "DescribeApplication", &json!({"ApplicationArn": arn})).await;
    let shown = ["Name", "Description", "Status"].map(|member| described[member].as_str().unwrap().to_owned());
    assert_eq!(shown, ["renamed", "d", "ENABLED"]);
    for (member, value) in
        [("Name", json!("")), ("Description", json!("")), ("Status", json!("x")), ("PortalOptions", json!({}))]
    {
        let body = with(&json!({"ApplicationArn": arn}), member, value);
        refused(&world, "UpdateApplication", &body, "ValidationException", member).await;
    }
    needs_an_application(&world, "UpdateApplication", &json!({"Name": "x"})).await;
}

/// An application as Redshift makes it.
async fn managed(world: &World, provider_arn: &str) -> String {
    let new = NewApplication {
        provider_arn: provider_arn.to_owned(),
        name: "managed".to_owned(),
        description: None,
        status: ApplicationStatus::Enabled,
        assignment_required: true,
        grants: ApplicationGrants::default(),
        scopes: std::collections::BTreeMap::new(),
        tags: std::collections::BTreeMap::new(),
    };
    world.state.center.create_application(new).await.unwrap().arn.as_str().to_owned()
}

#[tokio::test]
async fn an_application_is_deleted_unless_it_is_managed() {
    let world = World::new().await;
    let arn = application(&world).await;
    assert_eq!(ok(&world, "DeleteApplication", &json!({"ApplicationArn": arn})).await, json!({}));
    call(&world, "DescribeApplication", &json!({"ApplicationArn": arn})).await.fails_json(
        400,
        "ResourceNotFoundException",
        &arn,
    );
    needs_an_application(&world, "DeleteApplication", &json!({})).await;
    refused(&world, "DeleteApplication", &json!({"ApplicationArn": MISSING}), "ResourceNotFoundException", MISSING)
        .await;
    for (provider, operation) in
        [(REDSHIFT_PROVIDER_ARN, "DeleteRedshiftIdcApplication"), (QEV2_PROVIDER_ARN, "DeleteQev2IdcApplication")]
    {
        let arn = managed(&world, provider).await;
        let body = json!({"ApplicationArn": arn});
        refused(&world, "DeleteApplication", &body, "ConflictException", operation).await;
        assert_eq!(stored(&world, &arn).name, "managed");
        // Everything else of it is the administrator's.
        ok(&world, "UpdateApplication", &json!({"ApplicationArn": arn, "Status": "DISABLED"})).await;
    }
}

#[tokio::test]
async fn the_assignment_configuration_is_put_and_got() {
    let world = World::new().await;
    let arn = application(&world).await;
    let named = json!({"ApplicationArn": arn});
    for required in [true, false, true] {
        let put = with(&named, "AssignmentRequired", json!(required));
        assert_eq!(ok(&world, "PutApplicationAssignmentConfiguration", &put).await, json!({}));
        let got = ok(&world, "GetApplicationAssignmentConfiguration", &named).await;
        assert_eq!(got, json!({ "AssignmentRequired": required }));
    }
    let operation = "PutApplicationAssignmentConfiguration";
    refused(&world, operation, &named, "ValidationException", "AssignmentRequired").await;
    let put = with(&named, "AssignmentRequired", json!("false"));
    refused(&world, operation, &put, "ValidationException", "AssignmentRequired").await;
    needs_an_application(&world, operation, &json!({"AssignmentRequired": false})).await;
    needs_an_application(&world, "GetApplicationAssignmentConfiguration", &json!({})).await;
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    for operation in ["CreatePermissionSet", "CreateTrustedTokenIssuer", "CreateAccountAssignment", "CreateInstance"] {
        refused(&world, operation, &json!({}), "UnsupportedOperationException", operation).await;
    }
}
