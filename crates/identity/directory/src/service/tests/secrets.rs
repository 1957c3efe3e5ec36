//! Links, one-time passwords, and what a change of a password ends.

use std::net::IpAddr;

use super::*;
use crate::error::{ChangeRefusal, SignInRefusal};
use crate::reset_link::ResetRefusal;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

async fn with_ethan() -> (World, DirectoryUserId) {
    let world = world().await;
    let ethan = world.directory.create_user(person("ethan")).await.unwrap();
    world.directory.set_password(&ethan.id, Secret::from("correct horse")).await.unwrap();
    let id = ethan.id.clone();
    (world, id)
}

async fn sign_in(world: &World, password: &str) -> Result<String, SignInRefusal> {
    let outcome = world.directory.verify_password("ethan", &Secret::from(password), HERE).await;
    outcome.map(|user| user.user_name().to_owned())
}

#[tokio::test]
async fn a_link_opens_once_and_is_kept_as_a_hash() {
    let (world, ethan) = with_ethan().await;
    let token = world.directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    assert_eq!(token.expose().len(), 43, "256 bits");
    assert!(!format!("{:?} {:?}", world.store, world.directory).contains(token.expose().as_str()));
    let again = Directory::open(world.store.clone(), world.clock.clone()).await.unwrap();
    assert_eq!(again.reset_link(&token).unwrap().id(), &ethan, "it survives a restart");
    let short = world.directory.reset_password(&token, Secret::from("horse")).await.unwrap_err();
    assert_eq!(short.kind(), ErrorKind::InvalidInput);
    let mut changes = world.directory.subscribe();
    world.clock.advance(Duration::MINUTE);
    assert_eq!(world.directory.reset_password(&token, Secret::from("another horse")).await.unwrap().id(), &ethan);
    let at = OffsetDateTime::UNIX_EPOCH + Duration::MINUTE;
    assert_eq!(changes.try_recv().unwrap(), DirectoryChange::PasswordChanged { user: ethan.clone(), at });
    assert_eq!(world.directory.password_changed_at(&ethan), Some(at));
    assert!(sign_in(&world, "another horse").await.is_ok() && sign_in(&world, "correct horse").await.is_err());
    let used = world.directory.reset_password(&token, Secret::from("a third horse")).await.unwrap_err();
    assert_eq!(used, ResetRefusal::Ended { user: ethan, at });
    assert!(used.public().message.contains("used already") && used.public().hint.is_some());
}

#[tokio::test]
async fn two_who_use_one_link_at_once_do_not_both_succeed() {
    let (world, ethan) = with_ethan().await;
    let token = world.directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    let (one, other) = tokio::join!(
        world.directory.reset_password(&token, Secret::from("first horse")),
        world.directory.reset_password(&token, Secret::from("second horse")),
    );
    assert_ne!(one.is_ok(), other.is_ok());
}

#[tokio::test]
async fn a_link_ends_with_whatever_ends_its_reason() {
    let (world, ethan) = with_ethan().await;
    let directory = &world.directory;
    for bad in [Duration::ZERO, Duration::days(7) + Duration::SECOND] {
        assert_eq!(directory.create_reset_link(&ethan, bad).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let first = directory.create_reset_link(&ethan, Duration::days(7)).await.unwrap();
    let second = directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    assert_eq!(directory.reset_link(&first).unwrap_err(), ResetRefusal::Unknown, "replaced");
    world.clock.advance(Duration::HOUR);
    assert!(matches!(directory.reset_link(&second), Err(ResetRefusal::Expired { .. })));
    let third = directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    directory.set_password(&ethan, Secret::from("another horse")).await.unwrap();
    assert!(matches!(directory.reset_link(&third), Err(ResetRefusal::Ended { .. })), "changed otherwise");
    let fourth = directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    directory.replace_user(&ethan, None, NewUser { active: false, ..person("ethan") }).await.unwrap();
    directory.replace_user(&ethan, None, person("ethan")).await.unwrap();
    assert!(matches!(directory.reset_link(&fourth), Err(ResetRefusal::Ended { .. })), "deactivated for a while");
    let fifth = directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    directory.delete_user(&ethan, None).await.unwrap();
    assert_eq!(directory.reset_link(&fifth).unwrap_err(), ResetRefusal::Unknown);
    assert_eq!(directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn nobody_who_is_deactivated_gets_a_link_or_a_one_time_password() {
    let (world, ethan) = with_ethan().await;
    world.directory.replace_user(&ethan, None, NewUser { active: false, ..person("ethan") }).await.unwrap();
    let refused = world.directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap_err();
    assert!(refused.public().message.contains("Activate the user first"), "{}", refused.public().message);
    let refused = world.directory.set_one_time_password(&ethan).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_one_time_password_is_readable_and_only_leads_to_another() {
    let (world, ethan) = with_ethan().await;
    let once = world.directory.set_one_time_password(&ethan).await.unwrap();
    let groups: Vec<usize> = once.expose().split('-').map(str::len).collect();
    assert_eq!(groups, [4, 4, 4, 4], "{once:?}");
    assert!(
        once.expose().chars().all(|letter| letter == '-' || letter.is_ascii_lowercase() || letter.is_ascii_digit())
    );
    assert!(!once.expose().contains(['l', 'i', 'o', '0', '1']));
    assert!(sign_in(&world, "correct horse").await.is_err(), "the old one is gone");
    let refused = sign_in(&world, once.expose()).await.unwrap_err();
    assert_eq!(refused, SignInRefusal::MustChange { user: ethan.clone() });
    let again = Directory::open(world.store.clone(), world.clock.clone()).await.unwrap();
    let refused = again.verify_password("ethan", &once, HERE).await.unwrap_err();
    assert_eq!(refused, SignInRefusal::MustChange { user: ethan.clone() }, "also after a restart");
    let link = world.directory.create_reset_link(&ethan, Duration::HOUR).await.unwrap();
    let kept = world.directory.reset_password(&link, once.clone()).await.unwrap_err();
    assert!(kept.to_string().contains("must differ from the one-time password"), "{kept}");
    world.directory.change_password(&ethan, &once, Secret::from("my own horse"), HERE).await.unwrap();
    assert!(sign_in(&world, "my own horse").await.is_ok());
}

#[tokio::test]
async fn ones_own_change_needs_the_present_password_and_counts_attempts() {
    let (world, ethan) = with_ethan().await;
    let change = |old: &'static str, new: &'static str| {
        let (directory, ethan) = (Arc::clone(&world.directory), ethan.clone());
        async move { directory.change_password(&ethan, &Secret::from(old), Secret::from(new), HERE).await }
    };
    for (old, new) in [("correct horse", "horse"), ("correct horse", "correct horse")] {
        assert_eq!(change(old, new).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    for _ in 0..10 {
        let wrong = change("wrong horse", "another horse").await.unwrap_err();
        assert_eq!(wrong, ChangeRefusal::SignIn(SignInRefusal::WrongPassword));
    }
    let limited = change("correct horse", "another horse").await.unwrap_err();
    assert_eq!(limited.kind(), ErrorKind::LimitExceeded);
    world.clock.advance(Duration::SECOND);
    change("correct horse", "another horse").await.unwrap();
    assert!(sign_in(&world, "another horse").await.is_ok());
}

#[tokio::test]
async fn the_use_of_a_scim_token_is_noted_once_a_minute() {
    let World { directory, clock, store } = world().await;
    let (id, text) = directory.create_scim_token(Duration::days(365)).await.unwrap();
    assert_eq!(directory.scim_tokens()[0].last_used, None);
    let noted = async |at: OffsetDateTime| {
        while directory.scim_tokens()[0].last_used != Some(at) {
            tokio::task::yield_now().await;
        }
    };
    let writes = || store.writes.load(Ordering::SeqCst);
    let before = writes();
    for _ in 0..5 {
        directory.verify_scim_token(&text).unwrap();
    }
    noted(OffsetDateTime::UNIX_EPOCH).await;
    clock.advance(Duration::seconds(59));
    directory.verify_scim_token(&text).unwrap();
    clock.advance(Duration::SECOND);
    directory.verify_scim_token(&text).unwrap();
    noted(OffsetDateTime::UNIX_EPOCH + Duration::MINUTE).await;
    assert_eq!(writes() - before, 2);
    let again = Directory::open(store.clone(), clock.clone()).await.unwrap();
    assert_eq!(again.scim_tokens()[0].last_used, Some(OffsetDateTime::UNIX_EPOCH + Duration::MINUTE));
    let (unused, _) = directory.create_scim_token(Duration::DAY).await.unwrap();
    let full = directory.create_scim_token(Duration::DAY).await.unwrap_err();
    assert_eq!(full, DirectoryError::TooManyScimTokens { live: vec![unused, id] }, "the unused one is named first");
}
