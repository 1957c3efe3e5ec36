use std::sync::atomic::Ordering;

use base::id::SourceId;
use base::{Clock as _, ErrorKind, Fault as _};
use oidc::Network;
use time::Duration;

use super::world::{
    IDP, KEY, METADATA_URL, NEXT_KEY, Outcome as _, World, key, metadata, now, oidc_source, saml_source,
};
use crate::edit::{MetadataFrom, NewKind, OidcEdit, SamlEdit, SourceEdit};
use crate::{NewSource, SourceChange, SourceError};

fn another(name: &str, entity_id: &str) -> NewSource {
    let NewKind::Saml(mut saml) = saml_source().kind else { panic!() };
    saml.metadata = MetadataFrom::Document(metadata(entity_id, &[&KEY]));
    NewSource { name: name.to_owned(), domains: Vec::new(), kind: NewKind::Saml(saml), ..saml_source() }
}

fn by_url() -> NewSource {
    let NewKind::Saml(mut saml) = saml_source().kind else { panic!() };
    saml.metadata = MetadataFrom::Url(METADATA_URL.to_owned());
    NewSource { kind: NewKind::Saml(saml), ..saml_source() }
}

fn fingerprints(source: &crate::IdentitySource) -> Vec<String> {
    source.saml().unwrap().certificates.iter().map(|one| one.sha256().to_owned()).collect()
}

#[tokio::test]
async fn what_was_configured_is_there_after_a_restart() {
    let mut world = World::new().await;
    let mut changes = world.sources.subscribe();
    let (saml, oidc) = (world.saml().await, world.oidc().await);
    assert_eq!(changes.try_recv().unwrap(), SourceChange::Created(saml.id.clone()));
    assert!(saml.id.as_str().strip_prefix("ids-").is_some_and(|hex| hex.len() == 16));
    let choices = world.sources.choices();
    let names: Vec<_> = choices.sources.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!((names, choices.directory, choices.by_domain), (vec!["Login", "Okta"], true, true));
    let before = format!("{:?}", world.sources.list());
    let xml = world.sources.sp_metadata(&saml.id).unwrap();
    world.restarted().await;
    assert_eq!(format!("{:?}", world.sources.list()), before);
    assert_eq!(world.sources.sp_metadata(&saml.id).unwrap(), xml, "with the same key");
    assert!(xml.contains(&format!("https://center.example.com/platform/saml/{}/acs", saml.id)));
    assert_eq!(world.sources.for_email("Ethan@EXAMPLE.com"), Some(saml.id.clone()));
    assert_eq!(world.sources.for_email("ethan@sub.example.com"), None);
    assert!(world.sources.sp_metadata(&oidc.id).is_err());
    world.person("ethan").await;
    let claims = serde_json::json!({"email": "ethan@example.com", "email_verified": true});
    let foreign = world.oidc_sign_in(&oidc.id, claims).await;
    assert!(foreign.outcome.unwrap_err().denial.to_string().contains("Okta"));
}

#[tokio::test]
async fn a_client_secret_is_kept_sealed_and_never_shown() {
    let world = World::new().await;
    let source = world.oidc().await;
    assert!(!format!("{source:?}").contains("client secret"));
    let stored = crate::SourceStore::load(&*world.store).await.unwrap();
    assert!(!stored.sources[0].definition.contains("client secret"));
    let sealed = source.oidc().unwrap().client_secret.as_ref().unwrap();
    let opened = world.ports.sealer.open_text("source client secret", sealed.expose()).unwrap();
    assert_eq!(opened.expose(), b"client secret");
    let oidc = OidcEdit { client_secret: Some(None), ..OidcEdit::default() };
    let public = world.sources.update(&source.id, None, SourceEdit { oidc, ..SourceEdit::default() }).await.unwrap();
    assert!(public.oidc().unwrap().client_secret.is_none() && public.version == 2);
}

#[tokio::test]
async fn names_domains_and_providers_have_one_source() {
    let world = World::new().await;
    let okta = world.saml().await;
    world.oidc().await;
    let other = another("Other", "https://other.example.com");
    let mut same_domain = other.clone();
    same_domain.domains = vec!["EXAMPLE.com".to_owned()];
    let table = [
        (another("OKTA", "https://other.example.com"), "the name \"OKTA\""),
        (another("Other", IDP), "the entity ID https://idp.example.com/saml"),
        (same_domain, "the domain example.com"),
        (NewSource { name: "Second".to_owned(), ..oidc_source() }, "the client client of the issuer"),
    ];
    for (new, what) in table {
        let refused = world.sources.create(new).await.unwrap_err();
        assert!(refused.kind() == ErrorKind::Conflict && refused.to_string().contains(what), "{refused}");
    }
    let second = world.sources.create(other).await.unwrap();
    let domains = Some(vec!["example.com".to_owned()]);
    let refused = world.sources.update(&second.id, None, SourceEdit { domains, ..SourceEdit::default() }).await;
    assert!(matches!(refused.unwrap_err(), SourceError::Taken { holder, .. } if holder == okta.id));
}

#[tokio::test]
async fn the_last_way_in_stays() {
    let world = World::new().await;
    let refused = world.sources.set_directory_enabled(false).await.unwrap_err();
    assert!(matches!(refused, SourceError::LastWayIn));
    assert!(refused.public().hint.unwrap().contains("Enable another identity source"));
    let source = world.saml().await;
    let mut changes = world.sources.subscribe();
    world.sources.set_directory_enabled(false).await.unwrap();
    assert_eq!(changes.try_recv().unwrap(), SourceChange::Directory { enabled: false });
    assert!(matches!(world.sources.delete(&source.id).await.unwrap_err(), SourceError::LastWayIn));
    let off = SourceEdit { enabled: Some(false), ..SourceEdit::default() };
    let refused = world.sources.update(&source.id, None, off.clone()).await.unwrap_err();
    assert!(matches!(refused, SourceError::LastWayIn) && world.sources.is_enabled(&source.id));
    world.sources.set_directory_enabled(true).await.unwrap();
    world.sources.update(&source.id, None, off).await.unwrap();
    assert!(!world.sources.is_enabled(&source.id) && world.sources.choices().sources.is_empty());
    assert_eq!(world.sources.for_email("ethan@example.com"), None, "nobody is sent to a closed source");
}

#[tokio::test]
async fn what_was_opened_before_a_source_ended_stays_worth_nothing() {
    let mut world = World::new().await;
    let source = world.saml().await;
    let opened = now();
    assert!(world.sources.is_open_to(&source.id, opened));
    let moved = MetadataFrom::Document(metadata("https://new.example.com", &[&NEXT_KEY]));
    let moved = SourceEdit { saml: SamlEdit { metadata: Some(moved), ..SamlEdit::default() }, ..SourceEdit::default() };
    let enabled = |enabled| SourceEdit { enabled: Some(enabled), ..SourceEdit::default() };
    for edits in [vec![moved], vec![enabled(false), enabled(true)]] {
        let before = world.clock.now();
        world.clock.advance(Duration::milliseconds(1));
        for edit in edits {
            world.sources.update(&source.id, None, edit).await.unwrap();
        }
        world.restarted().await;
        assert!(
            !world.sources.is_open_to(&source.id, before) && world.sources.is_open_to(&source.id, world.clock.now())
        );
    }
    let before = world.clock.now();
    world.clock.advance(Duration::SECOND);
    let contact = SourceEdit { contact: Some(None), ..SourceEdit::default() };
    world.sources.update(&source.id, None, contact).await.unwrap();
    assert!(world.sources.is_open_to(&source.id, before), "a change that ends nothing");
}

#[tokio::test]
async fn who_listens_hears_what_ends() {
    let world = World::new().await;
    let source = world.saml().await;
    let mut changes = world.sources.subscribe();
    let edit = |edit: SourceEdit| world.sources.update(&source.id, None, edit);
    edit(SourceEdit { contact: Some(None), ..SourceEdit::default() }).await.unwrap();
    let moved = MetadataFrom::Document(metadata("https://new.example.com", &[&NEXT_KEY]));
    let saml = SamlEdit { metadata: Some(moved), ..SamlEdit::default() };
    let moved = edit(SourceEdit { saml, ..SourceEdit::default() }).await.unwrap();
    assert_eq!(fingerprints(&moved), [NEXT_KEY.certificate().sha256()], "another provider's keys aren't kept");
    edit(SourceEdit { enabled: Some(false), ..SourceEdit::default() }).await.unwrap();
    edit(SourceEdit { enabled: Some(true), ..SourceEdit::default() }).await.unwrap();
    world.sources.delete(&source.id).await.unwrap();
    let id = &source.id;
    let (changed, ended) = (SourceChange::Changed(id.clone()), SourceChange::Ended(id.clone()));
    for expected in [&changed, &ended, &ended, &changed, &ended] {
        assert_eq!(&changes.try_recv().unwrap(), expected);
    }
    assert!(changes.try_recv().is_err());
}

#[tokio::test]
async fn an_update_is_for_the_version_that_was_seen() {
    let world = World::new().await;
    let source = world.saml().await;
    let rename = |name: &str| SourceEdit { name: Some(name.to_owned()), ..SourceEdit::default() };
    let same = world.sources.update(&source.id, Some(1), rename("Okta")).await.unwrap();
    assert_eq!(same.version, 1, "nothing new is no change");
    assert_eq!(world.sources.update(&source.id, Some(1), rename("New")).await.unwrap().version, 2);
    let stale = world.sources.update(&source.id, Some(1), rename("Newer")).await.unwrap_err();
    assert!(matches!(stale, SourceError::VersionMismatch { expected: 1, found: 2 }));
    let unknown = world.sources.update(&SourceId::new("ids-0"), None, rename("x")).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    let oidc = OidcEdit { issuer: Some("https://x.example.com".to_owned()), ..OidcEdit::default() };
    let other = world.sources.update(&source.id, None, SourceEdit { oidc, ..SourceEdit::default() }).await;
    assert!(matches!(other.unwrap_err(), SourceError::Invalid { parameter: "Issuer", .. }));
}

#[tokio::test]
async fn a_refresh_keeps_the_old_certificate_until_it_has_expired() {
    let world = World::new().await;
    let (old, next) = (key(10), key(400));
    world.fetch.answer(METADATA_URL, 200, &metadata(IDP, &[&old]));
    let source = world.sources.create(by_url()).await.unwrap();
    world.fetch.answer(METADATA_URL, 200, &metadata(IDP, &[&next]));
    let refreshed = world.sources.refresh_metadata(&source.id).await.unwrap();
    assert_eq!(refreshed.added, [next.certificate().sha256()]);
    assert_eq!(fingerprints(&refreshed.source), [old.certificate().sha256(), next.certificate().sha256()]);
    let again = world.sources.refresh_metadata(&source.id).await.unwrap();
    assert_eq!((again.added.len(), again.source.version), (0, refreshed.source.version));
    world.clock.advance(Duration::days(11));
    let later = world.sources.refresh_metadata(&source.id).await.unwrap();
    assert_eq!(later.dropped, [old.certificate().sha256()]);
    assert_eq!(fingerprints(&later.source), [next.certificate().sha256()]);
}

#[tokio::test]
async fn a_refresh_takes_no_other_providers_metadata() {
    let world = World::new().await;
    let document = world.saml().await;
    let refused = world.sources.refresh_metadata(&document.id).await.unwrap_err();
    assert!(matches!(refused, SourceError::NoMetadataUrl(_)));
    world.sources.delete(&document.id).await.unwrap();
    world.fetch.answer(METADATA_URL, 200, &metadata(IDP, &[&KEY]));
    let source = world.sources.create(by_url()).await.unwrap();
    world.fetch.answer(METADATA_URL, 200, &metadata("https://evil.example.com", &[&NEXT_KEY]));
    let refused = world.sources.refresh_metadata(&source.id).await.unwrap_err();
    assert!(matches!(&refused, SourceError::MetadataOfAnother { found, .. } if found == "https://evil.example.com"));
    world.fetch.answer(METADATA_URL, 404, "");
    let refused = world.sources.refresh_metadata(&source.id).await.unwrap_err();
    assert!(matches!(refused, SourceError::FetchStatus { status: 404, .. }));
    assert_eq!(fingerprints(&world.sources.get(&source.id).unwrap()), [KEY.certificate().sha256()]);
}

#[tokio::test]
async fn the_last_certificate_stays() {
    let world = World::new().await;
    let source = world.saml().await;
    let sha256 = KEY.certificate().sha256();
    let last = world.sources.remove_certificate(&source.id, sha256).await.unwrap_err();
    assert!(matches!(last, SourceError::LastCertificate(_)));
    let unknown = world.sources.remove_certificate(&source.id, "00").await.unwrap_err();
    assert!(matches!(unknown, SourceError::UnknownCertificate { .. }));
    let same = world.sources.add_certificate(&source.id, &KEY.certificate().base64()).await.unwrap();
    assert_eq!((same.version, fingerprints(&same).len()), (1, 1));
    world.sources.add_certificate(&source.id, &NEXT_KEY.certificate().pem()).await.unwrap();
    let written = sha256.to_ascii_uppercase();
    let with_colons: Vec<_> = written.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap()).collect();
    let left = world.sources.remove_certificate(&source.id, &with_colons.join(":")).await.unwrap();
    assert_eq!(fingerprints(&left), [NEXT_KEY.certificate().sha256()]);
    let not_one = world.sources.add_certificate(&source.id, "hello").await.unwrap_err();
    assert_eq!(not_one.kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn a_private_address_is_an_explicit_choice() {
    let world = World::new().await;
    let local = "http://127.0.0.1:8080/metadata";
    let NewKind::Saml(mut saml) = saml_source().kind else { panic!() };
    saml.metadata = MetadataFrom::Url(local.to_owned());
    let new = NewSource { kind: NewKind::Saml(saml), ..saml_source() };
    let refused = world.sources.create(new.clone()).await.unwrap_err();
    assert!(
        matches!(&refused, SourceError::Invalid { parameter: "Metadata", rule } if rule.contains("PrivateNetwork"))
    );
    world.fetch.answer(local, 200, &metadata(IDP, &[&KEY]));
    world.sources.create(NewSource { network: Network::Private, ..new }).await.unwrap();
}

#[tokio::test]
async fn metadata_that_can_not_be_used_says_why() {
    let world = World::new().await;
    let mut new = saml_source();
    let NewKind::Saml(saml) = &mut new.kind else { panic!() };
    saml.metadata = MetadataFrom::Document("<EntityDescriptor/>".to_owned());
    let refused = world.sources.create(new).await.unwrap_err();
    assert!(matches!(refused, SourceError::Metadata(_)) && refused.kind() == ErrorKind::InvalidInput);
    assert!(world.sources.list().is_empty());
}

#[tokio::test]
async fn a_write_that_fails_changes_nothing_and_one_whose_answer_is_lost_is_read_again() {
    let world = World::new().await;
    let source = world.saml().await;
    let rename = |name: &str| SourceEdit { name: Some(name.to_owned()), ..SourceEdit::default() };
    world.store.fail_writes.store(true, Ordering::SeqCst);
    let failed = world.sources.update(&source.id, None, rename("New")).await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Unavailable);
    assert!(!failed.public().message.contains("disk full"));
    assert_eq!(world.sources.get(&source.id).unwrap().name, "Okta");
    world.store.fail_writes.store(false, Ordering::SeqCst);
    world.store.fail_after.store(true, Ordering::SeqCst);
    world.sources.update(&source.id, None, rename("New")).await.unwrap_err();
    assert_eq!(world.sources.get(&source.id).unwrap().name, "New", "as the store has it");
}

#[tokio::test]
async fn requests_are_signed_where_one_side_asks_for_it() {
    let world = World::new().await;
    let source = world.saml().await;
    let (begun, _) = world.begin(&source.id).await;
    let saml::Outgoing::Redirect(plain) = begun.go else { panic!() };
    assert!(!plain.contains("Signature=") && !plain.contains("ForceAuthn"));
    assert!(plain.contains(&format!("RelayState={}", begun.cookie.suffix)));
    let saml = SamlEdit { sign_requests: Some(true), force_authn: Some(true), ..SamlEdit::default() };
    world.sources.update(&source.id, None, SourceEdit { saml, ..SourceEdit::default() }).await.unwrap();
    let (begun, _) = world.begin(&source.id).await;
    let saml::Outgoing::Redirect(signed) = begun.go else { panic!() };
    assert!(signed.contains("Signature="));
    assert!(world.sources.sp_metadata(&source.id).unwrap().contains("AuthnRequestsSigned=\"true\""));
    world.person("ethan").await;
    let old = world.sign_in(&source.id, |draft| draft.at = now()).await;
    old.admitted();
    world.clock.advance(Duration::minutes(4));
    let (begun, request) = world.begin(&source.id).await;
    world.clock.advance(Duration::minutes(1));
    let response = world.response(&source.id, |draft| {
        draft.in_response_to = Some(request);
        draft.at = now() + Duration::minutes(2);
    });
    let cookie = &begun.cookie;
    let stale = world.sources.finish_saml(&source.id, &response, Some(&cookie.suffix), Some(&cookie.value)).await;
    assert!(stale.denied().1.denial.to_string().contains("fresh sign-in"), "they had a session there");
}

#[tokio::test]
async fn an_address_to_return_to_has_to_fit_a_cookie() {
    let world = World::new().await;
    let source = world.saml().await;
    let address = |length: usize| format!("/authorize?{}", "x".repeat(length));
    assert!(world.sources.begin(&source.id, Some(&address(3000)), None).await.is_err());
    world.sources.begin(&source.id, Some(&address(2000)), None).await.unwrap();
}
