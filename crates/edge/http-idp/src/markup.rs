//! What the pages show. Plain HTML: the one script is the passkeys', and whatever needs it stays hidden without it.

mod account;
mod console;
mod enrol;
mod signin;

pub(crate) use account::{Account, Confirm, PasskeyRow, change_password, confirm, rename_passkey};
pub(crate) use console::{Tile, applications, header, left_signed_in, sign_out, signed_out};
pub(crate) use enrol::{EnrolTotp, Key, choose_factor, enrol_passkey, enrol_totp, recovery_codes};
pub(crate) use signin::{
    SecondFactor, SignIn, Way, another_way, choose_password, passkey_factor, password_set, sign_in, typed_code,
};

use maud::{Markup, html};
use pages::Hidden;

/// The hidden fields of a form.
pub(crate) type Fields<'a> = &'a [Hidden<'a>];

/// The place for what went wrong; announced to screen readers when it is filled.
pub(crate) fn error(text: Option<&str>) -> Markup {
    html! { div class="error" id="error" role="alert" aria-live="assertive" { @if let Some(text) = text { p { (text) } } } }
}

/// What was just done.
pub(crate) fn notice(text: Option<&str>) -> Markup {
    html! { @if let Some(text) = text { div class="notice" role="status" { p { (text) } } } }
}

/// A button that asks the browser for a passkey; hidden unless the script runs and the browser knows passkeys.
#[derive(Debug)]
pub(crate) struct PasskeyForm<'a> {
    pub(crate) id: &'a str,
    pub(crate) action: &'a str,
    /// Make one, rather than use one.
    pub(crate) create: bool,
    /// Offer passkeys in the list of saved user names, too.
    pub(crate) conditional: bool,
    /// The options for `navigator.credentials`, as JSON.
    pub(crate) options: &'a str,
    pub(crate) fields: Fields<'a>,
    /// Ask for a name of the new passkey.
    pub(crate) named: bool,
    pub(crate) button: &'a str,
    pub(crate) second: bool,
}

impl PasskeyForm<'_> {
    pub(crate) fn markup(&self) -> Markup {
        let name = format!("{}-name", self.id);
        let kind = if self.create { "create" } else { "get" };
        html! {
            form id=(self.id) method="post" action=(self.action) data-passkey=(kind) data-options=(self.options)
                data-conditional[self.conditional] hidden {
                (pages::hidden(self.fields))
                input type="hidden" name="credential" value="";
                @if self.named {
                    label for=(name) { "Name of the passkey" }
                    input id=(name) name="label" type="text" required maxlength="64" autocomplete="off"
                        placeholder="My phone";
                }
                div class="error" role="alert" aria-live="assertive" data-message {}
                button type="submit" class=[self.second.then_some("second")] { (self.button) }
            }
        }
    }
}

/// The script's element, for pages that have a [`PasskeyForm`]; `Page` allows it by its policy.
pub(crate) const SCRIPT_PATH: &str = "/idp/passkey.js";
