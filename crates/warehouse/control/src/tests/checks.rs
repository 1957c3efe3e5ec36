use base::id::ClusterId;

use super::fake::role;
use crate::{ControlError, check, roles};

fn refused(outcome: Result<(), ControlError>, parameter: &str) -> bool {
    matches!(outcome, Err(ControlError::Invalid { parameter: named, .. }) if named == parameter)
}

#[test]
fn identifiers_of_clusters() {
    let check = |text: &str| check::cluster_identifier("ClusterIdentifier", &ClusterId::new(text));
    for bad in ["", "1a", "A", "a_b", "a-", "a--b", "-a", &"a".repeat(64)] {
        assert!(refused(check(bad), "ClusterIdentifier"), "{bad:?}");
    }
    for good in ["a", "a-1-b", &"a".repeat(63)] {
        assert_eq!(check(good), Ok(()), "{good:?}");
    }
}

#[test]
fn names_of_namespaces_and_workgroups() {
    for bad in ["", "ab", "Abc", "a_b", "a.b", &"a".repeat(65)] {
        assert!(refused(check::serverless_name("namespaceName", bad), "namespaceName"), "{bad:?}");
    }
    for good in ["abc", "1-2", &"a".repeat(64)] {
        assert_eq!(check::serverless_name("namespaceName", good), Ok(()), "{good:?}");
    }
    for bad in ["ab", "A12", "-a-", "-ab", "ab-", "---", &"a".repeat(64)] {
        assert!(refused(check::workgroup_name("workgroupName", bad), "workgroupName"), "{bad:?}");
    }
    for good in ["abc", "1-2", "a--b", &"a".repeat(63)] {
        assert_eq!(check::workgroup_name("workgroupName", good), Ok(()), "{good:?}");
    }
}

#[test]
fn names_of_databases() {
    for bad in ["", "Dev", "1dev", "_dev", "de v", "de-v", "select", "user", "é", &"a".repeat(65)] {
        assert!(refused(check::database_name("DBName", bad), "DBName"), "{bad:?}");
    }
    for good in ["dev", "d_e$v1", &"a".repeat(64)] {
        assert_eq!(check::database_name("DBName", good), Ok(()), "{good:?}");
    }
}

#[test]
fn names_of_administrators() {
    for bad in ["", "Admin", "1a", "a:b", "a/b", "a b", "public", "rdsdb", "user", "é", &"a".repeat(129)] {
        assert!(refused(check::admin_username("MasterUsername", bad), "MasterUsername"), "{bad:?}");
    }
    for good in ["a", "awsuser", "admin", "a_+.@-9", &"a".repeat(128)] {
        assert_eq!(check::admin_username("MasterUsername", good), Ok(()), "{good:?}");
    }
}

#[test]
fn ports() {
    assert!(refused(check::port("Port", Some(1149)), "Port"));
    assert!(refused(check::port("Port", Some(0)), "Port"));
    for good in [None, Some(1150), Some(65_535)] {
        assert_eq!(check::port("Port", good), Ok(()));
    }
}

#[test]
fn iam_roles() {
    let account = "123456789012";
    for bad in [
        "",
        "role/x",
        "arn:aws:iam::999999999999:role/x",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/a/",
        "arn:aws:iam::123456789012:user/x",
    ] {
        assert!(refused(roles::check("IamRoles", &[bad.to_owned()], account), "IamRoles"), "{bad:?}");
    }
    assert!(refused(roles::check("IamRoles", &[role("a"), role("a")], account), "IamRoles"));
    let many: Vec<String> = (0..51).map(|number| role(&format!("r{number}"))).collect();
    assert!(refused(roles::check("IamRoles", &many, account), "IamRoles"));
    assert_eq!(roles::check("IamRoles", &many[1..], account), Ok(()));
    let given = [role("service-role/x+y")];
    assert_eq!(roles::check_default("DefaultIamRoleArn", None, &given), Ok(()));
    assert_eq!(roles::check_default("DefaultIamRoleArn", Some(&given[0]), &given), Ok(()));
    assert!(refused(roles::check_default("DefaultIamRoleArn", Some(&role("other")), &given), "DefaultIamRoleArn"));
}

#[test]
fn roles_are_added_and_removed() {
    let [a, b, c] = ["a", "b", "c"].map(role);
    let present = [a.clone(), b.clone()];
    let edited = |add: &[String], remove: &[String]| roles::edited(&present, add, remove);
    assert_eq!(edited(&[c.clone(), a.clone()], std::slice::from_ref(&b)), Ok(vec![a.clone(), c.clone()]));
    assert_eq!(edited(&[], &[]), Ok(present.to_vec()));
    assert!(refused(edited(&[], std::slice::from_ref(&c)).map(drop), "RemoveIamRoles"));
    assert!(refused(edited(std::slice::from_ref(&a), std::slice::from_ref(&a)).map(drop), "AddIamRoles"));
    let full: Vec<String> = (0..50).map(|number| role(&format!("r{number}"))).collect();
    assert!(refused(roles::edited(&full, &[c], &[]).map(drop), "AddIamRoles"));
}
