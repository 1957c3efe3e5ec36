use base::Outcome;
use base::id::{ApplicationArn, DirectoryUserId};
use serde_json::{Value, json};

use super::super::world::World;
use super::{application, needs_an_application, ok, refused, with};

#[tokio::test]
async fn assignments_are_made_described_listed_and_deleted() {
    let world = World::new().await;
    let arn = application(&world).await;
    let (ethan, sales) = (world.user("ethan").await, world.group("awssso-sales").await);
    let body = |kind: &str, id: &str| json!({"ApplicationArn": arn, "PrincipalType": kind, "PrincipalId": id});
    for (kind, id) in [("GROUP", &sales), ("USER", &ethan)] {
        let described = "DescribeApplicationAssignment";
        refused(&world, described, &body(kind, id), "ResourceNotFoundException", "not assigned").await;
        assert_eq!(ok(&world, "CreateApplicationAssignment", &body(kind, id)).await, json!({}));
        assert_eq!(world.last_record().target, arn);
        assert_eq!(ok(&world, described, &body(kind, id)).await, body(kind, id));
    }
    let application = ApplicationArn::new(arn.clone());
    assert!(world.state.center.decide(&application, &DirectoryUserId::new(ethan.clone()), &[]).allowed);
    let first = json!({"ApplicationArn": arn, "MaxResults": 1});
    let page = ok(&world, "ListApplicationAssignments", &first).await;
    assert_eq!(page["ApplicationAssignments"], json!([body("USER", &ethan)]));
    let next = with(&first, "NextToken", page["NextToken"].clone());
    let next = ok(&world, "ListApplicationAssignments", &next).await;
    assert_eq!(next, json!({"ApplicationAssignments": [body("GROUP", &sales)]}));

    let again = body("USER", &ethan);
    refused(&world, "CreateApplicationAssignment", &again, "ConflictException", "already assigned").await;
    ok(&world, "DeleteApplicationAssignment", &again).await;
    assert!(!world.state.center.decide(&application, &DirectoryUserId::new(ethan.clone()), &[]).allowed);
    refused(&world, "DeleteApplicationAssignment", &again, "ResourceNotFoundException", "not assigned").await;
    assert_eq!(world.last_record().outcome, Outcome::Failed);
}

#[tokio::test]
async fn assignments_are_refused_for_a_reason() {
    let world = World::new().await;
    let arn = application(&world).await;
    let ethan = world.user("ethan").await;
    let right = json!({"ApplicationArn": arn, "PrincipalType": "USER", "PrincipalId": ethan});
    for operation in ["CreateApplicationAssignment", "DescribeApplicationAssignment", "DeleteApplicationAssignment"] {
        needs_an_application(&world, operation, &right).await;
        for (member, value, message) in [
            ("PrincipalType", json!("ROLE"), "USER or GROUP"),
            ("PrincipalType", Value::Null, "PrincipalType"),
            ("PrincipalId", json!("ethan"), "PrincipalId"),
            ("PrincipalId", json!(format!("{ethan}0")), "PrincipalId"),
            ("PrincipalId", json!(ethan.replace('-', "_")), "PrincipalId"),
            ("PrincipalId", json!(format!("x123456789-{ethan}")), "PrincipalId"),
            ("PrincipalId", Value::Null, "PrincipalId"),
            ("More", json!(1), "More"),
        ] {
            refused(&world, operation, &with(&right, member, value), "ValidationException", message).await;
        }
        let prefixed = with(&right, "PrincipalId", json!(format!("0123456789-{ethan}")));
        refused(&world, operation, &prefixed, "ResourceNotFoundException", "0123456789").await;
    }
    let group = with(&right, "PrincipalType", json!("GROUP"));
    refused(&world, "CreateApplicationAssignment", &group, "ResourceNotFoundException", "GROUP").await;
    needs_an_application(&world, "ListApplicationAssignments", &json!({})).await;
    for token in ["!", "eA", "VVNFUg"] {
        let body = json!({"ApplicationArn": arn, "NextToken": token});
        refused(&world, "ListApplicationAssignments", &body, "ValidationException", "NextToken").await;
    }
}
