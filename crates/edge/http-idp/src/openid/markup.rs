//! The questions that OpenID Connect asks a person.

use std::collections::BTreeSet;

use maud::{Markup, html};
use openid_provider::Scope;
use pages::{Hidden, error_box, hidden};

/// Whether the person goes on to an application.
pub(super) struct Ask<'a> {
    pub(super) label: &'a str,
    pub(super) description: &'a str,
    /// `on this computer` or `at https://host`.
    pub(super) place: String,
    pub(super) on_device: bool,
    pub(super) user_name: &'a str,
    pub(super) scopes: &'a BTreeSet<Scope>,
    pub(super) fields: &'a [Hidden<'a>],
}

pub(super) fn ask(ask: &Ask<'_>) -> Markup {
    html! {
        p { strong { (ask.label) } " " (ask.place) " asks to sign you in." }
        @if !ask.description.is_empty() { p class="soft" { (ask.description) } }
        dl { dt { "You are signed in as" } dd { (ask.user_name) } }
        (permissions(ask.scopes))
        @if ask.on_device {
            p class="soft" { "Continue only if you have just started this program yourself." }
        }
        form method="post" action="/idp/oauth/authorize/answer" {
            (hidden(ask.fields))
            div class="actions" {
                button type="submit" name="decision" value="allow" { "Continue" }
                button type="submit" name="decision" value="deny" class="second" { "Cancel" }
            }
        }
        form method="post" action="/idp/oauth/authorize/answer" class="foot" {
            (hidden(ask.fields))
            button type="submit" name="decision" value="switch" class="second" { "Sign in as somebody else" }
        }
    }
}

fn permissions(scopes: &BTreeSet<Scope>) -> Markup {
    html! {
        p { "It will be able to:" }
        ul { @for scope in scopes { li { (scope.meaning()) } } }
    }
}

/// The form for the code that a device shows.
pub(super) fn device_code(fields: &[Hidden<'_>], user_code: &str, error: Option<&str>) -> Markup {
    html! {
        (error_box(error))
        p { "Type the code that your device or program shows." }
        form method="post" action="/idp/device" {
            (hidden(fields))
            label for="user_code" { "Code" }
            input id="user_code" name="user_code" type="text" value=(user_code) required maxlength="32" autocomplete="off"
                autocapitalize="characters" autocorrect="off" spellcheck="false" placeholder="BCDF-GHJK"
                aria-describedby="error" autofocus;
            button type="submit" { "Continue" }
        }
    }
}

/// Whether a device is let in.
pub(super) struct AskDevice<'a> {
    pub(super) label: &'a str,
    pub(super) user_code: &'a str,
    pub(super) began: &'a str,
    pub(super) user_name: &'a str,
    pub(super) scopes: &'a BTreeSet<Scope>,
    pub(super) fields: &'a [Hidden<'a>],
}

pub(super) fn ask_device(ask: &AskDevice<'_>) -> Markup {
    html! {
        p { "A device asks to sign in to " strong { (ask.label) } " as you." }
        dl {
            dt { "Code on the device" } dd { code { (ask.user_code) } }
            dt { "It began" } dd { (ask.began) }
            dt { "You are signed in as" } dd { (ask.user_name) }
        }
        (permissions(ask.scopes))
        p class="soft" { "Allow this only if the device is in front of you and shows this code. If somebody sent you the code or a "
            "link, deny it: they would be signed in as you." }
        form method="post" action="/idp/device/answer" {
            (hidden(ask.fields))
            div class="actions" {
                button type="submit" name="decision" value="allow" { "Allow" }
                button type="submit" name="decision" value="deny" class="second" { "Deny" }
            }
        }
    }
}

pub(super) fn device_answered(label: &str, allowed: bool) -> Markup {
    html! {
        @if allowed {
            p { "The device is being signed in to " strong { (label) } ". You can close this page." }
        } @else {
            p { "The device was not signed in to " strong { (label) } "." }
        }
        p { a class="button second" href="/idp" { "Your applications" } }
    }
}

/// Whether the person signs out of the provider.
pub(super) fn ask_logout(label: Option<&str>, user_name: &str, fields: &[Hidden<'_>]) -> Markup {
    html! {
        p {
            @match label {
                Some(label) => { strong { (label) } " asks to sign you out here, too." }
                None => "An application asks to sign you out here."
            }
        }
        dl { dt { "You are signed in as" } dd { (user_name) } }
        p class="soft" { "Afterwards you sign in again before you open an application." }
        form method="post" action="/idp/oauth/logout/confirm" {
            (hidden(fields))
            div class="actions" {
                button type="submit" name="decision" value="sign_out" { "Sign out" }
                button type="submit" name="decision" value="stay" class="second" { "Stay signed in" }
            }
        }
    }
}
