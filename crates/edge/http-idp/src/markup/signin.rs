//! The way in: name and password, then the second step.

use maud::{Markup, html};

use super::{Fields, PasskeyForm, error};

/// The first page.
#[derive(Debug)]
pub(crate) struct SignIn<'a> {
    pub(crate) fields: Fields<'a>,
    /// `to open Salesforce`
    pub(crate) purpose: Option<&'a str>,
    pub(crate) user_name: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) passkey: Option<PasskeyForm<'a>>,
    /// Whoever is signed in has to show again that it is them.
    pub(crate) again: bool,
}

pub(crate) fn sign_in(page: &SignIn<'_>) -> Markup {
    let retry = !page.user_name.is_empty();
    let autocomplete = if page.passkey.is_some() { "username webauthn" } else { "username" };
    html! {
        @if let Some(purpose) = page.purpose { p class="soft" { "Sign in " (purpose) "." } }
        @if page.again { p { "Please sign in again: this needs to be sure that it is you." } }
        (error(page.error))
        form method="post" action="/idp/signin" {
            (pages::hidden(page.fields))
            label for="user_name" { "User name" }
            input id="user_name" name="user_name" type="text" value=(page.user_name) required maxlength="256"
                autocomplete=(autocomplete) autocapitalize="none" autocorrect="off" spellcheck="false"
                aria-describedby="error" autofocus[!retry];
            label for="password" { "Password" }
            input id="password" name="password" type="password" required maxlength="1024"
                autocomplete="current-password" aria-describedby="error" autofocus[retry];
            button type="submit" { "Sign in" }
        }
        @if let Some(passkey) = &page.passkey { (passkey.markup()) }
    }
}

/// The ways of the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Passkey,
    Totp,
    Recovery,
}

impl Way {
    pub(crate) const ALL: [Self; 3] = [Self::Passkey, Self::Totp, Self::Recovery];

    /// As addresses and forms name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::Totp => "totp",
            Self::Recovery => "recovery",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    const fn offer(self) -> &'static str {
        match self {
            Self::Passkey => "Use a passkey",
            Self::Totp => "Use a code from your authenticator app",
            Self::Recovery => "Use a recovery code",
        }
    }
}

/// The second step's page.
#[derive(Debug)]
pub(crate) struct SecondFactor<'a> {
    pub(crate) user_name: &'a str,
    pub(crate) fields: Fields<'a>,
    pub(crate) error: Option<&'a str>,
}

/// A code to type: the authenticator app's, or a recovery code.
pub(crate) fn typed_code(page: &SecondFactor<'_>, recovery: bool) -> Markup {
    html! {
        (signing_in(page.user_name))
        (error(page.error))
        form method="post" action="/idp/signin/factor" {
            (pages::hidden(page.fields))
            @if recovery {
                label for="code" { "Recovery code" }
                p class="soft" id="rule" { "One of the codes that you kept. Each works once." }
                input id="code" class="code" name="code" type="text" required maxlength="32" autocomplete="off"
                    autocapitalize="none" spellcheck="false" aria-describedby="error rule" autofocus;
            } @else {
                label for="code" { "Code from your authenticator app" }
                input id="code" class="code" name="code" type="text" inputmode="numeric" required maxlength="16"
                    autocomplete="one-time-code" aria-describedby="error" autofocus;
            }
            button type="submit" { "Continue" }
        }
    }
}

/// A passkey as the second step.
pub(crate) fn passkey_factor(page: &SecondFactor<'_>, form: &PasskeyForm<'_>) -> Markup {
    html! {
        (signing_in(page.user_name))
        (error(page.error))
        (form.markup())
        p class="warning" data-without-script=(form.id) {
            "Passkeys need JavaScript and a browser that knows them. Use another way here."
        }
    }
}

fn signing_in(user_name: &str) -> Markup {
    html! { p { "Signing in as " strong { (user_name) } "." } }
}

/// The other ways that this person has, and the way back. `next` is the sealed destination.
pub(crate) fn another_way(shown: Way, enrolled: &[Way], next: Option<&str>) -> Markup {
    let query = |pairs: &[(&str, &str)]| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        query.extend_pairs(next.map(|next| ("next", next)));
        query.finish()
    };
    let others: Vec<Way> = enrolled.iter().copied().filter(|way| *way != shown).collect();
    html! {
        nav class="choices" aria-label="Other ways" {
            @for way in others {
                a class="button second" href={ "/idp/signin/factor?" (query(&[("with", way.name())])) } { (way.offer()) }
            }
            a href={ "/idp/signin?" (query(&[("again", "true")])) } { "Sign in as somebody else" }
        }
        p class="soft" { "No way works? Your administrator can reset the second step." }
    }
}

/// The form by which a person chooses a password, by a link.
pub(crate) fn choose_password(fields: Fields<'_>, user_name: &str, wrong: Option<&str>) -> Markup {
    html! {
        (error(wrong))
        p { "Choose the password that " strong { (user_name) } " signs in with." }
        // Without an action it goes to the page's own address, which has the link's token.
        form method="post" {
            (pages::hidden(fields))
            // For password managers, which keep the new password under this name.
            input type="text" name="user_name" value=(user_name) autocomplete="username" readonly hidden;
            (new_password_inputs(true))
            button type="submit" { "Set password" }
        }
    }
}

/// After a password was chosen.
pub(crate) fn password_set(user_name: &str, sign_in: &str) -> Markup {
    html! {
        p { strong { (user_name) } " signs in with the new password from now on. "
            "Whoever was signed in with the old one has been signed out." }
        p { a class="button" href=(sign_in) { "Sign in" } }
    }
}

/// The new password, twice.
pub(super) fn new_password_inputs(autofocus: bool) -> Markup {
    html! {
        label for="new_password" { "New password" }
        input id="new_password" name="new_password" type="password" required minlength="8" maxlength="1024"
            autocomplete="new-password" aria-describedby="error rule" autofocus[autofocus];
        p class="soft" id="rule" { "At least 8 characters. Longer is better; several words are easy to remember." }
        label for="again" { "The same again" }
        input id="again" name="again" type="password" required minlength="8" maxlength="1024"
            autocomplete="new-password" aria-describedby="error";
    }
}
