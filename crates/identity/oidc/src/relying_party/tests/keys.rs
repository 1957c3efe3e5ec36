//! Who signed: form, type, algorithm, key, signature.

use serde_json::{Value, json};
use time::Duration;

use super::provider::{OTHER_RSA, P256, P384, RSA, base64};
use super::world::{KEYS, World};
use crate::Check;

#[tokio::test]
async fn each_algorithm_of_the_list_verifies_for_real() {
    let world = World::new();
    world.publish_keys(&[RSA.jwk("rsa"), P256.jwk("p256"), P384.jwk("p384")]);
    for (algorithm, kid, key) in [
        ("RS256", "rsa", &*RSA),
        ("RS384", "rsa", &*RSA),
        ("RS512", "rsa", &*RSA),
        ("PS256", "rsa", &*RSA),
        ("PS384", "rsa", &*RSA),
        ("PS512", "rsa", &*RSA),
        ("ES256", "p256", &*P256),
        ("ES384", "p384", &*P384),
    ] {
        let verdict = world
            .sign_in(|draft| {
                draft.header = json!({"alg": algorithm, "kid": kid});
                draft.key = key;
            })
            .await;
        verdict.outcome.unwrap_or_else(|refusal| panic!("{algorithm}: {refusal}"));
    }
}

#[tokio::test]
async fn an_unsigned_token_is_refused() {
    let world = World::new();
    for none in ["none", "None", "NONE"] {
        let refusal = world.refused(Check::Algorithm, |draft| draft.header = json!({"alg": none})).await;
        assert!(
            refusal.to_string().starts_with(&format!("The token is signed with {none}, not with one of RS256")),
            "{refusal}"
        );
    }
    world.refused(Check::Signature, |draft| draft.spoil = without_signature).await;
}

fn without_signature(token: String) -> String {
    let (signed, _) = token.rsplit_once('.').unwrap();
    format!("{signed}.")
}

#[tokio::test]
async fn a_token_signed_with_the_public_key_as_a_shared_secret_is_refused() {
    let world = World::new();
    world.refused(Check::Algorithm, |draft| draft.header["alg"] = "HS256".into()).await;
    // Nor as one of the list.
    world
        .refused(Check::Signature, |draft| {
            let forged = RSA.token(r#"{"alg":"HS256"}"#, &draft.claims.to_string());
            let (_, mac) = forged.rsplit_once('.').unwrap();
            let signed = format!(
                "{}.{}",
                base64(br#"{"alg":"RS256","kid":"one"}"#),
                base64(draft.claims.to_string().as_bytes())
            );
            draft.answer["id_token"] = format!("{signed}.{mac}").into();
        })
        .await;
}

#[tokio::test]
async fn an_algorithm_that_the_provider_does_not_announce_is_refused() {
    let world = World::new();
    world.publish(|document| document["id_token_signing_alg_values_supported"] = json!(["ES256", "HS256"]));
    world.publish_keys(&[RSA.jwk("one"), P256.jwk("two")]);
    let refusal = world.refused(Check::Algorithm, |_| {}).await;
    assert_eq!(refusal.to_string(), "The token is signed with RS256, not with one of ES256.");
}

#[tokio::test]
async fn a_changed_payload_or_signature_is_refused() {
    let world = World::new();
    world.refused(Check::Signature, |draft| draft.spoil = with_another_subject).await;
    world.refused(Check::Signature, |draft| draft.spoil = with_a_flipped_bit).await;
    world.refused(Check::Signature, |draft| draft.key = &OTHER_RSA).await;
}

fn with_another_subject(token: String) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let payload = String::from_utf8(decoded(parts[1])).unwrap().replace("00u1", "00u2");
    format!("{}.{}.{}", parts[0], base64(payload.as_bytes()), parts[2])
}

fn with_a_flipped_bit(token: String) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut signature = decoded(signature);
    signature[17] ^= 4;
    format!("{signed}.{}", base64(&signature))
}

fn decoded(part: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[tokio::test]
async fn a_key_counts_only_for_its_own_kind_of_algorithm() {
    let world = World::new();
    world.publish_keys(&[RSA.jwk("one"), P256.jwk("two")]);
    let refusal = world.refused(Check::Key, |draft| draft.header["kid"] = "two".into()).await;
    assert!(refusal.to_string().contains("the kid two of a key that isn't for RS256"), "{refusal}");
    world
        .refused(Check::Key, |draft| {
            draft.header = json!({"alg": "ES256", "kid": "one"});
            draft.key = &P256;
        })
        .await;
    let mut only_512 = RSA.jwk("one");
    only_512["alg"] = "RS512".into();
    let world = World::new();
    world.publish_keys(&[only_512]);
    world.refused(Check::Key, |_| {}).await;
}

#[tokio::test]
async fn the_key_is_the_one_that_the_kid_names_and_no_other() {
    let world = World::new();
    world.publish_keys(&[RSA.jwk("one"), OTHER_RSA.jwk("two")]);
    world.refused(Check::Signature, |draft| draft.header["kid"] = "two".into()).await;
    let refusal = world.refused(Check::Key, |draft| draft.header["kid"] = "three".into()).await;
    assert!(refusal.to_string().contains("the kid three, which the key set doesn't have"), "{refusal}");
    let refusal = world.refused(Check::Key, |draft| draft.header = json!({"alg": "RS256"})).await;
    assert!(refusal.to_string().contains("no kid, which several keys fit"), "{refusal}");
    world.refused(Check::Form, |draft| draft.header["kid"] = 1.into()).await;
}

#[tokio::test]
async fn one_kid_for_two_keys_is_refused_unless_only_one_fits() {
    let world = World::new();
    world.publish_keys(&[RSA.jwk("one"), OTHER_RSA.jwk("one")]);
    let refusal = world.refused(Check::Key, |_| {}).await;
    assert!(refusal.to_string().contains("several keys fit"), "{refusal}");
    let world = World::new();
    world.publish_keys(&[P256.jwk("one"), RSA.jwk("one")]);
    world.sign_in(|_| {}).await.outcome.unwrap();
}

#[tokio::test]
async fn without_a_kid_the_only_key_that_fits_is_taken() {
    let world = World::new();
    world.publish_keys(&[RSA.jwk("one"), P256.jwk("two")]);
    world.sign_in(|draft| draft.header = json!({"alg": "RS256"})).await.outcome.unwrap();
}

#[tokio::test]
async fn keys_that_the_token_brings_along_are_ignored() {
    let world = World::new();
    world
        .refused(Check::Signature, |draft| {
            draft.header["jwk"] = OTHER_RSA.jwk("one");
            draft.header["jku"] = "https://evil.example/keys".into();
            draft.key = &OTHER_RSA;
        })
        .await;
    assert_eq!(world.fetch.asked_for("https://evil.example/keys"), 0);
}

#[tokio::test]
async fn a_new_key_is_fetched_once_and_then_not_for_a_minute() {
    let world = World::new();
    world.sign_in(|_| {}).await.outcome.unwrap();
    world.publish_keys(&[RSA.jwk("one"), OTHER_RSA.jwk("two")]);
    let rolled = |draft: &mut super::world::Draft| {
        draft.header["kid"] = "two".into();
        draft.key = &OTHER_RSA;
    };
    world.sign_in(rolled).await.outcome.unwrap();
    assert_eq!(world.fetch.asked_for(KEYS), 2);
    for _ in 0..3 {
        world.refused(Check::Key, |draft| draft.header["kid"] = "made up".into()).await;
    }
    assert_eq!(world.fetch.asked_for(KEYS), 2, "strangers' tokens don't make us ask");
    world.clock.advance(Duration::seconds(60));
    world.refused(Check::Key, |draft| draft.header["kid"] = "made up".into()).await;
    assert_eq!(world.fetch.asked_for(KEYS), 3);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_counts_for_an_hour_at_most() {
    let world = World::new();
    world.sign_in(|_| {}).await.outcome.unwrap();
    world.publish_keys(&[OTHER_RSA.jwk("two")]);
    world.clock.advance(Duration::hours(1));
    world.refused(Check::Key, |_| {}).await;
}

#[tokio::test]
async fn a_token_of_another_kind_is_refused() {
    let world = World::new();
    let refusal = world.refused(Check::Type, |draft| draft.header["typ"] = "at+jwt".into()).await;
    assert_eq!(refusal.to_string(), "The token's type is at+jwt, not JWT.");
    world.refused(Check::Type, |draft| draft.header["typ"] = "logout+jwt".into()).await;
    world.sign_in(|draft| draft.header["typ"] = "application/jwt".into()).await.outcome.unwrap();
    world.sign_in(|draft| draft.header = json!({"alg": "RS256", "kid": "one"})).await.outcome.unwrap();
}

#[tokio::test]
async fn a_header_that_demands_an_extension_is_refused() {
    let world = World::new();
    world.refused(Check::Form, |draft| draft.header["crit"] = json!(["exp"])).await;
    world.refused(Check::Form, |draft| draft.header["b64"] = false.into()).await;
}

#[tokio::test]
async fn a_name_twice_in_header_or_payload_is_refused() {
    let world = World::new();
    let refusal = world
        .refused(Check::Form, |draft| {
            let payload = draft.claims.to_string().replacen('{', r#"{"sub":"admin","#, 1);
            draft.texts = Some((draft.header.to_string(), payload));
        })
        .await;
    assert!(refusal.to_string().contains("\"sub\" is given twice"), "{refusal}");
    world
        .refused(Check::Form, |draft| {
            draft.texts = Some((r#"{"alg":"none","alg":"RS256","kid":"one"}"#.into(), draft.claims.to_string()));
        })
        .await;
}

#[tokio::test]
async fn what_follows_the_json_is_refused() {
    let world = World::new();
    world
        .refused(Check::Form, |draft| {
            draft.texts = Some((draft.header.to_string(), format!("{} {{}}", draft.claims)));
        })
        .await;
    world.refused(Check::Form, |draft| draft.texts = Some((draft.header.to_string(), "[]".into()))).await;
}

#[tokio::test]
async fn what_isnt_a_signed_token_is_refused_as_what_it_is() {
    let world = World::new();
    for (token, found) in [
        ("a.b.c.d.e", "an encrypted token (JWE)"),
        ("", "something of 1 parts"),
        ("a.b", "something of 2 parts"),
        ("a.b.c.d", "something of 4 parts"),
        ("e30=.e30.", "a header that is not base64url"),
        ("e30.e30.", "a header without alg"),
    ] {
        let refusal = world.refused(Check::Form, |draft| draft.answer["id_token"] = token.into()).await;
        assert!(refusal.to_string().contains(found), "{token}: {refusal}");
    }
    world.refused(Check::Form, |draft| draft.answer["id_token"] = "x".repeat(300_000).into()).await;
    world.refused(Check::Form, |draft| draft.spoil = |token| format!("{token}\n.")).await;
    let signature_with_more = |draft: &mut super::world::Draft| draft.spoil = |token| format!("{token}=");
    world.refused(Check::Signature, signature_with_more).await;
}

#[tokio::test]
async fn a_small_rsa_key_is_refused_with_its_size() {
    let world = World::new();
    let small = json!({"kty": "RSA", "kid": "one", "n": base64(&[0xff; 128]), "e": "AQAB"});
    world.publish_keys(&[small.clone(), P256.jwk("two")]);
    let refusal = world.refused(Check::Key, |_| {}).await;
    assert!(refusal.to_string().contains("an RSA key of 1024 bits"), "{refusal}");
    world.publish_keys(&[small]);
    let error = world.relying_party.check(&world.provider).await.unwrap_err();
    assert!(error.to_string().contains("an RSA key of 1024 bits"), "{error}");
}

#[tokio::test]
async fn keys_that_are_not_for_signatures_are_refused() {
    for (name, value) in
        [("use", json!("enc")), ("key_ops", json!(["encrypt"])), ("d", json!("AQAB")), ("kty", Value::Null)]
    {
        let world = World::new();
        let mut key = RSA.jwk("one");
        key[name] = value;
        world.publish_keys(&[key, P256.jwk("two")]);
        world.refused(Check::Key, |_| {}).await;
    }
    let world = World::new();
    let mut key = RSA.jwk("one");
    (key["use"], key["key_ops"]) = (json!("sig"), json!(["verify"]));
    world.publish_keys(&[key]);
    world.sign_in(|_| {}).await.outcome.unwrap();
}

#[tokio::test]
async fn a_key_set_that_cannot_be_read_is_told() {
    for keys in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[1]}"#, r#"{"keys":[],"keys":[]}"#] {
        let world = World::new();
        world.fetch.answer(KEYS, 200, keys);
        let refusal = world.refused(Check::Keys, |_| {}).await;
        assert!(refusal.to_string().starts_with(&format!("The key set at {KEYS} ")), "{refusal}");
    }
}
