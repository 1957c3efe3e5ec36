use std::net::IpAddr;

use super::*;
use crate::error::SignInRefusal;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

async fn with_ethan() -> (World, DirectoryUserId) {
    let world = world().await;
    let ethan = world.directory.create_user(person("ethan")).await.unwrap();
    world.directory.set_password(&ethan.id, Secret::from("correct horse")).await.unwrap();
    let id = ethan.id.clone();
    (world, id)
}

async fn sign_in(world: &World, name: &str, password: &str) -> Result<String, SignInRefusal> {
    let outcome = world.directory.verify_password(name, &Secret::from(password), HERE).await;
    outcome.map(|user| user.user_name().to_owned())
}

#[tokio::test]
async fn each_refusal_has_its_reason_and_one_public_wording() {
    let (world, ethan) = with_ethan().await;
    world.directory.create_user(person("nina")).await.unwrap();
    assert_eq!(sign_in(&world, "ETHAN", "correct horse").await.unwrap(), "ethan");
    let mut refusals = vec![
        (sign_in(&world, "ethan", "wrong horse").await, SignInRefusal::WrongPassword),
        (sign_in(&world, "nobody", "correct horse").await, SignInRefusal::UnknownUser),
        (sign_in(&world, "nina", "correct horse").await, SignInRefusal::NoPassword),
    ];
    world.directory.replace_user(&ethan, None, NewUser { active: false, ..person("ethan") }).await.unwrap();
    refusals.push((sign_in(&world, "ethan", "correct horse").await, SignInRefusal::Disabled));
    refusals.push((sign_in(&world, "ethan", "wrong horse").await, SignInRefusal::WrongPassword));
    let wording = SignInRefusal::UnknownUser.public();
    for (outcome, expected) in refusals {
        let refusal = outcome.unwrap_err();
        assert_eq!(refusal, expected);
        assert_eq!((refusal.public(), refusal.kind()), (wording.clone(), ErrorKind::Unauthenticated));
    }
}

#[tokio::test]
async fn attempts_are_limited_for_a_while_even_with_the_right_password() {
    let (world, _) = with_ethan().await;
    for name in ["ethan", "nobody"] {
        for _ in 0..10 {
            assert_ne!(sign_in(&world, name, "wrong horse").await.unwrap_err().kind(), ErrorKind::LimitExceeded);
        }
        let limited = sign_in(&world, name, "correct horse").await.unwrap_err();
        assert_eq!(limited, SignInRefusal::TooManyAttempts { retry_after_seconds: 1 });
        assert!(limited.public().hint.unwrap().contains("1 seconds"));
    }
    world.clock.advance(Duration::SECOND);
    assert!(sign_in(&world, "ethan", "correct horse").await.is_ok());
    assert_eq!(sign_in(&world, "ethan", "wrong horse").await.unwrap_err(), SignInRefusal::WrongPassword);
}

#[tokio::test]
async fn a_password_can_be_changed_and_removed_and_goes_with_its_person() {
    let (world, ethan) = with_ethan().await;
    assert_eq!(world.directory.user(&ethan).unwrap().version, 1, "a password is no attribute");
    world.directory.set_password(&ethan, Secret::from("another horse")).await.unwrap();
    assert_eq!(sign_in(&world, "ethan", "correct horse").await.unwrap_err(), SignInRefusal::WrongPassword);
    assert!(sign_in(&world, "ethan", "another horse").await.is_ok());
    let short = world.directory.set_password(&ethan, Secret::from("horse")).await.unwrap_err();
    assert_eq!(short.kind(), ErrorKind::InvalidInput);
    world.directory.remove_password(&ethan).await.unwrap();
    assert_eq!(sign_in(&world, "ethan", "another horse").await.unwrap_err(), SignInRefusal::NoPassword);
    world.directory.set_password(&ethan, Secret::from("another horse")).await.unwrap();
    world.directory.delete_user(&ethan, None).await.unwrap();
    world.directory.create_user(person("ethan")).await.unwrap();
    assert_eq!(sign_in(&world, "ethan", "another horse").await.unwrap_err(), SignInRefusal::NoPassword);
    let nobody = world.directory.set_password(&ethan, Secret::from("another horse")).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn no_debug_output_shows_a_password_or_its_hash() {
    let (world, _) = with_ethan().await;
    let shown = format!("{:?} {:?}", world.directory, world.store);
    assert!(!shown.contains("correct horse") && !shown.contains("argon2id$"), "{shown}");
}
