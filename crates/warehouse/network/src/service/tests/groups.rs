use std::collections::BTreeMap;

use base::id::{SecurityGroupId, VpcId};

use super::{World, new_group, redshift};
use crate::{Direction, NetworkError, NewSecurityGroup, TAGS_MAX};

#[tokio::test]
async fn a_new_group_lets_nobody_in_and_everything_out() {
    let world = World::new().await;
    let group = world.group("Redshift VPN").await;
    assert_eq!(group.rules_of(Direction::Ingress).count(), 0);
    let out: Vec<_> = group.rules_of(Direction::Egress).map(|rule| rule.permission.to_string()).collect();
    assert_eq!(out, ["peer: 0.0.0.0/0, ALL, ALLOW", "peer: ::/0, ALL, ALLOW"]);
    assert_eq!(group.id.as_str().len(), "sg-".len() + 17);
}

#[tokio::test]
async fn names_are_unique_in_their_network_without_regard_to_case() {
    let world = World::new().await;
    world.group("vpn").await;
    let again = world.network.create_group(new_group("VPN", None)).await.unwrap_err();
    assert_eq!(again.code(), "InvalidGroup.Duplicate");
    let vpc = world.vpc("10.1.0.0/16").await;
    world.network.create_group(new_group("vpn", Some(vpc))).await.unwrap();
    let nowhere = world.network.create_group(new_group("x", Some(VpcId::new("vpc-0")))).await.unwrap_err();
    assert_eq!(nowhere.code(), "InvalidVpcID.NotFound");
}

#[tokio::test]
async fn names_and_descriptions_are_checked() {
    let world = World::new().await;
    for name in ["", "sg-vpn", "default", "Default", "a\u{e9}", "a<b", " a", &"x".repeat(256)] {
        let refused = world.network.create_group(new_group(name, None)).await.unwrap_err();
        assert_eq!(refused.code(), "InvalidParameterValue", "{name:?}");
    }
    for description in ["", "caf\u{e9}", &"x".repeat(256)] {
        let new = NewSecurityGroup { description: description.to_owned(), ..new_group("vpn", None) };
        assert_eq!(world.network.create_group(new).await.unwrap_err().code(), "InvalidParameterValue");
    }
}

#[tokio::test]
async fn a_group_that_something_has_is_not_deleted() {
    let world = World::new().await;
    let (one, other) = (world.group("one").await, world.group("other").await);
    world
        .network
        .authorize(&other.id, Direction::Ingress, vec![redshift(one.id.as_str())], BTreeMap::new())
        .await
        .unwrap();
    let named = world.network.delete_group(&one.id).await.unwrap_err();
    assert_eq!(named.code(), "DependencyViolation");
    assert_eq!(named.to_string(), format!("resource {} has a dependent object", one.id));
    world.use_it(other.id.as_str());
    assert_eq!(world.network.delete_group(&other.id).await.unwrap_err().code(), "DependencyViolation");
    world.users.used.lock().unwrap().clear();
    world.network.delete_group(&other.id).await.unwrap();
    world.network.delete_group(&one.id).await.unwrap();
    let gone = world.network.delete_group(&one.id).await.unwrap_err();
    assert_eq!(gone, NetworkError::GroupNotFound(one.id.clone()));
    let default = world.network.groups_of(&crate::Attachment::default())[0].id.clone();
    assert_eq!(world.network.delete_group(&default).await.unwrap_err().code(), "CannotDelete");
}

#[tokio::test]
async fn tags_are_put_on_everything_or_on_nothing() {
    let world = World::new().await;
    let group = world.group("vpn").await;
    let added = world.network.authorize(
        &group.id,
        Direction::Ingress,
        vec![redshift("10.0.0.0/8"), redshift("::1/128")],
        BTreeMap::new(),
    );
    let rules = added.await.unwrap();
    let snapshot = world.network.snapshot();
    let (vpc, subnet) =
        (snapshot.default_vpc().unwrap().id.to_string(), snapshot.subnets().next().unwrap().id.to_string());
    let all = [vpc, subnet, group.id.to_string(), rules[0].id.to_string(), rules[1].id.to_string()];
    let team: BTreeMap<_, _> = [("team".to_owned(), "data".to_owned())].into();
    world.network.tag(&all, &team).await.unwrap();
    let snapshot = world.network.snapshot();
    assert_eq!(snapshot.group(&group.id).unwrap().tags, team);
    for rule in &rules {
        assert_eq!(snapshot.rule(&rule.id).unwrap().1.tags, team);
    }
    let with_stranger = [group.id.to_string(), "sg-0".to_owned()];
    let refused = world.network.untag(&with_stranger, &[]).await.unwrap_err();
    assert_eq!(refused, NetworkError::GroupNotFound(SecurityGroupId::new("sg-0")));
    assert_eq!(world.network.group(&group.id).unwrap().tags, team);
    let one = [group.id.to_string()];
    world.network.untag(&one, &[("team".to_owned(), Some("other".to_owned()))]).await.unwrap();
    assert_eq!(world.network.group(&group.id).unwrap().tags, team);
    world.network.untag(&one, &[("team".to_owned(), None)]).await.unwrap();
    assert!(world.network.group(&group.id).unwrap().tags.is_empty());
}

#[tokio::test]
async fn tags_are_checked() {
    let world = World::new().await;
    let one = [world.group("vpn").await.id.to_string()];
    for (key, value) in [("aws:x", ""), ("AWS:x", ""), ("", ""), (&*"x".repeat(129), ""), ("x", &*"x".repeat(257))] {
        let refused = world.network.tag(&one, &[(key.to_owned(), value.to_owned())].into()).await.unwrap_err();
        assert_eq!(refused.code(), "InvalidParameterValue", "{key:?}");
    }
    let many: BTreeMap<_, _> = (0..=TAGS_MAX).map(|number| (number.to_string(), String::new())).collect();
    assert_eq!(world.network.tag(&one, &many).await.unwrap_err(), NetworkError::TagLimit);
    let unknown = world.network.tag(&["i-0123".to_owned()], &BTreeMap::new()).await.unwrap_err();
    assert_eq!(unknown.code(), "InvalidParameterValue");
}
