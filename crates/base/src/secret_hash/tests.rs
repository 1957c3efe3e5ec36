use super::*;

#[test]
fn it_is_sha_256_and_comes_back_from_the_store() {
    let hash = SecretHash::of(&Secret::from("abc"));
    assert_eq!(hash.to_hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(SecretHash::from_hex(&hash.to_hex()), Some(hash));
    assert_eq!(serde_json::from_str::<SecretHash>(&serde_json::to_string(&hash).unwrap()).unwrap(), hash);
    for other in ["", "abc", "ba7816bf", &format!("{}00", hash.to_hex())] {
        assert_eq!(SecretHash::from_hex(other), None, "{other}");
    }
}

#[test]
fn only_its_own_credential_matches_and_nothing_is_shown() {
    let hash = SecretHash::of(&Secret::from("abc"));
    assert!(hash.is_of(&Secret::from("abc")) && !hash.is_of(&Secret::from("abd")));
    assert_eq!(format!("{hash:?}"), "SecretHash(…)");
}
