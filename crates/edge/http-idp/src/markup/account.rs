//! The account page: password, authenticator app, passkeys, recovery codes.

use maud::{Markup, html};

use super::signin::new_password_inputs;
use super::{Fields, error, notice};

/// A passkey of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PasskeyRow {
    pub(crate) id: String,
    pub(crate) label: String,
    /// `added 2 January 2026`
    pub(crate) added: String,
}

/// What the account page shows.
#[derive(Debug)]
pub(crate) struct Account<'a> {
    pub(crate) user_name: &'a str,
    pub(crate) display_name: Option<&'a str>,
    pub(crate) email: Option<&'a str>,
    pub(crate) totp: bool,
    pub(crate) passkeys: &'a [PasskeyRow],
    /// Passkeys can be used at this address.
    pub(crate) passkeys_possible: bool,
    pub(crate) recovery_codes_left: usize,
    /// The organisation demands a second step.
    pub(crate) required: bool,
    pub(crate) notice: Option<&'a str>,
}

impl Account<'_> {
    pub(crate) fn markup(&self) -> Markup {
        html! {
            (notice(self.notice))
            div class="card" {
                (self.person())
                (self.password())
                (self.authenticator())
                (self.passkey_list())
                (self.recovery())
            }
        }
    }

    fn person(&self) -> Markup {
        html! {
            section class="part" aria-labelledby="person" {
                h2 id="person" { "You" }
                dl {
                    dt { "User name" } dd { (self.user_name) }
                    @if let Some(name) = self.display_name { dt { "Name" } dd { (name) } }
                    @if let Some(email) = self.email { dt { "E-mail" } dd { (email) } }
                }
                p class="soft" { "Your administrator keeps these." }
            }
        }
    }

    fn password(&self) -> Markup {
        html! {
            section class="part" aria-labelledby="password-part" {
                h2 id="password-part" { "Password" }
                p { a class="button second" href="/idp/account/password" { "Change password" } }
            }
        }
    }

    fn authenticator(&self) -> Markup {
        html! {
            section class="part" aria-labelledby="totp" {
                h2 id="totp" { "Authenticator app" }
                @if self.totp {
                    p { "Set up. It is asked for when you sign in." }
                    div class="actions" {
                        a class="button second" href="/idp/account/totp" { "Replace" }
                        @if self.removable() {
                            a class="button second" href="/idp/account/totp/remove" { "Remove"
                                span class="visually-hidden" { " the authenticator app" } }
                        }
                    }
                    @if !self.removable() { (last_one()) }
                } @else {
                    p { "Not set up." }
                    p { a class="button second" href="/idp/account/totp" { "Set up an authenticator app" } }
                }
            }
        }
    }

    fn passkey_list(&self) -> Markup {
        html! {
            section class="part" aria-labelledby="passkeys" {
                h2 id="passkeys" { "Passkeys" }
                @if !self.passkeys.is_empty() {
                    ul class="rows" { @for passkey in self.passkeys { li {
                        span { strong { (passkey.label) } " " span class="soft" { (passkey.added) } }
                        span class="actions" {
                            a class="button second" href={ "/idp/account/passkeys/rename?id=" (passkey.id) } { "Rename"
                                span class="visually-hidden" { " the passkey " (passkey.label) } }
                            @if self.removable() {
                                a class="button second" href={ "/idp/account/passkeys/remove?id=" (passkey.id) } { "Remove"
                                    span class="visually-hidden" { " the passkey " (passkey.label) } }
                            }
                        }
                    } } }
                    @if !self.removable() { (last_one()) }
                }
                @if self.passkeys_possible {
                    p class="soft" { @match self.passkeys.len() {
                        0 => "None yet. A passkey can't be phished, and signs you in without the password.",
                        1 => "Add a second one on another device: then losing one doesn't lock you out.",
                        _ => "Each of them signs you in, with or without the password.",
                    } }
                    p { a class="button second" href="/idp/account/passkeys/add" { "Add a passkey" } }
                } @else {
                    p class="soft" { "Passkeys can't be used here, because this server is reached under an IP address. They need a host name." }
                }
            }
        }
    }

    fn recovery(&self) -> Markup {
        let left = self.recovery_codes_left;
        html! {
            section class="part" aria-labelledby="recovery" {
                h2 id="recovery" { "Recovery codes" }
                @match left {
                    0 => p { "You have none. With codes on paper you get in without your phone." },
                    1 => p { "You have 1 code left." },
                    left => p { "You have " (left) " codes left." },
                }
                @if self.totp || !self.passkeys.is_empty() {
                    p { a class="button second" href="/idp/account/recovery" {
                        @if left == 0 { "Make recovery codes" } @else { "Make new recovery codes" }
                    } }
                } @else {
                    p class="soft" { "They come with a second step: set up a passkey or an authenticator app first." }
                }
            }
        }
    }

    /// Whether one of the factors may go; the last one stays where one is required.
    fn removable(&self) -> bool {
        !self.required || usize::from(self.totp) + self.passkeys.len() > 1
    }
}

fn last_one() -> Markup {
    html! { p class="soft" { "Your organisation requires a second step: add another one before this one can go." } }
}

/// The change of the password by its owner.
pub(crate) fn change_password(fields: Fields<'_>, user_name: &str, wrong: Option<&str>) -> Markup {
    html! {
        p { "Wherever you are signed in, that ends; you sign in again with the new password." }
        (error(wrong))
        form method="post" action="/idp/account/password" {
            (pages::hidden(fields))
            input type="text" name="user_name" value=(user_name) autocomplete="username" readonly hidden;
            label for="old_password" { "Present password" }
            input id="old_password" name="old_password" type="password" required maxlength="1024"
                autocomplete="current-password" aria-describedby="error" autofocus;
            (new_password_inputs(false))
            div class="actions" {
                button type="submit" { "Change password" }
                a class="button second" href="/idp/account" { "Back" }
            }
        }
    }
}

/// A passkey's new name.
pub(crate) fn rename_passkey(fields: Fields<'_>, passkey: &PasskeyRow, wrong: Option<&str>) -> Markup {
    html! {
        p class="soft" { (passkey.added) }
        (error(wrong))
        form method="post" action="/idp/account/passkeys/rename" {
            (pages::hidden(fields))
            label for="label" { "Name" }
            input id="label" name="label" type="text" value=(passkey.label) required maxlength="64" autocomplete="off"
                aria-describedby="error" autofocus;
            div class="actions" {
                button type="submit" { "Save" }
                a class="button second" href="/idp/account" { "Back" }
            }
        }
    }
}

/// The question before something goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirm<'a> {
    /// What will happen: full sentences.
    pub(crate) text: &'a str,
    pub(crate) action: &'a str,
    pub(crate) fields: Fields<'a>,
    pub(crate) button: &'a str,
}

pub(crate) fn confirm(confirm: &Confirm<'_>) -> Markup {
    html! {
        p { (confirm.text) }
        form method="post" action=(confirm.action) {
            (pages::hidden(confirm.fields))
            div class="actions" {
                button type="submit" class="danger" { (confirm.button) }
                a class="button second" href="/idp/account" { "Back" }
            }
        }
    }
}
