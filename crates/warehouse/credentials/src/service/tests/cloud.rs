//! IAM with a user and a role that may get what tests ask for, in memory.

use std::sync::Arc;

use base::{CorrelationId, FixedClock, Sealer, Secret};
use iam::{Holder, Iam, KeyHolder, NewRole, NewUser};
use oidc::{Network, NobodyThere};
use sigv4::CredentialLookup as _;
use sts::{AssumeRoleRequest, Caller, MemoryStsStore, Peer, Sts, StsParts};
use time::macros::datetime;

pub(super) const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

pub(super) struct Cloud {
    pub(super) clock: Arc<FixedClock>,
    pub(super) sealer: Arc<Sealer>,
    pub(super) iam: Arc<Iam>,
    pub(super) sts: Arc<Sts>,
    pub(super) alice: Caller,
}

impl Cloud {
    pub(super) async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(datetime!(2026-01-02 03:04:05.678 UTC)));
        let sealer = Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap());
        let store = Arc::<iam::MemoryStore>::default();
        let iam = Arc::new(Iam::open(store, sealer.clone(), clock.clone(), "123456789012").await.unwrap());
        let parts = StsParts {
            iam: iam.clone(),
            store: Arc::<MemoryStsStore>::default(),
            sealer: sealer.clone(),
            clock: clock.clone(),
            fetch: Arc::new(NobodyThere),
            network: Network::Public,
            region: "us-east-1".to_owned(),
        };
        let sts = Arc::new(Sts::open(parts).await.unwrap());
        iam.create_user(NewUser { name: "alice".to_owned(), ..NewUser::default() }).await.unwrap();
        iam.put_policy(Holder::User("alice"), "all", EVERYTHING).await.unwrap();
        let key = iam.create_access_key(KeyHolder::User("alice")).await.unwrap();
        let alice = sts.find(&key.id, None).unwrap().caller;
        let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":["sts:AssumeRole","sts:SetSourceIdentity"]}}"#;
        let role = NewRole { name: "Analysts".to_owned(), trust: trust.to_owned(), ..NewRole::default() };
        iam.create_role(role).await.unwrap();
        iam.put_policy(Holder::Role("Analysts"), "all", EVERYTHING).await.unwrap();
        Self { clock, sealer, iam, sts, alice }
    }

    /// A session of the role, for so many seconds, on the way `way-1`.
    pub(super) fn session(&self, seconds: i64) -> Caller {
        self.narrowed(seconds, Vec::new())
    }

    /// The same within these managed policies.
    pub(super) fn narrowed(&self, seconds: i64, policy_arns: Vec<String>) -> Caller {
        let request = AssumeRoleRequest {
            role_arn: "arn:aws:iam::123456789012:role/Analysts".to_owned(),
            session_name: "ethan".to_owned(),
            source_identity: Some("ethan@example.com".to_owned()),
            duration_seconds: Some(seconds),
            policy_arns,
            ..AssumeRoleRequest::default()
        };
        let way = CorrelationId::resume("way-1");
        self.sts.assume_role(&self.alice, &request, Peer::default(), &way).outcome.unwrap().caller
    }
}
