use base::id::DirectoryUserId;
use directory::{DirectoryUser, NewUser};
use time::OffsetDateTime;

use super::{Found, Known, Person, decide};
use crate::SignInDenial;
use crate::model::MatchBy;
use crate::subject::{Asserted, Profile};

fn user(id: &str, user_name: &str, email: Option<&str>) -> DirectoryUser {
    let new = NewUser { user_name: user_name.to_owned(), email: email.map(str::to_owned), ..NewUser::default() };
    new.with_id(DirectoryUserId::new(id), 1, OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH)
}

fn asserted(value: &str, stable: Option<&str>) -> Asserted {
    Asserted {
        stable: stable.map(str::to_owned),
        value: value.to_owned(),
        to: MatchBy::UserName,
        profile: Profile::default(),
        groups: None,
    }
}

fn owner(domain: &str) -> Option<String> {
    (domain == "other.com").then(|| "Other".to_owned())
}

fn check(
    asserted: &Asserted,
    linked: Option<&DirectoryUser>,
    found: Found<'_>,
    anothers: bool,
) -> Result<Person, SignInDenial> {
    decide(asserted, &Known { linked, found, found_is_anothers: anothers, other_owner: &owner })
}

#[test]
fn a_link_wins_over_a_name() {
    let (ethan, fiona) = (user("u1", "ethan", None), user("u2", "fiona", None));
    let by_link = check(&asserted("fiona", Some("s")), Some(&ethan), Found::One(&fiona), true);
    assert_eq!(by_link, Ok(Person::Linked(ethan.id.clone())));
    let nobody = check(&asserted("gone", Some("s")), Some(&ethan), Found::Nobody, false);
    assert_eq!(nobody, Ok(Person::Linked(ethan.id.clone())));
    let several = check(&asserted("x", Some("s")), Some(&ethan), Found::Several, false);
    assert_eq!(several, Ok(Person::Linked(ethan.id)));
}

#[test]
fn a_lasting_name_is_linked_at_the_first_match_and_any_other_never() {
    let ethan = user("u1", "ethan", None);
    for (stable, link) in [(Some("s"), true), (None, false)] {
        let matched = check(&asserted("ethan", stable), None, Found::One(&ethan), false);
        assert_eq!(matched, Ok(Person::Matched { user: ethan.id.clone(), link }));
        let anothers = check(&asserted("ethan", stable), None, Found::One(&ethan), true);
        assert_eq!(anothers, Err(SignInDenial::LinkedToAnother { user_name: "ethan".to_owned() }));
    }
}

#[test]
fn what_is_not_clear_leads_to_nobody() {
    assert_eq!(check(&asserted("nina", Some("s")), None, Found::Nobody, false), Ok(Person::Unknown));
    let several = check(&asserted("e@a.com", None), None, Found::Several, false).unwrap_err();
    assert_eq!(several, SignInDenial::Ambiguous { by: MatchBy::UserName, value: "e@a.com".to_owned() });
}

#[test]
fn another_sources_domain_closes_every_way() {
    let foreign = |result: Result<Person, SignInDenial>| {
        let expected = SignInDenial::ForeignDomain { domain: "other.com".to_owned(), owner: "Other".to_owned() };
        assert_eq!(result, Err(expected));
    };
    let by_name = user("u1", "ethan@Other.com", None);
    let by_address = user("u2", "fiona", Some("fiona@OTHER.com"));
    foreign(check(&asserted("x@other.com", None), None, Found::Nobody, false));
    foreign(check(&asserted("00u1", Some("s")), Some(&by_name), Found::Nobody, false));
    foreign(check(&asserted("fiona", None), None, Found::One(&by_address), false));
    let free = user("u3", "nina@free.com", Some("nina@sub.other.com"));
    assert!(check(&asserted("nina", None), None, Found::One(&free), false).is_ok(), "a subdomain is another domain");
}
