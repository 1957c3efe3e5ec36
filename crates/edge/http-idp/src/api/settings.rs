//! `/policy` and `/api-tokens`.

use axum::http::StatusCode;
use base::ErrorKind::{LimitExceeded, NotFound};
use idp::{ApiToken, FormPlugins, MfaPolicy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::body::{Json, Nothing, Reply};
use super::call::Call;
use super::error::ApiError;
use super::input::{Given, Moment, Page, PageQuery, page};
use super::operation::{About, Method, Operation};

const DAYS: u16 = 365;

/// How people sign in.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Policy {
    /// Whether everybody needs a second factor; who has none sets one up at the next sign-in.
    mfa: SecondFactor,
    /// Whether programs may sign people in by name and password: the Okta, Ping and AD FS plugins of Redshift's drivers.
    form_plugins: Switch,
}

/// What is to change; at least one of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "PolicyChange")]
pub(super) struct PolicyChange {
    #[serde(default)]
    mfa: Given<SecondFactor>,
    #[serde(default)]
    form_plugins: Given<Switch>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Switch {
    Off,
    On,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum SecondFactor {
    Optional,
    Required,
}

fn policy(call: &Call<'_>) -> Reply<Json<Policy>> {
    let mfa = match call.idp().policy() {
        MfaPolicy::Optional => SecondFactor::Optional,
        MfaPolicy::Required => SecondFactor::Required,
    };
    let form_plugins = match call.idp().form_plugins() {
        FormPlugins::Off => Switch::Off,
        FormPlugins::On => Switch::On,
    };
    Reply::json(Policy { mfa, form_plugins })
}

pub(super) struct GetPolicy;

impl Operation for GetPolicy {
    const ABOUT: About = About::new(Method::Get, "/policy", "GetPolicy", "Read the sign-in policy", &[]);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Json<Policy>;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        Ok(policy(call))
    }
}

pub(super) struct SetPolicy;

impl Operation for SetPolicy {
    const ABOUT: About = About::new(
        Method::Put,
        "/policy",
        "SetPolicy",
        "Change the sign-in policy; it counts from the next sign-in on, and what isn't given stays",
        &[],
    );
    type Query = Nothing;
    type Body = Json<PolicyChange>;
    type Answer = Json<Policy>;

    async fn perform(
        call: &Call<'_>,
        _: Nothing,
        Json(wanted): Json<PolicyChange>,
    ) -> Result<Reply<Self::Answer>, ApiError> {
        let (mfa, form_plugins) = (wanted.mfa.option(), wanted.form_plugins.option());
        if mfa.is_none() && form_plugins.is_none() {
            return Err(ApiError::invalid("mfa", "Give mfa or form_plugins."));
        }
        if let Some(mfa) = mfa {
            let mfa = match mfa {
                SecondFactor::Optional => MfaPolicy::Optional,
                SecondFactor::Required => MfaPolicy::Required,
            };
            call.idp().set_policy(mfa).await?;
        }
        if let Some(form_plugins) = form_plugins {
            let form_plugins = match form_plugins {
                Switch::Off => FormPlugins::Off,
                Switch::On => FormPlugins::On,
            };
            call.idp().set_form_plugins(form_plugins).await?;
        }
        Ok(policy(call))
    }
}

/// A token of the administration, without its text.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApiToken")]
pub(super) struct ShownToken {
    id: String,
    name: String,
    /// live, expired or deleted.
    status: &'static str,
    created: Moment,
    expires: Moment,
    deleted: Option<Moment>,
    /// To the minute.
    last_used: Option<Moment>,
}

impl ShownToken {
    fn of(call: &Call<'_>, token: &ApiToken) -> Self {
        let status = match token.revoked {
            Some(_) => "deleted",
            None if token.is_live(call.state.clock.now()) => "live",
            None => "expired",
        };
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            status,
            created: Moment(token.created),
            expires: Moment(token.expires),
            deleted: token.revoked.map(Moment),
            last_used: token.last_used.map(Moment),
        }
    }
}

pub(super) struct ListApiTokens;

impl Operation for ListApiTokens {
    const ABOUT: About = About::new(
        Method::Get,
        "/api-tokens",
        "ListApiTokens",
        "List the tokens of the administration, the expired and deleted ones too",
        &[],
    );
    type Query = PageQuery;
    type Body = Nothing;
    type Answer = Json<Page<ShownToken>>;

    async fn perform(call: &Call<'_>, query: PageQuery, _: Nothing) -> Result<Reply<Self::Answer>, ApiError> {
        let (limit, after) = (query.limit()?, query.after(|next| next));
        let mut tokens = call.idp().api_tokens();
        tokens.retain(|token| after.as_ref().is_none_or(|after| token.id > *after));
        tokens.truncate(limit + 1);
        Ok(Reply::json(page(tokens, limit, |token| token.id.clone(), |token| ShownToken::of(call, token))))
    }
}

pub(super) struct CreateApiToken;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it is for.
    name: String,
    /// How long it lives: at most 365 days, which is also what it is where nothing is said.
    #[serde(default)]
    #[schemars(range(min = 1, max = 365))]
    days: Given<u16>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CreatedToken {
    #[serde(flatten)]
    kept: ShownToken,
    /// The bearer token; shown this once.
    token: String,
}

impl Operation for CreateApiToken {
    const ABOUT: About = About::new(
        Method::Post,
        "/api-tokens",
        "CreateApiToken",
        "Make a token of the administration; it is shown this once",
        &[LimitExceeded],
    )
    .status(StatusCode::CREATED);
    type Query = Nothing;
    type Body = Json<NewToken>;
    type Answer = Json<CreatedToken>;

    async fn perform(call: &Call<'_>, _: Nothing, Json(new): Json<NewToken>) -> Result<Reply<Self::Answer>, ApiError> {
        let days = new.days.or(DAYS);
        if !(1..=DAYS).contains(&days) {
            return Err(ApiError::invalid("days", format!("They are between 1 and {DAYS}.")));
        }
        let (kept, token) = call.idp().create_api_token(&new.name, Duration::days(i64::from(days))).await?;
        let made = format!("/api-tokens/{}", kept.id);
        Ok(Reply::json(CreatedToken { kept: ShownToken::of(call, &kept), token: token.into_exposed() }).made(made))
    }
}

pub(super) struct DeleteApiToken;

impl Operation for DeleteApiToken {
    const ABOUT: About =
        About::new(Method::Delete, "/api-tokens/{id}", "DeleteApiToken", "End a token at once", &[NotFound])
            .status(StatusCode::NO_CONTENT);
    type Query = Nothing;
    type Body = Nothing;
    type Answer = Nothing;

    async fn perform(call: &Call<'_>, _: Nothing, _: Nothing) -> Result<Reply<Nothing>, ApiError> {
        call.idp().delete_api_token(call.id()).await?;
        Ok(Reply::nothing())
    }
}
