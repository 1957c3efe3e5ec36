use base::Principal;

use crate::authorize::authorize;

#[test]
fn only_root_is_allowed_until_there_are_policies() {
    let root = Principal::Root { account: "123456789012".to_owned() };
    let others = [
        Principal::Anonymous,
        Principal::ScimClient { token_id: "t".to_owned() },
        Principal::DirectoryUser { id: "u".to_owned(), user_name: "ethan".to_owned() },
        Principal::DbUser { name: "awsuser".to_owned() },
        Principal::System,
    ];
    assert!(authorize(&root, "redshift:DescribeClusters", "*").allowed);
    for principal in others {
        assert!(!authorize(&principal, "redshift:DescribeClusters", "*").allowed, "{principal}");
        let anonymous = principal == Principal::Anonymous;
        assert_eq!(authorize(&principal, "sts:GetCallerIdentity", "*").allowed, !anonymous, "{principal}");
    }
}
