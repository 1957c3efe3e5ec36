//! Setting up second factors, during the sign-in and on the account page.

use base::Secret;
use maud::{Markup, PreEscaped, html};

use super::{Fields, PasskeyForm, error};

/// Which second factor to set up, when the sign-in needs one.
pub(crate) fn choose_factor(
    user_name: &str,
    passkey: Option<&PasskeyForm<'_>>,
    totp_href: &str,
    wrong: Option<&str>,
) -> Markup {
    html! {
        p { "Your organisation asks for a second step besides the password. Set one up for " strong { (user_name) } " now." }
        (error(wrong))
        @if let Some(passkey) = passkey {
            section class="part" {
                h2 { "A passkey" }
                p { "Your phone, your computer or a security key shows that it is you. It can't be phished." }
                (passkey.markup())
                p class="warning" data-without-script=(passkey.id) {
                    "Passkeys need JavaScript and a browser that knows them. Set up an authenticator app instead."
                }
            }
        }
        section class="part" {
            h2 { "An authenticator app" }
            p { "An app on your phone shows a new code every 30 seconds." }
            p { a class="button second" href=(totp_href) { "Set up an authenticator app" } }
        }
    }
}

/// What an authenticator app is given. Shown to its person only.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// Our own SVG.
    pub(crate) qr: &'a str,
    /// Base32, in groups.
    pub(crate) text: &'a str,
}

impl std::fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The enrolment of an authenticator app.
#[derive(Debug)]
pub(crate) struct EnrolTotp<'a> {
    pub(crate) action: &'a str,
    pub(crate) fields: Fields<'a>,
    pub(crate) key: Key<'a>,
    pub(crate) back: &'a str,
    pub(crate) error: Option<&'a str>,
}

pub(crate) fn enrol_totp(page: &EnrolTotp<'_>) -> Markup {
    html! {
        p { "Scan this with your authenticator app, or type the key into it." }
        div class="qr" { (PreEscaped(page.key.qr)) }
        dl { dt { "Key" } dd { code class="secret" { (page.key.text) } } dt { "Kind" } dd { "time-based, 6 digits, 30 seconds" } }
        (error(page.error))
        form method="post" action=(page.action) {
            (pages::hidden(page.fields))
            label for="code" { "Code that the app shows" }
            input id="code" class="code" name="code" type="text" inputmode="numeric" required maxlength="16"
                autocomplete="one-time-code" aria-describedby="error" autofocus;
            div class="actions" {
                button type="submit" { "Confirm" }
                a class="button second" href=(page.back) { "Back" }
            }
        }
    }
}

/// The making of one more passkey, from the account page.
pub(crate) fn enrol_passkey(form: &PasskeyForm<'_>, wrong: Option<&str>) -> Markup {
    html! {
        p { "Give it a name that tells you later which device it is on. Your browser then asks which device or key to use." }
        (error(wrong))
        (form.markup())
        p class="warning" data-without-script=(form.id) { "Passkeys need JavaScript and a browser that knows them." }
        p { a href="/idp/account" { "Back to your account" } }
    }
}

/// The codes, shown this once. `onward` is where the button leads.
pub(crate) fn recovery_codes(codes: &[Secret<String>], onward: &str) -> Markup {
    html! {
        p { "When you have no other way, one of these codes lets you in. Each works once. "
            strong { "They are shown only now" } ": print them, or keep them in a password manager." }
        ol class="codes" { @for code in codes { li { code { (code.expose()) } } } }
        p { a class="button" href=(onward) { "I have kept them" } }
    }
}
