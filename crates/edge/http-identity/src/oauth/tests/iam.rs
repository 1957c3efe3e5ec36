//! CreateTokenWithIAM as an SDK calls it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use base::{AuditStep, Clock as _, Outcome, Secret};
use iam::{Holder, KeyHolder, NewUser, Tags};
use serde_json::{Value, json};
use tokens::{Audience, Requirement, Scope};

use super::access::{EDITOR, EDITOR_REDIRECT, REDSHIFT};
use super::fixture::{Answer, Browser, PASSWORD, VERIFIER, World};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// A signed call in the making.
struct Call<'a> {
    world: &'a World,
    body: Value,
    query: &'static str,
    region: &'static str,
    service: &'static str,
    secret: Option<Secret<String>>,
    /// Another key than root's.
    key: Option<(String, Secret<String>)>,
}

impl<'a> Call<'a> {
    fn new(world: &'a World, body: Value) -> Self {
        Self { world, body, query: "aws_iam=t", region: "us-east-1", service: "sso-oauth", secret: None, key: None }
    }

    async fn send(self) -> Answer {
        let root = self.world.iam.root();
        let (key, secret) = self.key.unwrap_or_else(|| (root.id.clone(), root.secret.clone()));
        let secret = self.secret.unwrap_or(secret);
        let body = self.body.to_string();
        let headers = [("host", "127.0.0.1:8443"), ("content-type", "application/json")];
        let request = sigv4::Request {
            method: "POST",
            path: "/token",
            query: self.query,
            headers: &headers,
            body: body.as_bytes(),
        };
        let now = self.world.clock.now();
        let signature = sigv4::sign(&request, &key, &secret, (self.region, self.service), now).unwrap();
        let mut request = Request::post(format!("/token?{}", self.query))
            .header("authorization", signature.authorization)
            .header("x-amz-date", signature.x_amz_date);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        self.world.send(request.body(Body::from(body)).unwrap()).await
    }
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        self.json()
    }

    /// This status and error, and a message that says so.
    #[track_caller]
    fn fails(&self, status: u16, shape: &str, says: &str) {
        let body = self.json();
        assert_eq!((self.status.as_u16(), self.header("x-amzn-errortype")), (status, shape), "{body}");
        assert!(body["message"].as_str().unwrap().contains(says), "{body} should say {says}");
        assert!(body["error"].is_string() && body["error_description"] == body["message"], "{body}");
    }
}

/// A code that the person gave the editor, with these parameters beside the needed ones.
async fn code(world: &World, parameters: &str) -> String {
    let path = format!(
        "/authorize?response_type=code&client_id={}&redirect_uri=https%3A%2F%2Feditor.example.com%2Fcb&state=s{parameters}",
        EDITOR.replace(':', "%3A").replace('/', "%2F")
    );
    let mut browser = Browser::new(world);
    let to_sign_in = browser.get(&path).await;
    let signed_in = browser.sign_in(to_sign_in.header("location"), PASSWORD).await;
    let page = browser.get(signed_in.header("location")).await;
    assert!(page.body.contains("<strong>Query editor</strong> at https://editor.example.com"), "{}", page.body);
    let answer = browser.answer_consent(&page, "allow").await;
    let query = answer.header("location").strip_prefix("https://editor.example.com/cb?code=").unwrap().to_owned();
    query.strip_suffix("&state=s").unwrap().to_owned()
}

fn redeem(code: &str) -> Value {
    json!({"clientId": EDITOR, "grantType": "authorization_code", "code": code, "redirectUri": EDITOR_REDIRECT})
}

async fn editor_tokens(world: &World) -> Value {
    Call::new(world, redeem(&code(world, "").await)).send().await.ok()
}

fn exchange(token: &Value) -> Value {
    json!({"clientId": REDSHIFT, "grantType": EXCHANGE, "subjectToken": token, "subjectTokenType": ACCESS_TOKEN})
}

#[tokio::test]
async fn an_application_gets_its_tokens_and_its_call_is_recorded_with_the_person() {
    let world = World::new().await;
    let body = editor_tokens(&world).await;
    assert_eq!((&body["tokenType"], &body["expiresIn"]), (&json!("Bearer"), &json!(3600)));
    assert_eq!((&body["issuedTokenType"], &body["scope"]), (&json!(REFRESH_TOKEN), &json!(["redshift:connect"])));
    assert!(body["refreshToken"].is_string() && body.get("idToken").is_none());
    let record = world.trail.events().pop().unwrap();
    assert_eq!((record.step, record.outcome), (AuditStep::ApiCall, Outcome::Allowed));
    assert_eq!((record.action.as_str(), record.target.as_str()), ("sso-oauth:CreateTokenWithIAM", EDITOR));
    assert_eq!(record.principal.to_string(), "arn:aws:iam::123456789012:root");
    let key = world.iam.root().id.clone();
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("user_name", "ethan"),
        ("user_id", world.user.as_str()),
        ("access_key_id", key.as_str()),
        ("source_ip", "127.0.0.1"),
    ] {
        assert!(record.fields.contains(&(name, value.to_owned())), "{name} in {record:?}");
    }
    let sign_in = world.trail.events().into_iter().find(|event| event.step == AuditStep::SignIn).unwrap();
    assert_eq!(record.correlation, sign_in.correlation);
    assert!(!format!("{record:?}").contains("gate_"), "{record:?}");

    let refresh = json!({"clientId": EDITOR, "grantType": "refresh_token", "refreshToken": body["refreshToken"]});
    let again = Call::new(&world, refresh.clone()).send().await;
    assert_ne!(again.ok()["refreshToken"], body["refreshToken"]);
    assert_eq!(again.header("x-amzn-requestid"), sign_in.correlation.as_str());
    Call::new(&world, refresh).send().await.fails(400, "InvalidGrantException", "used before");
}

#[tokio::test]
async fn a_challenge_is_optional_and_verified_where_there_was_one() {
    let world = World::new().await;
    let challenge = base::pkce::challenge_of(&Secret::from(VERIFIER));
    let code = code(&world, &format!("&code_challenge={challenge}&code_challenge_method=S256")).await;
    let answer = Call::new(&world, redeem(&code)).send().await;
    answer.fails(400, "InvalidGrantException", "codeVerifier is missing");
    let mut asked = redeem(&code);
    asked["codeVerifier"] = json!("x".repeat(43));
    Call::new(&world, asked.clone()).send().await.fails(400, "InvalidGrantException", "doesn't fit");
    asked["codeVerifier"] = json!(VERIFIER);
    Call::new(&world, asked).send().await.ok();
}

#[tokio::test]
async fn a_token_is_exchanged_and_opens_what_the_other_application_opens() {
    let world = World::new().await;
    let editor = editor_tokens(&world).await;
    let body = Call::new(&world, exchange(&editor["accessToken"])).send().await.ok();
    assert_eq!(body["issuedTokenType"], ACCESS_TOKEN);
    assert!(body.get("refreshToken").is_none());
    let required = Requirement {
        scope: Scope::RedshiftConnect,
        audience: Audience::AnyRedshift,
        issuer: world.state.settings.instance_arn.clone(),
    };
    let opens = |token: &Value| world.state.tokens.verify_access(&Secret::from(token.as_str().unwrap()), &required);
    assert_eq!(opens(&body["accessToken"]).unwrap().get().user, world.user);
    assert!(opens(&editor["accessToken"]).is_err());
    let mut asked = exchange(&editor["accessToken"]);
    asked["requestedTokenType"] = json!(REFRESH_TOKEN);
    let body = Call::new(&world, asked).send().await.ok();
    assert!(body["refreshToken"].is_string() && body["issuedTokenType"] == REFRESH_TOKEN);
}

#[tokio::test]
async fn each_refusal_has_the_models_name() {
    let world = World::new().await;
    let good = redeem(&code(&world, "").await);
    let with = |member: &str, value: Value| {
        let mut asked = good.clone();
        asked[member] = value;
        asked
    };
    let jwt = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let cases = [
        (with("clientId", json!("arn:nothing")), 401, "InvalidClientException", "no application"),
        (with("clientId", Value::Null), 400, "InvalidRequestException", "clientId is missing"),
        (with("grantType", Value::Null), 400, "InvalidRequestException", "grantType is missing"),
        (with("grantType", json!(jwt)), 400, "UnsupportedGrantTypeException", "no trusted token issuers"),
        (with("grantType", json!("password")), 400, "UnsupportedGrantTypeException", "token-exchange"),
        (with("scope", json!(["openid"])), 400, "InvalidScopeException", "signs no ID tokens"),
        (with("scope", json!(["sts:identity_context"])), 400, "InvalidScopeException", "sts:identity_context"),
        (with("assertion", json!("x")), 400, "InvalidRequestException", "assertion doesn't belong"),
        (with("subjectToken", json!("x")), 400, "InvalidRequestException", "subjectToken doesn't belong"),
        (with("redirectUri", Value::Null), 400, "InvalidRequestException", "redirectUri is missing"),
        (with("surprise", json!(1)), 400, "InvalidRequestException", "surprise"),
        (with("code", json!("gate_ac_x")), 400, "InvalidGrantException", "not known"),
        (with("redirectUri", json!("https://evil.example.com/")), 400, "InvalidGrantException", "redirectUri"),
        (json!([]), 400, "InvalidRequestException", "JSON object"),
    ];
    for (body, status, shape, says) in cases {
        Call::new(&world, body).send().await.fails(status, shape, says);
    }
    let mut typeless = exchange(&json!("x"));
    typeless["subjectTokenType"] = Value::Null;
    Call::new(&world, typeless).send().await.fails(400, "InvalidRequestException", "subjectTokenType is missing");
    let mut other = exchange(&json!("x"));
    other["requestedTokenType"] = json!("urn:ietf:params:oauth:token-type:id_token");
    Call::new(&world, other).send().await.fails(400, "InvalidRequestException", "requestedTokenType");
    Call::new(&world, exchange(&json!("x"))).send().await.fails(400, "InvalidGrantException", "subjectToken");
    // None of it cost the code anything.
    Call::new(&world, good.clone()).send().await.ok();
    world.access.fence(EDITOR);
    Call::new(&world, good).send().await.fails(400, "AccessDeniedException", "Not by the actor policy.");
    let denied = world.trail.events().pop().unwrap();
    assert!(denied.outcome == Outcome::Denied, "{denied:?}");
    assert!(denied.fields.contains(&("error_code", "AccessDeniedException".to_owned())), "{denied:?}");
}

#[tokio::test]
async fn what_the_application_lost_is_named_with_the_call_that_gives_it_back() {
    let world = World::new().await;
    let editor = editor_tokens(&world).await;
    let refresh = json!({"clientId": EDITOR, "grantType": "refresh_token", "refreshToken": editor["refreshToken"]});
    world.access.set(EDITOR, |application| application.refresh_token = false);
    let answer = Call::new(&world, refresh.clone()).send().await;
    answer.fails(400, "UnauthorizedClientException", "PutApplicationGrant with GrantType refresh_token");
    world.access.set(REDSHIFT, |application| application.token_exchange = false);
    let answer = Call::new(&world, exchange(&editor["accessToken"])).send().await;
    answer.fails(400, "UnauthorizedClientException", "PutApplicationGrant with GrantType urn:ietf");
    world.access.set(REDSHIFT, |application| application.token_exchange = true);
    world.access.confine(true);
    let answer = Call::new(&world, exchange(&editor["accessToken"])).send().await;
    answer.fails(400, "InvalidScopeException", "AuthorizedTargets");
    world.access.set(EDITOR, |application| application.refresh_token = true);
    world.access.set(EDITOR, |application| application.enabled = false);
    Call::new(&world, refresh).send().await.fails(
        400,
        "InvalidGrantException",
        "UpdateApplication with Status ENABLED",
    );
}

#[tokio::test]
async fn only_a_signature_for_this_service_and_region_is_taken() {
    let world = World::new().await;
    let body = redeem("gate_ac_x");
    let wrong = Call { secret: Some(Secret::from("guess")), ..Call::new(&world, body.clone()) };
    wrong.send().await.fails(403, "InvalidSignatureException", "does not match");
    let other = Call { service: "sso", ..Call::new(&world, body.clone()) };
    other.send().await.fails(403, "InvalidSignatureException", "correct service");
    let elsewhere = Call { region: "eu-west-1", ..Call::new(&world, body.clone()) };
    let answer = elsewhere.send().await;
    answer.fails(400, "InvalidRequestRegionException", "us-east-1");
    assert_eq!(answer.json()["region"], "us-east-1");
    assert_eq!(answer.json()["endpoint"], "https://127.0.0.1:8443");
    let guessed = Call { region: "eu-west-1", secret: Some(Secret::from("guess")), ..Call::new(&world, body.clone()) };
    guessed.send().await.fails(403, "InvalidSignatureException", "does not match");
    let query = Call { query: "aws_iam=f", ..Call::new(&world, body.clone()) };
    query.send().await.fails(400, "InvalidRequestException", "aws_iam=t");
    let (status, headers, answer) = world.call("/token?aws_iam=t", body).await;
    assert_eq!(
        (status.as_u16(), &headers["x-amzn-errortype"]),
        (403, &"MissingAuthenticationTokenException".parse().unwrap())
    );
    assert!(answer["message"].as_str().unwrap().contains("Signature Version 4"));
    let record = world.trail.events().pop().unwrap();
    assert_eq!((record.principal.to_string().as_str(), record.outcome), ("anonymous", Outcome::Denied));
}

#[tokio::test]
async fn what_can_not_be_recorded_gives_no_token() {
    let world = World::new().await;
    let asked = redeem(&code(&world, "").await);
    world.trail.broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let answer = Call::new(&world, asked).send().await;
    answer.fails(500, "InternalServerException", "can't write its records");
}

#[tokio::test]
async fn a_client_that_goes_away_parts_no_token_from_its_record() {
    let world = World::new().await;
    let body = redeem(&code(&world, "").await);
    let records = world.trail.events().len();
    let closed = world.trail.gate.lock().await;
    // The permit of an earlier record.
    world.trail.reached.notify_one();
    world.trail.reached.notified().await;
    tokio::select! {
        _ = Call::new(&world, body.clone()).send() => unreachable!("nothing can be recorded yet"),
        () = world.trail.reached.notified() => {}
    }
    drop(closed);
    Call::new(&world, body).send().await.fails(400, "InvalidGrantException", "used before");
    let outcomes: Vec<_> = world.trail.events()[records..].iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [Outcome::Allowed, Outcome::Denied]);
}

#[tokio::test]
async fn a_refusal_repeats_no_value() {
    let world = World::new().await;
    let body = json!({"clientId": EDITOR, "grantType": "authorization_code", "scope": "gate_ac_secret"});
    let refused = Call::new(&world, body).send().await;
    refused.fails(400, "InvalidRequestException", "the type of the service model");
    assert!(!refused.body.contains("gate_ac_secret"), "{}", refused.body);
    assert!(!format!("{:?}", world.trail.events()).contains("gate_ac_secret"));
}

#[tokio::test]
async fn a_user_needs_a_policy_of_their_own() {
    let world = World::new().await;
    let new = NewUser { name: "bob".to_owned(), path: None, boundary: None, tags: Tags::default() };
    world.iam.create_user(new).await.unwrap();
    let key = world.iam.create_access_key(KeyHolder::User("bob")).await.unwrap();
    let code = code(&world, "").await;
    let call = || Call { key: Some((key.id.clone(), key.secret.clone())), ..Call::new(&world, redeem(&code)) };
    let denied = "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: sso-oauth:CreateTokenWithIAM on resource: ";
    call().send().await.fails(400, "AccessDeniedException", denied);
    let record = world.trail.events().pop().unwrap();
    assert_eq!(
        (record.outcome, record.principal.to_string().as_str()),
        (Outcome::Denied, "arn:aws:iam::123456789012:user/bob")
    );
    assert!(
        record.fields.iter().any(|(name, value)| *name == "mend" && value.contains("Allow sso-oauth")),
        "{record:?}"
    );
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    world.iam.put_policy(Holder::User("bob"), "p", all).await.unwrap();
    // The actor policy of these tests names root alone.
    call().send().await.fails(400, "AccessDeniedException", "Not by IAM");
    world.iam.set_access_key_active(KeyHolder::User("bob"), &key.id, false).await.unwrap();
    call().send().await.fails(403, "UnrecognizedClientException", "invalid");
}
