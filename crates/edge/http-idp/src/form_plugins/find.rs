//! Which application a plugin means.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use base::CorrelationId;
use idp::Application;
use pages::Form;

use super::told;
use crate::state::IdpState;

/// The one value of a query that has this parameter and no other.
pub(super) fn only_parameter(state: &IdpState, query: Option<&str>, name: &str) -> Result<String, Response> {
    let refused = |what: &str| {
        let hint = format!("Give {name} once, and nothing else.");
        told(state, StatusCode::BAD_REQUEST, ("The address isn't complete", what, &hint), &CorrelationId::fresh())
    };
    let query = query.unwrap_or_default().as_bytes();
    if let Some((other, _)) = url::form_urlencoded::parse(query).find(|(given, _)| given != name) {
        return Err(refused(&format!("The parameter {} isn't known here.", shortened(&other))));
    }
    let form = Form::parse(query).ok_or_else(|| refused(&format!("{name} is given twice.")))?;
    Some(form.get(name).to_owned())
        .filter(|value| !value.is_empty())
        .ok_or_else(|| refused(&format!("{name} is missing.")))
}

/// The one SAML application of a service provider's entity id, of a slug, or of an id. `parameter` is what named it.
pub(super) fn application(state: &IdpState, parameter: &str, name: &str) -> Result<Arc<Application>, Response> {
    let mut found = state.idp.saml_applications(name);
    let reference = CorrelationId::fresh();
    let (status, title, what, hint) = match (found.pop(), found.is_empty()) {
        (Some(one), true) => return Ok(one),
        (Some(last), false) => {
            let slugs: Vec<&str> = found.iter().chain([&last]).map(|application| application.slug.as_str()).collect();
            let what = format!("Several applications have the entity id {name}: {}.", slugs.join(", "));
            let hint = format!("Give one of these names as {parameter}.");
            (StatusCode::CONFLICT, "Which application?", what, hint)
        }
        (None, _) => {
            let what = format!("No SAML application has the entity id, the name or the id {}.", shortened(name));
            let hint = format!("Correct {parameter}: gatehouse idp app list shows the applications.");
            (StatusCode::NOT_FOUND, "No such application", what, hint)
        }
    };
    Err(told(state, status, (title, &what, &hint), &reference))
}

/// As much of a stranger's text as a page repeats.
fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}
