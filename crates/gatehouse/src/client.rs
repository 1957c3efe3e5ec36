//! Calls the running server as its root, over its loopback HTTP address: for commands that administer it.
//!
//! Address and key are in `DIR/endpoints.env`, which the server writes when it accepts; the file is its owner's only.

mod environment;
mod idp_api;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, header};
use base::{Clock as _, Secret, SystemClock};
use environment::Environment;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

pub(crate) use idp_api::{IdpApi, Sent};

/// Longer than any operation of the server's own takes.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer. A page of the largest list is far below.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A service of the JSON protocol: its name in credential scopes, and what stands before the operation in `X-Amz-Target`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    pub(crate) signing_name: &'static str,
    pub(crate) target_prefix: &'static str,
}

/// Our own operations (`http_aws`'s administration).
pub(crate) const GATEHOUSE: Service = Service { signing_name: "gatehouse", target_prefix: "Gatehouse" };

/// The server of a data directory. Nothing is connected yet.
#[derive(Debug)]
pub(crate) struct Client {
    data_dir: PathBuf,
    /// `ADDRESS:PORT`
    authority: String,
    region: String,
    access_key_id: String,
    secret: Secret<String>,
    /// `https://…`, without a trailing slash: what people and identity providers reach the server by.
    public_url: String,
    scim_url: String,
}

impl Client {
    /// # Errors
    /// No server has written its addresses there, or the file isn't whole.
    pub(crate) fn open(data_dir: &Path) -> anyhow::Result<Self> {
        let path = data_dir.join("endpoints.env");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                bail!(
                    "no server has run in {}: there is no {}\n{}",
                    data_dir.display(),
                    path.display(),
                    start(data_dir)
                )
            }
            Err(error) => return Err(error).with_context(|| format!("{} can't be read", path.display())),
        };
        let environment = Environment::read(&text);
        let value = |name: &str| {
            environment
                .get(name)
                .map(str::to_owned)
                .with_context(|| format!("{} has no {name}; restart the server, which writes it anew", path.display()))
        };
        let http = value("GATEHOUSE_HTTP")?;
        let authority = http.strip_prefix("http://").map(|rest| rest.trim_end_matches('/').to_owned());
        Ok(Self {
            data_dir: data_dir.to_owned(),
            authority: authority.with_context(|| format!("GATEHOUSE_HTTP is no http address: {http}"))?,
            region: value("AWS_REGION")?,
            access_key_id: value("AWS_ACCESS_KEY_ID")?,
            secret: Secret::new(value("AWS_SECRET_ACCESS_KEY")?),
            public_url: value("GATEHOUSE_HTTPS")?.trim_end_matches('/').to_owned(),
            scim_url: value("SCIM_URL")?,
        })
    }

    /// `https://…`, without a trailing slash.
    pub(crate) fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Where identity providers push to.
    pub(crate) fn scim_url(&self) -> &str {
        &self.scim_url
    }

    /// Performs one operation; `input` is a JSON object. The answer may hold a secret.
    ///
    /// # Errors
    /// No server answers (the message has the command that starts it), or its refusal in its own words.
    pub(crate) async fn call(&self, service: Service, operation: &str, input: &Value) -> anyhow::Result<Value> {
        let request = self.request(service, operation, input.to_string().into())?;
        let (status, body) = match tokio::time::timeout(PATIENCE, self.send(request)).await {
            Ok(sent) => sent?,
            Err(_) => bail!("{} hasn't answered for {} seconds", self.authority, PATIENCE.as_secs()),
        };
        let answer: Option<Value> = serde_json::from_slice(&body).ok();
        match answer {
            Some(answer) if status == 200 => Ok(answer),
            Some(answer) => Err(refusal(&answer, status)),
            None => bail!(
                "what answers at {} is not this server (HTTP status {status})\n{}",
                self.authority,
                start(&self.data_dir)
            ),
        }
    }

    fn request(&self, service: Service, operation: &str, body: Bytes) -> anyhow::Result<Request<Body>> {
        let target = format!("{}.{operation}", service.target_prefix);
        let headers = [
            ("host", self.authority.as_str()),
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        let signed = sigv4::Request { method: "POST", path: "/", query: "", headers: &headers, body: &body };
        let scope = (self.region.as_str(), service.signing_name);
        let signature = sigv4::sign(&signed, &self.access_key_id, &self.secret, scope, SystemClock.now())?;
        let mut request = Request::post("/")
            .header(header::USER_AGENT, concat!("gatehouse/", env!("CARGO_PKG_VERSION")))
            .header("x-amz-date", signature.x_amz_date)
            .header(header::AUTHORIZATION, signature.authorization);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        Ok(request.body(Body::from(body))?)
    }

    async fn send(&self, request: Request<Body>) -> anyhow::Result<(u16, Bytes)> {
        let stream = TcpStream::connect(&self.authority)
            .await
            .map_err(|error| anyhow!("no server answers at {} ({error})\n{}", self.authority, start(&self.data_dir)))?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the request: its error is the request's too.
        base::task::spawn("client connection", async move { drop(connection.await) });
        let response = sender.send_request(request).await.context("the connection broke before the answer")?;
        let status = response.status().as_u16();
        let body = to_bytes(Body::new(response.into_body()), ANSWER_BYTES_MAX).await;
        Ok((status, body.context("the answer can't be read")?))
    }
}

/// A member of an answer that is a text.
pub(crate) fn text<'a>(answer: &'a Value, name: &str) -> anyhow::Result<&'a str> {
    answer.get(name).and_then(Value::as_str).with_context(|| format!("the server's answer has no {name}"))
}

fn start(data_dir: &Path) -> String {
    let folder = data_dir.display();
    format!(
        "Start the server with: gatehouse up --data-dir {folder}\nor name the folder of a running one with --data-dir"
    )
}

/// What the server refused: its own words, and the error's name for those who look it up.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
struct Refusal {
    code: String,
    message: String,
}

/// Says `hint` instead, where the server didn't find what a command names.
pub(crate) fn not_found(error: anyhow::Error, hint: impl FnOnce() -> String) -> anyhow::Error {
    match error.downcast_ref::<Refusal>() {
        Some(refusal) if refusal.code == "ResourceNotFoundException" => anyhow!(hint()),
        Some(_) | None => error,
    }
}

fn refusal(answer: &Value, status: u16) -> anyhow::Error {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let code = text("__type").unwrap_or("no error code");
    match text("Message") {
        Some(message) => Refusal { code: code.to_owned(), message: message.to_owned() }.into(),
        None => anyhow!("the server refuses ({code}, HTTP status {status})"),
    }
}

#[cfg(test)]
mod tests;
