mod cloud;

use base::{CorrelationId, Principal, Secret};
use cloud::Cloud;
use iam::{Holder, KeyHolder, NewPolicy, Taggable, Tags};
use sessions::{GroundKey, GroundsEnded};
use sts::{Ask, Caller, Peer};
use time::Duration;

use super::*;
use crate::book::PER_NAME_MAX;
use crate::{CredentialUser, MemoryCredentials};

struct World {
    cloud: Cloud,
    store: Arc<MemoryCredentials>,
    credentials: Arc<Credentials>,
}

impl World {
    async fn new() -> Self {
        let (cloud, store) = (Cloud::new().await, Arc::<MemoryCredentials>::default());
        let credentials = open(&cloud, &store).await;
        Self { cloud, store, credentials }
    }

    async fn mint(&self, warehouse: &str, user: CredentialUser, caller: &Caller) -> Result<Minted, CredentialError> {
        self.credentials.mint(new(warehouse, user, caller)).await
    }
}

async fn open(cloud: &Cloud, store: &Arc<MemoryCredentials>) -> Arc<Credentials> {
    let clock = cloud.clock.clone();
    Credentials::open(store.clone(), cloud.sts.clone(), cloud.sealer.clone(), clock).await.unwrap()
}

fn new<'a>(warehouse: &str, user: CredentialUser, caller: &'a Caller) -> NewCredential<'a> {
    NewCredential {
        warehouse: WarehouseId::new(warehouse),
        user,
        db_name: Some("dev".to_owned()),
        groups: vec!["sales".to_owned()],
        roles: Vec::new(),
        duration: Duration::seconds(900),
        caller,
        asks: vec![Ask::new("redshift:GetClusterCredentials", "arn:aws:redshift:us-east-1:123456789012:dbuser:c/bob")],
        tags: &["RedshiftDbRoles"],
        peer: Peer::default(),
        request: CorrelationId::resume("request-1"),
    }
}

fn bob() -> CredentialUser {
    CredentialUser::Existing("bob".to_owned())
}

fn found(credentials: &Credentials, warehouse: &str, name: &str) -> Vec<Arc<Credential>> {
    credentials.candidates(&WarehouseId::new(warehouse), name)
}

#[tokio::test]
async fn a_credential_says_who_got_it_and_opens_one_warehouse() {
    let world = World::new().await;
    let session = world.cloud.session(3600);
    let minted = world.mint("w-1", bob(), &session).await.unwrap();
    assert_eq!(minted.login_name, "IAM:bob");
    assert_eq!(minted.expires, time::macros::datetime!(2026-01-02 03:19:05 UTC), "whole seconds");
    assert!(found(&world.credentials, "w-2", "IAM:bob").is_empty());
    assert!(
        found(&world.credentials, "w-1", "IAMA:bob").is_empty() && found(&world.credentials, "w-1", "bob").is_empty()
    );
    let kept = found(&world.credentials, "w-1", "IAM:bob").remove(0);
    assert!(kept.password().matches(minted.password.expose().as_bytes()));
    assert_eq!(kept.principal().to_string(), "arn:aws:sts::123456789012:assumed-role/Analysts/ethan");
    assert_eq!((kept.person(), kept.access_key_id()), (Some("ethan@example.com"), session.access_key_id()));
    assert_eq!((kept.correlation().as_str(), kept.request()), ("way-1", "request-1"));
    assert!(!format!("{kept:?}").contains(minted.password.expose()), "{kept:?}");
    let root = Principal::Root { account: "1".to_owned() };
    assert_eq!(KeptPrincipal::of(&root).unwrap().principal(), root);
    assert_eq!(KeptPrincipal::of(&Principal::System), None);
}

#[tokio::test]
async fn a_long_lived_key_gives_its_requests_own_way() {
    let world = World::new().await;
    let user = CredentialUser::IamUser("alice".to_owned());
    world.mint("w-1", user, &world.cloud.alice).await.unwrap();
    let kept = found(&world.credentials, "w-1", "IAM:alice").remove(0);
    assert_eq!((kept.user().db_user().as_str(), kept.correlation().as_str()), ("IAM:alice", "request-1"));
    assert_eq!(kept.principal().to_string(), "arn:aws:iam::123456789012:user/alice");
}

#[tokio::test]
async fn nobody_is_told_a_password_that_is_not_stored() {
    let world = World::new().await;
    world.store.set_broken(true);
    let refused = world.mint("w-1", bob(), &world.cloud.alice).await.unwrap_err();
    assert!(matches!(refused, CredentialError::Unavailable(_)), "{refused:?}");
    assert!(found(&world.credentials, "w-1", "IAM:bob").is_empty());
}

#[tokio::test]
async fn a_restart_keeps_them_and_the_store_shows_no_password() {
    let world = World::new().await;
    let minted = world.mint("w-1", bob(), &world.cloud.alice).await.unwrap();
    let stored = world.store.credentials();
    assert!(!format!("{stored:?}").contains(minted.password.expose()));
    let again = open(&world.cloud, &world.store).await;
    let kept = found(&again, "w-1", "IAM:bob").remove(0);
    assert!(kept.password().matches(minted.password.expose().as_bytes()));
    assert_eq!(kept.expires(), minted.expires);
}

/// A row that somebody moved or lengthened in the file opens nothing.
#[tokio::test]
async fn a_stored_credential_opens_only_as_what_it_was_sealed() {
    let world = World::new().await;
    world.mint("w-1", bob(), &world.cloud.alice).await.unwrap();
    let honest = world.store.credentials().remove(0);
    let forgeries = [
        StoredCredential { warehouse: WarehouseId::new("w-2"), ..honest.clone() },
        StoredCredential { login_name: "IAM:awsuser".to_owned(), ..honest.clone() },
        StoredCredential { expires: honest.expires + Duration::DAY, ..honest.clone() },
        StoredCredential { id: "other".to_owned(), ..honest.clone() },
    ];
    for forged in forgeries {
        assert!(unseal(&world.cloud.sealer, &forged).is_none(), "{forged:?}");
    }
    assert!(unseal(&world.cloud.sealer, &honest).is_some());
    let other = Sealer::new(&Secret::new(vec![8; 32])).unwrap();
    assert!(unseal(&other, &honest).is_none());
}

#[tokio::test]
async fn a_password_does_not_outlive_the_callers_own_credentials() {
    let world = World::new().await;
    let session = world.cloud.session(900);
    world.cloud.clock.advance(Duration::seconds(600));
    let minted = world.mint("w-1", bob(), &session).await.unwrap();
    assert!(minted.expires <= session.expires().unwrap());
    world.cloud.clock.advance(Duration::seconds(301));
    assert_eq!(world.mint("w-1", bob(), &session).await.unwrap_err(), CredentialError::CallerExpired);
}

#[tokio::test]
async fn a_name_has_so_many_and_the_oldest_goes() {
    let world = World::new().await;
    let mut passwords = Vec::new();
    for _ in 0..PER_NAME_MAX + 2 {
        passwords.push(world.mint("w-1", bob(), &world.cloud.alice).await.unwrap().password);
    }
    let kept = found(&world.credentials, "w-1", "IAM:bob");
    assert_eq!(kept.len(), PER_NAME_MAX);
    let alive =
        |password: &Secret<String>| kept.iter().any(|kept| kept.password().matches(password.expose().as_bytes()));
    assert_eq!(passwords.iter().map(alive).filter(|alive| !alive).count(), 2);
    assert!(!alive(&passwords[0]) && !alive(&passwords[1]) && alive(&passwords[2]));
    // what was dropped leaves the store with the next one
    world.mint("w-1", CredentialUser::IamRole("x".to_owned()), &world.cloud.alice).await.unwrap();
    assert_eq!(world.store.credentials().len(), PER_NAME_MAX + 1);
}

#[tokio::test]
async fn expired_ones_are_known_for_a_while_and_then_forgotten() {
    let world = World::new().await;
    world.mint("w-1", bob(), &world.cloud.alice).await.unwrap();
    world.cloud.clock.advance(Duration::seconds(900 + 60));
    let other = CredentialUser::AutoCreated("carol".to_owned());
    world.mint("w-1", other.clone(), &world.cloud.alice).await.unwrap();
    assert_eq!(found(&world.credentials, "w-1", "IAM:bob").len(), 1);
    world.cloud.clock.advance(REMEMBERED);
    world.mint("w-1", other, &world.cloud.alice).await.unwrap();
    assert!(found(&world.credentials, "w-1", "IAM:bob").is_empty());
    assert!(world.store.credentials().iter().all(|stored| stored.login_name == "IAMA:carol"));
    assert_eq!(world.credentials.book().len(), 2);
}

/// Whoever comes while others are being written goes with the next transaction.
#[tokio::test]
async fn writes_of_many_callers_go_together() {
    let world = Arc::new(World::new().await);
    let minting = (0..40).map(|number| {
        let world = Arc::clone(&world);
        base::task::spawn("test", async move {
            let user = CredentialUser::Existing(format!("u{number}"));
            world.mint("w-1", user, &world.cloud.alice).await.map(drop)
        })
    });
    for task in minting.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.store.credentials().len(), 40);
    let batches = world.store.batches();
    assert!(batches.len() < 40, "{batches:?}");
}

#[tokio::test]
async fn grounds_fall_with_what_they_stand_on() {
    let world = World::new().await;
    let session = world.cloud.session(900);
    world.mint("w-1", bob(), &session).await.unwrap();
    let kept = found(&world.credentials, "w-1", "IAM:bob").remove(0);
    let grounds = world.credentials.grounds(&kept);
    let role = world.cloud.iam.role("Analysts").unwrap();
    let user = world.cloud.iam.user("alice").unwrap();
    for key in [
        GroundKey::IamRole(role.id.clone()),
        GroundKey::IamUser(user.id.clone()),
        GroundKey::AccessKey(world.cloud.alice.access_key_id().to_owned()),
        GroundKey::AccessKey(session.access_key_id().to_owned()),
    ] {
        assert!(grounds.keys().contains(&key), "{key:?} isn't in {:?}", grounds.keys());
    }
    assert_eq!(grounds.ended(), None);
    world.cloud.clock.advance(Duration::hours(5));
    assert_eq!(grounds.ended(), None, "time alone ends nothing");
    world.cloud.iam.delete_policy_of(Holder::Role("Analysts"), "all").await.unwrap();
    let ended = grounds.ended().unwrap();
    assert!(ended.reason.contains("redshift:GetClusterCredentials") && ended.reason.ends_with('.'), "{ended:?}");
    assert!(ended.reason.starts_with("arn:aws:sts::"), "an ARN keeps its letters: {ended:?}");
    world.cloud.iam.put_policy(Holder::Role("Analysts"), "all", cloud::EVERYTHING).await.unwrap();
    assert_eq!(grounds.ended(), None);
    let key = world.cloud.alice.access_key_id();
    world.cloud.iam.set_access_key_active(KeyHolder::User("alice"), key, false).await.unwrap();
    assert!(grounds.ended().unwrap().reason.contains("deactivated"));
}

/// What a tag gave goes with the tag; one that gave nothing says nothing.
#[tokio::test]
async fn grounds_fall_with_a_tag_that_counted() {
    let world = World::new().await;
    let tag = async |what, key: &str, value: &str| {
        let tags = Tags::read([(key.to_owned(), value.to_owned())]).unwrap();
        world.cloud.iam.tag(what, tags).await.unwrap();
    };
    tag(Taggable::Role("Analysts"), "RedshiftDbRoles", "analyst").await;
    tag(Taggable::Role("Analysts"), "team", "a").await;
    world.mint("w-1", bob(), &world.cloud.session(900)).await.unwrap();
    let again = open(&world.cloud, &world.store).await;
    let kept = found(&again, "w-1", "IAM:bob").remove(0);
    let grounds = world.credentials.grounds(&kept);
    tag(Taggable::Role("Analysts"), "team", "b").await;
    assert_eq!(grounds.ended(), None);
    tag(Taggable::Role("Analysts"), "RedshiftDbRoles", "other").await;
    let GroundsEnded { reason, mend } = grounds.ended().unwrap();
    let who = "arn:aws:sts::123456789012:assumed-role/Analysts/ethan";
    assert_eq!(reason, format!("The tag RedshiftDbRoles of {who} is no longer \"analyst\"."));
    assert!(mend.contains("new credentials"), "{mend}");
    world.cloud.iam.untag(Taggable::Role("Analysts"), &["RedshiftDbRoles".to_owned()]).await.unwrap();
    assert!(grounds.ended().is_some());
}

#[tokio::test]
async fn a_policy_that_only_narrows_the_session_is_stood_on_too() {
    let world = World::new().await;
    let iam = &world.cloud.iam;
    let new = NewPolicy { name: "narrow".to_owned(), document: cloud::EVERYTHING.to_owned(), ..NewPolicy::default() };
    let arn = iam.create_policy(new).await.unwrap().arn.clone();
    let session = world.cloud.narrowed(900, vec![arn.clone()]);
    world.mint("w-1", bob(), &session).await.unwrap();
    let grounds = world.credentials.grounds(&found(&world.credentials, "w-1", "IAM:bob").remove(0));
    assert!(grounds.keys().contains(&GroundKey::Policy(arn.clone())), "{:?}", grounds.keys());
    assert_eq!(grounds.ended(), None);
    iam.delete_policy(&arn).await.unwrap();
    assert!(grounds.ended().unwrap().reason.contains("session policy"), "{:?}", grounds.ended());
}

#[tokio::test]
async fn profiles_are_stored() {
    let world = World::new().await;
    let profile = |name: &str, content: &str| AuthenticationProfile::new(name.to_owned(), content.to_owned()).unwrap();
    world.credentials.create_profile(profile("one", "{}")).await.unwrap();
    let taken = world.credentials.create_profile(profile("one", "{}")).await.unwrap_err();
    assert_eq!(taken, CredentialError::ProfileExists("one".to_owned()));
    world.credentials.modify_profile(profile("one", r#"{"a": 1}"#)).await.unwrap();
    let unknown = world.credentials.modify_profile(profile("two", "{}")).await.unwrap_err();
    assert_eq!(unknown, CredentialError::ProfileNotFound("two".to_owned()));
    let again = open(&world.cloud, &world.store).await;
    assert_eq!(again.profile("one").unwrap().content, r#"{"a": 1}"#);
    world.store.set_broken(true);
    world.credentials.delete_profile("one").await.unwrap_err();
    assert_eq!(world.credentials.profiles().len(), 1, "nothing is lost");
    world.store.set_broken(false);
    world.credentials.delete_profile("one").await.unwrap();
    assert!(world.credentials.profiles().is_empty());
    for number in 0..PROFILES_MAX {
        world.credentials.create_profile(profile(&format!("p{number}"), "{}")).await.unwrap();
    }
    let quota = world.credentials.create_profile(profile("more", "{}")).await.unwrap_err();
    assert!(matches!(quota, CredentialError::ProfileQuota(_)));
}
