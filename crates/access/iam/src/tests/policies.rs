use super::fixture::{ADMINISTRATOR, Fixture, allowing, names_of, refused};
use crate::{Entity, Holder, PolicyUse};

#[tokio::test]
async fn grants_are_the_inline_the_attached_and_the_groups_policies_and_the_boundary() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    let id = iam.user("bob").unwrap().id.clone();
    let look = fixture.policy("look").await;
    iam.create_group("people", None).await.unwrap();
    iam.put_policy(Holder::User("bob"), "own", &allowing("redshift:ListDatabases")).await.unwrap();
    fixture.attach(Holder::User("bob"), &look).await;
    iam.put_policy(Holder::Group("people"), "shared", &allowing("sts:AssumeRole")).await.unwrap();
    fixture.attach(Holder::Group("people"), ADMINISTRATOR).await;
    iam.add_user_to_group("people", "bob").await.unwrap();
    let expected = [
        "inline policy \"own\" of user \"bob\"",
        look.as_str(),
        "inline policy \"shared\" of group \"people\"",
        ADMINISTRATOR,
    ];
    assert_eq!(names_of(iam, &id), expected);
    iam.put_boundary(Holder::User("bob"), &look).await.unwrap();
    assert_eq!(&*iam.grants_of_user(&id).boundary.as_ref().unwrap().name, look);
    iam.remove_user_from_group("people", "bob").await.unwrap();
    iam.delete_boundary(Holder::User("bob")).await.unwrap();
    assert_eq!(names_of(iam, &id), [expected[0], expected[1]]);
    assert!(iam.grants_of_user(&id).boundary.is_none());
    assert!(iam.grants_of_user("AIDANOBODY").identity.is_empty());
}

#[tokio::test]
async fn a_new_default_version_counts_at_once_for_everybody_who_has_the_policy() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    fixture.role("r").await;
    iam.create_group("people", None).await.unwrap();
    iam.add_user_to_group("people", "bob").await.unwrap();
    let look = fixture.policy("look").await;
    fixture.attach(Holder::Group("people"), &look).await;
    iam.put_boundary(Holder::Role("r"), &look).await.unwrap();
    let (bob, role) = (iam.user("bob").unwrap().id.clone(), iam.role("r").unwrap().id.clone());
    let texts = || {
        let of_bob = iam.grants_of_user(&bob).identity[0].document.text().to_owned();
        (of_bob, iam.grants_of_role(&role).boundary.as_ref().unwrap().document.text().to_owned())
    };
    let before = texts();
    let second = allowing("redshift:Second");
    let version = iam.create_policy_version(&look, &second, false).await.unwrap();
    assert_eq!((version.id(), texts()), ("v2".to_owned(), before.clone()));
    iam.set_default_policy_version(&look, "v2").await.unwrap();
    assert_eq!(texts(), (second.clone(), second));
    iam.set_default_policy_version(&look, "v1").await.unwrap();
    assert_eq!(texts(), before);
    let third = allowing("redshift:Third");
    iam.create_policy_version(&look, &third, true).await.unwrap();
    assert_eq!(texts(), (third.clone(), third));
    assert_eq!(fixture.reopened().await.grants_of_user(&bob).identity[0].document.text(), texts().0);
}

#[tokio::test]
async fn the_number_of_a_deleted_version_doesnt_come_back() {
    let fixture = Fixture::new().await;
    let look = fixture.policy("look").await;
    let create = || fixture.iam.create_policy_version(&look, super::fixture::ALLOW, false);
    assert_eq!(create().await.unwrap().id(), "v2");
    fixture.iam.delete_policy_version(&look, "v2").await.unwrap();
    assert_eq!(create().await.unwrap().id(), "v3");
    refused(fixture.iam.set_default_policy_version(&look, "v2").await, "NoSuchEntity", "version v2 does not exist");
    refused(fixture.iam.delete_policy_version(&look, "v03").await, "NoSuchEntity", "version v03 does not exist");
    refused(fixture.iam.delete_policy_version(&look, "v1").await, "DeleteConflict", "the default version");
}

#[tokio::test]
async fn what_isnt_there_cant_be_attached_detached_or_deleted() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let (look, missing) = (fixture.policy("look").await, "arn:aws:iam::123456789012:policy/none");
    fixture.user("bob").await;
    let bob = Holder::User("bob");
    refused(iam.attach_policy(bob, missing).await, "NoSuchEntity", "does not exist or is not attachable");
    refused(iam.detach_policy(bob, &look).await, "NoSuchEntity", "was not found");
    refused(iam.put_boundary(bob, missing).await, "NoSuchEntity", "Scope ARN");
    refused(iam.delete_boundary(bob).await, "NoSuchEntity", "user bob has no permissions boundary");
    refused(iam.delete_policy_of(bob, "none").await, "NoSuchEntity", "The user policy with name none cannot be found.");
    refused(iam.delete_policy(missing).await, "NoSuchEntity", "was not found");
    refused(
        iam.attach_policy(Holder::User("none"), &look).await,
        "NoSuchEntity",
        "The user with name none cannot be found.",
    );
    refused(iam.attach_policy(Holder::Group("none"), &look).await, "NoSuchEntity", "The group with name none");
    refused(iam.attach_policy(Holder::Role("none"), &look).await, "NoSuchEntity", "The role with name none");
    refused(iam.add_user_to_group("none", "bob").await, "NoSuchEntity", "The group with name none");
    let with_boundary =
        crate::NewUser { name: "eve".to_owned(), boundary: Some(missing.to_owned()), ..Default::default() };
    refused(iam.create_user(with_boundary).await, "NoSuchEntity", "Scope ARN");
    iam.create_group("people", None).await.unwrap();
    refused(
        iam.put_boundary(Holder::Group("people"), &look).await,
        "ValidationError",
        "Groups have no permissions boundary",
    );
}

#[tokio::test]
async fn who_has_a_policy_is_told_in_parts() {
    let fixture = Fixture::new().await;
    let look = fixture.policy("look").await;
    for name in ["a", "b"] {
        fixture.user(name).await;
        fixture.role(name).await;
        fixture.attach(Holder::User(name), &look).await;
        fixture.attach(Holder::Role(name), &look).await;
    }
    fixture.iam.put_boundary(Holder::User("a"), &look).await.unwrap();
    let (mut entities, mut after) = (Vec::new(), None);
    loop {
        let page = fixture.iam.entities_for_policy(&look, PolicyUse::Permissions, after.as_deref(), 1);
        entities.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let users = entities.iter().filter(|entity| matches!(entity, Entity::User(_))).count();
    assert_eq!((entities.len(), users), (4, 2));
    let bounded = fixture.iam.entities_for_policy(&look, PolicyUse::Boundary, None, 10);
    assert_eq!(bounded.items, [Entity::User(fixture.iam.user("a").unwrap().id.clone())]);
    assert_eq!((fixture.iam.attachment_count(&look), fixture.iam.boundary_count(&look)), (4, 1));
}
