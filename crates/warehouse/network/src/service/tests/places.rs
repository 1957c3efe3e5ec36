use std::collections::BTreeMap;
use std::task::{Context, Waker};

use base::id::{SecurityGroupId, SubnetId, VpcId};

use super::{World, new_group, new_subnet, new_subnet_group, open};
use crate::{Admission, Attachment, NetworkError, NewSubnet, NewVpc, Place};

#[tokio::test]
async fn the_first_start_makes_a_network_that_takes_private_addresses() {
    let world = World::new().await;
    let snapshot = world.network.snapshot();
    let vpc = snapshot.default_vpc().unwrap();
    assert_eq!(vpc.cidr.to_string(), "172.31.0.0/16");
    assert!(vpc.ipv6.unwrap().to_string().starts_with("fd"));
    let zones: Vec<_> = snapshot.subnets().map(|subnet| subnet.zone.clone()).collect();
    assert!(["us-east-1a", "us-east-1b", "us-east-1c"].iter().all(|zone| zones.contains(&(*zone).to_owned())));
    let attachment = Attachment::default();
    for (peer, expected) in [
        ("127.0.0.1", true),
        ("::1", true),
        ("10.1.2.3", true),
        ("172.31.9.9", true),
        ("192.168.7.7", true),
        ("169.254.7.7", true),
        ("100.64.1.1", true),
        ("fd00::9", true),
        ("fe80::9", true),
        ("::ffff:10.1.2.3", true),
        ("203.0.113.9", false),
        ("172.32.0.1", false),
        ("2600:1f18::1", false),
    ] {
        let admission = world.network.admission(&attachment, 5439, peer.parse().unwrap());
        assert_eq!(matches!(admission, Admission::Admitted { .. }), expected, "{peer}: {admission:?}");
    }
}

#[tokio::test]
async fn a_restart_finds_what_there_was() {
    let world = World::new().await;
    let made = world.group("vpn").await;
    let vpc = world.vpc("10.1.0.0/16").await;
    let again = open(&world.store).await;
    assert_eq!(again.group(&made.id).unwrap(), made);
    assert_eq!(again.snapshot().vpcs().count(), 2);
    assert!(again.vpc(&vpc).is_some());
    let (before, after) = (world.network.snapshot(), again.snapshot());
    assert_eq!(before.default_vpc().unwrap().id, after.default_vpc().unwrap().id);
}

#[tokio::test]
async fn blocks_of_networks_and_subnets_are_checked() {
    let world = World::new().await;
    let vpc = world.vpc("10.1.0.7/16").await;
    assert_eq!(world.network.vpc(&vpc).unwrap().cidr.to_string(), "10.1.0.0/16");
    for (cidr, code) in
        [("10.0.0.0/8", "InvalidVpc.Range"), ("10.0.0.0/29", "InvalidVpc.Range"), ("x", "InvalidParameterValue")]
    {
        let new = NewVpc { cidr: cidr.to_owned(), ipv6: false, tags: BTreeMap::new() };
        assert_eq!(world.network.create_vpc(new).await.unwrap_err().code(), code, "{cidr}");
    }
    world.subnet(&vpc, "10.1.1.0/24").await;
    for (cidr, code) in [
        ("10.2.0.0/24", "InvalidSubnet.Range"),
        ("10.1.0.0/15", "InvalidSubnet.Range"),
        ("10.1.1.0/29", "InvalidSubnet.Range"),
        ("10.1.1.0/24", "InvalidSubnet.Conflict"),
        ("10.1.1.128/25", "InvalidSubnet.Conflict"),
        ("10.1.0.0/23", "InvalidSubnet.Conflict"),
        ("10.1.1.0", "InvalidParameterValue"),
    ] {
        assert_eq!(world.network.create_subnet(new_subnet(&vpc, cidr)).await.unwrap_err().code(), code, "{cidr}");
    }
    let nowhere = VpcId::new("vpc-0");
    let unknown = world.network.create_subnet(new_subnet(&nowhere, "10.1.2.0/24")).await.unwrap_err();
    assert_eq!(unknown.code(), "InvalidVpcID.NotFound");
    let zone = NewSubnet { zone: Some("us-east-1z".to_owned()), ..new_subnet(&vpc, "10.1.2.0/24") };
    assert_eq!(world.network.create_subnet(zone).await.unwrap_err().code(), "InvalidParameterValue");
    let by_id = NewSubnet { zone: Some("use1-az2".to_owned()), ..new_subnet(&vpc, "10.1.2.0/24") };
    assert_eq!(world.network.create_subnet(by_id).await.unwrap().zone, "us-east-1b");
}

#[tokio::test]
async fn ipv6_blocks_of_subnets_are_of_the_network() {
    let world = World::new().await;
    let vpc = world.vpc("10.1.0.0/16").await;
    let block = world.network.vpc(&vpc).unwrap().ipv6.unwrap();
    let first = block.subnets(64).unwrap().next().unwrap().to_string();
    let with = |cidr: &str, ipv6: &str| NewSubnet { ipv6: Some(ipv6.to_owned()), ..new_subnet(&vpc, cidr) };
    world.network.create_subnet(with("10.1.1.0/24", &first)).await.unwrap();
    let taken = world.network.create_subnet(with("10.1.2.0/24", &first)).await.unwrap_err();
    assert_eq!(taken, NetworkError::SubnetConflict(first));
    for ipv6 in ["2001:db8::/64", "fd00::/64", &block.to_string()] {
        let refused = world.network.create_subnet(with("10.1.2.0/24", ipv6)).await.unwrap_err();
        assert_eq!(refused.code(), "InvalidSubnet.Range", "{ipv6}");
    }
}

#[tokio::test]
async fn what_is_in_use_is_not_deleted() {
    let world = World::new().await;
    let default = world.network.vpc_of(&Place::DefaultVpc).unwrap();
    assert_eq!(world.network.delete_vpc(&default).await, Err(NetworkError::DefaultVpc));
    let vpc = world.vpc("10.1.0.0/16").await;
    let subnet = world.subnet(&vpc, "10.1.1.0/24").await;
    let in_use = |error: NetworkError| assert_eq!(error.code(), "DependencyViolation");
    in_use(world.network.delete_vpc(&vpc).await.unwrap_err());
    world.network.create_subnet_group(new_subnet_group("one", std::slice::from_ref(&subnet))).await.unwrap();
    in_use(world.network.delete_subnet(&subnet).await.unwrap_err());
    world.use_it("one");
    let used = world.network.delete_subnet_group("one").await.unwrap_err();
    assert_eq!(used.code(), "InvalidClusterSubnetGroupStateFault");
    world.users.used.lock().unwrap().clear();
    world.network.delete_subnet_group("ONE").await.unwrap();
    world.use_it(subnet.as_str());
    in_use(world.network.delete_subnet(&subnet).await.unwrap_err());
    world.users.used.lock().unwrap().clear();
    world.network.delete_subnet(&subnet).await.unwrap();
    let group = world.network.create_group(new_group("vpn", Some(vpc.clone()))).await.unwrap();
    in_use(world.network.delete_vpc(&vpc).await.unwrap_err());
    world.network.delete_group(&group.id).await.unwrap();
    world.network.delete_vpc(&vpc).await.unwrap();
    assert_eq!(world.network.snapshot().groups().filter(|group| group.vpc == vpc).count(), 0);
    for error in [
        world.network.delete_vpc(&vpc).await.unwrap_err(),
        world.network.delete_subnet(&subnet).await.unwrap_err(),
        world.network.delete_subnet_group("one").await.unwrap_err(),
    ] {
        assert!(error.code().contains("NotFound"), "{error}");
    }
}

#[tokio::test]
async fn a_cluster_subnet_group_has_subnets_of_one_network() {
    let world = World::new().await;
    let subnets = world.default_subnets();
    let made = world.network.create_subnet_group(new_subnet_group("My-Group", &subnets)).await.unwrap();
    assert_eq!((made.name.as_str(), made.subnets.len()), ("my-group", 3));
    let again = world.network.create_subnet_group(new_subnet_group("my-GROUP", &subnets)).await.unwrap_err();
    assert_eq!(again.code(), "ClusterSubnetGroupAlreadyExists");
    let vpc = world.vpc("10.1.0.0/16").await;
    let elsewhere = world.subnet(&vpc, "10.1.1.0/24").await;
    let mixed = [subnets[0].clone(), elsewhere.clone()];
    let twice = [subnets[0].clone(), subnets[0].clone()];
    let unknown = [SubnetId::new("subnet-0")];
    for list in [&[][..], &mixed, &twice, &unknown] {
        let refused = world.network.create_subnet_group(new_subnet_group("other", list)).await.unwrap_err();
        assert_eq!(refused.code(), "InvalidSubnet", "{list:?}");
    }
    let moved = world.network.modify_subnet_group("my-group", None, vec![elsewhere]).await.unwrap_err();
    assert_eq!(moved.code(), "InvalidSubnet");
    let less = world.network.modify_subnet_group("MY-group", Some("less".to_owned()), vec![subnets[1].clone()]).await;
    let less = less.unwrap();
    assert_eq!((less.description.as_str(), less.subnets.len()), ("less", 1));
    for name in ["", "default", "Default", "a/b", " x", &"x".repeat(256)] {
        let refused = world.network.create_subnet_group(new_subnet_group(name, &subnets)).await.unwrap_err();
        assert_eq!(refused.code(), "InvalidParameterValue", "{name:?}");
    }
}

#[tokio::test]
async fn an_attachment_is_of_one_network() {
    let world = World::new().await;
    let vpc = world.vpc("10.1.0.0/16").await;
    let subnet = world.subnet(&vpc, "10.1.1.0/24").await;
    world.network.create_subnet_group(new_subnet_group("there", std::slice::from_ref(&subnet))).await.unwrap();
    let (here, there) =
        (world.group("vpn").await, world.network.create_group(new_group("vpn", Some(vpc.clone()))).await.unwrap());
    let pinned = world.network.pin().await;
    let check = |groups: &[&SecurityGroupId], place: Place| {
        let groups = groups.iter().map(|id| (*id).clone()).collect();
        world.network.check(&pinned, &Attachment { groups, place })
    };
    let default = world.network.vpc_of(&Place::DefaultVpc).unwrap();
    assert_eq!(check(&[], Place::DefaultVpc), Ok(default.clone()));
    assert_eq!(check(&[&here.id], Place::DefaultVpc), Ok(default));
    assert_eq!(check(&[&there.id], Place::SubnetGroup("there".to_owned())), Ok(vpc.clone()));
    assert_eq!(check(&[&there.id], Place::Subnets(vec![subnet])), Ok(vpc));
    assert_eq!(check(&[&there.id], Place::DefaultVpc), Err(NetworkError::OtherNetwork));
    let gone = SecurityGroupId::new("sg-0");
    assert_eq!(check(&[&gone], Place::DefaultVpc), Err(NetworkError::GroupNotFound(gone.clone())));
    let nowhere = Place::SubnetGroup("nowhere".to_owned());
    assert_eq!(check(&[], nowhere), Err(NetworkError::SubnetGroupNotFound("nowhere".to_owned())));
    assert_eq!(check(&[], Place::Subnets(Vec::new())), Err(NetworkError::OtherNetwork));
}

#[tokio::test]
async fn what_is_pinned_is_deleted_only_afterwards() {
    let world = World::new().await;
    let group = world.group("vpn").await;
    let pinned = world.network.pin().await;
    let mut deleting = std::pin::pin!(world.network.delete_group(&group.id));
    let polled = deleting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending());
    // What the holder records meanwhile counts.
    world.use_it(group.id.as_str());
    drop(pinned);
    assert_eq!(deleting.await.unwrap_err().code(), "DependencyViolation");
    assert!(world.network.group(&group.id).is_some());
}
