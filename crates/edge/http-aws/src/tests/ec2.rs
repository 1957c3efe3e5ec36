mod denials;
mod groups;
mod networks;
mod rules;
mod shapes;

use super::world::{Reply, World};

/// A call of EC2, without the version.
pub(super) async fn call(world: &World, form: &str) -> Reply {
    let headers = vec![("content-type", "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    let client = super::world::Client { headers, ..world.client("ec2", &format!("{form}&Version=2016-11-15")) };
    client.send().await
}

/// An error with this status and code, in EC2's frame, and a message that says so.
#[track_caller]
pub(super) fn fails(reply: &Reply, status: u16, code: &str, message: &str) {
    assert_eq!((reply.status, reply.element("Code")), (status, code), "{}", reply.body);
    let said = reply.element("Message").replace("&quot;", "\"").replace("&apos;", "'");
    assert!(said.contains(message), "{said:?} doesn't say {message:?}");
    assert!(reply.body.starts_with("<Response><Errors><Error><Code>"), "{}", reply.body);
    assert_eq!(reply.element("RequestID"), reply.request_id);
}

/// A new security group's id.
pub(super) async fn new_group(world: &World, name: &str) -> String {
    let form = format!("Action=CreateSecurityGroup&GroupName={name}&GroupDescription=for+tests");
    call(world, &form).await.ok().element("groupId").to_owned()
}
