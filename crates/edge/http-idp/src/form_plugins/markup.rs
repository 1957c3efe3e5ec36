//! The forms that the plugins fill in. They find the fields by PingFederate's and AD FS's own names, and the JDBC driver finds an
//! input only where it closes itself.

use maud::{Markup, html};
use pages::{error_box, input};

use super::Plugin;

/// The names that the fields of a form have: of the person, and of the password.
pub(super) const fn fields(plugin: Plugin) -> (&'static str, &'static str) {
    match plugin {
        Plugin::Okta | Plugin::Ping => ("pf.username", "pf.pass"),
        Plugin::Adfs => ("UserName", "Password"),
    }
}

/// AD FS's own: which of its ways of signing in the form is.
pub(super) const METHOD: (&str, &str) = ("AuthMethod", "FormsAuthentication");

/// The form. `action` is the page's own address.
pub(super) fn sign_in(plugin: Plugin, action: &str, label: &str, wrong: Option<&str>) -> Markup {
    let (user_name, password) = fields(plugin);
    html! {
        p class="soft" { "Sign in to open " (label) ". This form is there for programs; it takes no second step." }
        (error_box(wrong))
        form method="post" action=(action) {
            label for="username" { "User name" }
            (input(&[
                ("id", "username"), ("name", user_name), ("type", "text"), ("value", ""), ("required", "required"),
                ("maxlength", "256"), ("autocomplete", "username"), ("autocapitalize", "none"), ("spellcheck", "false"),
                ("aria-describedby", "error"),
            ]))
            label for="password" { "Password" }
            (input(&[
                ("id", "password"), ("name", password), ("type", "password"), ("value", ""), ("required", "required"),
                ("maxlength", "1024"), ("autocomplete", "current-password"), ("aria-describedby", "error"),
            ]))
            @if plugin == Plugin::Adfs {
                (input(&[("type", "hidden"), ("name", METHOD.0), ("value", METHOD.1)]))
            }
            button type="submit" { "Sign in" }
        }
    }
}
