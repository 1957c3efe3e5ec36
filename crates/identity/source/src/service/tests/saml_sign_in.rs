use std::sync::atomic::Ordering;

use base::ErrorKind;
use base::id::SourceId;
use directory::{NewUser, UserEdit};
use saml::{Check, NAME_ID_PERSISTENT, NAME_ID_TRANSIENT};
use time::Duration;

use super::world::{KEY, NEXT_KEY, Outcome as _, World, metadata, saml_source};
use crate::edit::{MetadataFrom, NewKind, SamlEdit, SourceEdit};
use crate::model::{MatchBy, SubjectFrom, SubjectMapping};
use crate::{NewSource, SignInDenial};

fn enabled(enabled: bool) -> SourceEdit {
    SourceEdit { enabled: Some(enabled), ..SourceEdit::default() }
}

#[tokio::test]
async fn who_is_provisioned_signs_in_and_goes_on() {
    let world = World::new().await;
    let source = world.saml().await;
    let ethan = world.person("Ethan").await;
    let signed_in = world.sign_in(&source.id, |draft| draft.assertion = "_a1".to_owned()).await;
    assert_eq!((signed_in.protocol, signed_in.assertion.as_deref()), ("saml", Some("_a1")));
    let names: Vec<_> = signed_in.checks.list().iter().map(|checked| checked.check.clone()).collect();
    assert_eq!(names[..2], ["identity source", "flow"]);
    assert_eq!(names[names.len() - 3..], ["one use", "subject", "person"]);
    assert!(names.contains(&"audience".to_owned()));
    let admitted = signed_in.admitted();
    assert_eq!((admitted.user.id(), admitted.created), (&ethan.id, false));
    assert_eq!((admitted.continue_to.as_deref(), admitted.relay_state), (Some("/authorize?x=1"), None));
    let session = admitted.session;
    assert_eq!((session.name_id.as_str(), session.session_index.as_deref()), ("ethan", Some("session-1")));
    assert!(session.not_on_or_after.is_some() && session.source == source.id);
}

#[tokio::test]
async fn a_sign_in_may_begin_at_the_provider_unless_that_is_off() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let response = world.response(&source.id, |_| {});
    let admitted = world.sources.finish_saml(&source.id, &response, Some("/authorize?y=2"), None).await.admitted();
    assert_eq!((admitted.continue_to, admitted.relay_state.as_deref()), (None, Some("/authorize?y=2")));
    let saml = SamlEdit { idp_initiated: Some(false), ..SamlEdit::default() };
    world.sources.update(&source.id, None, SourceEdit { saml, ..SourceEdit::default() }).await.unwrap();
    let response = world.response(&source.id, |_| {});
    let (_, denied) = world.sources.finish_saml(&source.id, &response, None, None).await.denied();
    assert_eq!(denied.denial, SignInDenial::UnsolicitedNotAllowed);
    assert!(denied.mend.contains(&format!("set {} --idp-initiated", source.id)));
    world.sign_in(&source.id, |_| {}).await.admitted();
}

#[tokio::test]
async fn a_sign_in_that_begins_at_the_provider_is_no_way_around_proving_oneself_each_time() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let saml = SamlEdit { force_authn: Some(true), ..SamlEdit::default() };
    world.sources.update(&source.id, None, SourceEdit { saml, ..SourceEdit::default() }).await.unwrap();
    let response = world.response(&source.id, |draft| draft.since = Duration::minutes(12));
    let (_, denied) = world.sources.finish_saml(&source.id, &response, None, None).await.denied();
    let SignInDenial::Assertion(refusal) = denied.denial else { panic!("{:?}", denied.denial) };
    assert_eq!(refusal.check, Check::FreshSignIn);
    let response = world.response(&source.id, |draft| draft.since = Duration::minutes(9));
    world.sources.finish_saml(&source.id, &response, None, None).await.admitted();
    let (_, denied) = world.sign_in(&source.id, |draft| draft.since = Duration::minutes(9)).await.denied();
    assert!(matches!(denied.denial, SignInDenial::Assertion(_)), "what was asked for here is since then");
}

#[tokio::test]
async fn an_assertion_counts_once_also_after_a_restart() {
    let mut world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let response = world.response(&source.id, |_| {});
    world.sources.finish_saml(&source.id, &response, None, None).await.admitted();
    let (_, denied) = world.sources.finish_saml(&source.id, &response, None, None).await.denied();
    assert_eq!(denied.denial, SignInDenial::Replayed);
    world.restarted().await;
    let (_, denied) = world.sources.finish_saml(&source.id, &response, None, None).await.denied();
    assert_eq!(denied.denial, SignInDenial::Replayed);
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let (begun, request) = world.begin(&source.id).await;
    for expected in [None, Some(SignInDenial::Replayed)] {
        let response = world.response(&source.id, |draft| draft.in_response_to = Some(request.clone()));
        let cookie = &begun.cookie;
        let done = world.sources.finish_saml(&source.id, &response, Some(&cookie.suffix), Some(&cookie.value)).await;
        assert_eq!(done.outcome.err().map(|denied| denied.denial), expected);
    }
}

#[tokio::test]
async fn nobody_is_admitted_without_the_mark_being_kept() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    world.store.fail_marks.store(true, Ordering::SeqCst);
    let (_, denied) = world.sign_in(&source.id, |_| {}).await.denied();
    assert_eq!((denied.kind, denied.title), (ErrorKind::Unavailable, "Not possible at the moment"));
    assert!(!denied.public.message.contains("disk") && denied.mend.contains("disk full"));
}

#[tokio::test]
async fn an_answer_to_another_browsers_request_is_refused() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let (theirs, request) = world.begin(&source.id).await;
    let (ours, _) = world.begin(&source.id).await;
    let response = world.response(&source.id, |draft| draft.in_response_to = Some(request));
    let finish = async |relay_state: &str, flow| {
        world.sources.finish_saml(&source.id, &response, Some(relay_state), flow).await.denied().1.denial
    };
    assert_eq!(finish(&theirs.cookie.suffix, None).await, SignInDenial::FlowMissing);
    let crossed = finish(&theirs.cookie.suffix, Some(&ours.cookie.value)).await;
    assert_eq!(crossed, SignInDenial::FlowOfAnotherBrowser);
    let forged = base::Secret::from("forged");
    assert_eq!(finish(&ours.cookie.suffix, Some(&forged)).await, SignInDenial::FlowOfAnotherBrowser);
    let other = finish(&ours.cookie.suffix, Some(&ours.cookie.value)).await;
    assert!(
        matches!(&other, SignInDenial::Assertion(refusal) if refusal.check.name().contains("response to")),
        "{other}"
    );
    let unasked = world.response(&source.id, |_| {});
    let cookie = &ours.cookie;
    let done = world.sources.finish_saml(&source.id, &unasked, Some(&cookie.suffix), Some(&cookie.value)).await;
    assert!(
        matches!(done.denied().1.denial, SignInDenial::Assertion(_)),
        "an unasked answer doesn't end a sign-in that was begun"
    );
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_most() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let (begun, request) = world.begin(&source.id).await;
    for (wait, seconds) in [(Duration::minutes(10), 600), (Duration::minutes(-12), -120)] {
        world.clock.advance(wait);
        let response = world.response(&source.id, |draft| draft.in_response_to = Some(request.clone()));
        let cookie = &begun.cookie;
        let done = world.sources.finish_saml(&source.id, &response, Some(&cookie.suffix), Some(&cookie.value)).await;
        let (_, denied) = done.denied();
        assert_eq!(denied.denial, SignInDenial::FlowExpired { seconds });
        assert_eq!(denied.mend.contains("clock"), seconds < 0);
        assert_eq!(denied.continue_to.as_deref(), Some("/authorize?x=1"), "to begin again");
    }
}

#[tokio::test]
async fn a_refused_assertion_names_check_and_mend() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let audience = format!("https://center.example.com/platform/saml/{}", source.id);
    let refused = world.sign_in(&source.id, |draft| draft.audience = Some("https://other".to_owned())).await;
    let (signed_in, denied) = refused.denied();
    assert!(matches!(&denied.denial, SignInDenial::Assertion(refusal) if refusal.check == Check::Audience));
    assert!(denied.mend.contains(&audience), "{}", denied.mend);
    assert!(denied.public.message.contains("https://other") && denied.public.message.contains(&audience));
    assert!(denied.public.hint.as_ref().unwrap().contains("the help desk (help@example.com)"));
    assert!(signed_in.assertion.is_some());
    let ahead = world.sign_in(&source.id, |draft| draft.at += Duration::seconds(94)).await.denied().1;
    assert!(ahead.denial.to_string().contains("94 s") && ahead.mend.contains("Synchronise"), "{ahead:?}");
    let key = world.sign_in(&source.id, |draft| draft.key = &NEXT_KEY).await.denied().1;
    assert!(key.mend.contains(&format!("certificate add {}", source.id)), "{}", key.mend);
    let issuer = world.sign_in(&source.id, |draft| draft.issuer = "https://evil.example.com").await.denied().1;
    assert!(issuer.mend.contains("--metadata"), "{}", issuer.mend);
}

#[tokio::test]
async fn who_is_not_provisioned_is_told_whom_to_turn_to() {
    let world = World::new().await;
    let source = world.saml().await;
    let (_, denied) = world.sign_in(&source.id, |draft| draft.name_id = "nina").await.denied();
    let expected = SignInDenial::NotProvisioned { by: MatchBy::UserName, value: "nina".to_owned() };
    assert_eq!(denied.denial, expected);
    assert!(denied.denial.is_not_provisioned());
    let hint = denied.public.hint.unwrap();
    assert!(denied.public.message.contains("Okta") && denied.public.message.contains("\"nina\""));
    assert!(hint.contains("the help desk"), "{hint}");
    assert!(denied.mend.contains("SCIM") && denied.mend.contains("--just-in-time"), "{}", denied.mend);
    assert_eq!(world.directory.user_count(), 0);
}

#[tokio::test]
async fn somebody_inactive_stays_out() {
    let world = World::new().await;
    let source = world.saml().await;
    let ethan = world.person("ethan").await;
    let off = |user: &directory::DirectoryUser| {
        Ok::<_, directory::DirectoryError>(UserEdit::from(NewUser { active: false, ..NewUser::from(user) }))
    };
    world.directory.update_user(&ethan.id, None, off).await.unwrap();
    let (_, denied) = world.sign_in(&source.id, |_| {}).await.denied();
    assert_eq!(denied.denial, SignInDenial::Inactive { user_name: "ethan".to_owned() });
}

#[tokio::test]
async fn a_source_that_is_closed_meanwhile_admits_nobody() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    let finish = async |response: &str, begun: &crate::Begun| {
        let cookie = &begun.cookie;
        let done = world.sources.finish_saml(&source.id, response, Some(&cookie.suffix), Some(&cookie.value)).await;
        done.denied().1.denial
    };
    let (begun, request) = world.begin(&source.id).await;
    let answer = || world.response(&source.id, |draft| draft.in_response_to = Some(request.clone()));
    world.sources.update(&source.id, None, enabled(false)).await.unwrap();
    assert_eq!(finish(&answer(), &begun).await, SignInDenial::SourceDisabled);
    assert!(world.sources.begin(&source.id, None, None).await.unwrap_err().to_string().contains("disabled"));
    let moved = MetadataFrom::Document(metadata("https://new.example.com/saml", &[&NEXT_KEY]));
    let saml = SamlEdit { metadata: Some(moved), ..SamlEdit::default() };
    world.sources.update(&source.id, None, SourceEdit { saml, ..enabled(true) }).await.unwrap();
    assert_eq!(finish(&answer(), &begun).await, SignInDenial::SourceChanged);
    world.sources.delete(&source.id).await.unwrap();
    let gone = finish(&answer(), &begun).await;
    assert_eq!(gone, SignInDenial::UnknownSource { id: source.id.to_string() });
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_person_can_be_named_by_an_attribute_with_one_value() {
    let world = World::new().await;
    let subject = SubjectMapping { from: SubjectFrom::Attribute("uid".to_owned()), to: MatchBy::ExternalId };
    let source = world.sources.create(NewSource { subject, ..saml_source() }).await.unwrap();
    let ethan = world.person("ethan").await;
    let with = async |values: Vec<&'static str>| {
        world.sign_in(&source.id, |draft| draft.attributes = vec![("uid", values)]).await
    };
    assert_eq!(with(vec!["ext-ethan"]).await.admitted().user.id(), &ethan.id);
    let letter = with(vec!["Ext-Ethan"]).await.denied().1.denial;
    assert!(letter.is_not_provisioned(), "an externalId is compared to the letter");
    let twice = with(vec!["ext-ethan", "ext-fiona"]).await.denied().1.denial;
    assert_eq!(twice, SignInDenial::SeveralSubjects { wanted: "uid".to_owned(), count: 2 });
    let none = world.sign_in(&source.id, |_| {}).await.denied().1.denial;
    assert_eq!(none, SignInDenial::NoSubject { wanted: "uid".to_owned() });
}

#[tokio::test]
async fn a_transient_name_names_nobody() {
    let world = World::new().await;
    let source = world.sources.create(NewSource { just_in_time: true, ..saml_source() }).await.unwrap();
    let (_, denied) = world.sign_in(&source.id, |draft| draft.format = NAME_ID_TRANSIENT).await.denied();
    assert_eq!(denied.denial, SignInDenial::TransientSubject);
    assert_eq!(world.directory.user_count(), 0);
}

/// By a persistent NameID, with the person's name in an attribute.
fn persistent(source: NewSource) -> NewSource {
    let subject = SubjectMapping { from: SubjectFrom::Attribute("uid".to_owned()), to: MatchBy::UserName };
    NewSource { subject, ..source }
}

async fn as_subject(world: &World, id: &SourceId, subject: &str, name: &str) -> crate::SignIn {
    world
        .sign_in(id, |draft| {
            draft.name_id = subject;
            draft.format = NAME_ID_PERSISTENT;
            draft.attributes = vec![("uid", vec![name])];
        })
        .await
}

#[tokio::test]
async fn a_name_that_was_given_to_somebody_new_does_not_lead_to_the_old_account() {
    let world = World::new().await;
    let source = world.sources.create(persistent(saml_source())).await.unwrap();
    let ethan = world.person("ethan").await;
    assert_eq!(as_subject(&world, &source.id, "p-1", "ethan").await.admitted().user.id(), &ethan.id);
    let recycled = as_subject(&world, &source.id, "p-2", "ethan").await.denied().1.denial;
    assert_eq!(recycled, SignInDenial::LinkedToAnother { user_name: "ethan".to_owned() });
    let stripped = world.sign_in(&source.id, |draft| draft.attributes = vec![("uid", vec!["ethan"])]).await;
    let stripped = stripped.denied().1.denial;
    assert_eq!(stripped, SignInDenial::LinkedToAnother { user_name: "ethan".to_owned() }, "nor without a lasting name");
    let renamed = as_subject(&world, &source.id, "p-1", "ethan.new").await.admitted();
    assert_eq!(renamed.user.id(), &ethan.id, "the same person, renamed there");
}

#[tokio::test]
async fn a_link_ends_with_its_person_and_with_a_new_mapping() {
    let world = World::new().await;
    let source = world.sources.create(persistent(saml_source())).await.unwrap();
    let first = world.person("ethan").await;
    as_subject(&world, &source.id, "p-1", "ethan").await.admitted();
    world.directory.delete_user(&first.id, None).await.unwrap();
    assert!(as_subject(&world, &source.id, "p-1", "ethan").await.denied().1.denial.is_not_provisioned());
    let second = world.person("ethan").await;
    assert_eq!(as_subject(&world, &source.id, "p-1", "ethan").await.admitted().user.id(), &second.id);
    assert!(as_subject(&world, &source.id, "p-2", "ethan").await.outcome.is_err());
    let subject = Some(source.subject.clone());
    world.sources.update(&source.id, None, SourceEdit { subject, ..SourceEdit::default() }).await.unwrap();
    assert_eq!(as_subject(&world, &source.id, "p-2", "ethan").await.admitted().user.id(), &second.id);
}

#[tokio::test]
async fn nobody_speaks_for_the_domain_of_another_source() {
    let world = World::new().await;
    world.saml().await;
    let NewKind::Saml(mut other) = saml_source().kind else { panic!() };
    other.metadata = MetadataFrom::Document(metadata("https://agency.example.org", &[&KEY]));
    let subject = SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::ExternalId };
    let new =
        NewSource { name: "Agency".to_owned(), domains: vec![], kind: NewKind::Saml(other), subject, ..saml_source() };
    let agency = world.sources.create(new).await.unwrap();
    world.person("ethan").await;
    let as_agency = async |name_id: &str| {
        let signed_in = world
            .sign_in(&agency.id, |draft| {
                draft.issuer = "https://agency.example.org";
                draft.name_id = name_id;
            })
            .await;
        signed_in.denied().1
    };
    let expected = SignInDenial::ForeignDomain { domain: "example.com".to_owned(), owner: "Okta".to_owned() };
    let by_person = as_agency("ext-ethan").await;
    assert_eq!(by_person.denial, expected, "the person's own address counts, whatever they were found by");
    assert!(by_person.mend.contains("Okta"));
    assert_eq!(as_agency("nobody@EXAMPLE.com").await.denial, expected);
}

#[tokio::test]
async fn the_next_certificate_is_accepted_beside_the_old_one() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    world.sources.add_certificate(&source.id, &NEXT_KEY.certificate().pem()).await.unwrap();
    world.sign_in(&source.id, |draft| draft.key = &NEXT_KEY).await.admitted();
    world.sign_in(&source.id, |_| {}).await.admitted();
    world.sources.remove_certificate(&source.id, KEY.certificate().sha256()).await.unwrap();
    let old = world.sign_in(&source.id, |_| {}).await.denied().1.denial;
    assert!(matches!(old, SignInDenial::Assertion(refusal) if refusal.check == Check::Signature));
}

#[tokio::test]
async fn an_expired_certificate_is_refused_by_name() {
    let world = World::new().await;
    let source = world.saml().await;
    world.person("ethan").await;
    world.clock.advance(Duration::days(366));
    let response = world.response(&source.id, |_| {});
    let (_, denied) = world.sources.finish_saml(&source.id, &response, None, None).await.denied();
    assert!(matches!(&denied.denial, SignInDenial::Assertion(refusal) if refusal.check == Check::CertificateValidity));
    assert!(denied.mend.contains("identity-source refresh"), "{}", denied.mend);
}
