use std::collections::BTreeSet;

use tokio::sync::broadcast::Receiver;

use super::fixture::{ALLOW, Fixture, allowing, refused, role, trust};
use crate::{Holder, IamChange, KeyHolder, NewOidcProvider, NewUser};

fn told(receiver: &mut Receiver<IamChange>) -> BTreeSet<String> {
    std::iter::from_fn(|| receiver.try_recv().ok()).map(|change| format!("{change:?}")).collect()
}

fn of(changes: &[IamChange]) -> BTreeSet<String> {
    changes.iter().map(|change| format!("{change:?}")).collect()
}

#[tokio::test]
async fn whom_a_change_concerns_is_told_and_nobody_else() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    for name in ["bob", "eve"] {
        fixture.user(name).await;
    }
    let look = fixture.policy("look").await;
    fixture.role("r").await;
    iam.create_group("people", None).await.unwrap();
    let id = |name: &str| IamChange::UserChanged(iam.user(name).unwrap().id.clone());
    let (bob, role_changed) = (id("bob"), IamChange::RoleChanged(iam.role("r").unwrap().id.clone()));
    let mut receiver = iam.subscribe();

    iam.add_user_to_group("people", "bob").await.unwrap();
    assert_eq!(told(&mut receiver), of(std::slice::from_ref(&bob)));
    iam.attach_policy(Holder::Group("people"), &look).await.unwrap();
    assert_eq!(told(&mut receiver), of(std::slice::from_ref(&bob)));
    iam.put_boundary(Holder::Role("r"), &look).await.unwrap();
    assert_eq!(told(&mut receiver), of(std::slice::from_ref(&role_changed)));
    iam.create_policy_version(&look, &allowing("redshift:Other"), false).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[]));
    iam.set_default_policy_version(&look, "v2").await.unwrap();
    let policy_changed = IamChange::PolicyChanged(look.clone());
    assert_eq!(told(&mut receiver), of(&[bob.clone(), role_changed.clone(), policy_changed]));
    iam.put_policy(Holder::User("eve"), "own", ALLOW).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[id("eve")]));
    iam.update_group("people", None, Some("/x/")).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[]));
    iam.update_trust("r", &trust("arn:aws:iam::123456789012:root")).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[role_changed]));
}

#[tokio::test]
async fn keys_and_providers_and_deletions_are_told() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let bob = fixture.user("bob").await;
    let id = iam.user("bob").unwrap().id.clone();
    iam.create_role(role("r", &bob)).await.unwrap();
    let role_id = iam.role("r").unwrap().id.clone();
    let mut receiver = iam.subscribe();
    let key = iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    iam.set_access_key_active(KeyHolder::User("bob"), &key.id, false).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[IamChange::KeyChanged(key.id.clone())]));
    iam.delete_access_key(KeyHolder::User("bob"), &key.id).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[IamChange::KeyChanged(key.id.clone())]));
    let url = "https://id.example.com".to_owned();
    let provider = iam.create_oidc_provider(NewOidcProvider { url, ..Default::default() }).await.unwrap();
    told(&mut receiver);
    iam.delete_oidc_provider(&provider.arn).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[IamChange::ProviderChanged(provider.arn.clone())]));
    iam.delete_user("bob").await.unwrap();
    assert_eq!(told(&mut receiver), of(&[IamChange::UserChanged(id), IamChange::RoleChanged(role_id)]));
}

#[tokio::test]
async fn a_policy_that_nobody_has_is_told_too() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    let look = fixture.policy("look").await;
    let changed = of(&[IamChange::PolicyChanged(look.clone())]);
    let mut receiver = iam.subscribe();
    iam.create_policy_version(&look, &allowing("redshift:Other"), false).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[]));
    iam.set_default_policy_version(&look, "v2").await.unwrap();
    assert_eq!(told(&mut receiver), changed);
    iam.delete_policy_version(&look, "v1").await.unwrap();
    assert_eq!(told(&mut receiver), of(&[]));
    iam.delete_policy(&look).await.unwrap();
    assert_eq!(told(&mut receiver), changed);
}

#[tokio::test]
async fn a_change_of_many_is_told_as_one() {
    let fixture = Fixture::new().await;
    let look = fixture.policy("look").await;
    for number in 0..101 {
        let name = format!("u{number}");
        fixture.user(&name).await;
        fixture.attach(Holder::User(&name), &look).await;
    }
    let mut receiver = fixture.iam.subscribe();
    fixture.iam.create_policy_version(&look, &allowing("redshift:Other"), true).await.unwrap();
    assert_eq!(told(&mut receiver), of(&[IamChange::Everything]));
}

#[tokio::test]
async fn what_the_store_doesnt_take_changes_nothing() {
    let fixture = Fixture::new().await;
    let iam = &fixture.iam;
    fixture.user("bob").await;
    fixture.store.set_broken(true);
    let eve = NewUser { name: "eve".to_owned(), ..NewUser::default() };
    refused(iam.create_user(eve.clone()).await, "ServiceFailure", "broken on purpose");
    refused(iam.delete_user("bob").await, "ServiceFailure", "broken on purpose");
    assert!(iam.user("eve").is_none() && iam.user("bob").is_some());
    fixture.store.set_broken(false);
    iam.create_user(eve).await.unwrap();
}

#[tokio::test]
async fn a_caller_who_goes_away_leaves_store_and_memory_the_same() {
    let fixture = Fixture::new().await;
    let create = fixture.iam.create_user(NewUser { name: "bob".to_owned(), ..NewUser::default() });
    {
        let mut create = Box::pin(create);
        let waker = std::task::Waker::noop();
        // Once: the write is under way.
        let _ = std::future::Future::poll(create.as_mut(), &mut std::task::Context::from_waker(waker));
    }
    // The next write waits for its turn, and so for the end of the one before.
    fixture.iam.create_group("people", None).await.unwrap();
    assert!(fixture.iam.user("bob").is_some());
    assert_eq!(fixture.reopened().await.user("bob"), fixture.iam.user("bob"));
}
