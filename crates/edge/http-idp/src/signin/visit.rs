//! A request on the way in: the browser, and where it goes on to.

use axum::http::HeaderMap;
use base::Secret;
use pages::{Connection, Hidden};

use crate::next::Next;
use crate::shared::STEP;
use crate::state::IdpState;

#[derive(Debug)]
pub(crate) struct Visit<'a> {
    pub(crate) state: &'a IdpState,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) connection: Connection,
    /// As it is, and as it came.
    next: Option<(Next, &'a str)>,
}

impl<'a> Visit<'a> {
    pub(crate) fn new(state: &'a IdpState, headers: &'a HeaderMap, connection: Connection, next: &'a str) -> Self {
        let opened = Next::open(&state.sealer, next, state.clock.now());
        Self { state, headers, connection, next: opened.map(|opened| (opened, next)) }
    }

    pub(crate) fn next(&self) -> Option<&Next> {
        self.next.as_ref().map(|(next, _)| next)
    }

    /// As addresses and hidden fields carry it on.
    pub(crate) fn sealed_next(&self) -> Option<&'a str> {
        self.next.as_ref().map(|(_, sealed)| *sealed)
    }

    /// Where a signed-in person goes.
    pub(crate) fn onward(&self) -> &str {
        self.next().map_or("/idp", Next::path)
    }

    pub(crate) fn form_target(&self) -> Option<&str> {
        self.next().and_then(Next::target)
    }

    /// What every form of the way in carries.
    pub(crate) fn fields<'b>(&self, csrf: &'b Secret<String>) -> Vec<Hidden<'b>>
    where
        'a: 'b,
    {
        let mut fields = vec![("csrf", csrf.expose().as_str())];
        fields.extend(self.sealed_next().map(|next| ("next", next)));
        fields
    }

    /// `path?next=…`
    pub(crate) fn with_next(&self, path: &str, more: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(more);
        query.extend_pairs(self.sealed_next().map(|next| ("next", next)));
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// How far this browser's sign-in has come.
    pub(crate) fn flow(&self) -> Option<Secret<String>> {
        STEP.read(self.headers, self.connection)
    }
}
