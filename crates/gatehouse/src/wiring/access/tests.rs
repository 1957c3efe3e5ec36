use std::sync::Arc;

use base::SystemClock;
use base::id::ApplicationArn;
use directory::ActiveUser;
use tempfile::TempDir;
use tokens::AccessDecision as _;

use super::CenterAccess;
use crate::data_dir::DataDir;
use crate::demo;
use crate::wiring::{Gatehouse, SqlAddress};

fn user(gatehouse: &Gatehouse, name: &str) -> ActiveUser {
    gatehouse.directory.active_user(&gatehouse.directory.user_by_name(name).unwrap().id).unwrap()
}

#[tokio::test]
async fn who_may_use_the_warehouse_is_who_is_assigned_to_its_application() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let sql = SqlAddress { host: "127.0.0.1".to_owned(), port: 5439 };
    let gatehouse = Gatehouse::open(&data, Arc::new(SystemClock), &sql).await.unwrap();
    let access = CenterAccess::new(&gatehouse.center, &gatehouse.control, &gatehouse.directory);

    let new = directory::NewUser { user_name: "early".to_owned(), active: true, ..directory::NewUser::default() };
    gatehouse.directory.create_user(new).await.unwrap();
    let refused = access.redshift_application_for(&user(&gatehouse, "early")).unwrap_err();
    assert_eq!(refused.application, None);
    assert!(refused.reason.contains("isn't connected to an Amazon Redshift application"), "{refused}");

    demo::ensure(&gatehouse, &data).await.unwrap();
    for name in ["ethan", "fiona", "olivia"] {
        let application = access.redshift_application_for(&user(&gatehouse, name)).unwrap();
        assert_eq!(Some(application), access.default_application());
    }
    for name in ["nina", "admin"] {
        let refused = access.redshift_application_for(&user(&gatehouse, name)).unwrap_err();
        assert!(
            refused.reason.starts_with(&format!("User \"{name}\" is not assigned to the application arn:aws:sso::")),
            "{refused}"
        );
        assert!(refused.reason.ends_with("the user is in no group."), "{refused}");
        assert!(refused.hint.contains("CreateApplicationAssignment"));
    }
    let elsewhere = ApplicationArn::new("arn:aws:sso::123456789012:application/ssoins-1/apl-1");
    let refused = access.may_use(&user(&gatehouse, "ethan"), &elsewhere).unwrap_err();
    assert_eq!(refused.reason, format!("The application {elsewhere} does not exist."));
}
