//! IAM over a store in memory.

use std::sync::Arc;

use base::{FixedClock, Sealer, Secret};
use time::OffsetDateTime;

use crate::{Holder, Iam, IamError, MemoryStore, NewPolicy, NewRole, NewUser};

pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const ALLOW: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:DescribeClusters","Resource":"*"}]}"#;
pub(super) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

pub(super) struct Fixture {
    pub(super) store: Arc<MemoryStore>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) iam: Iam,
}

pub(super) fn at() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_772_323_170).unwrap()
}

pub(super) fn sealer() -> Arc<Sealer> {
    Arc::new(Sealer::new(&Secret::new(vec![7; 32])).unwrap())
}

impl Fixture {
    pub(super) async fn new() -> Self {
        Self::over(MemoryStore::default()).await
    }

    pub(super) async fn over(store: MemoryStore) -> Self {
        let (store, clock) = (Arc::new(store), Arc::new(FixedClock::at(at())));
        let iam = Iam::open(store.clone(), sealer(), clock.clone(), ACCOUNT).await.unwrap();
        Self { store, clock, iam }
    }

    /// As after a restart.
    pub(super) async fn reopened(&self) -> Iam {
        Iam::open(self.store.clone(), sealer(), self.clock.clone(), ACCOUNT).await.unwrap()
    }

    pub(super) async fn user(&self, name: &str) -> String {
        self.iam.create_user(NewUser { name: name.to_owned(), ..NewUser::default() }).await.unwrap().arn.clone()
    }

    pub(super) async fn role(&self, name: &str) -> String {
        self.iam.create_role(role(name, "*")).await.unwrap().arn.clone()
    }

    pub(super) async fn policy(&self, name: &str) -> String {
        self.iam.create_policy(policy(name)).await.unwrap().arn.clone()
    }

    pub(super) async fn attach(&self, holder: Holder<'_>, arn: &str) {
        self.iam.attach_policy(holder, arn).await.unwrap();
    }
}

pub(super) fn policy(name: &str) -> NewPolicy {
    NewPolicy { name: name.to_owned(), document: ALLOW.to_owned(), ..NewPolicy::default() }
}

pub(super) fn role(name: &str, trusted: &str) -> NewRole {
    NewRole { name: name.to_owned(), trust: trust(trusted), ..NewRole::default() }
}

pub(super) fn trust(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
    )
}

/// A document that allows one action.
pub(super) fn allowing(action: &str) -> String {
    ALLOW.replace("redshift:DescribeClusters", action)
}

/// The error's code and its words.
#[track_caller]
pub(super) fn refused<T>(result: Result<T, IamError>, code: &str, words: &str) {
    let Err(error) = result else { panic!("not refused: {code} {words}") };
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

pub(super) fn names_of(iam: &Iam, user_id: &str) -> Vec<String> {
    iam.grants_of_user(user_id).identity.iter().map(|one| one.name.to_string()).collect()
}
