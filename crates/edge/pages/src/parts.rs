//! Parts that several pages have.

use axum::response::Response;
use base::Checked;
use maud::{Markup, html};
use url::{Origin, Url};

use crate::form::{Hidden, input};
use crate::page::{Page, SCRIPT_PATH};

/// What went wrong, what to do, and the id under which the server's records have it. `leave` is a button's text and address.
#[must_use]
pub fn problem(what: &str, hint: &str, reference: &str, leave: Option<(&str, &str)>) -> Markup {
    html! {
        div class="error" role="alert" { p { (what) } }
        p { (hint) }
        @if let Some((text, address)) = leave { p { a class="button" href=(address) { (text) } } }
        p class="soft" { "Reference: " code { (reference) } }
    }
}

/// The place for what was wrong with a form the last time: `aria-describedby="error"` names it.
#[must_use]
pub fn error_box(error: Option<&str>) -> Markup {
    html! {
        div class="error" id="error" role="alert" aria-live="assertive" { @if let Some(error) = error { p { (error) } } }
    }
}

/// A check that failed: what it is called, what was expected, what came.
#[must_use]
pub fn checked(failed: &Checked) -> Markup {
    html! {
        dl class="check" {
            dt { "Check" } dd { (failed.check) }
            dt { "Expected" } dd { @if failed.expected.is_empty() { "(nothing)" } @else { (failed.expected) } }
            dt { "What came" } dd { @if failed.found.is_empty() { "(nothing)" } @else { (failed.found) } }
        }
    }
}

/// Where a program on this computer may send a browser on.
const ON_THIS_COMPUTER: [&str; 2] = ["http://localhost:*", "http://127.0.0.1:*"];

/// A page whose one form sends itself to `action` where scripts run, and by its button where they don't. `page` gives organisation,
/// title and status. The form plugins of Redshift's drivers read it too.
///
/// The policy lets the form lead to any https address where `action` is https, else to the origin of `action` and other ports of
/// this computer: whoever takes a SAML message often redirects to somebody else, and Chrome holds that to the policy too.
#[must_use]
pub fn auto_post(page: &Page<'_>, action: &str, fields: &[Hidden<'_>]) -> Response {
    let origin = origin_of(action);
    let targets = match origin.as_deref() {
        Some(origin) if origin.starts_with("https://") => vec!["https:"],
        Some(origin) => [&[origin], ON_THIS_COMPUTER.as_slice()].concat(),
        None => Vec::new(),
    };
    let page = Page { form_targets: &targets, scripts: &[SCRIPT_PATH], ..*page };
    page.render(&html! {
        form method="post" action=(action) id="post" {
            @for (name, value) in fields { (input(&[("type", "hidden"), ("name", name), ("value", value)])) }
            p { "One moment: you are being sent on. If nothing happens, continue by the button." }
            button type="submit" autofocus { "Continue" }
        }
    })
}

/// A page that leads on to `location` by itself and without script, with a link for who doesn't want to wait. For going to another
/// origin after one of our forms: a redirect would be held by the policy of the page that had the form.
#[must_use]
pub fn onward(page: &Page<'_>, location: &str) -> Response {
    let page = Page { refresh_to: Some(location), ..*page };
    page.render(&html! {
        p { "One moment: you are being sent on. If nothing happens, continue by the link." }
        p { a class="button" href=(location) autofocus { "Continue" } }
    })
}

/// `scheme://host[:port]` of an http or https address.
#[must_use]
pub fn origin_of(address: &str) -> Option<String> {
    match Url::parse(address).ok()?.origin() {
        origin @ Origin::Tuple(..) => Some(origin.ascii_serialization()).filter(|text| text.starts_with("http")),
        Origin::Opaque(_) => None,
    }
}
