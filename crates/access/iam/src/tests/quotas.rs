use super::fixture::{ALLOW, Fixture, allowing, policy, refused, role, trust};
use crate::{Holder, KeyHolder, NewPolicy, NewRole, NewUser, Taggable, Tags, quota};

/// A document of so many characters that aren't white space.
fn of_length(length: usize) -> String {
    let empty = allowing("sts:X").replace("\"Resource\"", "\"Sid\":\"\",\"Resource\"");
    let sid = "a".repeat(length - empty.len());
    empty.replace("\"Sid\":\"\"", &format!("  \"Sid\":\n\"{sid}\""))
}

#[tokio::test]
async fn a_managed_policy_has_6144_characters_without_white_space() {
    let fixture = Fixture::new().await;
    let of = |name: &str, length| NewPolicy { document: of_length(length), ..policy(name) };
    let created = fixture.iam.create_policy(of("most", quota::MANAGED_POLICY)).await.unwrap();
    let more = of_length(quota::MANAGED_POLICY + 1);
    let result = fixture.iam.create_policy(of("more", quota::MANAGED_POLICY + 1)).await;
    refused(result, "LimitExceeded", "Cannot exceed quota for PolicySize: 6144");
    refused(fixture.iam.create_policy_version(&created.arn, &more, true).await, "LimitExceeded", "PolicySize: 6144");
}

#[tokio::test]
async fn inline_policies_together_have_2048_5120_and_10240_characters() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    fixture.role("r").await;
    iam.create_group("people", None).await.unwrap();
    for (holder, most, words) in [
        (Holder::User("bob"), 2048, "Maximum policy size of 2048 bytes exceeded for user bob"),
        (Holder::Group("people"), 5120, "Maximum policy size of 5120 bytes exceeded for group people"),
        (Holder::Role("r"), 10240, "Maximum policy size of 10240 bytes exceeded for role r"),
    ] {
        iam.put_policy(holder, "a", &of_length(1000)).await.unwrap();
        refused(iam.put_policy(holder, "b", &of_length(most - 999)).await, "LimitExceeded", words);
        iam.put_policy(holder, "b", &of_length(most - 1000)).await.unwrap();
        // Another text in the place of one counts once.
        iam.put_policy(holder, "b", &of_length(most - 1000)).await.unwrap();
    }
    assert_eq!(iam.user("bob").unwrap().inline.len(), 2);
}

#[tokio::test]
async fn a_trust_policy_has_2048_characters_without_white_space() {
    let fixture = Fixture::new().await;
    let padded = |length: usize| {
        let text = trust("*");
        let sid = "a".repeat(length - text.len() - "\"Sid\":\"\",".len());
        text.replace("\"Effect\"", &format!("\"Sid\":\"{sid}\", \"Effect\""))
    };
    let most = NewRole { trust: padded(quota::TRUST_POLICY), ..role("most", "*") };
    fixture.iam.create_role(most).await.unwrap();
    let more = NewRole { trust: padded(quota::TRUST_POLICY + 1), ..role("more", "*") };
    refused(fixture.iam.create_role(more).await, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048");
}

#[tokio::test]
async fn a_policy_has_five_versions() {
    let fixture = Fixture::new().await;
    let look = fixture.policy("look").await;
    for _ in 0..4 {
        fixture.iam.create_policy_version(&look, ALLOW, false).await.unwrap();
    }
    let sixth = fixture.iam.create_policy_version(&look, ALLOW, false).await;
    refused(sixth, "LimitExceeded", "A managed policy can have up to 5 versions.");
    fixture.iam.delete_policy_version(&look, "v3").await.unwrap();
    assert_eq!(fixture.iam.create_policy_version(&look, ALLOW, false).await.unwrap().id(), "v6");
}

#[tokio::test]
async fn ten_managed_policies_are_attached_to_one() {
    let fixture = Fixture::new().await;
    fixture.user("bob").await;
    fixture.role("r").await;
    fixture.iam.create_group("people", None).await.unwrap();
    let holders = [Holder::User("bob"), Holder::Group("people"), Holder::Role("r")];
    let mut arns = Vec::new();
    for number in 0..11 {
        arns.push(fixture.policy(&format!("p{number}")).await);
    }
    for (holder, quota) in holders.into_iter().zip(["PoliciesPerUser", "PoliciesPerGroup", "PoliciesPerRole"]) {
        for arn in &arns[..10] {
            fixture.attach(holder, arn).await;
        }
        let words = format!("Cannot exceed quota for {quota}: 10");
        refused(fixture.iam.attach_policy(holder, &arns[10]).await, "LimitExceeded", &words);
        // One that is attached already is no eleventh.
        fixture.attach(holder, &arns[3]).await;
    }
}

#[tokio::test]
async fn a_user_is_in_ten_groups() {
    let fixture = Fixture::new().await;
    fixture.user("bob").await;
    for number in 0..11 {
        let name = format!("g{number}");
        fixture.iam.create_group(&name, None).await.unwrap();
        let added = fixture.iam.add_user_to_group(&name, "bob").await;
        if number < 10 {
            added.unwrap();
        } else {
            refused(added, "LimitExceeded", "Cannot exceed quota for GroupsPerUser: 10");
        }
    }
}

#[tokio::test]
async fn a_user_has_two_access_keys() {
    let fixture = Fixture::new().await;
    fixture.user("bob").await;
    for _ in 0..2 {
        fixture.iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    }
    let third = fixture.iam.create_access_key(KeyHolder::User("bob")).await;
    refused(third, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2");
    fixture.iam.create_access_key(KeyHolder::Root).await.unwrap();
    refused(fixture.iam.create_access_key(KeyHolder::Root).await, "LimitExceeded", "AccessKeysPerUser: 2");
}

#[tokio::test]
async fn an_entity_has_fifty_tags() {
    let fixture = Fixture::new().await;
    fixture.user("bob").await;
    let tags = |range: std::ops::Range<usize>| Tags::read(range.map(|number| (format!("k{number}"), String::new())));
    refused(tags(0..51), "LimitExceeded", "maximum limit of 50");
    let bob = Taggable::User("bob");
    fixture.iam.tag(bob, tags(0..50).unwrap()).await.unwrap();
    refused(fixture.iam.tag(bob, tags(50..51).unwrap()).await, "LimitExceeded", "maximum limit of 50");
    fixture.iam.tag(bob, tags(3..5).unwrap()).await.unwrap();
    fixture.iam.untag(bob, &["K0".to_owned()]).await.unwrap();
    fixture.iam.tag(bob, tags(50..51).unwrap()).await.unwrap();
    assert_eq!(fixture.iam.tags_of(bob).unwrap().len(), 50);
}

#[tokio::test]
async fn an_account_has_300_groups_and_1000_roles() {
    let fixture = Fixture::new().await;
    for number in 0..quota::GROUPS {
        fixture.iam.create_group(&format!("g{number}"), None).await.unwrap();
    }
    refused(
        fixture.iam.create_group("more", None).await,
        "LimitExceeded",
        "Cannot exceed quota for GroupsPerAccount: 300",
    );
    for number in 0..quota::ROLES {
        fixture.role(&format!("r{number}")).await;
    }
    refused(fixture.iam.create_role(role("more", "*")).await, "LimitExceeded", "RolesPerAccount: 1000");
    let linked = fixture.iam.create_service_linked_role("redshift.amazonaws.com", None, None).await;
    refused(linked, "LimitExceeded", "RolesPerAccount: 1000");
    assert_eq!((fixture.iam.summary().groups, fixture.iam.summary().roles), (300, 1000));
}

#[tokio::test]
async fn an_account_has_1500_policies_and_5000_users() {
    let fixture = Fixture::new().await;
    for number in 0..quota::POLICIES {
        fixture.policy(&format!("p{number}")).await;
    }
    refused(fixture.iam.create_policy(policy("more")).await, "LimitExceeded", "PoliciesPerAccount: 1500");
    for number in 0..quota::USERS {
        fixture.user(&format!("u{number}")).await;
    }
    let more = NewUser { name: "more".to_owned(), ..NewUser::default() };
    refused(fixture.iam.create_user(more).await, "LimitExceeded", "UsersPerAccount: 5000");
}
