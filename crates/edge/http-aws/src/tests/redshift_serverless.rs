mod credentials;
mod namespaces;
mod tags;
mod workgroups;

use serde_json::{Value, json};

use super::world::{Reply, World};

const SERVICE: &str = "redshift-serverless";

async fn call(world: &World, operation: &str, body: Value) -> Reply {
    world.json(SERVICE, operation, &body).send().await
}

/// The ARN of a new namespace.
async fn namespace(world: &World, name: &str) -> String {
    let body = json!({"namespaceName": name, "adminUserPassword": "Passw0rd1"});
    let made = call(world, "CreateNamespace", body).await.ok().json();
    made["namespace"]["namespaceArn"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_not_carried_out_is_refused_by_name() {
    let world = World::new().await;
    for operation in ["CreateSnapshot", "RestoreFromSnapshot", "CreateEndpointAccess"] {
        let reply = call(&world, operation, json!({})).await;
        reply.fails_json(400, "UnsupportedOperationException", operation);
        assert!(reply.json().get("Message").is_none());
    }
}
