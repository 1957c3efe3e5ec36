use base::{AuditStep, ErrorKind, Principal, Secret};
use serde_json::{Value, json};
use time::Duration;

use crate::testing::{AUDIENCE, ISSUER, Issuer, World, brief, claims, field, ok, refused, startup};
use crate::{Challenge, ChallengeAnswer, DbConnection, QueryError};

fn create(name: &str, namespace: &str, more: &str) -> String {
    format!(
        "CREATE IDENTITY PROVIDER {name} TYPE azure NAMESPACE '{namespace}' PARAMETERS '{{\"issuer\": \"{ISSUER}\", \"client_id\": \
         \"warehouse\", \"client_secret\": \"S3cret\", \"audience\": [\"{AUDIENCE}\"]}}' {more}"
    )
}

async fn world() -> World {
    let world = World::new().await;
    world.define(&[&create("aad", "aad", "")]).await;
    world.forget();
    world
}

async fn present(
    world: &World,
    token: Secret<String>,
    parameters: &[(&str, &str)],
) -> Result<DbConnection, QueryError> {
    let mut all = vec![("idp_type", "AzureAD"), ("plugin_name", "BasicJwtCredentialsProvider")];
    all.extend(parameters);
    let pending = world.gate().begin_login(startup(&all), None).await?;
    assert_eq!(*pending.challenge(), Challenge::Token);
    pending.finish(ChallengeAnswer::Token(token)).await
}

async fn sign_in(world: &World, claims: &Value) -> DbConnection {
    present(world, Issuer::token(claims), &[]).await.unwrap()
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

#[tokio::test]
async fn a_token_opens_a_session_with_the_roles_of_its_groups() {
    let world = world().await;
    let mut ethan = sign_in(&world, &claims()).await;
    assert_eq!(ethan.current_user(), "aad:ethan@example.com");
    assert!(ethan.greeting_notices().is_empty(), "AUTO_CREATE_ROLES is on where azure doesn't say otherwise");
    assert_eq!(refused(&mut ethan, "SELECT a FROM s.t").await, "42501 permission denied for schema s");
    world.define(&["GRANT USAGE ON SCHEMA s TO ROLE \"aad:sales\"", "GRANT SELECT ON s.t TO ROLE \"aad:Ops\""]).await;
    ok(&mut ethan, "SELECT a FROM s.t").await;
    let records = world.audit.take(AuditStep::Connection);
    let record = records.iter().find(|record| record.principal != Principal::System).unwrap();
    let expected =
        [("person", "ethan@example.com"), ("issuer", ISSUER), ("identity_provider", "aad"), ("token_id", "t-1")];
    for (name, value) in expected {
        assert_eq!(field(record, name), value);
    }
    assert!(field(record, "checks").contains("\"signature\""));
    assert!(!format!("{records:?}").contains(Issuer::token(&claims()).expose()));
}

#[tokio::test]
async fn a_token_is_taken_again_until_it_expires_and_the_issuer_asked_once() {
    let world = world().await;
    let first = sign_in(&world, &claims()).await;
    let fetches = world.issuers.fetches();
    let second = present(&world, Issuer::access_token(&claims()), &[("provider_name", "aad")]).await.unwrap();
    assert_eq!((second.current_user, world.issuers.fetches()), (first.current_user, fetches));
    world.clock.advance(Duration::minutes(10));
    let error = present(&world, Issuer::token(&claims()), &[]).await.unwrap_err();
    assert_eq!(brief(&error), "28000 Token credentials expired or invalid");
    assert_eq!(error.message.hint.as_deref(), Some("Get a new token."));
}

/// Every check, by the word that DETAIL has for it.
#[tokio::test]
async fn a_token_that_fails_a_check_is_refused_by_that_check() {
    let world = world().await;
    let later = claims()["exp"].as_i64().unwrap() + 3_600;
    let cases = [
        (Issuer::forged(&claims()), "signature"),
        (Issuer::token(&with("aud", json!("api://other"))), "audience"),
        (Issuer::token(&with("nbf", json!(later))), "counts from"),
        (Issuer::token(&with("sub", json!(""))), "subject"),
        (Issuer::token(&with("upn", json!("a:b"))), "upn"),
        (Issuer::token(&with("upn", json!("a".repeat(128)))), "upn"),
        (Issuer::token(&with("iss", json!("https://evil.example"))), "https://evil.example"),
        (Secret::from("no token"), "no JSON Web Token"),
    ];
    for (token, word) in cases {
        let error = present(&world, token, &[]).await.unwrap_err();
        let detail = error.message.detail.clone().unwrap();
        assert!(error.sqlstate == "28000" && error.fatal && detail.contains(word), "{word}: {error:?}");
        let records = world.audit.take(AuditStep::Connection);
        assert!(field(&records[0], "checks").contains("\"passed\":false"), "{word}: {records:?}");
    }
    let opaque = present(&world, Secret::from("goa-secret"), &[]).await.unwrap_err();
    assert!(opaque.message.hint.unwrap().contains("ID token"), "an access token is the usual mistake");
    let mut many = claims();
    many.as_object_mut().unwrap().remove("groups");
    many["_claim_names"] = json!({"groups": "src1"});
    let error = present(&world, Issuer::token(&many), &[]).await.unwrap_err();
    assert!(error.message.detail.unwrap().contains("more groups than fit"));
    assert!(!world.engine.stored("user").iter().any(|row| row.contains("ethan")), "nobody was made");
}

#[tokio::test]
async fn the_name_goes_by_claims_in_their_order() {
    let world = world().await;
    let mut claims = claims();
    for (claim, value, expected) in [
        ("upn", json!("a@x"), "aad:a@x"),
        ("preferred_username", json!("b"), "aad:b"),
        ("email", json!("c@x"), "aad:s-1"),
        ("email_verified", json!(true), "aad:c@x"),
    ] {
        claims.as_object_mut().unwrap().remove("upn");
        claims.as_object_mut().unwrap().remove("preferred_username");
        claims[claim] = value;
        assert_eq!(sign_in(&world, &claims).await.current_user(), expected, "{claim}");
    }
}

/// The name is renamed with the person, and never passes to another one.
#[tokio::test]
async fn a_name_does_not_pass_to_another_person() {
    let world = world().await;
    drop(sign_in(&world, &claims()).await);
    let error = present(&world, Issuer::token(&with("oid", json!("o-2"))), &[]).await.unwrap_err();
    assert!(error.message.message.contains("belongs to another person"), "{error:?}");
}

#[tokio::test]
async fn a_provider_that_is_disabled_dropped_or_changed_ends_its_sessions() {
    let world = world().await;
    let changed = format!(
        "ALTER IDENTITY PROVIDER aad PARAMETERS '{{\"issuer\": \"{ISSUER}\", \"client_id\": \"x\", \"audience\": [\"other\"]}}'"
    );
    let ends = [
        ("ALTER IDENTITY PROVIDER aad DISABLE", "was disabled"),
        (changed.as_str(), "other audiences"),
        ("DROP IDENTITY PROVIDER aad CASCADE", "was dropped"),
    ];
    for (statement, reason) in ends {
        let mut ethan = sign_in(&world, &claims()).await;
        world.define(&[statement]).await;
        let ended = ethan.handle.reason().unwrap();
        let message = ended.public("aad:ethan@example.com");
        assert_eq!(ended.name(), "provider_ended");
        assert!(message.detail.clone().unwrap().contains(reason), "{message:?}");
        assert!(refused(&mut ethan, "SELECT 1").await.starts_with("57P01"));
        world.define(&["DROP IDENTITY PROVIDER IF EXISTS aad CASCADE", &create("aad", "aad", "")]).await;
    }
}

#[tokio::test]
async fn a_disabled_provider_and_an_unknown_one_let_nobody_in() {
    let world = world().await;
    let error = present(&world, Issuer::token(&claims()), &[("identity_namespace", "awsidc")]).await.unwrap_err();
    assert_eq!(brief(&error), "28000 identity provider for the token does not exist");
    world.define(&["ALTER IDENTITY PROVIDER aad DISABLE"]).await;
    let error = present(&world, Issuer::token(&claims()), &[]).await.unwrap_err();
    assert_eq!(
        (brief(&error).as_str(), error.kind),
        ("28000 identity provider \"aad\" is disabled", ErrorKind::Unauthenticated)
    );
}

/// Neither type's token opens the other's door.
#[tokio::test]
async fn tokens_of_one_kind_are_nothing_to_providers_of_the_other() {
    let world = world().await;
    let ethan = world.person("ethan", &[]).await;
    assert!(present(&world, world.token(&ethan).await, &[]).await.is_err());
    assert!(world.present(Issuer::token(&claims()), &[]).await.is_err());
    let error = world.present(world.token(&ethan).await, &[("provider_name", "aad")]).await.unwrap_err();
    assert_eq!(brief(&error), "28000 AWS IdC identity provider does not exist");
}

#[tokio::test]
async fn auto_create_roles_off_leaves_groups_without_a_role() {
    let world = World::new().await;
    world.define(&[&create("aad", "aad", "AUTO_CREATE_ROLES FALSE"), "CREATE ROLE \"aad:sales\""]).await;
    let ethan = sign_in(&world, &claims()).await;
    assert_eq!(ethan.greeting_notices().len(), 1, "Ops has no role");
    assert!(!world.engine.stored("role").iter().any(|row| row.contains("Ops")));
}

#[tokio::test]
async fn another_tenant_of_the_same_issuer_is_chosen_by_the_audience() {
    let world = world().await;
    let other = create("second", "second", "").replace(AUDIENCE, "api://second").replace("\"warehouse\"", "\"two\"");
    world.define(&[&other]).await;
    assert_eq!(
        sign_in(&world, &with("aud", json!(["x", "api://second"]))).await.current_user(),
        "second:ethan@example.com"
    );
}

#[tokio::test]
async fn a_secret_of_the_parameters_is_nowhere() {
    let world = World::new().await;
    world.define(&[&create("aad", "aad", "")]).await;
    let stored = world.engine.stored("identity_provider");
    let told =
        format!("{stored:?} {:?} {:?}", world.audit.take(AuditStep::Statement), world.warehouse.catalog.current());
    assert!(stored.iter().any(|row| row.contains(ISSUER)) && !told.contains("S3cret"));
}

#[tokio::test]
async fn an_issuer_without_tls_is_refused_at_the_definition() {
    let world = World::new().await;
    let mut admin = world.admin().await;
    let statement = create("aad", "aad", "").replace("https://login", "http://login");
    let refusal = refused(&mut admin, &statement).await;
    assert_eq!(refusal, "22023 the issuer http://login.example/tenant/v2.0 must begin with https://");
}
