//! Documents of providers, for an hour, of a bounded number of providers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::jwks::KeySet;
use crate::{Discovery, Network, Provider};

const LIFETIME: Duration = Duration::hours(1);
/// So seldom a token with an unknown key makes us look for new ones.
const BETWEEN_REFETCHES: Duration = Duration::minutes(1);
const MOST_PROVIDERS: usize = 64;

type Key = (String, Network);

#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<HashMap<Key, Entry>>);

#[derive(Debug)]
struct Entry {
    discovery: Option<(Arc<Discovery>, OffsetDateTime)>,
    /// With the address they are from.
    keys: Option<(String, Arc<KeySet>, OffsetDateTime)>,
    refetched: Option<OffsetDateTime>,
    touched: OffsetDateTime,
}

impl Cache {
    pub(super) fn discovery(&self, provider: &Provider, now: OffsetDateTime) -> Option<Arc<Discovery>> {
        let entries = self.lock();
        let (discovery, fetched) = entries.get(&key(provider))?.discovery.as_ref()?;
        is_fresh(*fetched, now).then(|| Arc::clone(discovery))
    }

    pub(super) fn keys(&self, provider: &Provider, discovery: &Discovery, now: OffsetDateTime) -> Option<Arc<KeySet>> {
        let entries = self.lock();
        let (url, keys, fetched) = entries.get(&key(provider))?.keys.as_ref()?;
        (url == discovery.jwks_uri() && is_fresh(*fetched, now)).then(|| Arc::clone(keys))
    }

    /// Whether keys may be fetched before their time; then nobody else may for a minute.
    pub(super) fn may_refetch_keys(&self, provider: &Provider, now: OffsetDateTime) -> bool {
        self.change(provider, now, |entry| {
            let wait = entry.refetched.is_some_and(|last| now >= last && now - last < BETWEEN_REFETCHES);
            if !wait {
                entry.refetched = Some(now);
            }
            !wait
        })
    }

    pub(super) fn keep_discovery(&self, provider: &Provider, discovery: &Arc<Discovery>, now: OffsetDateTime) {
        self.change(provider, now, |entry| entry.discovery = Some((Arc::clone(discovery), now)));
    }

    pub(super) fn keep_keys(&self, provider: &Provider, url: &str, keys: &Arc<KeySet>, now: OffsetDateTime) {
        self.change(provider, now, |entry| entry.keys = Some((url.to_owned(), Arc::clone(keys), now)));
    }

    fn change<T>(&self, provider: &Provider, now: OffsetDateTime, change: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.lock();
        let key = key(provider);
        if entries.len() >= MOST_PROVIDERS && !entries.contains_key(&key) {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.touched).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| entries.remove(&oldest));
        }
        let fresh = || Entry { discovery: None, keys: None, refetched: None, touched: now };
        let entry = entries.entry(key).or_insert_with(fresh);
        entry.touched = now;
        change(entry)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(provider: &Provider) -> Key {
    (provider.issuer.clone(), provider.network)
}

/// A clock that was set back makes nothing younger.
fn is_fresh(fetched: OffsetDateTime, now: OffsetDateTime) -> bool {
    now >= fetched && now - fetched < LIFETIME
}
