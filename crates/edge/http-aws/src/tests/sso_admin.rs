mod access_scopes;
mod application_grants;
mod applications;
mod assignments;
mod assignments_for_principal;
mod authentication_methods;
mod instances;
mod providers;
mod tags;

use base::id::ApplicationArn;
use center::CUSTOM_PROVIDER_ARN;
use serde_json::{Value, json};

use super::world::{Reply, World};

/// Of the right form, and nothing.
const MISSING: &str = "arn:aws:sso::123456789012:application/ssoins-0123456789abcdef/apl-0123456789abcdef";
const MISSING_INSTANCE: &str = "arn:aws:sso:::instance/ssoins-0123456789abcdef";

async fn call(world: &World, operation: &str, body: &Value) -> Reply {
    world.json("sso", operation, body).send().await
}

/// What a call answers that must succeed.
async fn ok(world: &World, operation: &str, body: &Value) -> Value {
    call(world, operation, body).await.ok().json()
}

async fn refused(world: &World, operation: &str, body: &Value, code: &str, message: &str) {
    call(world, operation, body).await.fails_json(400, code, message);
}

fn instance(world: &World) -> String {
    world.state.center.instance().arn.as_str().to_owned()
}

/// A custom application's ARN.
async fn application(world: &World) -> String {
    let body = json!({"InstanceArn": instance(world), "ApplicationProviderArn": CUSTOM_PROVIDER_ARN, "Name": "app"});
    ok(world, "CreateApplication", &body).await["ApplicationArn"].as_str().unwrap().to_owned()
}

fn stored(world: &World, arn: &str) -> std::sync::Arc<center::Application> {
    world.state.center.application(&ApplicationArn::new(arn)).unwrap()
}

/// `body` with one more member.
fn with(body: &Value, member: &str, value: Value) -> Value {
    let mut body = body.clone();
    body[member] = value;
    body
}

/// An operation on one application refuses what is no ARN of one, and one that names nothing.
async fn needs_an_application(world: &World, operation: &str, body: &Value) {
    for (arn, code) in [
        (json!("arn:x"), "ValidationException"),
        (json!(instance(world)), "ValidationException"),
        (json!(1), "ValidationException"),
        (Value::Null, "ValidationException"),
        (json!(MISSING), "ResourceNotFoundException"),
    ] {
        refused(world, operation, &with(body, "ApplicationArn", arn), code, "").await;
    }
}
