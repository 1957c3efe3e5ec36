use std::collections::BTreeMap;

use base::id::SourceId;
use saml::NameId;
use time::OffsetDateTime;

use super::{Asserted, Claims, persistent, read};
use crate::SignInDenial;
use crate::model::{IdentitySource, MatchBy, OidcSource, SourceKind, SubjectFrom, SubjectMapping};

fn source(from: SubjectFrom, to: MatchBy, groups_claim: Option<&str>) -> IdentitySource {
    let at = OffsetDateTime::UNIX_EPOCH;
    let oidc = OidcSource {
        issuer: "https://i".to_owned(),
        client_id: "c".to_owned(),
        client_secret: None,
        scopes: Vec::new(),
        network: oidc::Network::Public,
    };
    IdentitySource {
        id: SourceId::new("ids-1"),
        name: "Login".to_owned(),
        enabled: true,
        domains: Vec::new(),
        kind: SourceKind::Oidc(oidc),
        subject: SubjectMapping { from, to },
        just_in_time: false,
        groups_claim: groups_claim.map(str::to_owned),
        contact: None,
        version: 1,
        sessions_since: at,
        created: at,
        modified: at,
    }
}

type Values<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn check(
    source: &IdentitySource,
    values: &Values<'_>,
    verified: Option<Option<&str>>,
) -> Result<Asserted, SignInDenial> {
    let texts = |name: &str| -> Vec<String> {
        values.get(name).map(|values| values.iter().map(|value| (*value).to_owned()).collect()).unwrap_or_default()
    };
    let claims = Claims {
        subject: " 00u1 ",
        stable: Some("00u1".to_owned()),
        transient: false,
        texts: &texts,
        is_elsewhere: &|name| name == "far",
        verified_email: verified,
    };
    read(source, &claims)
}

fn attribute(name: &str) -> SubjectFrom {
    SubjectFrom::Attribute(name.to_owned())
}

#[test]
fn the_mapping_says_what_names_the_person() {
    let by_name = check(&source(SubjectFrom::NameId, MatchBy::ExternalId, None), &Values::new(), None).unwrap();
    assert_eq!((by_name.value.as_str(), by_name.stable.as_deref(), &by_name.groups), ("00u1", Some("00u1"), &None));
    let upn = source(attribute("upn"), MatchBy::UserName, None);
    assert_eq!(check(&upn, &[("upn", vec![" ethan "])].into(), None).unwrap().value, "ethan");
    for (values, count) in [(vec![], 0), (vec![" "], 1), (vec!["a", "b"], 2), (vec!["a", "a"], 2)] {
        let denied = check(&upn, &[("upn", values)].into(), None).unwrap_err();
        let wanted = "upn".to_owned();
        let expected = if count == 2 {
            SignInDenial::SeveralSubjects { wanted, count }
        } else {
            SignInDenial::NoSubject { wanted }
        };
        assert_eq!(denied, expected);
    }
    let other = check(&upn, &[("upn", vec!["ethan\u{a0}"])].into(), None).unwrap().value;
    assert_eq!(other, "ethan\u{a0}", "to a provider, that may be somebody else");
    assert!(check(&upn, &[("UPN", vec!["ethan"])].into(), None).is_err(), "a name of an attribute is to the letter");
}

#[test]
fn an_address_counts_if_the_provider_vouches_for_that_very_address() {
    let values: Values<'_> = [("email", vec!["e@a.com"]), ("upn", vec!["u@a.com"])].into();
    let verified = |from: &str, to, verified| check(&source(attribute(from), to, None), &values, verified).is_ok();
    assert!(verified("email", MatchBy::Email, Some(Some("e@a.com"))));
    assert!(verified("email", MatchBy::Email, None), "SAML has no word for it");
    assert!(!verified("email", MatchBy::Email, Some(None)));
    assert!(!verified("email", MatchBy::UserName, Some(None)), "nor as a user name");
    assert!(!verified("upn", MatchBy::Email, Some(Some("e@a.com"))), "another address was verified");
    assert!(verified("upn", MatchBy::UserName, Some(None)));
    let profile = check(&source(attribute("upn"), MatchBy::UserName, None), &values, Some(None)).unwrap().profile;
    assert_eq!(profile.email, None, "an unverified address isn't kept either");
}

#[test]
fn groups_differ_without_regard_to_case() {
    let claimed = |values: Vec<&str>| {
        let source = source(SubjectFrom::NameId, MatchBy::ExternalId, Some("groups"));
        let groups = check(&source, &[("groups", values)].into(), None).unwrap().groups.unwrap();
        groups.into_values().collect::<Vec<_>>()
    };
    assert_eq!(claimed(vec!["Sales", "SALES", " finance ", ""]), ["finance", "Sales"]);
    assert_eq!(claimed(vec!["finance\u{a0}"]), ["finance\u{a0}"], "another group");
    assert!(claimed(vec![]).is_empty());
    let far = source(SubjectFrom::NameId, MatchBy::ExternalId, Some("far"));
    let denied = check(&far, &Values::new(), None).unwrap_err();
    assert_eq!(denied, SignInDenial::GroupsElsewhere { claim: "far".to_owned() });
}

#[test]
fn a_qualifier_that_says_nothing_new_makes_nobody_another_one() {
    let name = |by: Option<&str>, sp: Option<&str>| NameId {
        value: "p-1".to_owned(),
        format: None,
        name_qualifier: by.map(str::to_owned),
        sp_name_qualifier: sp.map(str::to_owned),
    };
    let plain = persistent(&name(None, None), "idp", "sp");
    assert_eq!(plain, persistent(&name(Some("idp"), Some("sp")), "idp", "sp"));
    let other = persistent(&name(Some("other"), None), "idp", "sp");
    assert_ne!(plain, other);
    assert_ne!(other, persistent(&name(None, Some("other")), "idp", "sp"));
    let forged = NameId { value: other.clone(), ..name(None, None) };
    assert_ne!(other, persistent(&forged, "idp", "sp"));
}
