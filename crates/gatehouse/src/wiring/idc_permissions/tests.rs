use ::iam::{Holder, Iam, NewRole};
use base::id::{ApplicationArn, WarehouseId};
use query::{IdcAsk, IdcDenial, IdcPermissions as _, IdcQuestion};
use serde_json::json;
use tempfile::TempDir;

use super::RolesInIdc;
use crate::data_dir::DataDir;
use crate::settings::ACCOUNT;
use crate::wiring::{Gatehouse, testing};

const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-722324fe82a3f0b8/apl-1";

struct World {
    gatehouse: Gatehouse,
    roles: RolesInIdc,
    _folder: TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let gatehouse = testing::open(&data).await;
        let roles = RolesInIdc::new(&gatehouse.sts, &gatehouse.control);
        Self { gatehouse, roles, _folder: folder }
    }

    fn iam(&self) -> &Iam {
        &self.gatehouse.iam
    }

    async fn role(&self, service: &str) {
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"},
        ]});
        let new = NewRole { name: "R".to_owned(), trust: trust.to_string(), ..NewRole::default() };
        self.iam().create_role(new).await.unwrap();
    }

    async fn policy(&self, statement: serde_json::Value) {
        let document = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
        self.iam().put_policy(Holder::Role("R"), "idc", &document).await.unwrap();
    }

    fn check(&self) -> Result<(), IdcDenial> {
        self.roles.check(&IdcQuestion {
            warehouse: WarehouseId::new("w-1"),
            role: Some(format!("arn:aws:iam::{ACCOUNT}:role/R")),
            application: ApplicationArn::new(APPLICATION),
            asks: vec![IdcAsk::DescribeApplication, IdcAsk::DescribeInstance],
        })
    }
}

/// The seed's own policy, to the letter but for account and instance, allows both on the instance's applications.
#[tokio::test]
async fn the_seeds_policy_is_enough_and_each_of_its_actions_is_needed() {
    let world = World::new().await;
    let missing = world.check().unwrap_err();
    assert!(missing.reason.contains("role/R doesn't exist"), "{missing:?}");
    world.role("redshift-serverless.amazonaws.com").await;
    let bare = world.check().unwrap_err();
    assert!(bare.reason.contains("sso:DescribeApplication on arn:aws:sso::"), "{bare:?}");
    let resource = "arn:aws:sso::123456789012:application/ssoins-722324fe82a3f0b8/*";
    world.policy(json!([{"Effect": "Allow", "Action": "sso:DescribeApplication", "Resource": resource}])).await;
    let half = world.check().unwrap_err();
    assert!(half.reason.contains("sso:DescribeInstance on arn:aws:sso:::instance/ssoins-722324fe82a3f0b8"), "{half:?}");
    assert!(half.mend.contains("\"Action\": \"sso:DescribeInstance\"") && half.checks.failed().is_some(), "{half:?}");
    let actions = ["sso:DescribeApplication", "sso:DescribeInstance"];
    world.policy(json!([{"Effect": "Allow", "Action": actions, "Resource": resource}])).await;
    assert_eq!(world.check(), Ok(()));
    let instance = "arn:aws:sso:::instance/*";
    world
        .policy(json!([
            {"Effect": "Allow", "Action": actions, "Resource": "*"},
            {"Sid": "No", "Effect": "Deny", "Action": "sso:DescribeInstance", "Resource": instance},
        ]))
        .await;
    let denied = world.check().unwrap_err();
    assert!(denied.reason.contains("explicit deny") && denied.reason.contains("No"), "{denied:?}");
}

#[tokio::test]
async fn a_role_that_does_not_trust_redshift_says_so() {
    let world = World::new().await;
    world.role("ec2.amazonaws.com").await;
    world.policy(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])).await;
    let denied = world.check().unwrap_err();
    assert!(denied.reason.contains("the trust policy of the role R doesn't let redshift.amazonaws.com"), "{denied:?}");
    assert!(denied.mend.contains("redshift-serverless.amazonaws.com"), "{denied:?}");
}

#[tokio::test]
async fn the_default_role_is_the_warehouses() {
    let world = World::new().await;
    let question = IdcQuestion {
        warehouse: world.gatehouse.default_warehouse().unwrap().id().clone(),
        role: None,
        application: ApplicationArn::new(APPLICATION),
        asks: vec![IdcAsk::DescribeInstance],
    };
    let denied = world.roles.check(&question).unwrap_err();
    assert_eq!((denied.role.as_str(), denied.reason.as_str()), ("default", "The warehouse has no default IAM role."));
    assert!(denied.mend.contains("ModifyClusterIamRoles"));
}
