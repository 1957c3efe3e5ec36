use super::{TRUST, all, call};
use crate::tests::world::World;

/// Every item of a list, by pages of two.
async fn walk(world: &World, action: &str, parameters: &[(&str, &str)], name: &str) -> Vec<String> {
    let (mut marker, mut told) = (None::<String>, Vec::new());
    loop {
        let mut parameters = [parameters, &[("MaxItems", "2")]].concat();
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = call(world, action, &parameters).await.ok();
        let names = all(&page, name);
        assert!(names.len() <= 2, "{action}: {names:?}");
        told.extend(names.iter().map(|name| (*name).to_owned()));
        if page.element("IsTruncated") == "false" {
            assert!(!page.body.contains("<Marker>"));
            return told;
        }
        marker = Some(page.element("Marker").to_owned());
    }
}

#[tokio::test]
async fn lists_come_in_pages_without_gap_or_repetition() {
    let world = World::new().await;
    let names: Vec<String> = (1..=5).map(|n| format!("n{n}")).collect();
    call(&world, "CreateUser", &[("UserName", "holder")]).await.ok();
    for name in &names {
        call(&world, "CreateGroup", &[("GroupName", name)]).await.ok();
        call(&world, "AddUserToGroup", &[("GroupName", name), ("UserName", "holder")]).await.ok();
        call(&world, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
        let document = super::allowing("redshift:DescribeClusters", "*");
        call(&world, "CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &document)]).await.ok();
        let put = [("UserName", "holder"), ("PolicyName", name.as_str()), ("PolicyDocument", document.as_str())];
        call(&world, "PutUserPolicy", &put).await.ok();
        let arn = format!("arn:aws:iam::123456789012:policy/{name}");
        call(&world, "AttachUserPolicy", &[("UserName", "holder"), ("PolicyArn", &arn)]).await.ok();
    }
    let holder = [("UserName", "holder")];
    for (action, parameters, name) in [
        ("ListGroups", [].as_slice(), "GroupName"),
        ("ListRoles", &[], "RoleName"),
        ("ListPolicies", &[("Scope", "Local")], "PolicyName"),
        ("ListGroupsForUser", &holder, "GroupName"),
        ("ListAttachedUserPolicies", &holder, "PolicyName"),
    ] {
        assert_eq!(walk(&world, action, parameters, name).await, names, "{action}");
    }
    let first = call(&world, "ListUserPolicies", &[holder[0], ("MaxItems", "2")]).await.ok();
    assert_eq!(first.element("PolicyNames"), "<member>n1</member><member>n2</member>");
    let rest = call(&world, "ListUserPolicies", &[holder[0], ("Marker", first.element("Marker"))]).await.ok();
    assert_eq!(rest.element("PolicyNames"), "<member>n3</member><member>n4</member><member>n5</member>");
}
