//! RP-Initiated Logout 1.0: whose session an application wants ended, and where the person goes then.

use std::sync::Arc;

use idp::Application;

use crate::id_token::Hint;
use crate::parameters::{Parameters, repeated};
use crate::redirect::with_query;

const LONGEST_STATE: usize = 1024;

/// A request, understood.
#[derive(Debug, Clone)]
pub struct LogoutRequest {
    /// Who asks, where that is known.
    pub application: Option<Arc<Application>>,
    /// The session (`sid`) and the person (`sub`) that the hint is about. Only for that session it isn't asked.
    pub session: Option<String>,
    pub subject: Option<String>,
    /// A registered address, with `state`.
    pub location: Option<String>,
}

/// A sentence for the person: the request can't be trusted, and nobody is sent anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutRefusal(pub String);

/// Decides whom the request is about and where it may lead. `hint_of` reads an ID token of ours, `application_of` finds a client.
///
/// # Errors
/// [`LogoutRefusal`].
pub(crate) fn read(
    parameters: &Parameters,
    hint_of: impl FnOnce(&str) -> Option<Hint>,
    application_of: impl FnOnce(&str) -> Option<Arc<Application>>,
) -> Result<LogoutRequest, LogoutRefusal> {
    let refused = |text: &str| LogoutRefusal(text.to_owned());
    if let Some(name) = parameters.repeated() {
        return Err(LogoutRefusal(repeated(name)));
    }
    let hint = match parameters.get("id_token_hint") {
        None => None,
        Some(token) => Some(
            hint_of(token)
                .ok_or_else(|| refused("The application sent an id_token_hint that this provider didn't issue."))?,
        ),
    };
    let named = parameters.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.aud != named
    {
        return Err(refused("The application (client_id) isn't the one that the id_token_hint was issued to."));
    }
    let client = hint.as_ref().map(|hint| hint.aud.as_str()).or(named);
    let application = match client {
        None => None,
        Some(client) => {
            Some(application_of(client).ok_or_else(|| refused("The application isn't known (client_id)."))?)
        }
    };
    let location = location(parameters, application.as_deref())?;
    let (session, subject) = hint.map_or((None, None), |hint| (hint.sid, Some(hint.sub)));
    Ok(LogoutRequest { application, session, subject, location })
}

fn location(parameters: &Parameters, application: Option<&Application>) -> Result<Option<String>, LogoutRefusal> {
    let refused = |text: &str| Err(LogoutRefusal(text.to_owned()));
    let Some(asked) = parameters.get("post_logout_redirect_uri") else { return Ok(None) };
    let Some(oidc) = application.and_then(Application::oidc) else {
        return refused("post_logout_redirect_uri needs id_token_hint or client_id, so that it is known who asks.");
    };
    if !oidc.post_logout_redirect_uris.iter().any(|known| known == asked) {
        return refused("The application asked to send you to an address that isn't registered for it.");
    }
    match parameters.get("state") {
        None => Ok(Some(asked.to_owned())),
        Some(state) if state.len() <= LONGEST_STATE => Ok(Some(with_query(asked, &[("state", state)]))),
        Some(_) => refused("state is longer than 1024 bytes."),
    }
}
