use super::*;

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

fn key(id: &str, state: KeyState) -> StoredKey {
    StoredKey {
        id: id.to_owned(),
        owner: KeyOwner::OpenId,
        state,
        created: NOW,
        certificate: Vec::new(),
        sealed: Vec::new(),
    }
}

#[test]
fn the_next_key_takes_over_and_the_former_stays_published() {
    let keys = [key("a", KeyState::Current), key("b", KeyState::Next)];
    let plan = rotate(&keys, Rotation::Promote, NOW).unwrap();
    let until = NOW + Duration::days(2);
    assert_eq!(plan.states, [("a".to_owned(), KeyState::Retired { until }), ("b".to_owned(), KeyState::Current)]);
    assert!(plan.gone.is_empty());
    let former = KeyState::Retired { until };
    assert!(former.is_published(until - Duration::SECOND) && !former.is_published(until));
    let application = KeyOwner::Application(SsoApplicationId::new("app-1"));
    assert_eq!(application.overlap(), Duration::days(30));
    assert_eq!(KeyOwner::from_name(application.name()), application);
    assert_eq!(KeyOwner::from_name(KeyOwner::OpenId.name()), KeyOwner::OpenId);
}

#[test]
fn nothing_takes_over_without_a_next_key() {
    assert_eq!(rotate(&[key("a", KeyState::Current)], Rotation::Promote, NOW), Err(IdpError::NoNextKey));
}

#[test]
fn one_key_is_next_at_most() {
    let keys = [key("a", KeyState::Current), key("b", KeyState::Next)];
    assert_eq!(rotate(&keys, Rotation::Prepare, NOW), Err(IdpError::NextKeyExists("b".to_owned())));
    assert_eq!(rotate(&keys[..1], Rotation::Prepare, NOW), Ok(RotationPlan::default()));
}

#[test]
fn the_key_in_use_is_never_retired() {
    let keys = [key("a", KeyState::Current), key("b", KeyState::Next)];
    assert_eq!(rotate(&keys, Rotation::Retire("a"), NOW), Err(IdpError::KeyInUse("a".to_owned())));
    assert_eq!(rotate(&keys, Rotation::Retire("x"), NOW), Err(IdpError::UnknownKey("x".to_owned())));
    assert_eq!(rotate(&keys, Rotation::Retire("b"), NOW).unwrap().gone, ["b"]);
}

#[test]
fn a_key_whose_time_is_over_goes_with_the_next_step() {
    let keys = [key("a", KeyState::Current), key("old", KeyState::Retired { until: NOW })];
    assert_eq!(rotate(&keys, Rotation::Prepare, NOW).unwrap().gone, ["old"]);
    assert_eq!(rotate(&keys, Rotation::Retire("old"), NOW).unwrap().gone, ["old"]);
}
