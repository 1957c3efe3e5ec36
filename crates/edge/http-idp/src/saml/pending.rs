//! A sign-in request that waits for the person: sealed as it came, in an address of ours, and read anew when it is answered.

use base::Sealer;
use idp::Application;
use saml::Incoming;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

const PURPOSE: &str = "idp saml request";
/// Who takes longer begins at the application again.
const LIFETIME: Duration = Duration::minutes(30);
/// It travels in an address, sealed twice; a signed request with a certificate has about half of it.
pub(super) const LONGEST_MESSAGE: usize = 8 * 1024;

/// The message as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Message {
    Redirect { query: String },
    Post { message: String, relay_state: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pending {
    application: String,
    slug: String,
    message: Message,
    /// When it came, to the moment: with `ForceAuthn` a sign-in of the same second doesn't do.
    #[serde(with = "time::serde::rfc3339")]
    received: OffsetDateTime,
}

impl Pending {
    /// `None` for a message that is too long to wait.
    pub(super) fn new(application: &Application, incoming: &Incoming<'_>, now: OffsetDateTime) -> Option<Self> {
        let (message, length) = match incoming {
            Incoming::Redirect { query } => (Message::Redirect { query: (*query).to_owned() }, query.len()),
            Incoming::Post { message, relay_state } => {
                let relay_state = relay_state.map(str::to_owned);
                (Message::Post { message: (*message).to_owned(), relay_state }, message.len())
            }
        };
        (length <= LONGEST_MESSAGE).then(|| Self {
            application: application.id.to_string(),
            slug: application.slug.to_string(),
            message,
            received: now,
        })
    }

    pub(super) fn incoming(&self) -> Incoming<'_> {
        match &self.message {
            Message::Redirect { query } => Incoming::Redirect { query },
            Message::Post { message, relay_state } => Incoming::Post { message, relay_state: relay_state.as_deref() },
        }
    }

    /// Where the browser brings it back to us.
    pub(super) fn address(&self, sealer: &Sealer) -> Option<String> {
        let sealed = sealer.seal_text(PURPOSE, &serde_json::to_vec(self).ok()?).ok()?;
        Some(format!("/idp/saml/{}/continue?request={sealed}", self.slug))
    }

    /// What was sealed for this application within the last half hour.
    pub(super) fn open(sealer: &Sealer, sealed: &str, application: &Application, now: OffsetDateTime) -> Option<Self> {
        let sealed = Some(sealed).filter(|sealed| sealed.len() <= 3 * LONGEST_MESSAGE)?;
        let pending: Self = serde_json::from_slice(sealer.open_text(PURPOSE, sealed)?.expose()).ok()?;
        let live = now < pending.received + LIFETIME;
        (live && pending.application == application.id.as_str()).then_some(pending)
    }

    /// When it came. With `ForceAuthn` the person must sign in after it (SAML core 3.4.1).
    pub(super) const fn received(&self) -> OffsetDateTime {
        self.received
    }
}
