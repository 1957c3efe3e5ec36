//! Parts that several pages have.

use axum::response::Response;
use base::Checked;
use maud::{Markup, html};
use url::{Origin, Url};

use crate::form::{Hidden, hidden};
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

/// A page whose one form sends itself to `action` where scripts run, and by its button where they don't. `page` gives organisation,
/// title and status.
///
/// The policy lets the form lead to the origin of `action` where that is http (a program on this computer), and to any https
/// address where it is https: whoever takes a SAML message often redirects to another host of theirs, and Chrome holds that too.
#[must_use]
pub fn auto_post(page: &Page<'_>, action: &str, fields: &[Hidden<'_>]) -> Response {
    let origin = origin_of(action);
    let target = origin.as_deref().map(|origin| if origin.starts_with("https://") { "https:" } else { origin });
    let page = Page { form_targets: target.as_slice(), scripts: &[SCRIPT_PATH], ..*page };
    page.render(&html! {
        form method="post" action=(action) id="post" {
            (hidden(fields))
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
