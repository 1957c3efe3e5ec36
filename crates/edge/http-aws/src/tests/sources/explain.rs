use std::sync::atomic::Ordering;

use base::{AuditEvent, AuditLog as _, AuditStep, Checks, CorrelationId, Outcome, Principal};
use serde_json::json;

use super::call;
use crate::tests::world::World;

#[tokio::test]
async fn a_reference_tells_its_story() {
    let world = World::new().await;
    let correlation = CorrelationId::fresh();
    let mut checks = Checks::default();
    checks.note("signature", "a trusted one", "one", true);
    checks.note("audience", "https://ours", "https://theirs", false);
    let denied = AuditEvent::new(AuditStep::SignIn, Outcome::Denied, correlation.clone(), Principal::Anonymous)
        .action("saml")
        .field("source", "ids-1")
        .field("checks", checks.to_json())
        .field("reason", "the audience is https://theirs")
        .field("mend", "Set the audience.");
    world.trail.record(denied).await.unwrap();
    let story = call(&world, "ExplainLogin", json!({"Reference": format!(" {correlation} ")})).await.ok().json();
    assert_eq!(story["Reference"], correlation.as_str());
    assert_eq!((&story["Outcome"], &story["Source"]), (&json!("denied"), &json!("ids-1")));
    let failed = json!({"Check": "audience", "Expected": "https://ours", "Found": "https://theirs", "Passed": false});
    assert_eq!(story["Failed"], failed);
    assert_eq!(story["Mend"], "Set the audience.");
    let steps = story["Steps"].as_array().unwrap();
    assert_eq!((steps.len(), &steps[0]["Step"], &steps[0]["Checks"][1]), (1, &json!("sign_in"), &failed));
}

#[tokio::test]
async fn what_is_no_reference_is_refused_by_name() {
    let world = World::new().await;
    for reference in ["", "not a reference", "'; --", &"a".repeat(65)] {
        let refused = call(&world, "ExplainLogin", json!({ "Reference": reference })).await;
        refused.fails_json(400, "ValidationException", "Reference is not valid");
    }
    call(&world, "ExplainLogin", json!({})).await.fails_json(400, "ValidationException", "Reference");
    let unknown = call(&world, "ExplainLogin", json!({"Reference": "0b1f3c1e"})).await;
    unknown.fails_json(400, "ResourceNotFoundException", "Nothing is recorded under the reference 0b1f3c1e");
    world.trail.full.store(true, Ordering::Relaxed);
    let unrecorded = call(&world, "ExplainLogin", json!({"Reference": "0b1f3c1e"})).await;
    unrecorded.fails_json(503, "ServiceUnavailableException", "");
}
