use super::{ADMINISTRATOR, TRUST, all, call};
use crate::tests::world::World;

#[tokio::test]
async fn the_account_is_summed_up() {
    let world = World::new().await;
    call(&world, "CreateUser", &[("UserName", "anna")]).await.ok();
    call(&world, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ADMINISTRATOR)]).await.ok();
    let summary = call(&world, "GetAccountSummary", &[]).await.ok();
    for entry in [
        "<key>Users</key><value>1</value>",
        "<key>Groups</key><value>0</value>",
        "<key>Policies</key><value>1</value>",
        "<key>AccountAccessKeysPresent</key><value>1</value>",
        "<key>AccessKeysPerUserQuota</key><value>2</value>",
    ] {
        assert!(summary.body.contains(entry), "{entry}: {}", summary.body);
    }
    let aliases = call(&world, "ListAccountAliases", &[]).await.ok();
    assert_eq!((aliases.element("AccountAliases"), aliases.element("IsTruncated")), ("", "false"));
    call(&world, "ListAccountAliases", &[("Marker", "x")]).await.fails(400, "InvalidInput", "Marker");
}

#[tokio::test]
async fn everything_that_grants_is_told_page_by_page() {
    let world = World::new().await;
    for name in ["anna", "ben"] {
        call(&world, "CreateUser", &[("UserName", name)]).await.ok();
    }
    call(&world, "CreateGroup", &[("GroupName", "readers")]).await.ok();
    call(&world, "AddUserToGroup", &[("GroupName", "readers"), ("UserName", "anna")]).await.ok();
    call(&world, "CreateRole", &[("RoleName", "r"), ("AssumeRolePolicyDocument", TRUST)]).await.ok();
    let put = [("RoleName", "r"), ("PolicyName", "own"), ("PolicyDocument", ADMINISTRATOR)];
    call(&world, "PutRolePolicy", &put).await.ok();
    call(&world, "CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", ADMINISTRATOR)]).await.ok();

    let filter = [
        ("Filter.member.1", "User"),
        ("Filter.member.2", "Group"),
        ("Filter.member.3", "Role"),
        ("Filter.member.4", "LocalManagedPolicy"),
    ];
    let whole = call(&world, "GetAccountAuthorizationDetails", &filter).await.ok();
    assert_eq!((all(&whole, "UserId").len(), all(&whole, "VersionId").len()), (2, 1));
    assert_eq!(whole.element("GroupList"), "<member>readers</member>");
    assert!(whole.element("RolePolicyList").starts_with("<member><PolicyName>own</PolicyName><PolicyDocument>%7B"));
    assert_eq!(whole.element("IsTruncated"), "false");

    let (mut marker, mut told) = (None::<String>, Vec::new());
    loop {
        let mut parameters = [filter.as_slice(), &[("MaxItems", "1")]].concat();
        parameters.extend(marker.as_deref().map(|marker| ("Marker", marker)));
        let page = call(&world, "GetAccountAuthorizationDetails", &parameters).await.ok();
        for id in ["UserId", "GroupId", "RoleId", "PolicyId"] {
            told.extend(all(&page, id).iter().map(|id| (*id).to_owned()));
        }
        if page.element("IsTruncated") == "false" {
            break;
        }
        marker = Some(page.element("Marker").to_owned());
    }
    let expected: Vec<_> = ["UserId", "GroupId", "RoleId", "PolicyId"].iter().flat_map(|id| all(&whole, id)).collect();
    assert_eq!(told, expected);
    let aws = call(&world, "GetAccountAuthorizationDetails", &[("Filter.member.1", "AWSManagedPolicy")]).await.ok();
    assert!(aws.body.contains("arn:aws:iam::aws:policy/AdministratorAccess"));
    let wrong = [("Filter.member.1", "Keys")];
    call(&world, "GetAccountAuthorizationDetails", &wrong).await.fails(400, "ValidationError", "Keys");
    let wrong = [("Marker", "Keys:1")];
    call(&world, "GetAccountAuthorizationDetails", &wrong).await.fails(400, "InvalidInput", "Marker");
}
