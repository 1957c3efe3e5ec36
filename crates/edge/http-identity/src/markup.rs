//! The content of the sign-in and password pages: plain HTML forms, no script.

use base::Secret;
use maud::{Markup, html};
use pages::{Hidden, error_box, hidden};

mod sign_in;

pub(crate) use sign_in::{SignInForm, SignInPage};

/// The form by which a person chooses a password. `error` is what was wrong with the last one.
pub(crate) fn choose_password(fields: &[Hidden<'_>], user_name: &str, error: Option<&str>) -> Markup {
    html! {
        (error_box(error))
        p { "Choose the password that " strong { (user_name) } " signs in with from now on." }
        // Without an action it goes to the page's own address, which has the link's token.
        form method="post" {
            (hidden(fields))
            // For password managers, which keep the new password under this name.
            input type="text" name="user_name" value=(user_name) autocomplete="username" readonly hidden;
            label for="new_password" { "New password" }
            input id="new_password" name="new_password" type="password" required minlength="8" maxlength="1024"
                autocomplete="new-password" aria-describedby="error rule" autofocus;
            p class="soft" id="rule" { "At least 8 characters. Longer is better; several words are easy to remember." }
            label for="again" { "The same again" }
            input id="again" name="again" type="password" required minlength="8" maxlength="1024"
                autocomplete="new-password" aria-describedby="error";
            button type="submit" { "Change password" }
        }
    }
}

/// After a password was chosen.
pub(crate) fn password_changed(user_name: &str, sign_in: &str) -> Markup {
    html! {
        p { strong { (user_name) } " signs in with the new password from now on. "
            "Whoever was signed in with the old one has been signed out." }
        p { a class="button" href=(sign_in) { "Sign in" } }
    }
}

/// The question whether a program may act for the person.
pub(crate) struct Consent<'a> {
    pub(crate) client_name: &'a str,
    /// `on this computer` or `at https://host`.
    pub(crate) place: &'a str,
    pub(crate) user_name: &'a str,
    pub(crate) fields: &'a [Hidden<'a>],
    /// For the form that changes the person.
    pub(crate) sign_out_fields: &'a [Hidden<'a>],
}

impl Consent<'_> {
    pub(crate) fn markup(&self) -> Markup {
        html! {
            p { strong { (self.client_name) } " " (self.place) " asks to read Amazon Redshift data as you." }
            dl { dt { "You are signed in as" } dd { (self.user_name) } }
            p class="soft" { "Allow this only if you have just started this program yourself. "
                "It sees the data that you may see, for at most 8 hours." }
            form method="post" action="/authorize" {
                (hidden(self.fields))
                div class="actions" {
                    button type="submit" name="decision" value="allow" { "Allow" }
                    button type="submit" name="decision" value="deny" class="second" { "Deny" }
                }
            }
            form method="post" action="/signout" class="foot" {
                (hidden(self.sign_out_fields))
                button type="submit" class="second" { "Sign in as somebody else" }
            }
        }
    }
}

/// Who is signed in, and through which identity source, with the button that ends it.
pub(crate) fn signed_in(user_name: &str, source: Option<&str>, csrf: &Secret<String>) -> Markup {
    html! {
        p { "You are signed in as " strong { (user_name) } @if let Some(source) = source { " through " (source) }
            ". You can close this page." }
        form method="post" action="/signout" {
            (hidden(&[("csrf", csrf.expose())]))
            button type="submit" class="second" { "Sign out" }
        }
    }
}

/// `still_at` is the identity provider where somebody may still be signed in.
pub(crate) fn signed_out(still_at: Option<&str>, sign_in: &str) -> Markup {
    html! {
        p { "You are signed out in this browser. Programs that you allowed before keep their access until it expires." }
        @if let Some(provider) = still_at {
            p class="warning" { "You may still be signed in at " (provider) ": sign out there too if others use this browser." }
        }
        p { a class="button second" href=(sign_in) { "Sign in" } }
    }
}
