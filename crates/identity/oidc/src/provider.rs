//! What an administrator configured of a provider.

use base::Secret;
use time::Duration;

use crate::Network;

const DEFAULT_SKEW: Duration = Duration::seconds(60);
/// However a source is configured: beyond that a clock is wrong.
const LARGEST_SKEW: Duration = Duration::minutes(3);

/// An upstream OpenID provider, and who we are to it.
#[derive(Debug, Clone)]
pub struct Provider {
    /// To the letter as its discovery document and its ID tokens have it.
    pub issuer: String,
    pub client_id: String,
    /// `None`: a public client, proven by PKCE alone.
    pub client_secret: Option<Secret<String>>,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
    pub network: Network,
    /// How far its clock may differ from ours; never more than three minutes count.
    pub skew: Duration,
    /// The person must have proven themselves to the provider within that time; checked by `auth_time`.
    pub max_age: Option<Duration>,
    /// Audiences that an ID token may have beside us (OpenID Connect Core 3.1.3.7, step 3).
    pub trusted_audiences: Vec<String>,
    /// The userinfo endpoint is asked only where the ID token lacks one of these.
    pub needed_claims: Vec<String>,
}

impl Provider {
    #[must_use]
    pub fn new(issuer: &str, client_id: &str, client_secret: Option<Secret<String>>, network: Network) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret,
            scopes: vec!["profile".into(), "email".into()],
            network,
            skew: DEFAULT_SKEW,
            max_age: None,
            trusted_audiences: Vec::new(),
            needed_claims: Vec::new(),
        }
    }

    pub(crate) fn skew_seconds(&self) -> i64 {
        self.skew.clamp(Duration::ZERO, LARGEST_SKEW).whole_seconds()
    }

    /// `openid` first, each scope once.
    pub(crate) fn scope(&self) -> String {
        let mut scopes = vec!["openid"];
        for scope in &self.scopes {
            if !scopes.contains(&scope.as_str()) {
                scopes.push(scope);
            }
        }
        scopes.join(" ")
    }
}
