//! Identity sources over HTTP, and the providers behind them.

mod configure;
mod explain;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use base::{FixedClock, Sealer, Secret};
use directory::Directory;
use oidc::{Fetch, FetchError, Fetched, Network, RelyingParty};
use saml::metadata::{IdpDescription, write_idp};
use saml::{Binding, Endpoint, SigningKey};
use serde_json::{Value, json};
use source::{MemoryStore, SourcePorts, SourceUrls, Sources};
use time::{Duration, OffsetDateTime};

use super::world::{Reply, World};

pub(super) const METADATA_URL: &str = "https://idp.example.com/metadata";
const IDP: &str = "https://idp.example.com/saml";
const ISSUER: &str = "https://login.example.com";
/// When the world's clock stands.
const NOW: i64 = 1_772_323_170;

fn key(days: i64) -> SigningKey {
    let now = OffsetDateTime::from_unix_timestamp(NOW).unwrap();
    SigningKey::generate("idp", now - Duration::DAY, now + Duration::days(days)).unwrap()
}

/// Valid for 20 days and for 400.
static KEYS: LazyLock<[SigningKey; 2]> = LazyLock::new(|| [key(20), key(400)]);

/// Answers by address; what isn't there can't be reached.
#[derive(Debug, Default)]
pub(in crate::tests) struct FakeProvider {
    answers: Mutex<HashMap<String, String>>,
}

impl FakeProvider {
    fn answer(&self, url: &str, body: &str) {
        self.answers.lock().unwrap().insert(url.to_owned(), body.to_owned());
    }

    fn respond(&self, url: &str) -> Result<Fetched, FetchError> {
        let body = self.answers.lock().unwrap().get(url).cloned();
        let body = body.ok_or_else(|| FetchError::Unreachable("connection refused".to_owned()))?.into_bytes();
        Ok(Fetched { status: 200, content_type: None, body })
    }
}

#[async_trait::async_trait]
impl Fetch for FakeProvider {
    async fn get(&self, url: &str, _: Option<&Secret<String>>, _: Network) -> Result<Fetched, FetchError> {
        self.respond(url)
    }

    async fn post_form(
        &self,
        url: &str,
        _: &[(&str, &str)],
        _: Option<(&str, &Secret<String>)>,
        _: Network,
    ) -> Result<Fetched, FetchError> {
        self.respond(url)
    }
}

pub(in crate::tests) async fn open(
    directory: &Arc<Directory>,
    clock: &Arc<FixedClock>,
) -> (Arc<Sources>, Arc<FakeProvider>) {
    let provider = Arc::new(FakeProvider::default());
    let ports = SourcePorts {
        store: Arc::<MemoryStore>::default(),
        directory: Arc::clone(directory),
        relying_party: Arc::new(RelyingParty::new(provider.clone(), clock.clone())),
        fetch: provider.clone(),
        sealer: Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap()),
        clock: clock.clone(),
    };
    let urls = SourceUrls { center_url: "https://center.example.com".to_owned() };
    (Sources::open(ports, urls).await.unwrap(), provider)
}

fn metadata(key: &SigningKey) -> String {
    let at = |location: &str| Endpoint { binding: Binding::Post, location: location.to_owned() };
    write_idp(&IdpDescription {
        entity_id: IDP,
        single_sign_on: &[at("https://idp.example.com/sso")],
        single_logout: &[],
        certificates: std::slice::from_ref(key.certificate()),
        wants_signed_requests: true,
        name_id_formats: &[],
        organisation: None,
    })
}

async fn call(world: &World, operation: &str, input: Value) -> Reply {
    world.json("gatehouse", operation, &input).send().await
}

async fn saml(world: &World) -> Value {
    let input = json!({"Name": "Okta", "Type": "SAML", "Metadata": metadata(&KEYS[0]), "Domains": ["Example.com"]});
    call(world, "CreateIdentitySource", input).await.ok().json()["IdentitySource"].clone()
}
