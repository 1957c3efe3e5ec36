use super::fixture::{ALLOW, Fixture, refused};
use crate::{Holder, KeyHolder};

#[tokio::test]
async fn a_user_is_deleted_when_nothing_of_them_is_left() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    let look = fixture.policy("look").await;
    iam.create_group("people", None).await.unwrap();
    let (bob, key) = (Holder::User("bob"), iam.create_access_key(KeyHolder::User("bob")).await);
    let key = key.unwrap_or_else(|error| panic!("{error}"));
    iam.put_policy(Holder::User("bob"), "own", ALLOW).await.unwrap();
    fixture.attach(bob, &look).await;
    iam.add_user_to_group("people", "bob").await.unwrap();
    refused(iam.delete_user("bob").await, "DeleteConflict", "must delete access keys first.");
    iam.delete_access_key(KeyHolder::User("bob"), &key.id).await.unwrap();
    refused(iam.delete_user("bob").await, "DeleteConflict", "must delete policies first.");
    iam.delete_policy_of(bob, "own").await.unwrap();
    refused(iam.delete_user("bob").await, "DeleteConflict", "must detach all policies first.");
    iam.detach_policy(bob, &look).await.unwrap();
    refused(iam.delete_user("bob").await, "DeleteConflict", "must remove users from group first.");
    iam.remove_user_from_group("people", "bob").await.unwrap();
    iam.delete_user("bob").await.unwrap();
    refused(iam.delete_user("bob").await, "NoSuchEntity", "The user with name bob cannot be found.");
}

#[tokio::test]
async fn a_group_is_deleted_when_nobody_and_nothing_is_left_in_it() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    let look = fixture.policy("look").await;
    let people = Holder::Group("people");
    iam.create_group("people", None).await.unwrap();
    iam.put_policy(people, "own", ALLOW).await.unwrap();
    fixture.attach(people, &look).await;
    iam.add_user_to_group("people", "bob").await.unwrap();
    refused(iam.delete_group("people").await, "DeleteConflict", "must remove users from group first.");
    iam.remove_user_from_group("people", "bob").await.unwrap();
    refused(iam.delete_group("people").await, "DeleteConflict", "must detach all policies first.");
    iam.detach_policy(people, &look).await.unwrap();
    refused(iam.delete_group("people").await, "DeleteConflict", "must delete policies first.");
    iam.delete_policy_of(people, "own").await.unwrap();
    iam.delete_group("people").await.unwrap();
    refused(iam.delete_group("people").await, "NoSuchEntity", "The group with name people cannot be found.");
}

#[tokio::test]
async fn a_role_is_deleted_when_it_has_no_policies() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.role("r").await;
    let look = fixture.policy("look").await;
    let role = Holder::Role("r");
    iam.put_policy(role, "own", ALLOW).await.unwrap();
    fixture.attach(role, &look).await;
    iam.put_boundary(role, &look).await.unwrap();
    refused(iam.delete_role("r").await, "DeleteConflict", "must detach all policies first.");
    iam.detach_policy(role, &look).await.unwrap();
    refused(iam.delete_role("r").await, "DeleteConflict", "must delete policies first.");
    iam.delete_policy_of(role, "own").await.unwrap();
    iam.delete_role("r").await.unwrap();
    assert_eq!(iam.boundary_count(&look), 0);
    iam.delete_policy(&look).await.unwrap();
}

#[tokio::test]
async fn a_policy_is_deleted_when_nobody_has_it_and_one_version_is_left() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    let look = fixture.policy("look").await;
    let bob = Holder::User("bob");
    fixture.attach(bob, &look).await;
    iam.put_boundary(bob, &look).await.unwrap();
    iam.create_policy_version(&look, ALLOW, true).await.unwrap();
    refused(iam.delete_policy(&look).await, "DeleteConflict", "Cannot delete a policy attached to entities.");
    iam.detach_policy(bob, &look).await.unwrap();
    refused(iam.delete_policy(&look).await, "DeleteConflict", "permissions boundary of entities");
    iam.delete_boundary(bob).await.unwrap();
    refused(iam.delete_policy(&look).await, "DeleteConflict", "This policy has more than one version.");
    iam.delete_policy_version(&look, "v1").await.unwrap();
    iam.delete_policy(&look).await.unwrap();
    assert_eq!(iam.policy(&look), None);
    fixture.policy("LOOK").await;
}
