//! `/applications/{application}/keys`: what signs, what comes next, what others may still verify with.

use base::ErrorKind::{Conflict, NotFound};
use idp::{KeyOwner, KeyState, SigningKeyInfo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::applications::known;
use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::{Given, Moment};
use super::operation::{About, Method, Operation};

/// The published keys, the next first, then the one in use, then former ones.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Keys {
    /// All OpenID Connect applications share one set of keys.
    shared: bool,
    keys: Vec<Key>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Key {
    id: String,
    /// next, current or retired.
    state: &'static str,
    /// Until when a retired key stays published.
    until: Option<Moment>,
    created: Moment,
    /// When its certificate ends.
    not_after: Moment,
    /// SHA-256 of the certificate, in hexadecimal digits.
    sha256: String,
    /// The certificate.
    pem: String,
}

impl From<SigningKeyInfo> for Key {
    fn from(key: SigningKeyInfo) -> Self {
        let (state, until) = match key.state {
            KeyState::Next => ("next", None),
            KeyState::Current => ("current", None),
            KeyState::Retired { until } => ("retired", Some(Moment(until))),
        };
        Self {
            id: key.id,
            state,
            until,
            created: Moment(key.created),
            not_after: Moment(key.not_after),
            sha256: key.sha256,
            pem: key.pem,
        }
    }
}

fn owner(call: &Call<'_>) -> Result<KeyOwner, ApiError> {
    let application = known(call)?;
    Ok(if application.saml().is_some() { KeyOwner::Application(application.id.clone()) } else { KeyOwner::OpenId })
}

fn shown(call: &Call<'_>, owner: &KeyOwner) -> Result<Reply<Json<Keys>>, ApiError> {
    let keys = call.idp().keys(owner)?.into_iter().map(Key::from).collect();
    Ok(Reply::json(Keys { shared: *owner == KeyOwner::OpenId, keys }))
}

pub(super) struct ListKeys;

impl Operation for ListKeys {
    const ABOUT: About = About::new(
        Method::Get,
        "/applications/{application}/keys",
        "ListKeys",
        "List the keys that sign for an application",
        &[NotFound],
    );
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Keys>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        shown(call, &owner(call)?)
    }
}

pub(super) struct RotateKeys;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotationAsked {
    step: RotationStep,
    /// Which key is retired.
    #[serde(default)]
    key: Given<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum RotationStep {
    /// A new key is made and published; it doesn't sign yet.
    Prepare,
    /// The next key signs from now on; the former one stays published for a while.
    Promote,
    /// A next or former key isn't published any more.
    Retire,
}

impl Operation for RotateKeys {
    const ABOUT: About = About::new(
        Method::Post,
        "/applications/{application}/keys",
        "RotateKeys",
        "Do one step of a change of signing keys",
        &[NotFound, Conflict],
    );
    type Query = Nothing;
    type Body = Json<RotationAsked>;
    type Answer = Json<Keys>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(asked): Json<RotationAsked>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let owner = owner(call)?;
        let provider = call.idp();
        match (asked.step, asked.key.option()) {
            (RotationStep::Prepare, None) => drop(provider.prepare_key(&owner).await?),
            (RotationStep::Promote, None) => provider.promote_key(&owner).await?,
            (RotationStep::Retire, Some(key)) => provider.retire_key(&owner, &key).await?,
            (RotationStep::Retire, None) => return Err(ApiError::invalid("key", "Say which key is retired.")),
            (RotationStep::Prepare | RotationStep::Promote, Some(_)) => {
                return Err(ApiError::invalid("key", "Only retire takes a key."));
            }
        }
        shown(call, &owner)
    }
}
