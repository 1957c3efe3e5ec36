//! The user console: a tile for each application that the person may open.

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use pages::{Connection, Layout, Page, protect};

use crate::markup::{self, Tile};
use crate::shared::page;
use crate::signin::{Demand, SignedIn, require};
use crate::state::IdpState;

/// `GET /idp`
pub(crate) async fn show(State(state): State<IdpState>, connection: Connection, headers: HeaderMap) -> Response {
    let demand = Demand { next: "/idp".to_owned(), ..Demand::default() };
    let signed_in = match require(&state, &headers, connection, &demand).await {
        Ok(signed_in) => signed_in,
        Err(response) => return response,
    };
    let tiles: Vec<Tile> = state
        .idp
        .tiles(signed_in.session.user())
        .iter()
        .map(|application| Tile {
            href: format!("/idp/open/{}", application.slug),
            label: application.label.clone(),
            description: application.description.clone(),
        })
        .collect();
    signed_in_page(&state, &signed_in, "Your applications", "/idp", StatusCode::OK)
        .render(&markup::applications(&tiles))
}

/// A page with the header of a signed-in person; `render` is its only use.
pub(crate) struct SignedInPage<'a> {
    page: Page<'a>,
    navigation: maud::Markup,
}

impl<'a> SignedInPage<'a> {
    pub(crate) fn scripts(mut self, scripts: &'a [&'a str]) -> Self {
        self.page.scripts = scripts;
        self
    }

    /// A form's width.
    pub(crate) fn narrow(mut self) -> Self {
        self.page.layout = Layout::Card;
        self
    }

    pub(crate) fn render(&self, body: &maud::Markup) -> Response {
        Page { navigation: Some(&self.navigation), ..self.page }.render(body)
    }
}

/// `here` is the address of the page, so that the header doesn't lead to it as to another.
pub(crate) fn signed_in_page<'a>(
    state: &'a IdpState,
    signed_in: &SignedIn,
    title: &'a str,
    here: &str,
    status: StatusCode,
) -> SignedInPage<'a> {
    let csrf = signed_in.csrf();
    let navigation = markup::header(signed_in.session.user().user_name(), ("csrf", csrf.expose()), here);
    SignedInPage { page: Page { layout: Layout::Wide, ..page(state, title, status) }, navigation }
}

/// `GET /idp/passkey.js`
pub(crate) async fn script() -> Response {
    let mut response = protect(include_str!("passkey.js").into_response());
    let headers = response.headers_mut();
    headers.remove("pragma");
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
}
