//! `/people/{id}/factors` and `/people/{id}/sessions`: for who lost a device, or should be out.

use axum::http::StatusCode;
use base::ErrorKind::NotFound;
use idp::SessionEnd;
use schemars::JsonSchema;
use serde::Serialize;

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::Moment;
use super::operation::{About, Method, Operation};
use super::people::known;

pub(super) struct GetFactors;

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct SecondFactors {
    /// When the authenticator app was set up.
    totp: Option<Moment>,
    passkeys: Vec<Passkey>,
    recovery_codes_left: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Passkey {
    id: String,
    label: String,
    created: Moment,
    last_used: Option<Moment>,
}

impl Operation for GetFactors {
    const ABOUT: About =
        About::new(Method::Get, "/people/{id}/factors", "GetFactors", "Read somebody's second factors", &[NotFound]);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<SecondFactors>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let factors = call.idp().factors(&known(call)?);
        let passkeys = factors.passkeys.into_iter().map(|passkey| Passkey {
            id: passkey.id,
            label: passkey.label,
            created: Moment(passkey.created),
            last_used: passkey.last_used.map(Moment),
        });
        Ok(Reply::json(SecondFactors {
            totp: factors.totp.map(Moment),
            passkeys: passkeys.collect(),
            recovery_codes_left: factors.recovery_codes_left,
        }))
    }
}

pub(super) struct ResetFactors;

impl Operation for ResetFactors {
    const ABOUT: About = About::new(
        Method::Delete,
        "/people/{id}/factors",
        "ResetFactors",
        "Take all second factors away, for who lost them; their sessions end",
        &[NotFound],
    )
    .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.idp().reset_factors(&known(call)?).await?;
        Ok(Reply::nothing())
    }
}

pub(super) struct EndSessions;

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EndedSessions {
    ended: usize,
}

impl Operation for EndSessions {
    const ABOUT: About = About::new(
        Method::Delete,
        "/people/{id}/sessions",
        "EndSessions",
        "End somebody's sessions at the provider",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<EndedSessions>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let ended = call.idp().end_sessions_of(&known(call)?, None, SessionEnd::Administrator).await?;
        Ok(Reply::json(EndedSessions { ended: ended.len() }))
    }
}
