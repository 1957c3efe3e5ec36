//! Calls the administration of the built-in identity provider, over the same loopback address, with the token that the server keeps for
//! its owner in `DIR/secrets/idp-api-token`.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, header};
use base::Secret;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::{Client, PATIENCE, start};

const BASE: &str = "/idp/api/v1";

/// The administration of a running server.
#[derive(Debug)]
pub(crate) struct IdpApi {
    client: Client,
    token: Secret<String>,
}

/// What a call sends.
#[derive(Debug)]
pub(crate) enum Sent<'a> {
    Nothing,
    Json(&'a Value),
    /// Only if the resource still has this version.
    JsonIf(&'a Value, u64),
    Xml(String),
}

impl IdpApi {
    /// # Errors
    /// No server has written its addresses or its token there.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let client = Client::open(data_dir)?;
        let file = data_dir.join("secrets").join("idp-api-token");
        let text = std::fs::read_to_string(&file).with_context(|| {
            format!("{} can't be read; start the server once more, which writes it anew", file.display())
        })?;
        Ok(Self { client, token: Secret::new(text.trim_end().to_owned()) })
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, Sent::Nothing).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Sent::Json(body)).await
    }

    /// A POST of nothing.
    pub(crate) async fn act(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Sent::Nothing).await
    }

    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::DELETE, path, Sent::Nothing).await
    }

    /// What a list holds that has this name.
    pub(crate) async fn named(&self, path: &str, parameter: &str, name: &str) -> anyhow::Result<Vec<Value>> {
        let query = Serializer::new(String::new()).append_pair(parameter, name).finish();
        Ok(items(self.get(&format!("{path}?{query}")).await?))
    }

    /// All pages of a list.
    pub(crate) async fn all(&self, path: &str) -> anyhow::Result<Vec<Value>> {
        let mut all = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let mut query = Serializer::new(String::new());
            query.append_pair("limit", "200");
            query.extend_pairs(next.as_ref().map(|next| ("next", next)));
            let page = self.get(&format!("{path}?{}", query.finish())).await?;
            next = page.get("next").and_then(Value::as_str).map(str::to_owned);
            all.extend(items(page));
            if next.is_none() {
                return Ok(all);
            }
        }
    }

    /// The answer's JSON; `{}` where it has no body. The answer may hold a secret.
    ///
    /// # Errors
    /// No server answers (the message has the command that starts it), or its refusal in its own words.
    pub(crate) async fn call(&self, method: Method, path: &str, sent: Sent<'_>) -> anyhow::Result<Value> {
        let (status, body) = self.exchange(method, path, sent).await?;
        if body.is_empty() && (200..300).contains(&status) {
            return Ok(json!({}));
        }
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if (200..300).contains(&status) => Ok(answer),
            Ok(answer) => Err(refusal(&answer, status)),
            Err(_) => Err(self.stranger(status)),
        }
    }

    /// An answer that is a text.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub(crate) async fn text(&self, path: &str) -> anyhow::Result<String> {
        let (status, body) = self.exchange(Method::GET, path, Sent::Nothing).await?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if status != 200 => Err(refusal(&answer, status)),
            _ if status == 200 => String::from_utf8(body.to_vec()).context("the answer isn't a text"),
            _ => Err(self.stranger(status)),
        }
    }

    async fn exchange(&self, method: Method, path: &str, sent: Sent<'_>) -> anyhow::Result<(u16, Bytes)> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{BASE}{path}"))
            .header(header::HOST, &self.client.authority)
            .header(header::USER_AGENT, concat!("gatehouse/", env!("CARGO_PKG_VERSION")))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token.expose()));
        let (media_type, body) = match sent {
            Sent::Nothing => (None, String::new()),
            Sent::Json(body) => (Some("application/json"), body.to_string()),
            Sent::JsonIf(body, version) => {
                request = request.header(header::IF_MATCH, format!("\"{version}\""));
                (Some("application/json"), body.to_string())
            }
            Sent::Xml(document) => (Some("application/xml"), document),
        };
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        let sending = self.client.send(request.body(Body::from(body))?);
        match tokio::time::timeout(PATIENCE, sending).await {
            Ok(answered) => answered,
            Err(_) => bail!("{} hasn't answered for {} seconds", self.client.authority, PATIENCE.as_secs()),
        }
    }

    fn stranger(&self, status: u16) -> anyhow::Error {
        anyhow!(
            "what answers at {} is not this server (HTTP status {status})\n{}",
            self.client.authority,
            start(&self.client.data_dir)
        )
    }
}

fn items(mut page: Value) -> Vec<Value> {
    match page.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// What is wrong and what to do, in the server's own words.
fn refusal(answer: &Value, status: u16) -> anyhow::Error {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let Some(message) = text("message") else { return anyhow!("the server refuses (HTTP status {status})") };
    let detail = text("detail").map(|detail| format!(" {detail}")).unwrap_or_default();
    let hint = text("hint").map(|hint| format!("\n{hint}")).unwrap_or_default();
    anyhow!("{message}{detail}{hint}")
}

#[cfg(test)]
mod tests;
