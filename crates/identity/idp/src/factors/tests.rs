use time::OffsetDateTime;

use super::*;

/// Policy, whether a second factor is enrolled, what was proven, what comes next.
#[test]
fn what_a_sign_in_asks_for_next() {
    use Factor::{Passkey, Password, RecoveryCode, Totp};
    use MfaPolicy::{Optional, Required};
    for (policy, has_second, proven, expected) in [
        (Optional, false, &[Password][..], NextStep::In),
        (Required, false, &[Password], NextStep::Enrol),
        (Optional, true, &[Password], NextStep::SecondFactor),
        (Required, true, &[Password], NextStep::SecondFactor),
        (Optional, true, &[Password, Totp], NextStep::In),
        (Required, true, &[Password, Totp], NextStep::In),
        (Required, true, &[Password, RecoveryCode], NextStep::In),
        (Required, true, &[Password, Passkey], NextStep::In),
        (Required, true, &[Passkey], NextStep::In),
        (Optional, true, &[Passkey], NextStep::In),
        // a second factor alone is none
        (Optional, false, &[], NextStep::SecondFactor),
        (Optional, true, &[Totp], NextStep::SecondFactor),
        (Optional, true, &[RecoveryCode], NextStep::SecondFactor),
        (Required, false, &[Totp, RecoveryCode], NextStep::SecondFactor),
    ] {
        assert_eq!(next_step(policy, has_second, proven), expected, "{policy:?} {has_second} {proven:?}");
    }
}

#[test]
fn the_last_second_factor_stays_under_the_policy() {
    let user = DirectoryUserId::new("u1");
    let totp = KeptTotp { sealed: vec![1], enrolled: OffsetDateTime::UNIX_EPOCH, last_step: None };
    let with = PersonFactors { totp: Some(totp), ..PersonFactors::none(user.clone()) };
    let without = PersonFactors::none(user.clone());
    assert_eq!(
        PersonFactors::check_removal(without.clone(), MfaPolicy::Required).unwrap_err(),
        IdpError::LastFactor(user)
    );
    assert!(!PersonFactors::check_removal(without, MfaPolicy::Optional).unwrap().has_second());
    assert!(PersonFactors::check_removal(with, MfaPolicy::Required).unwrap().has_second());
}
