//! Claims that aren't in the ID token (OpenID Connect Core 5.3).

use base::Secret;
use serde_json::{Map, Value};

use crate::refusal::Noted;
use crate::{Check, Fetch, Fetched, OidcRefusal, Provider};

const EXPECTED: &str = "claims of the same subject as the ID token's";

/// The claims of the userinfo endpoint, if they are of this subject.
pub(crate) async fn ask(
    fetch: &dyn Fetch,
    provider: &Provider,
    url: &str,
    access_token: &Secret<String>,
    subject: &str,
    noted: &mut Noted<'_>,
) -> Result<Map<String, Value>, OidcRefusal> {
    let answer = fetch.get(url, Some(access_token), provider.network).await.and_then(Fetched::bounded);
    let answer =
        answer.map_err(|error| noted.refusal(Check::UserInfo, EXPECTED, &format!("no answer of {url}: {error}")))?;
    let claims = read(&answer).map_err(|found| noted.refusal(Check::UserInfo, EXPECTED, &found))?;
    let found = claims.get("sub").and_then(Value::as_str);
    let shown = found.map_or_else(|| "no subject".to_owned(), |found| format!("claims of {found}"));
    noted.check(Check::UserInfo, EXPECTED, &shown, found == Some(subject))?;
    Ok(claims)
}

fn read(answer: &Fetched) -> Result<Map<String, Value>, String> {
    if answer.status != 200 {
        return Err(format!("an answer with status {}", answer.status));
    }
    if answer.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().starts_with("application/jwt")) {
        return Err(
            "a signed answer (application/jwt), which isn't supported: have the provider send it as JSON".into()
        );
    }
    match base::strict_json::read(&answer.body) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(_) => Err("JSON that is not an object".into()),
        Err(error) => Err(format!("something that is not JSON ({error})")),
    }
}
