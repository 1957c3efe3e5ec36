mod api_tokens;
mod applications;
mod assertion;
mod keys;
mod passkeys;
mod sessions;
mod sign_in;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use base::id::DirectoryGroupId;
use base::{CorrelationId, FixedClock, Secret};
use directory::{DirectoryUser, NewGroup, NewUser};
use time::Duration;

use super::*;
use crate::application::{ConstantAttribute, NewApplication};
use crate::aws_attribute::ROLE;
use crate::connector::ConnectorKind;
use crate::memory::MemoryStore;
use crate::port::StoredIdp;
use crate::session::{SignedIn, Visit};
use crate::sign_in::{Progress, Step};

const URL: &str = "https://localhost:8443";
const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const PASSWORD: &str = "correct horse battery";
const ROLE_VALUE: &str = "arn:aws:iam::123456789012:role/redshift,arn:aws:iam::123456789012:saml-provider/redshift-sso";

/// Keeps the writes, and can fail before it has kept them.
#[derive(Debug, Default)]
struct FailingStore {
    kept: MemoryStore,
    fail: AtomicBool,
}

#[async_trait::async_trait]
impl IdpStore for FailingStore {
    async fn load(&self) -> Result<StoredIdp, IdpError> {
        self.kept.load().await
    }

    async fn apply(&self, writes: &[IdpWrite]) -> Result<(), IdpError> {
        if self.fail.swap(false, Ordering::SeqCst) {
            return Err(IdpError::Store("disk full".to_owned()));
        }
        self.kept.apply(writes).await
    }
}

struct World {
    provider: Arc<IdentityProvider>,
    directory: Arc<Directory>,
    store: Arc<FailingStore>,
    sealer: Arc<Sealer>,
    clock: Arc<FixedClock>,
}

impl World {
    async fn open() -> Self {
        let clock = Arc::new(FixedClock::at(OffsetDateTime::UNIX_EPOCH + Duration::days(20_000)));
        let directory = Directory::open(Arc::new(directory::MemoryStore::default()), clock.clone()).await.unwrap();
        let store = Arc::new(FailingStore::default());
        let sealer = Arc::new(Sealer::new(&Secret::new(base::random::bytes::<32>().to_vec())).unwrap());
        let provider = provider(&store, &directory, &sealer, &clock).await;
        Self { provider, directory, store, sealer, clock }
    }

    /// The process ends, and another one opens the same store.
    async fn restart(&mut self) {
        self.provider = provider(&self.store, &self.directory, &self.sealer, &self.clock).await;
    }

    async fn person(&self, user_name: &str) -> Arc<DirectoryUser> {
        let new = NewUser { user_name: user_name.to_owned(), active: true, ..NewUser::default() };
        let user = self.directory.create_user(new).await.unwrap();
        self.directory.set_password(&user.id, Secret::from(PASSWORD)).await.unwrap();
        // What is proven in the moment of the change is of before it.
        self.clock.advance(Duration::SECOND);
        user
    }

    async fn group(&self, name: &str, members: &[&DirectoryUser]) -> DirectoryGroupId {
        let members = members.iter().map(|user| user.id.clone()).collect();
        let new = NewGroup { display_name: name.to_owned(), members, ..NewGroup::default() };
        self.directory.create_group(new).await.unwrap().id.clone()
    }

    async fn password(&self, user_name: &str) -> Progress {
        let visit = Visit { peer: PEER, correlation: CorrelationId::fresh() };
        self.provider.sign_in_with_password(user_name, &Secret::from(PASSWORD), &visit).await.unwrap()
    }

    async fn signed_in(&self, user_name: &str) -> SignedIn {
        led_in(self.password(user_name).await)
    }

    /// A Redshift application that is ready to be opened.
    async fn redshift(&self, groups: &[&DirectoryGroupId]) -> Arc<crate::Application> {
        let mut new = NewApplication::of(ConnectorKind::Redshift, "Amazon Redshift");
        let role = ConstantAttribute { name: ROLE.to_owned(), value: ROLE_VALUE.to_owned() };
        new.connector.saml_mut().unwrap().constant_attributes.push(role);
        new.groups = groups.iter().copied().cloned().collect();
        self.provider.create_application(new).await.unwrap().application
    }
}

async fn provider(
    store: &Arc<FailingStore>,
    directory: &Arc<Directory>,
    sealer: &Arc<Sealer>,
    clock: &Arc<FixedClock>,
) -> Arc<IdentityProvider> {
    IdentityProvider::open(IdpParts {
        store: store.clone(),
        directory: directory.clone(),
        sealer: sealer.clone(),
        clock: clock.clone(),
        passkeys: Some(Arc::new(Passkeys::new(URL, "Example Corp").unwrap())),
        urls: IdpUrls { idp_url: URL.to_owned() },
        organisation_name: "Example Corp".to_owned(),
    })
    .await
    .unwrap()
}

fn led_in(progress: Progress) -> SignedIn {
    assert!(progress.flow.is_none(), "nothing is to be kept");
    let Step::In(signed_in) = progress.step else { panic!("{:?}", progress.step) };
    *signed_in
}
