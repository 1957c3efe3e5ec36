//! Where a person goes on after signing in. It travels through the pages sealed: only the code that asked for the sign-in says it.

use base::Sealer;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

const PURPOSE: &str = "idp next";
/// A form that waited longer leads to the console.
const LIFETIME: Duration = Duration::hours(1);
/// A sealed request of an application is in it. Sealed once more it still fits into an address (64 KiB).
const LONGEST_PATH: usize = 32 * 1024;

/// An address of the provider itself, opened by GET.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Next {
    path: String,
    /// The origin to which `path` may redirect in the end. Chrome holds a redirect after a POST to the form's policy.
    form_target: Option<String>,
    /// What the person does there, for the sign-in page: `to open Salesforce`.
    purpose: Option<String>,
    login_hint: Option<String>,
    /// Seconds since 1970.
    expires: i64,
}

impl Next {
    /// `None` unless `path` is an address below `/idp`.
    pub(crate) fn new(path: &str, now: OffsetDateTime) -> Option<Self> {
        is_own(path).then(|| Self {
            path: path.to_owned(),
            form_target: None,
            purpose: None,
            login_hint: None,
            expires: (now + LIFETIME).unix_timestamp(),
        })
    }

    pub(crate) fn form_target(mut self, origin: Option<&str>) -> Self {
        self.form_target = origin.map(str::to_owned);
        self
    }

    pub(crate) fn purpose(mut self, purpose: Option<&str>) -> Self {
        self.purpose = purpose.map(str::to_owned);
        self
    }

    pub(crate) fn login_hint(mut self, hint: Option<&str>) -> Self {
        self.login_hint = hint.filter(|hint| hint.len() <= 256).map(str::to_owned);
        self
    }

    /// `None` when it can't be sealed: the person comes to the console then.
    pub(crate) fn seal(&self, sealer: &Sealer) -> Option<String> {
        let text = serde_json::to_vec(self).ok()?;
        sealer.seal_text(PURPOSE, &text).ok()
    }

    /// What [`Self::seal`] made within the last hour; `None` for everything else.
    pub(crate) fn open(sealer: &Sealer, text: &str, now: OffsetDateTime) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= 2 * LONGEST_PATH)?;
        let next: Self = serde_json::from_slice(sealer.open_text(PURPOSE, text)?.expose()).ok()?;
        (next.expires > now.unix_timestamp() && is_own(&next.path)).then_some(next)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn target(&self) -> Option<&str> {
        self.form_target.as_deref()
    }

    pub(crate) fn what_for(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }
}

/// Whether an address is a path of the provider and nothing that a browser could take for another host.
fn is_own(path: &str) -> bool {
    let below = path == "/idp" || path.starts_with("/idp/") || path.starts_with("/idp?");
    below && path.len() <= LONGEST_PATH && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests;
