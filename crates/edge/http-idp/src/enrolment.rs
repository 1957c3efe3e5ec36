//! The key of an authenticator app while it is being set up. The page carries it sealed, so that a mistyped code shows the same
//! key again and nobody has to scan twice.

use base::{Sealer, Secret};
use idp::TotpEnrolment;
use serde::{Deserialize, Serialize};

use crate::markup::Key;

const PURPOSE: &str = "idp totp page";
const LONGEST: usize = 64 * 1024;

/// What the page shows, and the provider's half-way state.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrolment {
    flow: String,
    text: String,
    qr_svg: String,
}

impl From<TotpEnrolment> for Enrolment {
    fn from(begun: TotpEnrolment) -> Self {
        Self { flow: begun.flow.into_exposed(), text: begun.text.into_exposed(), qr_svg: begun.qr_svg.into_exposed() }
    }
}

impl Enrolment {
    /// For the page's hidden field. Empty when it can't be sealed: the code is refused then.
    pub(crate) fn seal(&self, sealer: &Sealer) -> Secret<String> {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Secret::new(sealer.seal_text(PURPOSE, &text).unwrap_or_default())
    }

    /// What [`Self::seal`] made; `None` for everything else. How old it may be is the provider's to say.
    pub(crate) fn open(sealer: &Sealer, sealed: &str) -> Option<Self> {
        let sealed = Some(sealed).filter(|sealed| sealed.len() <= LONGEST)?;
        serde_json::from_slice(sealer.open_text(PURPOSE, sealed)?.expose()).ok()
    }

    /// The provider's half-way state; one that nothing opens when there is no enrolment.
    pub(crate) fn flow(this: Option<&Self>) -> Secret<String> {
        Secret::from(this.map_or("", |enrolment| enrolment.flow.as_str()))
    }

    pub(crate) fn key(&self) -> Key<'_> {
        Key { qr: &self.qr_svg, text: &self.text }
    }
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}
