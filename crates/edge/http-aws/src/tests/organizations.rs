use serde_json::{Value, json};

use super::world::{ACCOUNT, Reply, World};

async fn call(world: &World, operation: &str, input: Value) -> Reply {
    world.json("organizations", operation, &input).send().await
}

async fn root(world: &World) -> String {
    call(world, "ListRoots", json!({})).await.ok().json()["Roots"][0]["Id"].as_str().unwrap().to_owned()
}

fn invalid(reply: &Reply, reason: &str, message: &str) {
    reply.fails_json(400, "InvalidInputException", message);
    assert_eq!(reply.json()["Reason"], reason, "{message}");
}

#[tokio::test]
async fn the_organisation_follows_from_the_instance() {
    let world = World::new().await;
    let number = world.state.center.instance().id().replace("ssoins-", "");
    let (id, rest) = number.split_at(10);
    let (id, root) = (format!("o-{id}"), format!("r-{}", rest.split_at(4).0));
    let email = format!("root@{ACCOUNT}.gatehouse.invalid");
    let account = format!("arn:aws:organizations::{ACCOUNT}:account/{id}/{ACCOUNT}");
    let shown = call(&world, "DescribeOrganization", json!({})).await.ok().json();
    let expected = json!({"Organization": {
        "Id": id, "Arn": format!("arn:aws:organizations::{ACCOUNT}:organization/{id}"), "FeatureSet": "ALL",
        "MasterAccountArn": account, "MasterAccountId": ACCOUNT, "MasterAccountEmail": email, "AvailablePolicyTypes": [],
    }});
    assert_eq!(shown, expected);
    let roots = call(&world, "ListRoots", json!({"MaxResults": 20})).await.ok().json();
    let arn = format!("arn:aws:organizations::{ACCOUNT}:root/{id}/{root}");
    assert_eq!(roots, json!({"Roots": [{"Id": root, "Arn": arn, "Name": "Root", "PolicyTypes": []}]}));

    let expected = json!({
        "Id": ACCOUNT, "Arn": account, "Email": email, "Name": ACCOUNT, "Status": "ACTIVE", "State": "ACTIVE",
        "Paths": [format!("{id}/{root}/{ACCOUNT}/")], "JoinedMethod": "CREATED", "JoinedTimestamp": 1_772_323_170,
    });
    let described = call(&world, "DescribeAccount", json!({"AccountId": ACCOUNT})).await.ok().json();
    assert_eq!(described, json!({"Account": expected}));
    assert_eq!(world.last_record().target, account);
    for (operation, input) in
        [("ListAccounts", json!({"MaxResults": 1})), ("ListAccountsForParent", json!({"ParentId": root}))]
    {
        assert_eq!(call(&world, operation, input).await.ok().json(), json!({"Accounts": [expected]}));
    }
}

#[tokio::test]
async fn the_tree_is_walked_both_ways() {
    let world = World::new().await;
    let root = root(&world).await;
    let children = |kind: &str| json!({"ParentId": root, "ChildType": kind});
    let table = [
        ("ListParents", json!({"ChildId": ACCOUNT}), json!({"Parents": [{"Id": root, "Type": "ROOT"}]})),
        ("ListChildren", children("ACCOUNT"), json!({"Children": [{"Id": ACCOUNT, "Type": "ACCOUNT"}]})),
        ("ListChildren", children("ORGANIZATIONAL_UNIT"), json!({"Children": []})),
        ("ListOrganizationalUnitsForParent", json!({"ParentId": root}), json!({"OrganizationalUnits": []})),
        ("ListDelegatedAdministrators", json!({}), json!({"DelegatedAdministrators": []})),
        (
            "ListDelegatedAdministrators",
            json!({"ServicePrincipal": "sso.amazonaws.com"}),
            json!({"DelegatedAdministrators": []}),
        ),
        ("ListTagsForResource", json!({"ResourceId": ACCOUNT}), json!({"Tags": []})),
        ("ListTagsForResource", json!({"ResourceId": root}), json!({"Tags": []})),
    ];
    for (operation, input, expected) in table {
        assert_eq!(call(&world, operation, input).await.ok().json(), expected, "{operation}");
    }
    let services = call(&world, "ListAWSServiceAccessForOrganization", json!({})).await.ok().json();
    let names = services["EnabledServicePrincipals"].as_array().unwrap().iter().map(|one| &one["ServicePrincipal"]);
    assert_eq!(names.collect::<Vec<_>>(), ["redshift.amazonaws.com", "sso.amazonaws.com"]);
    let name = "ListAWSServiceAccessForOrganization";
    let first = call(&world, name, json!({"MaxResults": 1})).await.ok().json();
    assert_eq!(first["EnabledServicePrincipals"].as_array().unwrap().len(), 1, "no more than asked for");
    let rest = call(&world, name, json!({"MaxResults": 1, "NextToken": first["NextToken"]})).await.ok().json();
    assert_eq!(rest["EnabledServicePrincipals"][0]["ServicePrincipal"], "sso.amazonaws.com");
    assert!(rest.get("NextToken").is_none());
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let world = World::new().await;
    let unit = "ou-abcd-12345678";
    let table = [
        ("DescribeAccount", json!({"AccountId": "999999999999"}), "AccountNotFoundException"),
        ("ListAccountsForParent", json!({"ParentId": "r-zzzz"}), "ParentNotFoundException"),
        ("ListAccountsForParent", json!({"ParentId": unit}), "ParentNotFoundException"),
        ("ListOrganizationalUnitsForParent", json!({"ParentId": unit}), "ParentNotFoundException"),
        ("ListChildren", json!({"ParentId": "r-zzzz", "ChildType": "ACCOUNT"}), "ParentNotFoundException"),
        ("ListParents", json!({"ChildId": "999999999999"}), "ChildNotFoundException"),
        ("ListParents", json!({"ChildId": unit}), "ChildNotFoundException"),
        ("ListTagsForResource", json!({"ResourceId": "p-FullAWSAccess"}), "TargetNotFoundException"),
    ];
    for (operation, input, code) in table {
        call(&world, operation, input).await.fails_json(400, code, "doesn't exist");
    }
}

#[tokio::test]
async fn wrong_input_has_a_reason() {
    let world = World::new().await;
    let root = root(&world).await;
    let table = [
        ("DescribeAccount", json!({}), "INPUT_REQUIRED", "AccountId"),
        ("DescribeAccount", json!({"AccountId": "12"}), "INVALID_PATTERN", "twelve digits"),
        ("DescribeAccount", json!({"AccountId": 12}), "INVALID_PATTERN", "AccountId"),
        ("ListAccountsForParent", json!({"ParentId": "root"}), "INVALID_PATTERN", "ParentId"),
        ("ListParents", json!({"ChildId": root}), "INVALID_PATTERN", "ChildId"),
        ("ListChildren", json!({"ParentId": root, "ChildType": "USER"}), "INVALID_ENUM", "ChildType"),
        ("ListChildren", json!({"ParentId": root}), "INPUT_REQUIRED", "ChildType"),
        ("ListTagsForResource", json!({"ResourceId": "x"}), "INVALID_PATTERN", "ResourceId"),
        ("ListAccounts", json!({"MaxResults": 21}), "MAX_VALUE_EXCEEDED", "1 to 20"),
        ("ListRoots", json!({"MaxResults": 0}), "MIN_VALUE_EXCEEDED", "1 to 20"),
        ("ListAccounts", json!({"NextToken": "eA"}), "INVALID_NEXT_TOKEN", "NextToken"),
        (
            "ListDelegatedAdministrators",
            json!({"ServicePrincipal": "ec2.amazonaws.com"}),
            "UNRECOGNIZED_SERVICE_PRINCIPAL",
            "sso.amazonaws.com",
        ),
    ];
    for (operation, input, reason, message) in table {
        invalid(&call(&world, operation, input).await, reason, message);
    }
    let reply = call(&world, "ListAccounts", json!({"Sort": 1})).await;
    reply.fails_json(400, "ValidationException", "\"Sort\" of ListAccounts");
    let reply = call(&world, "CreateAccount", json!({})).await;
    reply.fails_json(400, "UnsupportedOperationException", "CreateAccount");
}
