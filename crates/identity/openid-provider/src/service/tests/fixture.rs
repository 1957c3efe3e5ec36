//! One person, one application, and a store that can break down.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use base::id::DirectoryUserId;
use base::{CorrelationId, FixedClock, Sealer, Secret, pkce};
use directory::{Directory, MemoryStore, NewGroup, NewUser};
use idp::{Application, Connector, ConnectorKind, IdpParts, IdpSession, IdpUrls, NewApplication, Step, Visit};
use time::macros::datetime;

use super::super::*;
use crate::memory::MemoryOpenIdStore;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "https://app.example.com/cb";
const PASSWORD: &str = "correct horse battery staple";

pub(super) struct World {
    pub(super) provider: Arc<OpenIdProvider>,
    pub(super) idp: Arc<IdentityProvider>,
    pub(super) store: Arc<MemoryOpenIdStore>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) ethan: DirectoryUserId,
    pub(super) client_id: String,
    application: Arc<Application>,
    session: IdpSession,
}

impl World {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05 UTC)));
        let directory = Directory::open(Arc::<MemoryStore>::default(), clock.clone()).await.unwrap();
        let new = NewUser { user_name: "ethan".into(), active: true, ..NewUser::default() };
        let ethan = directory.create_user(new).await.unwrap().id.clone();
        directory.set_password(&ethan, Secret::from(PASSWORD)).await.unwrap();
        let group = NewGroup { display_name: "sales".into(), members: vec![ethan.clone()], ..NewGroup::default() };
        let sales = directory.create_group(group).await.unwrap().id.clone();
        let parts = IdpParts {
            store: Arc::<idp::MemoryStore>::default(),
            directory,
            sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
            clock: clock.clone(),
            passkeys: None,
            urls: IdpUrls { idp_url: "https://localhost:8444".into() },
            organisation_name: "Example Corp".into(),
        };
        let idp = IdentityProvider::open(parts).await.unwrap();
        let Connector::OpenIdConnect(mut oidc) = ConnectorKind::OpenIdConnect.template() else { panic!("a template") };
        oidc.redirect_uris = vec![REDIRECT.into()];
        let new = NewApplication {
            connector: Connector::OpenIdConnect(oidc),
            groups: BTreeSet::from([sales]),
            ..NewApplication::of(ConnectorKind::OpenIdConnect, "Wiki")
        };
        let application = idp.create_application(new).await.unwrap().application;
        let store = Arc::<MemoryOpenIdStore>::default();
        let provider = OpenIdProvider::open(store.clone(), idp.clone(), clock.clone()).await.unwrap();
        let visit = Visit { peer: IpAddr::V4(Ipv4Addr::LOCALHOST), correlation: CorrelationId::resume("way-1") };
        let progress = idp.sign_in_with_password("ethan", &Secret::from(PASSWORD), &visit).await.unwrap();
        let Step::In(signed_in) = progress.step else { panic!("not in") };
        let client_id = application.oidc().unwrap().client_id.clone();
        let session = signed_in.session;
        Self { provider, idp, store, clock, ethan, client_id, application, session }
    }

    pub(super) async fn try_code(&self, scope: &str) -> Result<Secret<String>, OpenIdError> {
        let challenge = pkce::challenge_of(&VERIFIER.into());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &self.client_id),
                ("redirect_uri", REDIRECT),
                ("scope", scope),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
            ])
            .finish();
        let checked = self.provider.check(&Parameters::parse(query.as_bytes())).unwrap();
        self.provider.authorize(&checked, &self.session).await
    }

    pub(super) async fn code_for(&self, scope: &str) -> Secret<String> {
        self.try_code(scope).await.unwrap()
    }

    pub(super) async fn code(&self) -> Secret<String> {
        self.code_for("openid offline_access").await
    }

    pub(super) async fn redeem(&self, code: &Secret<String>) -> Result<Issued, OpenIdError> {
        let asked = CodeExchange {
            application: Arc::clone(&self.application),
            code: code.clone(),
            redirect_uri: REDIRECT.into(),
            verifier: VERIFIER.into(),
        };
        self.provider.exchange_code(asked).await
    }

    pub(super) async fn issued(&self) -> Issued {
        self.redeem(&self.code().await).await.unwrap()
    }

    pub(super) async fn refresh(&self, token: &Secret<String>) -> Result<Issued, OpenIdError> {
        let application = Arc::clone(&self.application);
        self.provider.refresh(RefreshExchange { application, refresh_token: token.clone(), scope: None }).await
    }
}
