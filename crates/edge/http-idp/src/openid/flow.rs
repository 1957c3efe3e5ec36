//! A request that waits while the person signs in or is asked. It travels sealed: what was checked is what is answered.

use openid_provider::AuthorizationRequest;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

use crate::state::IdpState;

const PURPOSE: &str = "idp openid request";
const LIFETIME: Duration = Duration::hours(1);
const LONGEST: usize = 24 * 1024;

/// A checked request, and when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) request: AuthorizationRequest,
    /// `prompt=login` and `max_age` count from here, however long the sign-in takes.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) received: OffsetDateTime,
    /// The person chose to be somebody else: only a sign-in after this counts.
    #[serde(with = "time::serde::rfc3339::option")]
    pub(super) since: Option<OffsetDateTime>,
}

impl Flow {
    pub(super) fn new(request: &AuthorizationRequest, received: OffsetDateTime) -> Self {
        Self { request: request.clone(), received, since: None }
    }

    /// `None` when it can't be sealed: never with requests of a sane size.
    pub(super) fn seal(&self, state: &IdpState) -> Option<String> {
        let text = serde_json::to_vec(self).ok()?;
        state.sealer.seal_text(PURPOSE, &text).ok()
    }

    /// What [`Self::seal`] made within the last hour; `None` for everything else.
    pub(super) fn open(state: &IdpState, text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= LONGEST)?;
        let flow: Self = serde_json::from_slice(state.sealer.open_text(PURPOSE, text)?.expose()).ok()?;
        (flow.received + LIFETIME > state.clock.now()).then_some(flow)
    }
}

/// Where a sealed request goes on.
pub(super) fn resume_path(sealed: &str) -> String {
    format!("/idp/oauth/authorize/resume?flow={sealed}")
}
