//! OpenID Connect through the router: an application of each kind, and what it sends.

mod authorize;
mod device;
mod discovery;
mod logout;
mod refresh;
mod token;
mod userinfo;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::pkce;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use idp::{Application, Connector, ConnectorKind, NewApplication, OidcApplication, OidcGrant};
use serde_json::Value;

use super::fixture::{Answer, Browser, IDP_URL, World};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "https://app.example/cb?tenant=1";
const LOOPBACK: &str = "http://127.0.0.1/cb";
const GOODBYE: &str = "https://app.example/bye";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// An application, as its program knows it.
struct Client<'a> {
    world: &'a World,
    application: Arc<Application>,
    id: String,
    secret: Option<String>,
    redirect: &'static str,
}

impl<'a> Client<'a> {
    async fn with(world: &'a World, label: &str, confidential: bool, edit: impl FnOnce(&mut OidcApplication)) -> Self {
        let Connector::OpenIdConnect(mut oidc) = ConnectorKind::OpenIdConnect.template() else { panic!("a template") };
        oidc.grants.insert(OidcGrant::DeviceCode);
        let redirect = if confidential { REDIRECT } else { LOOPBACK };
        oidc.redirect_uris = vec![redirect.into()];
        oidc.post_logout_redirect_uris = vec![GOODBYE.into()];
        edit(&mut oidc);
        let new = NewApplication {
            connector: Connector::OpenIdConnect(oidc),
            confidential,
            groups: BTreeSet::from([world.sales.clone()]),
            ..NewApplication::of(ConnectorKind::OpenIdConnect, label)
        };
        let created = world.state.idp.create_application(new).await.unwrap();
        let id = created.application.oidc().unwrap().client_id.clone();
        let secret = created.client_secret.map(base::Secret::into_exposed);
        Self { world, application: created.application, id, secret, redirect }
    }

    /// With a secret, on the web.
    async fn confidential(world: &'a World) -> Self {
        Self::with(world, "Wiki", true, |_| {}).await
    }

    /// Without a secret, on the person's device.
    async fn public(world: &'a World) -> Self {
        Self::with(world, "Tool", false, |_| {}).await
    }

    /// The address to which it sends a browser; `edit` replaces parameters, and leaves out those with an empty value.
    fn path(&self, edit: &[(&str, &str)]) -> String {
        let challenge = pkce::challenge_of(&VERIFIER.into());
        let mut pairs = BTreeMap::from([
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", self.redirect),
            ("scope", "openid profile email groups offline_access"),
            ("state", "s t&a"),
            ("nonce", "n-1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        pairs.extend(edit.iter().copied());
        pairs.retain(|_, value| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        format!("/idp/oauth/authorize?{query}")
    }

    /// A code for a browser that is signed in.
    async fn code(&self, browser: &mut Browser<'_>, edit: &[(&str, &str)]) -> String {
        let answer = browser.get(&self.path(edit)).await;
        query_of(answer.location())["code"].clone()
    }

    /// A form to the provider, with the secret in the header.
    async fn call(&self, path: &str, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        let header = self.secret.as_ref().map(|secret| basic(&self.id, secret));
        let answer = match header {
            Some(header) => post(self.world, path, fields, Some(&header)).await,
            None => {
                let mut all = vec![("client_id", self.id.as_str())];
                all.extend(fields);
                post(self.world, path, &all, None).await
            }
        };
        assert!(answer.status != StatusCode::OK || answer.header("cache-control") == "no-store");
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }

    async fn token(&self, fields: &[(&str, &str)]) -> (StatusCode, Value) {
        self.call("/idp/oauth/token", fields).await
    }

    async fn redeem(&self, code: &str) -> (StatusCode, Value) {
        let redirect = ("redirect_uri", self.redirect);
        self.token(&[("grant_type", "authorization_code"), ("code", code), redirect, ("code_verifier", VERIFIER)]).await
    }

    async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Tokens of ethan.
    async fn tokens(&self) -> Value {
        let mut browser = Browser::signed_in(self.world, "ethan").await;
        let code = self.code(&mut browser, &[]).await;
        let (status, tokens) = self.redeem(&code).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        tokens
    }
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

async fn post(world: &World, path: &str, fields: &[(&str, &str)], authorization: Option<&str>) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    world.send(request.body(Body::from(body)).unwrap()).await
}

async fn userinfo(world: &World, access: &str) -> (StatusCode, Value) {
    let request = Request::get("/idp/oauth/userinfo").header("authorization", format!("Bearer {access}"));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

/// The parameters of an address.
fn query_of(location: &str) -> BTreeMap<String, String> {
    let query = location.split_once('?').unwrap().1;
    url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Where a page leads on to.
fn onward(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.after("content=\"0;url=")
}

fn claims(tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn issuer() -> String {
    format!("{IDP_URL}/idp")
}
