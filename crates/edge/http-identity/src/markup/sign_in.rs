//! The sign-in page: identity providers, an e-mail address, a password.

use maud::{Markup, html};
use pages::{Hidden, error_box, hidden};

/// Which form the page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignInForm {
    Password,
    /// The e-mail address or user name first: its domain says where to sign in.
    Address,
    None,
}

/// What is offered.
pub(crate) struct SignInPage<'a> {
    /// Where each source's button leads, and the source's name.
    pub(crate) sources: &'a [(String, &'a str)],
    pub(crate) form: SignInForm,
    /// Back to the other ways.
    pub(crate) again: Option<&'a str>,
}

impl SignInPage<'_> {
    /// `error` is what went wrong the last time; `user_name` what was typed then.
    pub(crate) fn markup(&self, fields: &[Hidden<'_>], user_name: &str, error: Option<&str>) -> Markup {
        html! {
            (error_box(error))
            @match self.form {
                SignInForm::Password => { (self.choices()) (self.or()) (self.password(fields, user_name, error)) }
                SignInForm::Address => { (self.address(fields, user_name)) (self.or()) (self.choices()) }
                SignInForm::None => {
                    (self.choices())
                    @if self.sources.is_empty() { p { "Nobody can sign in at the moment. Ask your administrator." } }
                }
            }
            @if let Some(again) = self.again { p { a href=(again) { "Sign in another way" } } }
        }
    }

    fn choices(&self) -> Markup {
        html! {
            @if !self.sources.is_empty() {
                ul class="choices" {
                    @for (location, name) in self.sources {
                        li { a class="button second" href=(location) { "Sign in with " (name) } }
                    }
                }
            }
        }
    }

    fn or(&self) -> Markup {
        html! { @if !self.sources.is_empty() { p class="or" { "or" } } }
    }

    fn password(&self, fields: &[Hidden<'_>], user_name: &str, error: Option<&str>) -> Markup {
        let known = !user_name.is_empty() && (error.is_some() || self.again.is_some());
        html! {
            form method="post" action="/signin" {
                (hidden(fields))
                label for="user_name" { "User name" }
                input id="user_name" name="user_name" type="text" value=(user_name) required maxlength="256"
                    autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false"
                    aria-describedby="error" autofocus[!known && self.sources.is_empty()];
                label for="password" { "Password" }
                input id="password" name="password" type="password" required maxlength="1024"
                    autocomplete="current-password" aria-describedby="error" autofocus[known];
                button type="submit" { "Sign in" }
            }
        }
    }

    fn address(&self, fields: &[Hidden<'_>], user_name: &str) -> Markup {
        html! {
            form method="post" action="/signin/start" {
                (hidden(fields))
                label for="user_name" { "Your e-mail address or user name" }
                input id="user_name" name="user_name" type="text" inputmode="email" value=(user_name) required maxlength="256"
                    autocomplete="username" autocapitalize="none" autocorrect="off" spellcheck="false"
                    aria-describedby="error" autofocus;
                button type="submit" { "Next" }
            }
        }
    }
}
