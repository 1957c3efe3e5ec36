use super::{ADMINISTRATOR, TRUST, all, allowing, call};
use crate::tests::world::World;

const ARN: &str = "arn:aws:iam::123456789012:policy/data/connect";

async fn made(world: &World) {
    let new = [("PolicyName", "connect"), ("Path", "/data/"), ("PolicyDocument", ADMINISTRATOR), ("Description", "d")];
    let made = call(world, "CreatePolicy", &new).await.ok();
    assert_eq!((made.element("Arn"), made.element("DefaultVersionId")), (ARN, "v1"));
    assert!(made.element("PolicyId").starts_with("ANPA"));
}

#[tokio::test]
async fn a_policy_has_versions() {
    let world = World::new().await;
    made(&world).await;
    let arn = ("PolicyArn", ARN);
    let readers = allowing("redshift:DescribeClusters", "*");
    let second = [arn, ("PolicyDocument", &readers), ("SetAsDefault", "true")];
    let second = call(&world, "CreatePolicyVersion", &second).await.ok();
    assert_eq!((second.element("VersionId"), second.element("IsDefaultVersion")), ("v2", "true"));
    assert!(!second.body.contains("<Document>"));
    assert_eq!(call(&world, "GetPolicy", &[arn]).await.ok().element("DefaultVersionId"), "v2");
    let version = call(&world, "GetPolicyVersion", &[arn, ("VersionId", "v1")]).await.ok();
    assert_eq!(version.element("IsDefaultVersion"), "false");
    assert!(version.element("Document").starts_with("%7B"));
    call(&world, "GetPolicyVersion", &[arn, ("VersionId", "v9")]).await.fails(404, "NoSuchEntity", "v9");

    let first = call(&world, "ListPolicyVersions", &[arn, ("MaxItems", "1")]).await.ok();
    assert_eq!((all(&first, "VersionId"), first.element("IsTruncated")), (vec!["v2"], "true"));
    let next = call(&world, "ListPolicyVersions", &[arn, ("Marker", first.element("Marker"))]).await.ok();
    assert_eq!((all(&next, "VersionId"), next.element("IsTruncated")), (vec!["v1"], "false"));
    call(&world, "ListPolicyVersions", &[arn, ("Marker", "x")]).await.fails(400, "InvalidInput", "Marker");

    call(&world, "DeletePolicyVersion", &[arn, ("VersionId", "v2")]).await.fails(409, "DeleteConflict", "default");
    call(&world, "DeletePolicy", &[arn]).await.fails(409, "DeleteConflict", "more than one version");
    call(&world, "SetDefaultPolicyVersion", &[arn, ("VersionId", "v1")]).await.ok();
    call(&world, "DeletePolicyVersion", &[arn, ("VersionId", "v2")]).await.ok();
    call(&world, "DeletePolicy", &[arn]).await.ok();
    call(&world, "GetPolicy", &[arn]).await.fails(404, "NoSuchEntity", ARN);
}

#[tokio::test]
async fn a_bad_document_is_refused_with_its_place() {
    let world = World::new().await;
    for (document, message) in [
        ("{\n  \"Statement\": [,]\n}", "line 2"),
        (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Colour":"red"}}"#, "Colour"),
        (TRUST, "Principal"),
    ] {
        let new = [("PolicyName", "p"), ("PolicyDocument", document)];
        call(&world, "CreatePolicy", &new).await.fails(400, "MalformedPolicyDocument", message);
    }
    assert_eq!(all(&call(&world, "ListPolicies", &[("Scope", "Local")]).await.ok(), "Arn"), Vec::<&str>::new());
}

#[tokio::test]
async fn policies_are_listed_by_scope_use_and_path() {
    let world = World::new().await;
    made(&world).await;
    let power = "arn:aws:iam::aws:policy/PowerUserAccess";
    call(&world, "CreateUser", &[("UserName", "anna"), ("PermissionsBoundary", power)]).await.ok();
    call(&world, "AttachUserPolicy", &[("UserName", "anna"), ("PolicyArn", ARN)]).await.ok();
    for (parameters, expected) in [
        (vec![("Scope", "Local")], vec![ARN]),
        (vec![("OnlyAttached", "true")], vec![ARN]),
        (vec![("PathPrefix", "/data/")], vec![ARN]),
        (vec![("Scope", "AWS"), ("OnlyAttached", "true")], vec![]),
        (vec![("PolicyUsageFilter", "PermissionsPolicy")], vec![ARN]),
        (vec![("PolicyUsageFilter", "PermissionsBoundary")], vec![power]),
        (vec![("PolicyUsageFilter", "PermissionsBoundary"), ("Scope", "Local")], vec![]),
    ] {
        let listed = call(&world, "ListPolicies", &parameters).await.ok();
        assert_eq!(all(&listed, "Arn"), expected, "{parameters:?}");
    }
    let aws = call(&world, "ListPolicies", &[("Scope", "AWS")]).await.ok();
    assert!(all(&aws, "PolicyName").contains(&"AmazonRedshiftQueryEditorV2ReadSharing"));
    call(&world, "DeletePolicy", &[("PolicyArn", ARN)]).await.fails(409, "DeleteConflict", "attached");
    call(&world, "DeletePolicy", &[("PolicyArn", power)]).await.fails(403, "AccessDenied", "managed by AWS");
}

#[tokio::test]
async fn who_has_a_policy_is_told_page_by_page() {
    let world = World::new().await;
    made(&world).await;
    let arn = ("PolicyArn", ARN);
    for name in ["anna", "ben"] {
        let new = [("UserName", name), ("Path", "/people/"), ("PermissionsBoundary", ARN)];
        call(&world, "CreateUser", &new).await.ok();
    }
    call(&world, "AttachUserPolicy", &[("UserName", "anna"), arn]).await.ok();
    call(&world, "CreateGroup", &[("GroupName", "readers")]).await.ok();
    call(&world, "AttachGroupPolicy", &[("GroupName", "readers"), arn]).await.ok();
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    call(&world, "AttachRolePolicy", &[("RoleName", "r"), arn]).await.ok();

    let (mut marker, mut told) = (None::<String>, Vec::new());
    loop {
        let mut parameters = vec![arn, ("MaxItems", "1")];
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = call(&world, "ListEntitiesForPolicy", &parameters).await.ok();
        let names = ["UserName", "GroupName", "RoleName"].map(|name| all(&page, name));
        told.extend(names.iter().flatten().map(|name| (*name).to_owned()));
        if page.element("IsTruncated") == "false" {
            break;
        }
        marker = Some(page.element("Marker").to_owned());
    }
    assert_eq!(told, ["anna", "readers", "r", "ben"]);

    for (parameters, users) in [
        (vec![("EntityFilter", "Role")], vec![]),
        (vec![("EntityFilter", "User"), ("PolicyUsageFilter", "PermissionsPolicy")], vec!["anna"]),
        (vec![("PathPrefix", "/machines/")], vec![]),
    ] {
        let page = call(&world, "ListEntitiesForPolicy", &[&[arn], parameters.as_slice()].concat()).await.ok();
        assert_eq!(all(&page, "UserName"), users, "{parameters:?}");
    }
    let bounded = [arn, ("PolicyUsageFilter", "PermissionsBoundary")];
    let bounded = call(&world, "ListEntitiesForPolicy", &bounded).await.ok();
    assert_eq!(all(&bounded, "UserName").len(), 2);
    call(&world, "ListEntitiesForPolicy", &[arn, ("Marker", "x")]).await.fails(400, "InvalidInput", "Marker");
    let none = [("PolicyArn", "arn:aws:iam::123456789012:policy/none")];
    call(&world, "ListEntitiesForPolicy", &none).await.fails(404, "NoSuchEntity", "none");
}

#[tokio::test]
async fn tags_of_a_policy_are_set_and_shown() {
    let world = World::new().await;
    made(&world).await;
    let tags = [("PolicyArn", ARN), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "data")];
    call(&world, "TagPolicy", &tags).await.ok();
    assert_eq!(call(&world, "GetPolicy", &tags[..1]).await.ok().element("Key"), "team");
    call(&world, "UntagPolicy", &[tags[0], ("TagKeys.member.1", "TEAM")]).await.ok();
    let left = call(&world, "ListPolicyTags", &tags[..1]).await.ok();
    assert_eq!(all(&left, "Key"), Vec::<&str>::new());
}
