use aws_lc_rs::hmac;
use base::{ErrorKind, Fault as _};
use directory::SignInRefusal;
use mfa::{RecoveryRefusal, TotpRefusal};

use super::*;
use crate::factors::MfaPolicy;
use crate::session::Factor;
use crate::sign_in::{EnrolOffers, Offers, SignInError, TotpEnrolment};

/// RFC 6238 with SHA-1, six digits, 30 s, as an authenticator app computes it from the text that it is given.
fn code(text: &Secret<String>, now: OffsetDateTime) -> String {
    let mut bits = String::new();
    for letter in text.expose().chars().filter(|letter| *letter != ' ') {
        bits.push_str(&format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap()));
    }
    let secret: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret);
    let tag = hmac::sign(&key, &(now.unix_timestamp() / 30).to_be_bytes());
    let offset = usize::from(tag.as_ref()[19] & 15);
    let word = u32::from_be_bytes(tag.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}

/// Enrols an authenticator app for somebody who is signed in.
async fn enrol(world: &World, signed_in: &SignedIn) -> (TotpEnrolment, Vec<Secret<String>>) {
    let user = signed_in.session.user();
    let enrolment = world.provider.begin_totp(user).unwrap();
    let code = code(&enrolment.text, world.clock.now());
    let enrolled = world.provider.confirm_totp(user, &enrolment.flow, &code, PEER).await.unwrap();
    // The next code.
    world.clock.advance(Duration::seconds(30));
    (enrolment, enrolled.recovery_codes.unwrap())
}

async fn flow_of(world: &World, user_name: &str) -> Secret<String> {
    world.password(user_name).await.flow.unwrap()
}

#[tokio::test]
async fn a_password_is_enough_where_the_policy_says_so() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let signed_in = world.signed_in("ETHAN").await;
    assert_eq!(signed_in.session.user().id(), &ethan.id);
    assert_eq!(signed_in.session.factors(), [Factor::Password]);
    assert_eq!(signed_in.session.amr(), ["pwd"]);
    assert_eq!(world.provider.session(&signed_in.cookie).await.unwrap(), signed_in.session);
    let visit = Visit { peer: PEER, correlation: CorrelationId::fresh() };
    for (name, password) in [("ethan", "wrong password"), ("nobody", PASSWORD)] {
        let error = world.provider.sign_in_with_password(name, &Secret::from(password), &visit).await.unwrap_err();
        assert_eq!(error.public().message, SignInRefusal::WrongPassword.public().message);
    }
}

#[tokio::test]
async fn an_enrolled_authenticator_is_asked_for_and_each_code_counts_once() {
    let mut world = World::open().await;
    world.person("ethan").await;
    let (app, codes) = enrol(&world, &world.signed_in("ethan").await).await;
    assert_eq!(codes.len(), 10);
    world.restart().await;
    let progress = world.password("ethan").await;
    let Step::SecondFactor { offers, .. } = progress.step else { panic!("{:?}", progress.step) };
    assert_eq!(offers, Offers { totp: true, passkey: false, recovery_code: true });
    let flow = progress.flow.unwrap();
    let right = code(&app.text, world.clock.now());
    let signed_in = led_in(world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap());
    assert_eq!(signed_in.session.amr(), ["pwd", "otp", "mfa"]);
    assert!(signed_in.session.is_multi_factor());
    let other = flow_of(&world, "ethan").await;
    let replayed = world.provider.sign_in_with_totp(&other, &right, PEER).await.unwrap_err();
    assert!(matches!(replayed, SignInError::Totp(TotpRefusal::Replayed { .. })), "{replayed}");
    world.restart().await;
    let replayed = world.provider.sign_in_with_totp(&other, &right, PEER).await.unwrap_err();
    assert!(matches!(replayed, SignInError::Totp(TotpRefusal::Replayed { .. })), "{replayed}");
}

#[tokio::test]
async fn two_sign_ins_at_once_do_not_share_a_code() {
    let world = World::open().await;
    world.person("ethan").await;
    let (app, codes) = enrol(&world, &world.signed_in("ethan").await).await;
    let (one, two) = (flow_of(&world, "ethan").await, flow_of(&world, "ethan").await);
    let right = code(&app.text, world.clock.now());
    let (first, second) = tokio::join!(
        world.provider.sign_in_with_totp(&one, &right, PEER),
        world.provider.sign_in_with_totp(&two, &right, PEER),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let (one, two) = (flow_of(&world, "ethan").await, flow_of(&world, "ethan").await);
    let (first, second) = tokio::join!(
        world.provider.sign_in_with_recovery_code(&one, &codes[0], PEER),
        world.provider.sign_in_with_recovery_code(&two, &codes[0], PEER),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
}

#[tokio::test]
async fn a_recovery_code_counts_once_and_new_ones_end_the_old() {
    let mut world = World::open().await;
    let ethan = world.person("ethan").await;
    let (_, codes) = enrol(&world, &world.signed_in("ethan").await).await;
    let flow = flow_of(&world, "ethan").await;
    let signed_in = led_in(world.provider.sign_in_with_recovery_code(&flow, &codes[3], PEER).await.unwrap());
    assert_eq!(signed_in.session.factors(), [Factor::Password, Factor::RecoveryCode]);
    assert_eq!(world.provider.factors(&ethan.id).recovery_codes_left, 9);
    world.restart().await;
    let flow = flow_of(&world, "ethan").await;
    let again = world.provider.sign_in_with_recovery_code(&flow, &codes[3], PEER).await.unwrap_err();
    assert_eq!(again, SignInError::RecoveryCode(RecoveryRefusal::Wrong));
    let renewed = world.provider.new_recovery_codes(&ethan.id).await.unwrap();
    let old = world.provider.sign_in_with_recovery_code(&flow, &codes[4], PEER).await.unwrap_err();
    assert_eq!(old, SignInError::RecoveryCode(RecoveryRefusal::Wrong));
    led_in(world.provider.sign_in_with_recovery_code(&flow, &renewed[0], PEER).await.unwrap());
}

#[tokio::test]
async fn the_policy_makes_people_enrol_at_the_next_sign_in() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    let progress = world.password("ethan").await;
    let Step::Enrol { offers, .. } = progress.step else { panic!("{:?}", progress.step) };
    assert_eq!(offers, EnrolOffers { totp: true, passkey: true });
    let flow = progress.flow.unwrap();
    assert!(matches!(world.provider.step_of(&flow).unwrap(), Step::Enrol { .. }));
    let app = world.provider.begin_enrol_totp(&flow).unwrap();
    let wrong = world.provider.finish_enrol_totp(&app.flow, "000000", PEER).await;
    assert!(wrong.is_err() || code(&app.text, world.clock.now()) == "000000");
    let again = world.provider.begin_enrol_totp(&app.flow).unwrap();
    assert_eq!(again.text.expose(), app.text.expose(), "nobody scans twice");
    let right = code(&app.text, world.clock.now());
    let signed_in = led_in(world.provider.finish_enrol_totp(&app.flow, &right, PEER).await.unwrap());
    assert_eq!(signed_in.recovery_codes.unwrap().len(), 10);
    assert_eq!(signed_in.session.factors(), [Factor::Password, Factor::Totp]);
    assert!(matches!(world.password("ethan").await.step, Step::SecondFactor { .. }));
    assert_eq!(world.provider.remove_totp(&ethan.id).await, Err(IdpError::LastFactor(ethan.id.clone())));
    world.provider.set_policy(MfaPolicy::Optional).await.unwrap();
    world.provider.remove_totp(&ethan.id).await.unwrap();
    assert_eq!(world.provider.factors(&ethan.id).recovery_codes_left, 0, "they go with the last factor");
    led_in(world.password("ethan").await);
}

/// A password alone must never add a second factor beside one that is there.
#[tokio::test]
async fn a_stolen_password_enrols_nothing_beside_a_factor() {
    let world = World::open().await;
    world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    enrol(&world, &signed_in).await;
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    let flow = flow_of(&world, "ethan").await;
    assert_eq!(world.provider.begin_enrol_totp(&flow).unwrap_err(), SignInError::FlowInvalid);
    assert_eq!(world.provider.begin_enrol_passkey(&flow).unwrap_err(), SignInError::FlowInvalid);
    let user = signed_in.session.user();
    let refused = world.provider.confirm_totp(user, &flow, "000000", PEER).await.unwrap_err();
    assert_eq!(refused, SignInError::FlowInvalid);
}

#[tokio::test]
async fn of_two_sign_ins_at_once_that_must_enrol_one_does() {
    let world = World::open().await;
    world.person("ethan").await;
    world.provider.set_policy(MfaPolicy::Required).await.unwrap();
    let (one, two) = (flow_of(&world, "ethan").await, flow_of(&world, "ethan").await);
    let (one, two) = (world.provider.begin_enrol_totp(&one).unwrap(), world.provider.begin_enrol_totp(&two).unwrap());
    let (first, second) = (code(&one.text, world.clock.now()), code(&two.text, world.clock.now()));
    let (first, second) = tokio::join!(
        world.provider.finish_enrol_totp(&one.flow, &first, PEER),
        world.provider.finish_enrol_totp(&two.flow, &second, PEER),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "a thief's app never replaces the owner's");
}

#[tokio::test]
async fn an_enrolment_is_of_one_person_and_confirmed_once() {
    let world = World::open().await;
    world.person("ethan").await;
    world.person("fiona").await;
    let (ethan, fiona) = (world.signed_in("ethan").await, world.signed_in("fiona").await);
    let app = world.provider.begin_totp(ethan.session.user()).unwrap();
    let right = code(&app.text, world.clock.now());
    let other = world.provider.confirm_totp(fiona.session.user(), &app.flow, &right, PEER).await.unwrap_err();
    assert_eq!(other, SignInError::FlowInvalid);
    world.provider.confirm_totp(ethan.session.user(), &app.flow, &right, PEER).await.unwrap();
    let again = world.provider.confirm_totp(ethan.session.user(), &app.flow, &right, PEER).await.unwrap_err();
    assert_eq!(again, SignInError::FlowSpent);
    // The state of an enrolment isn't one of a sign-in.
    let second = world.provider.begin_totp(ethan.session.user()).unwrap();
    world.clock.advance(Duration::seconds(30));
    let right = code(&app.text, world.clock.now());
    let progress = world.provider.sign_in_with_totp(&second.flow, &right, PEER).await.unwrap();
    assert!(matches!(progress.step, Step::SecondFactor { .. }), "no password was proven");
}

#[tokio::test]
async fn second_factors_have_attempt_limits_of_their_own() {
    let world = World::open().await;
    world.person("ethan").await;
    let (app, codes) = enrol(&world, &world.signed_in("ethan").await).await;
    let flow = flow_of(&world, "ethan").await;
    let wrong = if code(&app.text, world.clock.now()) == "111111" { "222222" } else { "111111" };
    let mut refused = 0;
    let limited = loop {
        let error = world.provider.sign_in_with_totp(&flow, wrong, PEER).await.unwrap_err();
        if let SignInError::TooManyAttempts { retry_after_seconds } = error {
            break retry_after_seconds;
        }
        refused += 1;
    };
    assert_eq!((refused, limited), (10, 1));
    let right = code(&app.text, world.clock.now());
    let error = world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded, "the right one isn't looked at either");
    let error = world.provider.sign_in_with_recovery_code(&flow, &codes[0], PEER).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LimitExceeded);
    world.clock.advance(Duration::SECOND);
    let right = code(&app.text, world.clock.now());
    led_in(world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap());
}

#[tokio::test]
async fn a_half_way_state_ends() {
    let world = World::open().await;
    world.person("ethan").await;
    let (app, _) = enrol(&world, &world.signed_in("ethan").await).await;
    let flow = flow_of(&world, "ethan").await;
    for forged in ["", "x", &flow.expose().replacen('A', "B", 1).replacen('a', "b", 1), &format!("{}x", flow.expose())]
    {
        let error = world.provider.step_of(&Secret::from(forged)).unwrap_err();
        assert_eq!(error, SignInError::FlowInvalid);
    }
    let right = code(&app.text, world.clock.now());
    led_in(world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap());
    world.clock.advance(Duration::seconds(30));
    let next = code(&app.text, world.clock.now());
    let spent = world.provider.sign_in_with_totp(&flow, &next, PEER).await.unwrap_err();
    assert_eq!(spent, SignInError::FlowSpent);
    let flow = flow_of(&world, "ethan").await;
    assert_eq!(world.provider.flow_info(&flow).unwrap().user.unwrap().user_name(), "ethan");
    world.clock.advance(Duration::minutes(10));
    let right = code(&app.text, world.clock.now());
    let expired = world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap_err();
    assert_eq!(expired, SignInError::FlowExpired);
}

#[tokio::test]
async fn somebody_who_changed_meanwhile_begins_again() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let (app, _) = enrol(&world, &world.signed_in("ethan").await).await;
    let flow = flow_of(&world, "ethan").await;
    world.clock.advance(Duration::SECOND);
    world.directory.set_password(&ethan.id, Secret::from("another password")).await.unwrap();
    let right = code(&app.text, world.clock.now());
    let error = world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap_err();
    assert_eq!(error, SignInError::Changed);
    world.directory.set_password(&ethan.id, Secret::from(PASSWORD)).await.unwrap();
    let flow = flow_of(&world, "ethan").await;
    let inactive = NewUser { active: false, ..NewUser::from(&*ethan) };
    world.directory.replace_user(&ethan.id, None, inactive).await.unwrap();
    let error = world.provider.sign_in_with_totp(&flow, &right, PEER).await.unwrap_err();
    assert_eq!(error, SignInError::Changed);
}

#[tokio::test]
async fn a_one_time_password_leads_to_the_choice_of_another() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let given = world.directory.set_one_time_password(&ethan.id).await.unwrap();
    let visit = Visit { peer: PEER, correlation: CorrelationId::fresh() };
    let progress = world.provider.sign_in_with_password("ethan", &given, &visit).await.unwrap();
    let Step::ChoosePassword { token } = progress.step else { panic!("{:?}", progress.step) };
    assert!(progress.flow.is_none());
    world.directory.reset_password(&token, Secret::from(PASSWORD)).await.unwrap();
    led_in(world.password("ethan").await);
}

#[tokio::test]
async fn an_administrator_resets_factors_and_that_ends_sessions() {
    let world = World::open().await;
    let ethan = world.person("ethan").await;
    let signed_in = world.signed_in("ethan").await;
    enrol(&world, &signed_in).await;
    world.provider.reset_factors(&ethan.id).await.unwrap();
    assert!(world.provider.session(&signed_in.cookie).await.is_none());
    assert_eq!(world.provider.factors(&ethan.id).totp, None);
    led_in(world.password("ethan").await);
    let unknown = base::id::DirectoryUserId::new("nobody");
    assert_eq!(world.provider.reset_factors(&unknown).await, Err(IdpError::UnknownUser(unknown.clone())));
    assert!(matches!(world.provider.new_recovery_codes(&ethan.id).await, Err(SignInError::Idp(IdpError::NoFactor(_)))));
}

#[tokio::test]
async fn what_is_kept_of_an_authenticator_is_sealed_for_its_person() {
    let world = World::open().await;
    world.person("ethan").await;
    let fiona = world.person("fiona").await;
    let (app, _) = enrol(&world, &world.signed_in("ethan").await).await;
    let mut stored = world.store.load().await.unwrap().factors.remove(0);
    // Somebody who can write the database gives Fiona Ethan's authenticator.
    stored.user = fiona.id.clone();
    world.store.apply(&[IdpWrite::PutFactors(Arc::new(stored))]).await.unwrap();
    let other = provider(&world.store, &world.directory, &world.sealer, &world.clock).await;
    let visit = Visit { peer: PEER, correlation: CorrelationId::fresh() };
    let flow = other.sign_in_with_password("fiona", &Secret::from(PASSWORD), &visit).await.unwrap().flow.unwrap();
    let right = code(&app.text, world.clock.now());
    let error = other.sign_in_with_totp(&flow, &right, PEER).await.unwrap_err();
    assert!(matches!(error, SignInError::Idp(IdpError::Internal(_))), "{error}");
}
