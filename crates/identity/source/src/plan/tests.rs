use std::sync::Arc;

use base::id::SourceId;
use oidc::Network;
use time::OffsetDateTime;

use super::{SOURCES_MAX, SourceChange, check_unique, replace};
use crate::error::SourceError;
use crate::model::{IdentitySource, MatchBy, OidcSource, SourceKind, SubjectFrom, SubjectMapping};
use crate::state::{State, StateChange};

fn source(number: usize) -> IdentitySource {
    let at = OffsetDateTime::UNIX_EPOCH;
    let kind = SourceKind::Oidc(OidcSource {
        issuer: "https://i".to_owned(),
        client_id: format!("c{number}"),
        client_secret: None,
        scopes: Vec::new(),
        network: Network::Public,
    });
    IdentitySource {
        id: SourceId::new(format!("ids-{number}")),
        name: format!("Source {number}"),
        enabled: true,
        domains: vec![format!("d{number}.com")],
        kind,
        subject: SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::UserName },
        just_in_time: false,
        groups_claim: None,
        contact: None,
        version: 1,
        sessions_since: at,
        created: at,
        modified: at,
    }
}

#[test]
fn there_are_so_many_sources_at_most() {
    let state = State::new((0..SOURCES_MAX).map(source), true, None, []);
    assert!(matches!(check_unique(&state, &source(SOURCES_MAX)), Err(SourceError::TooMany { .. })));
    assert!(check_unique(&state, &source(0)).is_ok(), "an update of one that is there");
}

#[test]
fn the_same_client_of_another_issuer_is_another_provider() {
    let state = State::new([source(1)], true, None, []);
    let mut other =
        IdentitySource { id: SourceId::new("ids-2"), name: "Two".to_owned(), domains: Vec::new(), ..source(1) };
    assert!(matches!(check_unique(&state, &other), Err(SourceError::Taken { .. })));
    let SourceKind::Oidc(oidc) = &mut other.kind else { panic!() };
    oidc.issuer = "https://j".to_owned();
    assert!(check_unique(&state, &other).is_ok());
}

#[test]
fn links_last_while_provider_and_mapping_do() {
    let current = source(1);
    let check = |next: IdentitySource, mapping_given: bool| {
        let (changes, announced) = replace(&current, Arc::new(next), mapping_given);
        let forgets = changes.iter().any(|change| matches!(change, StateChange::ForgetLinks(_)));
        (forgets, announced[0] == SourceChange::Ended(current.id.clone()))
    };
    assert_eq!(check(source(1), false), (false, false));
    assert_eq!(check(source(1), true), (true, false));
    assert_eq!(check(IdentitySource { enabled: false, ..source(1) }, false), (false, true));
    let moved = IdentitySource { id: current.id.clone(), ..source(2) };
    assert_eq!(check(moved, false), (true, true));
}
