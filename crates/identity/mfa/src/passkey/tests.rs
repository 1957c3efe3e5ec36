mod authenticator;

use serde_json::Value;

use self::authenticator::{Authenticator, Flags, Said};
use super::*;

const ADDRESS: &str = "https://localhost:8444";

fn passkeys() -> Passkeys {
    Passkeys::new(ADDRESS, "Example Corp").unwrap()
}

fn ethan() -> PasskeyUser<'static> {
    PasskeyUser { handle: Uuid::from_u128(7), name: "ethan", display_name: "Ethan Example" }
}

/// A fresh authenticator with a passkey of Ethan's in it.
fn enrolled(relying_party: &Passkeys) -> (Authenticator, StoredPasskey) {
    let mut device = Authenticator::new();
    let challenge = relying_party.begin_registration(&ethan(), &[]).unwrap();
    let response = device.create(&challenge, &Said::honestly(ADDRESS));
    let passkey = relying_party.finish_registration(&response, &challenge.state, " Laptop ", &[]).unwrap();
    (device, passkey)
}

fn options(challenge: &Challenge) -> Value {
    serde_json::from_str(&challenge.options).unwrap()
}

#[test]
fn a_passkey_is_enrolled_and_used_and_its_counter_is_kept() {
    let here = passkeys();
    let (mut device, mut passkey) = enrolled(&here);
    assert_eq!(
        (passkey.label(), passkey.user_handle(), passkey.discoverable()),
        ("Laptop", ethan().handle, Some(true))
    );
    for _ in 0..3 {
        let challenge = here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
        let response = device.get(&challenge, &Said::honestly(ADDRESS));
        let used = here.finish_sign_in(&response, &challenge.state, std::slice::from_ref(&passkey)).unwrap();
        assert!(used.changed, "the counter grew");
        let kept = serde_json::to_string(&used.passkey).unwrap();
        passkey = serde_json::from_str(&kept).unwrap();
    }
    let challenge = here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
    device.set_counter(2);
    let response = device.get(&challenge, &Said::honestly(ADDRESS));
    let refusal = here.finish_sign_in(&response, &challenge.state, &[passkey]).unwrap_err();
    assert_eq!(refusal, PasskeyRefusal::Cloned);
}

#[test]
fn what_a_browser_is_asked() {
    let here = passkeys();
    let (_, passkey) = enrolled(&here);
    let creation = options(&here.begin_registration(&ethan(), std::slice::from_ref(&passkey)).unwrap());
    assert_eq!(creation["publicKey"]["rp"]["id"], "localhost");
    assert_eq!(creation["publicKey"]["rp"]["name"], "Example Corp");
    assert_eq!(creation["publicKey"]["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(creation["publicKey"]["authenticatorSelection"]["residentKey"], "preferred");
    assert_eq!(creation["publicKey"]["excludeCredentials"][0]["id"], passkey.id());
    assert_eq!(creation["publicKey"]["attestation"], "none");
    let request = options(&here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap());
    assert_eq!(request["publicKey"]["userVerification"], "required");
    assert_eq!(request["publicKey"]["allowCredentials"][0]["id"], passkey.id());
    assert_eq!(request["publicKey"]["allowCredentials"][0]["transports"][0], "internal");
    let discoverable = options(&here.begin_discoverable().unwrap());
    assert_eq!(discoverable["publicKey"]["allowCredentials"], Value::Array(Vec::new()));
    assert_eq!(discoverable.get("mediation"), None);
}

#[test]
fn the_state_stays_small_and_challenges_differ() {
    let here = passkeys();
    let (_, passkey) = enrolled(&here);
    let many = vec![passkey; 30];
    let (one, other) = (here.begin_sign_in(&many).unwrap(), here.begin_sign_in(&many).unwrap());
    let registration = here.begin_registration(&ethan(), &many).unwrap();
    for challenge in [&one, &other, &registration] {
        assert!(challenge.state.len() < 1024, "{}", challenge.state.len());
    }
    assert_ne!(challenge_id(&one.state), challenge_id(&other.state));
    assert_eq!(challenge_id(&one.state).unwrap().len(), 64);
    assert_eq!(challenge_id("{}"), None);
}

#[test]
fn a_discoverable_passkey_names_its_owner() {
    let here = passkeys();
    let (mut device, passkey) = enrolled(&here);
    let challenge = here.begin_discoverable().unwrap();
    let response = device.get(&challenge, &Said::honestly(ADDRESS));
    let claimed = here.identify(&response).unwrap();
    assert_eq!(claimed, Claimed { user_handle: Some(ethan().handle), credential: passkey.id().to_owned() });
    here.finish_sign_in(&response, &challenge.state, std::slice::from_ref(&passkey)).unwrap();

    let nameless = device.get(&challenge, &Said { user_handle: None, ..Said::honestly(ADDRESS) });
    let refusal = here.finish_sign_in(&nameless, &challenge.state, std::slice::from_ref(&passkey)).unwrap_err();
    assert!(matches!(refusal, PasskeyRefusal::Malformed(ref why) if why.contains("names no user")), "{refusal}");
    let other = Said { user_handle: Some(Uuid::from_u128(8).into_bytes().to_vec()), ..Said::honestly(ADDRESS) };
    let refusal = here.finish_sign_in(&device.get(&challenge, &other), &challenge.state, &[passkey]).unwrap_err();
    assert_eq!(refusal, PasskeyRefusal::AnotherPerson);
}

#[test]
fn a_sign_in_is_refused_by_the_check_that_failed() {
    let here = passkeys();
    let honest = || Said::honestly(ADDRESS);
    let origin = |found: &str| PasskeyRefusal::AnotherOrigin { expected: ADDRESS.into(), found: found.into() };
    let cases = [
        (
            "unverified",
            Said { flags: Flags { verified: false, ..Flags::ALL }, ..honest() },
            PasskeyRefusal::NotVerified,
        ),
        ("absent", Said { flags: Flags { present: false, ..Flags::ALL }, ..honest() }, PasskeyRefusal::NotPresent),
        ("origin", Said { origin: "https://evil.example".into(), ..honest() }, origin("https://evil.example")),
        ("port", Said { origin: "https://localhost:9".into(), ..honest() }, origin("https://localhost:9")),
        ("scheme", Said { origin: "http://localhost:8444".into(), ..honest() }, origin("http://localhost:8444")),
        ("relying party", Said { rp_id: "example.com".into(), ..honest() }, PasskeyRefusal::AnotherRelyingParty),
        ("cross origin", Said { cross_origin: true, ..honest() }, PasskeyRefusal::CrossOrigin),
        ("challenge", Said { challenge: Some("AAAA".into()), ..honest() }, PasskeyRefusal::AnotherChallenge),
        ("signature", Said { spoil_signature: true, ..honest() }, PasskeyRefusal::Signature),
    ];
    for (name, said, expected) in cases {
        let (mut device, passkey) = enrolled(&here);
        let challenge = here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
        let response = device.get(&challenge, &said);
        let refusal = here.finish_sign_in(&response, &challenge.state, std::slice::from_ref(&passkey)).unwrap_err();
        assert_eq!(refusal, expected, "{name}");
        let public = base::Fault::public(&refusal);
        assert!(public.detail.unwrap().ends_with('.') && public.hint.unwrap().ends_with('.'), "{name}");
    }
}

#[test]
fn a_registration_is_refused_by_the_check_that_failed() {
    let here = passkeys();
    let honest = || Said::honestly(ADDRESS);
    let cases = [
        (
            "unverified",
            Said { flags: Flags { verified: false, ..Flags::ALL }, ..honest() },
            PasskeyRefusal::NotVerified,
        ),
        ("relying party", Said { rp_id: "example.com".into(), ..honest() }, PasskeyRefusal::AnotherRelyingParty),
        ("cross origin", Said { cross_origin: true, ..honest() }, PasskeyRefusal::CrossOrigin),
        ("challenge", Said { challenge: Some("AAAA".into()), ..honest() }, PasskeyRefusal::AnotherChallenge),
    ];
    for (name, said, expected) in cases {
        let challenge = here.begin_registration(&ethan(), &[]).unwrap();
        let response = Authenticator::new().create(&challenge, &said);
        let refusal = here.finish_registration(&response, &challenge.state, "x", &[]).unwrap_err();
        assert_eq!(refusal, expected, "{name}");
    }
    let challenge = here.begin_registration(&ethan(), &[]).unwrap();
    let sign_in_data = Said { kind: Some("webauthn.get"), ..honest() };
    let response = Authenticator::new().create(&challenge, &sign_in_data);
    let refusal = here.finish_registration(&response, &challenge.state, "x", &[]).unwrap_err();
    assert!(matches!(refusal, PasskeyRefusal::Malformed(_)), "{refusal}");
}

#[test]
fn no_passkey_is_enrolled_twice() {
    let here = passkeys();
    let (mut device, passkey) = enrolled(&here);
    let challenge = here.begin_registration(&ethan(), std::slice::from_ref(&passkey)).unwrap();
    let response = device.create_again(&challenge, &Said::honestly(ADDRESS));
    let refusal = here.finish_registration(&response, &challenge.state, "x", &[passkey]).unwrap_err();
    assert_eq!(refusal, PasskeyRefusal::AlreadyRegistered);
}

#[test]
fn a_passkey_that_was_removed_or_is_anothers_opens_nothing() {
    let here = passkeys();
    let (mut device, passkey) = enrolled(&here);
    let challenge = here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
    let response = device.get(&challenge, &Said::honestly(ADDRESS));
    assert_eq!(here.finish_sign_in(&response, &challenge.state, &[]).unwrap_err(), PasskeyRefusal::Unknown);
    assert_eq!(here.begin_sign_in(&[]).unwrap_err(), PasskeyRefusal::NoPasskeys);

    let olivia = PasskeyUser { handle: Uuid::from_u128(9), name: "olivia", display_name: "Olivia" };
    let mut phone = Authenticator::new();
    let registration = here.begin_registration(&olivia, &[]).unwrap();
    let created = phone.create(&registration, &Said::honestly(ADDRESS));
    let hers = here.finish_registration(&created, &registration.state, "Phone", &[]).unwrap();
    let answer = phone.get(&challenge, &Said::honestly(ADDRESS));
    let refusal = here.finish_sign_in(&answer, &challenge.state, std::slice::from_ref(&hers)).unwrap_err();
    assert_eq!(refusal, PasskeyRefusal::AnotherPerson, "the challenge was Ethan's");
    assert_eq!(here.begin_sign_in(&[passkey, hers]).unwrap_err(), PasskeyRefusal::AnotherPerson);
}

#[test]
fn a_state_of_another_ceremony_opens_nothing() {
    let here = passkeys();
    let (mut device, passkey) = enrolled(&here);
    let (asked, registration) =
        (here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap(), here.begin_registration(&ethan(), &[]).unwrap());
    let response = device.get(&asked, &Said::honestly(ADDRESS));
    for state in [registration.state.as_str(), "", "{}", "null"] {
        let refusal = here.finish_sign_in(&response, state, std::slice::from_ref(&passkey)).unwrap_err();
        assert_eq!(refusal, PasskeyRefusal::AnotherChallenge, "{state}");
    }
    let refusal = here.finish_registration(&response, &asked.state, "x", &[]).unwrap_err();
    assert_eq!(refusal, PasskeyRefusal::AnotherChallenge);
}

#[test]
fn what_isnt_a_response_is_refused_as_such() {
    let here = passkeys();
    let (mut device, passkey) = enrolled(&here);
    let challenge = here.begin_sign_in(std::slice::from_ref(&passkey)).unwrap();
    let good = device.get(&challenge, &Said::honestly(ADDRESS));
    let twice = good.replacen('{', "{\"type\":\"public-key\",", 1);
    let long = " ".repeat(70_000);
    for wrong in ["", "[]", "{}", "{\"rawId\":1}", good.split_at(good.len() - 1).0, twice.as_str(), long.as_str()] {
        let refusal = here.finish_sign_in(wrong, &challenge.state, std::slice::from_ref(&passkey)).unwrap_err();
        assert!(matches!(refusal, PasskeyRefusal::Malformed(_)), "{wrong}: {refusal}");
    }
    here.finish_sign_in(&good, &challenge.state, std::slice::from_ref(&passkey)).unwrap();
}

#[test]
fn labels_have_a_length() {
    let (_, passkey) = enrolled(&passkeys());
    for wrong in ["", "  ", "a\nb", &"x".repeat(65)] {
        assert!(matches!(passkey.clone().with_label(wrong), Err(PasskeyRefusal::Label { .. })), "{wrong:?}");
    }
    assert_eq!(passkey.with_label(" Schlüssel ").unwrap().label(), "Schlüssel");
}

#[test]
fn there_are_no_passkeys_under_an_ip_address_or_without_https() {
    for address in ["https://127.0.0.1:8444", "https://[::1]:8444", "https://2130706433"] {
        let refusal = Passkeys::new(address, "x").unwrap_err();
        assert_eq!(refusal, PasskeysUnavailable::IpAddress { address: address.into() });
        let hint = base::Fault::public(&refusal).hint.unwrap();
        assert!(hint.contains("Open the provider under a host name"), "{hint}");
    }
    let plain = Passkeys::new("http://login.example.com", "x").unwrap_err();
    assert!(matches!(plain, PasskeysUnavailable::NotHttps { .. }));
    assert!(matches!(Passkeys::new("login", "x").unwrap_err(), PasskeysUnavailable::Malformed { .. }));
    for fine in ["https://login.example.com", "http://localhost:8080", ADDRESS] {
        Passkeys::new(fine, "x").unwrap();
    }
}
