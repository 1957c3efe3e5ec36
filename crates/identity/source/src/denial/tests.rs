use base::{Checks, ErrorKind};

use super::SignInDenial;
use super::mend::{MendContext, mend};
use crate::model::MatchBy;

fn every() -> Vec<SignInDenial> {
    let (value, by) = ("ethan".to_owned(), MatchBy::UserName);
    vec![
        SignInDenial::UnknownSource { id: "ids-0".to_owned() },
        SignInDenial::SourceDisabled,
        SignInDenial::SourceChanged,
        SignInDenial::FlowMissing,
        SignInDenial::FlowOfAnotherBrowser,
        SignInDenial::FlowExpired { seconds: 601 },
        SignInDenial::FlowExpired { seconds: -1000 },
        SignInDenial::UnsolicitedNotAllowed,
        SignInDenial::Replayed,
        SignInDenial::NoSubject { wanted: "uid".to_owned() },
        SignInDenial::SeveralSubjects { wanted: "uid".to_owned(), count: 2 },
        SignInDenial::TransientSubject,
        SignInDenial::UnverifiedEmail { value: value.clone() },
        SignInDenial::ForeignDomain { domain: "a.com".to_owned(), owner: "Okta".to_owned() },
        SignInDenial::NotProvisioned { by, value: value.clone() },
        SignInDenial::NotCreatable { value: value.clone(), rule: "too long".to_owned() },
        SignInDenial::Ambiguous { by, value: value.clone() },
        SignInDenial::LinkedToAnother { user_name: value.clone() },
        SignInDenial::Inactive { user_name: value },
        SignInDenial::TooManyGroups { claim: "groups".to_owned(), count: 501 },
        SignInDenial::GroupsElsewhere { claim: "groups".to_owned() },
        SignInDenial::Unavailable("disk full".to_owned()),
    ]
}

const CONTEXT: MendContext<'_> = MendContext {
    source: "ids-1",
    sp_entity_id: "https://c/platform/saml/ids-1",
    acs: "https://c/acs",
    just_in_time: false,
};

#[test]
fn every_denial_has_its_check_its_page_and_its_mend() {
    for denial in every() {
        let mut checks = Checks::default();
        denial.note(&mut checks);
        let failed = checks.failed().unwrap();
        assert!(!failed.expected.is_empty() && failed.found == denial.to_string(), "{failed:?}");
        let mend = mend(&denial, &CONTEXT);
        assert!(mend.ends_with('.') && mend.len() > 30, "{denial}: {mend}");
        let page = denial.person_page("Okta", Some("Ann (7001)"));
        let hint = page.message.hint.unwrap();
        assert!(page.message.message.ends_with('.') && !page.title.is_empty(), "{denial}: {}", page.message.message);
        let says_whom = hint.contains("Ann (7001)");
        let needs_nobody = matches!(denial, SignInDenial::UnsolicitedNotAllowed | SignInDenial::Unavailable(_));
        assert!(says_whom || needs_nobody, "{denial}: {hint}");
        assert!(!page.message.message.contains("disk full"), "the server's troubles aren't the person's");
    }
}

#[test]
fn without_a_contact_it_is_the_administrator() {
    let hint = SignInDenial::SourceDisabled.person_page("Okta", None).message.hint.unwrap();
    assert!(hint.contains("your administrator"), "{hint}");
    assert_eq!(SignInDenial::SourceDisabled.kind(), ErrorKind::Denied);
}

#[test]
fn who_is_missing_is_named_with_the_way_they_were_looked_for() {
    let table = [
        (MatchBy::UserName, "without regard to case", true),
        (MatchBy::ExternalId, "to the letter", false),
        (MatchBy::Email, "primary address", true),
    ];
    for (by, how, can_be_made) in table {
        let text = mend(&SignInDenial::NotProvisioned { by, value: "x".to_owned() }, &CONTEXT);
        assert!(text.contains(how) && text.contains(by.attribute()), "{text}");
        assert_eq!(text.contains("gatehouse identity-source set ids-1 --just-in-time"), can_be_made, "{text}");
    }
}
