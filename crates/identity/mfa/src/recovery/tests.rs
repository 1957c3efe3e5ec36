use std::collections::HashSet;

use super::*;

fn secret(text: &str) -> Secret<String> {
    text.into()
}

#[test]
fn ten_codes_of_two_groups_without_look_alikes() {
    let new = generate_recovery_codes().unwrap();
    assert_eq!((new.codes.len(), new.stored.remaining()), (10, 10));
    let shown: HashSet<&str> = new.codes.iter().map(|code| code.expose().as_str()).collect();
    assert_eq!(shown.len(), 10, "no code twice");
    for code in shown {
        let (first, second) = code.split_once('-').unwrap();
        assert_eq!((first.len(), second.len()), (5, 5), "{code}");
        assert!(!code.contains(['I', 'L', 'O', 'U']), "{code}");
    }
}

#[test]
fn each_code_counts_once_and_the_others_stay() {
    let new = generate_recovery_codes().unwrap();
    let left = use_recovery_code(&new.codes[3], &new.stored).unwrap();
    assert_eq!(left.remaining(), 9);
    assert_eq!(use_recovery_code(&new.codes[3], &left), Err(RecoveryRefusal::Wrong));
    let left = use_recovery_code(&new.codes[9], &left).unwrap();
    assert_eq!(left.remaining(), 8);
    use_recovery_code(&new.codes[0], &left).unwrap();
}

#[test]
fn a_code_is_read_whatever_way_it_is_typed() {
    let letters = secret("01ABC2345Z");
    let salt = "00112233445566778899aabbccddeeff".to_owned();
    let stored = StoredRecoveryCodes { hashes: vec![hex::encode(hash(&letters, &salt).unwrap())], salt };
    for typed in ["01ABC-2345Z", "01abc 2345z", "oiabc2345z", " O-L-A-B-C-2-3-4-5-Z "] {
        assert_eq!(use_recovery_code(&secret(typed), &stored).unwrap().remaining(), 0, "{typed}");
    }
    for malformed in ["", "01ABC", "01ABC-2345", "01ABC-2345ZZ", "01ABC-2345U", "01ABC-2345é", &"0".repeat(100_000)] {
        assert_eq!(use_recovery_code(&secret(malformed), &stored), Err(RecoveryRefusal::Malformed), "{malformed}");
    }
    assert_eq!(use_recovery_code(&secret("01ABC-23450"), &stored), Err(RecoveryRefusal::Wrong));
}

#[test]
fn nothing_left_is_said_and_another_set_opens_nothing() {
    let (mine, other) = (generate_recovery_codes().unwrap(), generate_recovery_codes().unwrap());
    assert_eq!(use_recovery_code(&other.codes[0], &mine.stored), Err(RecoveryRefusal::Wrong));
    let spent = StoredRecoveryCodes { hashes: Vec::new(), ..mine.stored };
    assert_eq!(use_recovery_code(&mine.codes[0], &spent), Err(RecoveryRefusal::NoneLeft));
}

#[test]
fn what_is_kept_goes_there_and_back_and_shows_nothing() {
    let new = generate_recovery_codes().unwrap();
    let kept = serde_json::to_string(&new.stored).unwrap();
    assert!(new.codes.iter().all(|code| !kept.contains(code.expose().as_str())));
    let read: StoredRecoveryCodes = serde_json::from_str(&kept).unwrap();
    use_recovery_code(&new.codes[0], &read).unwrap();
    assert_eq!(format!("{:?}", new.stored), "StoredRecoveryCodes { remaining: 10, .. }");
    assert!(format!("{new:?}").contains("Secret(…)") && !format!("{new:?}").contains(new.codes[0].expose().as_str()));
}
