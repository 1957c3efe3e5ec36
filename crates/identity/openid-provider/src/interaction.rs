//! What has to happen before a request is answered: sign in, ask, or nothing (OpenID Connect Core 3.1.2.3 and 3.1.2.4).

use time::{Duration, OffsetDateTime};

use crate::authorize::{CheckedRequest, Prompt};
use crate::error::OAuthError;

/// Who is signed in, as far as the rule needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedIn<'a> {
    /// `sub`.
    pub subject: &'a str,
    pub authenticated: OffsetDateTime,
}

/// What the request asks of the person. Pure data, so that the rule can be tried without an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish<'a> {
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
    pub max_age: Option<u32>,
    /// Whom the request is about, by its `id_token_hint`: nobody else may be answered for (OpenID Connect Core 3.1.2.2).
    pub expected_subject: Option<&'a str>,
    /// A public client whose address any program on the device could wait at: the person must say that it is the right one
    /// (RFC 8252 8.6).
    pub anonymous: bool,
}

impl<'a> From<&'a CheckedRequest> for Wish<'a> {
    fn from(checked: &'a CheckedRequest) -> Self {
        let asks = |prompt| checked.request.prompt.contains(&prompt);
        Self {
            none: asks(Prompt::None),
            login: asks(Prompt::Login),
            consent: asks(Prompt::Consent),
            select_account: asks(Prompt::SelectAccount),
            max_age: checked.request.max_age,
            expected_subject: checked.request.expected_subject.as_deref(),
            anonymous: checked.public && checked.redirect_uri.is_on_device(),
        }
    }
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interaction {
    /// Sign in; `since`: not before this.
    SignIn { since: Option<OffsetDateTime> },
    /// The page that names application and person.
    Ask,
    /// The answer.
    Proceed,
    /// `prompt=none`, and a page would be needed.
    Refuse(OAuthError),
}

/// Decides. `received` is when the request came first, before any sign-in; `answered`: the person has just allowed it.
#[must_use]
pub fn decide(
    wish: &Wish<'_>,
    session: Option<&SignedIn<'_>>,
    received: OffsetDateTime,
    answered: bool,
) -> Interaction {
    let oldest = wish.max_age.map(|seconds| received - Duration::seconds(i64::from(seconds)));
    let since = if wish.login { Some(received) } else { oldest };
    let current = session.filter(|session| since.is_none_or(|since| session.authenticated >= since));
    let Some(session) = current else {
        return if wish.none { Interaction::Refuse(OAuthError::LoginRequired) } else { Interaction::SignIn { since } };
    };
    if wish.expected_subject.is_some_and(|expected| expected != session.subject) {
        // Once: who then signs in as somebody else again is not whom the application means.
        let may_sign_in = !wish.none && session.authenticated < received;
        return if may_sign_in {
            Interaction::SignIn { since: Some(received) }
        } else {
            Interaction::Refuse(OAuthError::LoginRequired)
        };
    }
    if wish.none {
        if wish.anonymous {
            return Interaction::Refuse(OAuthError::ConsentRequired);
        }
        return Interaction::Proceed;
    }
    let ask = wish.consent || wish.select_account || wish.anonymous;
    if ask && !answered { Interaction::Ask } else { Interaction::Proceed }
}

#[cfg(test)]
mod tests;
