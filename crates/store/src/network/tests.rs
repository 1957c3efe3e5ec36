use std::collections::BTreeMap;
use std::sync::Arc;

use base::FixedClock;
use network::{
    Direction, Network, NetworkStore as _, NetworkWrite, NewRule, NewSecurityGroup, NewSubnet, NewSubnetGroup, NewVpc,
    Permission, PortRange, RuleChoice, Source, Traffic,
};
use time::OffsetDateTime;

use crate::{SqliteNetwork, Store};

async fn network(store: &Store) -> Network {
    let clock = FixedClock::at(OffsetDateTime::from_unix_timestamp_nanos(1_772_323_170_123_456_789).unwrap());
    Network::open(Arc::new(SqliteNetwork::new(store)), Arc::new(clock), "123456789012", "us-east-1").await.unwrap()
}

/// Everything that there is, in words.
fn everything(network: &Network) -> String {
    let all = network.snapshot();
    let (vpcs, subnets) = (all.vpcs().collect::<Vec<_>>(), all.subnets().collect::<Vec<_>>());
    format!(
        "{vpcs:?} {subnets:?} {:?} {:?}",
        all.groups().collect::<Vec<_>>(),
        all.subnet_groups(None).collect::<Vec<_>>()
    )
}

fn rule(source: &str) -> NewRule {
    let traffic = Traffic::Tcp(PortRange { from: 5439, to: 5439 });
    let permission = Permission { traffic, source: Source::try_from(source.to_owned()).unwrap() };
    NewRule { permission, description: Some("from {us} to us!".to_owned()) }
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control.sqlite");
    let store = Store::open(&file).await.unwrap();
    let made = network(&store).await;
    let tags: BTreeMap<_, _> = [("team".to_owned(), "'data'".to_owned())].into();
    let vpc = made.create_vpc(NewVpc { cidr: "10.1.0.0/16".to_owned(), ipv6: true, tags: tags.clone() }).await.unwrap();
    let new =
        NewSubnet { vpc: vpc.id.clone(), cidr: "10.1.1.0/24".to_owned(), ipv6: None, zone: None, tags: tags.clone() };
    let subnet = made.create_subnet(new).await.unwrap();
    let (name, description) = ("vpn".to_owned(), "VPN".to_owned());
    let group = NewSecurityGroup { name, description, vpc: Some(vpc.id.clone()), tags: tags.clone() };
    let group = made.create_group(group).await.unwrap();
    let rules = vec![rule("10.8.0.0/16"), rule("2001:db8::/32"), rule(group.id.as_str())];
    let rules = made.authorize(&group.id, Direction::Ingress, rules, tags.clone()).await.unwrap();
    made.revoke(&group.id, Direction::Ingress, &[RuleChoice::Id(rules[0].id.clone())]).await.unwrap();
    let (name, description) = ("both".to_owned(), "both".to_owned());
    let subnets = vec![subnet.id.clone()];
    made.create_subnet_group(NewSubnetGroup { name, description, subnets, tags: tags.clone() }).await.unwrap();
    made.modify_subnet_group("both", Some("one".to_owned()), vec![subnet.id.clone()]).await.unwrap();
    made.tag(&[vpc.id.to_string(), subnet.id.to_string(), group.id.to_string()], &tags).await.unwrap();
    let before = everything(&made);
    store.close().await;
    let again = Store::open(&file).await.unwrap();
    let read = network(&again).await;
    assert_eq!(everything(&read), before);
    read.delete_subnet_group("both").await.unwrap();
    read.delete_subnet(&subnet.id).await.unwrap();
    read.delete_group(&group.id).await.unwrap();
    read.delete_vpc(&vpc.id).await.unwrap();
    let before = everything(&read);
    assert!(!before.contains("10.1."));
    assert_eq!(everything(&network(&again).await), before);
}

#[tokio::test]
async fn all_changes_of_a_write_are_made_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
    let made = network(&store).await;
    let port = SqliteNetwork::new(&store);
    let vpc = made.snapshot().default_vpc().unwrap().as_ref().clone();
    let new = network::Vpc { id: base::id::VpcId::new("vpc-new"), is_default: false, ..vpc.clone() };
    // The default one has subnets: the foreign key refuses.
    let writes = vec![NetworkWrite::PutVpc(new), NetworkWrite::DeleteVpc(vpc.id)];
    port.apply(writes).await.unwrap_err();
    assert_eq!(port.load().await.unwrap().vpcs.len(), 1);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("control.sqlite")).await.unwrap();
    network(&store).await;
    for (text, expected) in [
        ("UPDATE network_security_group SET rules = '[{}]'", "network_security_group"),
        ("UPDATE network_vpc SET cidr = 'everything'", "network_vpc"),
    ] {
        sqlx::query(text).execute(store.pool()).await.unwrap();
        let error = SqliteNetwork::new(&store).load().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
