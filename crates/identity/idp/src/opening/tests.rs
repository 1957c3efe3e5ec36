use std::collections::BTreeSet;

use base::id::SsoApplicationId;
use time::OffsetDateTime;

use super::*;
use crate::connector::ConnectorKind;
use crate::slug::Slug;

fn group(name: &str) -> DirectoryGroupId {
    DirectoryGroupId::new(name)
}

fn application(active: bool, groups: &[&str]) -> Application {
    Application {
        id: SsoApplicationId::new("app-1"),
        slug: Slug::parse("a").unwrap(),
        label: "A".to_owned(),
        description: String::new(),
        hidden: false,
        active,
        connector: ConnectorKind::Saml.template(),
        groups: groups.iter().copied().map(group).collect::<BTreeSet<_>>(),
        version: 1,
        created: OffsetDateTime::UNIX_EPOCH,
        modified: OffsetDateTime::UNIX_EPOCH,
    }
}

/// Who may open what: person active, SSO active, authorised groups, the person's groups.
#[test]
fn everybody_is_denied_until_a_group_of_theirs_is_authorised() {
    let not_authorised =
        |would: &[&str]| Decision::Denied(Denial::NotAuthorised { would: would.iter().copied().map(group).collect() });
    let allowed = |by: &[&str]| Decision::Allowed { by: by.iter().copied().map(group).collect() };
    for (person, sso, authorised, own, expected) in [
        (true, true, &[][..], &[][..], not_authorised(&[])),
        (true, true, &[], &["a"], not_authorised(&[])),
        (true, true, &["a"], &[], not_authorised(&["a"])),
        (true, true, &["a"], &["b"], not_authorised(&["a"])),
        (true, true, &["a"], &["a"], allowed(&["a"])),
        (true, true, &["a", "b"], &["b", "c"], allowed(&["b"])),
        (true, true, &["a", "b"], &["b", "a"], allowed(&["a", "b"])),
        (true, false, &["a"], &["a"], Decision::Denied(Denial::Deactivated)),
        (false, true, &["a"], &["a"], Decision::Denied(Denial::PersonInactive)),
        (false, false, &["a"], &["a"], Decision::Denied(Denial::PersonInactive)),
    ] {
        let decision = decide(&application(sso, authorised), person, |id| own.contains(&id.as_str()));
        assert_eq!(decision, expected, "{person} {sso} {authorised:?} {own:?}");
        assert_eq!(decision.is_allowed(), matches!(expected, Decision::Allowed { .. }));
    }
}

#[test]
fn a_denial_names_few_groups_and_says_what_to_do() {
    let names: Vec<String> = (0..50).map(|number| format!("g{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Decision::Denied(denial) = decide(&application(true, &names), true, |_| false) else { panic!("allowed") };
    let Denial::NotAuthorised { would } = &denial else { panic!("{denial}") };
    assert_eq!(would.len(), 10);
    assert_eq!(denial.kind(), ErrorKind::Denied);
    assert!(denial.public().hint.is_some() && denial.mend().contains("Authorise"));
}
