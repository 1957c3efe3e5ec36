use std::collections::BTreeMap;
use std::sync::Arc;

use base::id::SecurityGroupId;
use tokio::sync::broadcast::error::TryRecvError;

use super::{World, new_group, redshift};
use crate::{
    Admission, Attachment, DescriptionEdit, Direction, NetworkChange, NetworkError, NewRule, Place, RULES_MAX, Rule,
    RuleChoice, RuleId,
};

async fn admit(world: &World, group: &SecurityGroupId, rules: Vec<NewRule>) -> Result<Vec<Arc<Rule>>, NetworkError> {
    world.network.authorize(group, Direction::Ingress, rules, BTreeMap::new()).await
}

fn admitted(world: &World, group: &SecurityGroupId, peer: &str) -> bool {
    let attachment = Attachment { groups: vec![group.clone()], place: Place::DefaultVpc };
    matches!(world.network.admission(&attachment, 5439, peer.parse().unwrap()), Admission::Admitted { .. })
}

#[tokio::test]
async fn a_rule_counts_from_its_authorization_to_its_revocation() {
    let world = World::new().await;
    let group = world.group("vpn").await.id.clone();
    assert!(!admitted(&world, &group, "10.8.0.9"));
    let rules = admit(&world, &group, vec![redshift("10.8.0.0/16"), redshift("2001:db8::/32")]).await.unwrap();
    assert!(admitted(&world, &group, "10.8.0.9") && admitted(&world, &group, "2001:db8::9"));
    let mut changes = world.network.subscribe();
    world.network.revoke(&group, Direction::Ingress, &[RuleChoice::Id(rules[0].id.clone())]).await.unwrap();
    assert_eq!(changes.try_recv(), Ok(NetworkChange::Narrowed(group.clone())));
    assert!(!admitted(&world, &group, "10.8.0.9") && admitted(&world, &group, "2001:db8::9"));
    let by_content = [RuleChoice::Permission(redshift("2001:db8::/32"))];
    world.network.revoke(&group, Direction::Ingress, &by_content).await.unwrap();
    assert!(!admitted(&world, &group, "2001:db8::9"));
    let again = world.network.revoke(&group, Direction::Ingress, &by_content).await.unwrap_err();
    assert_eq!(again.code(), "InvalidPermission.NotFound");
}

#[tokio::test]
async fn what_only_widens_or_is_outbound_ends_no_session() {
    let world = World::new().await;
    let group = world.group("vpn").await;
    let mut changes = world.network.subscribe();
    admit(&world, &group.id, vec![redshift("10.8.0.0/16")]).await.unwrap();
    let outbound = group.rules_of(Direction::Egress).next().unwrap().id.clone();
    world.network.revoke(&group.id, Direction::Egress, &[RuleChoice::Id(outbound)]).await.unwrap();
    assert_eq!(changes.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test]
async fn all_rules_of_a_call_are_made_or_none() {
    let world = World::new().await;
    let group = world.group("vpn").await.id.clone();
    admit(&world, &group, vec![redshift("10.8.0.0/16")]).await.unwrap();
    for (rules, code) in [
        (vec![redshift("10.9.0.0/16"), redshift("10.8.0.0/16")], "InvalidPermission.Duplicate"),
        (vec![redshift("10.9.0.0/16"), redshift("10.9.7.7/16")], "InvalidPermission.Duplicate"),
        (vec![redshift("10.9.0.0/16"), redshift("sg-0")], "InvalidGroup.NotFound"),
        (
            vec![redshift("10.9.0.0/16"), NewRule { description: Some("\u{7}".to_owned()), ..redshift("::1/128") }],
            "InvalidParameterValue",
        ),
    ] {
        assert_eq!(admit(&world, &group, rules).await.unwrap_err().code(), code);
    }
    assert!(!admitted(&world, &group, "10.9.0.1"));
    let there = world.vpc("10.1.0.0/16").await;
    let other = world.network.create_group(new_group("vpn", Some(there))).await.unwrap();
    let elsewhere = admit(&world, &group, vec![redshift(other.id.as_str())]).await.unwrap_err();
    assert_eq!(elsewhere, NetworkError::OtherNetwork);
    let nobody = SecurityGroupId::new("sg-0");
    let unknown = admit(&world, &nobody, vec![redshift("::/0")]).await.unwrap_err();
    assert_eq!(unknown, NetworkError::GroupNotFound(nobody));
}

#[tokio::test]
async fn a_group_has_a_bounded_number_of_rules_in_each_direction() {
    let world = World::new().await;
    let group = world.group("vpn").await.id.clone();
    let many = |count: usize| (0..count).map(|number| redshift(&format!("10.{number}.0.0/16"))).collect::<Vec<_>>();
    assert_eq!(admit(&world, &group, many(RULES_MAX + 1)).await.unwrap_err(), NetworkError::RuleLimit);
    admit(&world, &group, many(RULES_MAX)).await.unwrap();
    assert_eq!(admit(&world, &group, vec![redshift("::1/128")]).await.unwrap_err(), NetworkError::RuleLimit);
}

#[tokio::test]
async fn a_rule_becomes_another_of_its_kind() {
    let world = World::new().await;
    let group = world.group("vpn").await.id.clone();
    let rules = admit(&world, &group, vec![redshift("10.8.0.0/16"), redshift("10.7.0.0/16")]).await.unwrap();
    let edit = |rule: &RuleId, source: &str| vec![(rule.clone(), redshift(source))];
    let mut changes = world.network.subscribe();
    world.network.modify_rules(&group, edit(&rules[0].id, "10.9.0.0/16")).await.unwrap();
    assert_eq!(changes.try_recv(), Ok(NetworkChange::Narrowed(group.clone())));
    assert!(admitted(&world, &group, "10.9.0.1") && !admitted(&world, &group, "10.8.0.1"));
    for (edits, code) in [
        (edit(&rules[0].id, "::1/128"), "InvalidParameterValue"),
        (edit(&rules[0].id, "10.7.0.0/16"), "InvalidPermission.Duplicate"),
        (edit(&RuleId::new("sgr-0"), "10.1.0.0/16"), "InvalidSecurityGroupRuleId.NotFound"),
    ] {
        assert_eq!(world.network.modify_rules(&group, edits).await.unwrap_err().code(), code);
    }
    // to itself
    world.network.modify_rules(&group, edit(&rules[0].id, "10.9.0.0/16")).await.unwrap();
}

#[tokio::test]
async fn a_description_is_changed_and_removed() {
    let world = World::new().await;
    let group = world.group("vpn").await.id.clone();
    let rules = admit(&world, &group, vec![redshift("10.8.0.0/16")]).await.unwrap();
    let describe = async |rule: RuleChoice, description: Option<&str>| {
        let edit = DescriptionEdit { rule, description: description.map(str::to_owned) };
        world.network.describe_rules(&group, Direction::Ingress, vec![edit]).await
    };
    describe(RuleChoice::Id(rules[0].id.clone()), Some("VPN")).await.unwrap();
    let present = || world.network.snapshot().rule(&rules[0].id).unwrap().1.description.clone();
    assert_eq!(present().as_deref(), Some("VPN"));
    let otherwise = RuleChoice::Permission(NewRule { description: Some("LAN".to_owned()), ..redshift("10.8.0.0/16") });
    let revoked = world.network.revoke(&group, Direction::Ingress, &[otherwise]).await.unwrap_err();
    assert_eq!(revoked.code(), "InvalidPermission.NotFound");
    describe(RuleChoice::Permission(redshift("10.8.0.0/16")), None).await.unwrap();
    assert_eq!(present(), None);
    let outbound = describe(RuleChoice::Id(RuleId::new("sgr-0")), None).await.unwrap_err();
    assert_eq!(outbound.code(), "InvalidSecurityGroupRuleId.NotFound");
}
