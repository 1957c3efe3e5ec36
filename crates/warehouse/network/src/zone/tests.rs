use super::zones;

#[test]
fn zones_are_named_as_aws_names_them() {
    for (region, name, id) in [
        ("us-east-1", "us-east-1a", "use1-az1"),
        ("eu-central-1", "eu-central-1a", "euc1-az1"),
        ("ap-southeast-2", "ap-southeast-2a", "apse2-az1"),
    ] {
        let all = zones(region);
        assert_eq!((all.len(), all[0].name.as_str(), all[0].id.as_str()), (3, name, id));
    }
}
