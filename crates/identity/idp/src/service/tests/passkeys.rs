// The software authenticator of the crate that speaks WebAuthn.
#[expect(dead_code, reason = "a part of it is used here")]
#[path = "../../../../mfa/src/passkey/tests/authenticator.rs"]
mod authenticator;

use mfa::{Challenge, PasskeyRefusal};

use self::authenticator::{Authenticator, Said};
use super::*;
use crate::factors::MfaPolicy;
use crate::session::Factor;
use crate::sign_in::{PasskeyChallenge, SignInError};

fn asked(challenge: &PasskeyChallenge) -> Challenge {
    Challenge { options: challenge.options.clone(), state: String::new() }
}

/// A device that holds a passkey of somebody who is signed in.
async fn enrol(world: &World, signed_in: &SignedIn, label: &str) -> (Authenticator, Option<Vec<Secret<String>>>) {
    let mut device = Authenticator::new();
    let user = signed_in.session.user();
    let challenge = world.provider.begin_passkey(user).unwrap();
    let response = device.create(&asked(&challenge), &Said::honestly(URL));
    let enrolled = world.provider.confirm_passkey(user, &challenge.flow, &response, label).await.unwrap();
    (device, enrolled.recovery_codes)
}

#[tokio::test]
async fn a_passkey_alone_signs_in() {
    let mut world = World::open().await;
    let ethan = world.person("ethan").await;
    let (mut device, codes) = enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    assert_eq!(codes.unwrap().len(), 10);
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    world.restart().await;
    for _ in 0..2 {
        let challenge = world.provider.begin_discoverable_sign_in(&CorrelationId::fresh()).unwrap();
        let response = device.get(&asked(&challenge), &Said::honestly(URL));
        let progress = world.provider.finish_passkey_sign_in(&challenge.flow, &response, PEER).await.unwrap();
        let signed_in = led_in(progress);
        assert_eq!(signed_in.session.user().id(), &ethan.id);
        assert_eq!(signed_in.session.factors(), [Factor::Passkey]);
        assert_eq!(signed_in.session.amr(), ["pop", "mfa"]);
    }
    let [passkey] = &world.provider.factors(&ethan.id).passkeys[..] else { panic!("one passkey") };
    assert_eq!((passkey.label.as_str(), passkey.last_used), ("Laptop", Some(world.clock.now())));
}

#[tokio::test]
async fn a_passkey_is_a_second_factor() {
    let world = World::open().await;
    world.person("ethan").await;
    let (mut device, _) = enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    let progress = world.password("ethan").await;
    let Step::SecondFactor { offers, .. } = progress.step else { panic!("{:?}", progress.step) };
    assert!(offers.passkey && !offers.totp);
    let challenge = world.provider.begin_passkey_sign_in(&progress.flow.unwrap()).unwrap();
    let response = device.get(&asked(&challenge), &Said::honestly(URL));
    let signed_in = led_in(world.provider.finish_passkey_sign_in(&challenge.flow, &response, PEER).await.unwrap());
    assert_eq!(signed_in.session.factors(), [Factor::Password, Factor::Passkey]);
}

#[tokio::test]
async fn an_answer_counts_once() {
    let world = World::open().await;
    world.person("ethan").await;
    let (mut device, _) = enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    let challenge = world.provider.begin_discoverable_sign_in(&CorrelationId::fresh()).unwrap();
    let response = device.get(&asked(&challenge), &Said::honestly(URL));
    led_in(world.provider.finish_passkey_sign_in(&challenge.flow, &response, PEER).await.unwrap());
    let again = world.provider.finish_passkey_sign_in(&challenge.flow, &response, PEER).await.unwrap_err();
    assert!(matches!(again, SignInError::FlowSpent | SignInError::Passkey(PasskeyRefusal::Cloned)), "{again}");
    let other = world.provider.begin_discoverable_sign_in(&CorrelationId::fresh()).unwrap();
    let stale = world.provider.finish_passkey_sign_in(&other.flow, &response, PEER).await.unwrap_err();
    assert!(matches!(stale, SignInError::Passkey(PasskeyRefusal::AnotherChallenge)), "{stale}");
}

#[tokio::test]
async fn a_passkey_of_somebody_else_is_no_second_factor() {
    let world = World::open().await;
    world.person("ethan").await;
    world.person("mallory").await;
    enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    let (mut device, _) = enrol(&world, &world.signed_in("mallory").await, "Mine").await;
    let flow = world.password("ethan").await.flow.unwrap();
    let challenge = world.provider.begin_passkey_sign_in(&flow).unwrap();
    let response = device.get(&asked(&challenge), &Said::honestly(URL));
    let error = world.provider.finish_passkey_sign_in(&challenge.flow, &response, PEER).await.unwrap_err();
    assert!(matches!(error, SignInError::Passkey(_)), "{error}");
}

#[tokio::test]
async fn a_credential_belongs_to_one_person() {
    let world = World::open().await;
    world.person("ethan").await;
    world.person("mallory").await;
    let (mut device, _) = enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    let mallory = world.signed_in("mallory").await;
    let challenge = world.provider.begin_passkey(mallory.session.user()).unwrap();
    let response = device.create(&asked(&challenge), &Said::honestly(URL));
    let user = mallory.session.user();
    let error = world.provider.confirm_passkey(user, &challenge.flow, &response, "stolen").await.unwrap_err();
    assert_eq!(error, SignInError::Passkey(PasskeyRefusal::AlreadyRegistered));
}

#[tokio::test]
async fn passkeys_are_named_and_removed_and_the_last_one_stays_under_the_policy() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    enrol(&world, &signed_in, "Laptop").await;
    let (_, codes) = enrol(&world, &signed_in, "Phone").await;
    assert!(codes.is_none(), "only the first factor brings codes");
    let ids: Vec<String> =
        world.provider.factors(&ethan.id).passkeys.iter().map(|passkey| passkey.id.clone()).collect();
    world.provider.rename_passkey(&ethan.id, &ids[0], "Old laptop").await.unwrap();
    assert_eq!(world.provider.factors(&ethan.id).passkeys[0].label, "Old laptop");
    assert!(world.provider.rename_passkey(&ethan.id, "x", "y").await.is_err());
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    world.provider.remove_passkey(&ethan.id, &ids[0]).await.unwrap();
    assert!(matches!(world.provider.remove_passkey(&ethan.id, &ids[0]).await, Err(IdpError::UnknownPasskey { .. })));
    assert_eq!(world.provider.remove_passkey(&ethan.id, &ids[1]).await, Err(IdpError::LastFactor(ethan.id.clone())));
}

#[tokio::test]
async fn the_policy_can_be_met_with_a_passkey() {
    let world = World::open().await;
    world.person("ethan").await;
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    let flow = world.password("ethan").await.flow.unwrap();
    let mut device = Authenticator::new();
    let challenge = world.provider.begin_enrol_passkey(&flow).unwrap();
    let response = device.create(&asked(&challenge), &Said::honestly(URL));
    let signed_in = led_in(world.provider.finish_enrol_passkey(&challenge.flow, &response, "Laptop").await.unwrap());
    assert_eq!(signed_in.session.factors(), [Factor::Password, Factor::Passkey]);
    assert_eq!(signed_in.recovery_codes.unwrap().len(), 10);
}

#[tokio::test]
async fn who_has_no_way_left_is_told_so() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    enrol(&world, &world.signed_in("ethan").await, "Laptop").await;
    let mut factors = crate::factors::PersonFactors::clone(world.provider.state().factors(&ethan.id).unwrap());
    factors.recovery = None;
    world.store.apply(&[IdpWrite::PutFactors(Arc::new(factors))]).await.unwrap();
    let moved = IdentityProvider::open(IdpParts {
        store: world.store.clone(),
        directory: world.directory.clone(),
        sealer: world.sealer.clone(),
        clock: world.clock.clone(),
        passkeys: None,
        urls: IdpUrls { idp_url: "https://192.0.2.1".to_owned() },
        organisation_name: "Example Corp".to_owned(),
    })
    .await
    .unwrap();
    let visit = Visit { peer: PEER, correlation: CorrelationId::fresh() };
    let error = moved.sign_in_with_password("ethan", &Secret::from(PASSWORD), &visit).await.unwrap_err();
    assert_eq!(error, SignInError::NoWayLeft, "instead of the first page again, without a word");
}
