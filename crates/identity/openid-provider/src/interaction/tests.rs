//! prompt, max_age, id_token_hint, and who must always be asked.

use time::macros::datetime;

use super::*;

const NOW: OffsetDateTime = datetime!(2026-01-02 03:04:05 UTC);
const PLAIN: Wish<'static> = Wish {
    none: false,
    login: false,
    consent: false,
    select_account: false,
    max_age: None,
    expected_subject: None,
    anonymous: false,
};

fn signed_in(ago: i64) -> SignedIn<'static> {
    SignedIn { subject: "ethan", authenticated: NOW - Duration::seconds(ago) }
}

fn after(wish: &Wish<'_>, ago: i64) -> Interaction {
    decide(wish, Some(&signed_in(ago)), NOW, false)
}

#[test]
fn nobody_signs_in_and_somebody_goes_on() {
    assert_eq!(decide(&PLAIN, None, NOW, false), Interaction::SignIn { since: None });
    assert_eq!(after(&PLAIN, 3600), Interaction::Proceed);
}

#[test]
fn prompt_none_never_shows_a_page() {
    let none = Wish { none: true, ..PLAIN };
    assert_eq!(decide(&none, None, NOW, false), Interaction::Refuse(OAuthError::LoginRequired));
    assert_eq!(after(&none, 5), Interaction::Proceed);
    assert_eq!(after(&Wish { max_age: Some(4), ..none }, 5), Interaction::Refuse(OAuthError::LoginRequired));
    assert_eq!(after(&Wish { anonymous: true, ..none }, 5), Interaction::Refuse(OAuthError::ConsentRequired));
    let other = Wish { expected_subject: Some("olivia"), ..none };
    assert_eq!(after(&other, 5), Interaction::Refuse(OAuthError::LoginRequired));
}

#[test]
fn prompt_login_and_max_age_ask_for_a_fresh_sign_in_once() {
    let login = Wish { login: true, ..PLAIN };
    assert_eq!(after(&login, 1), Interaction::SignIn { since: Some(NOW) });
    assert_eq!(after(&login, 0), Interaction::Proceed);
    assert_eq!(after(&login, -30), Interaction::Proceed);
    let aged = Wish { max_age: Some(60), ..PLAIN };
    assert_eq!(after(&aged, 60), Interaction::Proceed);
    assert_eq!(after(&aged, 61), Interaction::SignIn { since: Some(NOW - Duration::MINUTE) });
    assert_eq!(after(&Wish { max_age: Some(0), ..PLAIN }, 1), Interaction::SignIn { since: Some(NOW) });
}

#[test]
fn consent_selection_and_public_programs_are_asked_until_they_answered() {
    for wish in
        [Wish { consent: true, ..PLAIN }, Wish { select_account: true, ..PLAIN }, Wish { anonymous: true, ..PLAIN }]
    {
        assert_eq!(after(&wish, 5), Interaction::Ask, "{wish:?}");
        assert_eq!(decide(&wish, Some(&signed_in(5)), NOW, true), Interaction::Proceed, "{wish:?}");
    }
}

#[test]
fn nobody_but_the_person_of_the_hint_is_answered_for() {
    let hinted = Wish { expected_subject: Some("olivia"), ..PLAIN };
    assert_eq!(after(&hinted, 5), Interaction::SignIn { since: Some(NOW) });
    for answered in [false, true] {
        let again = decide(&hinted, Some(&signed_in(-5)), NOW, answered);
        assert_eq!(again, Interaction::Refuse(OAuthError::LoginRequired), "no loop");
    }
    let olivia = SignedIn { subject: "olivia", ..signed_in(-5) };
    assert_eq!(decide(&hinted, Some(&olivia), NOW, false), Interaction::Proceed);
}

#[test]
fn an_answer_does_not_replace_a_sign_in() {
    let login = Wish { login: true, consent: true, ..PLAIN };
    assert_eq!(decide(&login, Some(&signed_in(1)), NOW, true), Interaction::SignIn { since: Some(NOW) });
}
