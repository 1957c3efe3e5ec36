//! A code for tokens (OpenID Connect Core 3.1.3).

use base::Secret;
use serde_json::Value;
use url::form_urlencoded;

use crate::discovery::ClientAuthentication;
use crate::{Discovery, Fetch, Fetched, Flow, Provider};

/// What the provider gave for a code. Not verified.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) id_token: Secret<String>,
    pub(crate) access_token: Secret<String>,
}

/// # Errors
/// What happened, as a sentence without a full stop. Holds no token.
pub(crate) async fn exchange(
    fetch: &dyn Fetch,
    provider: &Provider,
    discovery: &Discovery,
    redirect_uri: &str,
    code: &str,
    flow: &Flow,
) -> Result<Tokens, String> {
    let url = discovery.token_endpoint();
    let secret = provider.client_secret.as_ref();
    let authentication = discovery.client_authentication(secret.is_some()).map_err(|error| error.to_string())?;
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("code_verifier", flow.code_verifier()),
    ];
    let mut basic = None;
    match (authentication, secret) {
        (ClientAuthentication::Basic, Some(secret)) => {
            basic = Some((encoded(&provider.client_id), Secret::new(encoded(secret.expose()))));
        }
        (ClientAuthentication::Post, Some(secret)) => {
            form.extend([("client_id", provider.client_id.as_str()), ("client_secret", secret.expose().as_str())]);
        }
        (ClientAuthentication::None, _) | (ClientAuthentication::Basic | ClientAuthentication::Post, None) => {
            form.push(("client_id", &provider.client_id));
        }
    }
    let basic = basic.as_ref().map(|(user, password)| (user.as_str(), password));
    let answer = fetch
        .post_form(url, &form, basic, provider.network)
        .await
        .and_then(Fetched::bounded)
        .map_err(|error| format!("the token endpoint {url} gave no answer: {error}"))?;
    read(&answer, url)
}

/// RFC 6749 2.3.1.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn read(answer: &Fetched, url: &str) -> Result<Tokens, String> {
    let body = base::strict_json::read(&answer.body);
    if answer.status != 200 {
        let body = body.unwrap_or_default();
        let said = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        let said: Vec<String> = ["error", "error_description"].into_iter().filter_map(said).collect();
        let said = if said.is_empty() { "no reason".to_owned() } else { said.join(": ") };
        return Err(format!("the token endpoint {url} answered with status {} and {said}", answer.status));
    }
    let body =
        body.map_err(|error| format!("the token endpoint {url} answered something that is not JSON ({error})"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let missing = |name: &str| format!("the token endpoint {url} answered without {name}");
    let kind = text("token_type").ok_or_else(|| missing("token_type"))?;
    if !kind.eq_ignore_ascii_case("bearer") {
        let kind: String = kind.chars().take(50).collect();
        return Err(format!("the token endpoint {url} answered with an access token of the type {kind}, not Bearer"));
    }
    Ok(Tokens {
        id_token: Secret::new(text("id_token").ok_or_else(|| missing("id_token"))?),
        access_token: Secret::new(text("access_token").ok_or_else(|| missing("access_token"))?),
    })
}
