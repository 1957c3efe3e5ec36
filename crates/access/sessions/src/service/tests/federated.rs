//! Sessions that an identity source opened, and what ends them.

use base::Sealer;
use oidc::{Network, NobodyThere, RelyingParty};
use saml::metadata::{IdpDescription, write_idp};
use saml::{Binding, Endpoint, SigningKey};
use source::{
    FederatedSession, MatchBy, MetadataFrom, NewKind, NewSaml, NewSource, SourceEdit, SourcePorts, SourceUrls, Sources,
    SubjectFrom, SubjectMapping,
};

use super::*;
use crate::watch::watch_sources;

fn session(source: &str, name_id: &str, index: Option<&str>) -> FederatedSession {
    FederatedSession {
        source: SourceId::new(source),
        name_id: name_id.into(),
        name_id_format: None,
        name_qualifier: None,
        sp_name_qualifier: None,
        session_index: index.map(str::to_owned),
        id_token: None,
        not_on_or_after: None,
    }
}

async fn open(world: &Fixture, federated: Option<FederatedSession>) -> Secret<String> {
    world.sessions.open_browser(&world.user, CorrelationId::fresh(), federated).await.unwrap().0
}

#[tokio::test]
async fn single_logout_ends_exactly_the_sessions_that_it_names() {
    let world = Fixture::new().await;
    let cookies = [
        open(&world, Some(session("ids-1", "ethan", Some("a")))).await,
        open(&world, Some(session("ids-1", "ethan", Some("b")))).await,
        open(&world, Some(session("ids-1", "ethan", None))).await,
        open(&world, Some(session("ids-1", "fiona", Some("a")))).await,
        open(&world, Some(session("ids-2", "ethan", Some("a")))).await,
        open(&world, None).await,
    ];
    let live = async || {
        let mut live = Vec::new();
        for (number, cookie) in cookies.iter().enumerate() {
            if world.sessions.browser(cookie).await.is_some() {
                live.push(number);
            }
        }
        live
    };
    let (first, index) = (SourceId::new("ids-1"), |index: &str| vec![index.to_owned()]);
    let end = async |name_id: Option<&str>, indexes: Vec<String>| {
        world.sessions.end_federated(&first, name_id, &indexes).await.unwrap().len()
    };
    assert_eq!(end(None, Vec::new()).await, 0, "nobody is meant");
    assert_eq!(end(Some("Ethan"), Vec::new()).await, 0, "to the letter");
    assert_eq!(end(Some("ethan"), index("c")).await, 0);
    assert_eq!(live().await, [0, 1, 2, 3, 4, 5]);
    assert_eq!((end(Some("ethan"), index("a")).await, live().await), (1, vec![1, 2, 3, 4, 5]));
    assert_eq!((end(None, index("a")).await, live().await), (1, vec![1, 2, 4, 5]), "by the index alone");
    assert_eq!((end(Some("ethan"), Vec::new()).await, live().await), (2, vec![4, 5]), "all of the name");
    assert_eq!(world.store.stored(), 2);
    assert_eq!(world.sessions.sources(), [SourceId::new("ids-2")]);
    assert_eq!(world.sessions.end_source(&SourceId::new("ids-2")).await.unwrap().len(), 1);
    assert_eq!((world.sessions.end_password_sessions().await.unwrap().len(), live().await), (1, vec![]));
    assert_eq!((world.sessions.sources(), world.store.stored()), (Vec::new(), 0), "nothing is left in the indexes");
}

#[tokio::test]
async fn a_session_never_lasts_longer_than_its_source_said() {
    let world = Fixture::new().await;
    let ends = world.clock.now() + Duration::minutes(10);
    let federated = FederatedSession { not_on_or_after: Some(ends), ..session("ids-1", "ethan", None) };
    let cookie = open(&world, Some(federated)).await;
    world.clock.advance(Duration::minutes(10) - Duration::SECOND);
    assert!(world.sessions.browser(&cookie).await.is_some());
    world.clock.advance(Duration::SECOND);
    assert!(world.sessions.browser(&cookie).await.is_none());
    world.sessions.sweep().await.unwrap();
    assert_eq!(world.store.stored(), 0);
    let later =
        FederatedSession { not_on_or_after: Some(ends + Duration::days(30)), ..session("ids-1", "ethan", None) };
    let cookie = open(&world, Some(later)).await;
    world.clock.advance(Duration::HOUR);
    assert!(world.sessions.browser(&cookie).await.is_none(), "our own limits hold all the same");
}

async fn sources(world: &Fixture) -> Arc<Sources> {
    let ports = SourcePorts {
        store: Arc::<source::MemoryStore>::default(),
        directory: world.directory.clone(),
        relying_party: Arc::new(RelyingParty::new(Arc::new(NobodyThere), world.clock.clone())),
        fetch: Arc::new(NobodyThere),
        sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
        clock: world.clock.clone(),
    };
    Sources::open(ports, SourceUrls { center_url: "https://center.example.com".into() }).await.unwrap()
}

async fn source(world: &Fixture, sources: &Sources) -> SourceId {
    let now = world.clock.now();
    let key = SigningKey::generate("idp", now - Duration::DAY, now + Duration::days(30)).unwrap();
    let sign_on = [Endpoint { binding: Binding::Redirect, location: "https://idp.example.com/sso".into() }];
    let metadata = write_idp(&IdpDescription {
        entity_id: "https://idp.example.com",
        single_sign_on: &sign_on,
        single_logout: &[],
        certificates: &[key.certificate().clone()],
        wants_signed_requests: false,
        name_id_formats: &[],
        organisation: None,
    });
    let saml = NewSaml {
        metadata: MetadataFrom::Document(metadata),
        sign_requests: false,
        force_authn: false,
        idp_initiated: true,
    };
    let new = NewSource {
        name: "Okta".into(),
        domains: Vec::new(),
        kind: NewKind::Saml(saml),
        subject: SubjectMapping { from: SubjectFrom::NameId, to: MatchBy::UserName },
        just_in_time: false,
        groups_claim: None,
        contact: None,
        network: Network::Public,
    };
    sources.create(new).await.unwrap().id.clone()
}

#[tokio::test]
async fn a_source_that_ends_ends_the_sessions_opened_through_it_and_says_so() {
    let world = Fixture::new().await;
    let sources = sources(&world).await;
    let id = source(&world, &sources).await;
    // A source of before that was deleted by a server which was killed then.
    let left_behind = open(&world, Some(session("ids-gone", "ethan", None))).await;
    let through = open(&world, Some(session(id.as_str(), "ethan", None))).await;
    let password = open(&world, None).await;
    let _watch = watch_sources(Arc::clone(&world.sessions), &sources, world.audit.clone());
    let target = |record: &base::AuditEvent| {
        record.fields.iter().find(|(name, _)| *name == "source").map(|(_, value)| value.clone()).unwrap()
    };
    assert_eq!(target(&world.audit.next().await), "ids-gone");
    assert!(world.sessions.browser(&left_behind).await.is_none());
    assert!(world.sessions.browser(&through).await.is_some());
    let off = SourceEdit { enabled: Some(false), ..SourceEdit::default() };
    sources.update(&id, None, off).await.unwrap();
    assert_eq!(target(&world.audit.next().await), id.as_str());
    assert!(world.sessions.browser(&through).await.is_none());
    assert!(world.sessions.browser(&password).await.is_some());
    let on = SourceEdit { enabled: Some(true), ..SourceEdit::default() };
    sources.update(&id, None, on).await.unwrap();
    assert!(world.sessions.browser(&through).await.is_none(), "it doesn't come alive again");
    sources.set_directory_enabled(false).await.unwrap();
    assert_eq!(target(&world.audit.next().await), "directory");
    assert!(world.sessions.browser(&password).await.is_none());
}
