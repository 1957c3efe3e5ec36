//! `gatehouse idp policy …` and `gatehouse idp token …`

use axum::http::Method;
use serde_json::json;

use super::names;
use super::printed;
use super::shown::{list, time, word};
use crate::client::{IdpApi, Sent};
use crate::options::{
    CreateToken, FormPluginsPolicy, FormPluginsValue, MfaPolicy, MfaValue, OneToken, PolicyCommand, TokenCommand,
    TokenList,
};
use crate::table;

pub(super) async fn policy(command: &PolicyCommand) -> anyhow::Result<String> {
    match command {
        PolicyCommand::Mfa(options) => mfa(options).await,
        PolicyCommand::FormPlugins(options) => form_plugins(options).await,
    }
}

async fn form_plugins(options: &FormPluginsPolicy) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let answer = match options.value {
        None => api.get("/policy").await?,
        Some(value) => {
            let wanted = match value {
                FormPluginsValue::On => "on",
                FormPluginsValue::Off => "off",
            };
            api.call(Method::PUT, "/policy", Sent::Json(&json!({ "form_plugins": wanted }))).await?
        }
    };
    Ok(printed(&answer, &options.server, |answer| match word(answer, "form_plugins") {
        "on" => "The Okta, Ping and AD FS plugins of Redshift's drivers may sign people in who have a password only.\n"
            .to_owned(),
        _ => "The Okta, Ping and AD FS plugins of Redshift's drivers are refused.\n".to_owned(),
    }))
}

async fn mfa(options: &MfaPolicy) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let answer = match options.value {
        None => api.get("/policy").await?,
        Some(value) => {
            let mfa = match value {
                MfaValue::Optional => "optional",
                MfaValue::Required => "required",
            };
            api.call(Method::PUT, "/policy", Sent::Json(&json!({ "mfa": mfa }))).await?
        }
    };
    Ok(printed(&answer, &options.server, |answer| match word(answer, "mfa") {
        "required" => "Everybody needs a second factor; who has none sets one up at the next sign-in.\n".to_owned(),
        _ => "A second factor is asked of those who have set one up.\n".to_owned(),
    }))
}

pub(super) async fn token(command: &TokenCommand) -> anyhow::Result<String> {
    match command {
        TokenCommand::Create(options) => create(options).await,
        TokenCommand::List(options) => list_tokens(options).await,
        TokenCommand::Delete(options) => delete(options).await,
    }
}

async fn create(options: &CreateToken) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let answer = api.post("/api-tokens", &json!({ "name": options.name, "days": options.days })).await?;
    Ok(printed(&answer, &options.server, |answer| {
        format!(
            "{}\n\nThis token administers the identity provider until {}. It isn't shown again. Its id is {}.\n",
            word(answer, "token"),
            time(answer, "expires"),
            word(answer, "id")
        )
    }))
}

async fn list_tokens(options: &TokenList) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let mut tokens = api.all("/api-tokens").await?;
    tokens.retain(|token| options.all || word(token, "status") == "live");
    tokens.sort_by_key(|token| word(token, "created").to_owned());
    Ok(printed(&json!({ "items": tokens }), &options.server, |answer| {
        let rows = list(answer, "items").iter().map(|token| {
            let of = |name: &str| word(token, name).to_owned();
            let at = |name: &str| time(token, name);
            [of("id"), of("name"), of("status"), at("created"), at("expires"), at("last_used")]
        });
        table::render(["ID", "NAME", "STATUS", "CREATED", "EXPIRES", "LAST USED"], &rows.collect::<Vec<_>>())
    }))
}

async fn delete(options: &OneToken) -> anyhow::Result<String> {
    let api = IdpApi::open(&options.server.data_dir)?;
    let token = names::token(&api, &options.name).await?;
    let answer = api.delete(&format!("/api-tokens/{}", word(&token, "id"))).await?;
    Ok(printed(&answer, &options.server, |_| {
        format!("The token {} is deleted: whoever presents it is refused from now on.\n", options.name)
    }))
}
