//! The requests that real provisioning clients send (reference/standards.md 1.6).

mod entra;
mod jumpcloud;
mod okta;
mod others;

use super::*;

#[tokio::test]
async fn strangers_and_groups_cannot_be_members() {
    let world = world().await;
    let group = world.group("g", &[]).await;
    for stranger in ["5f3e1c2a", group.as_str()] {
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": stranger}]}]);
        let refused = world.patch(&format!("/Groups/{group}"), operations).await;
        assert_eq!((refused.status, refused.body["scimType"].as_str()), (400, Some("invalidValue")));
        assert!(refused.body["detail"].as_str().unwrap().contains(stranger));
    }
}
