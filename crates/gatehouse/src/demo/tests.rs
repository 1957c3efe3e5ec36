use std::sync::Arc;

use base::SystemClock;
use base::id::{ClusterId, NamespaceName, WorkgroupName};
use query::{Value, Warehouse};
use tempfile::TempDir;

use super::aws;
use super::{GROUPS, PEOPLE, application, ensure, people, tables, warehouses};
use crate::data_dir::DataDir;
use crate::settings::{CLUSTER, NAMESPACE, WORKGROUP};
use crate::wiring::Gatehouse;
use crate::wiring::testing::{ask, open, open_with};

/// The count that a query of the administrator answers.
async fn count(warehouse: &Arc<Warehouse>, text: &str) -> i64 {
    let rows = ask(warehouse, text).await;
    let Value::Int8(count) = rows[0][0] else { panic!("{text} answered {rows:?}") };
    count
}

/// Everything is there, once.
async fn check(gatehouse: &Gatehouse, data: &DataDir) {
    assert_eq!((gatehouse.directory.user_count(), gatehouse.directory.group_count()), (PEOPLE.len(), GROUPS.len()));
    let olivia = gatehouse.directory.user_by_name("olivia").unwrap();
    assert_eq!(gatehouse.directory.groups_of(&olivia.id).len(), 2);
    let applications = gatehouse.control.idc_applications(None, 100).items;
    assert_eq!(applications.len(), 1);
    let cluster = gatehouse.control.cluster(&ClusterId::new(CLUSTER)).unwrap();
    let namespace = gatehouse.control.namespace(&NamespaceName::new(NAMESPACE)).unwrap();
    let workgroup = gatehouse.control.workgroup(&WorkgroupName::new(WORKGROUP)).unwrap();
    assert_eq!(workgroup.namespace, namespace.name);
    for (id, application) in
        [(&cluster.warehouse, &cluster.idc_application), (&namespace.warehouse, &namespace.idc_application)]
    {
        assert_eq!(application.as_ref(), Some(&applications[0].arn));
        let warehouse = gatehouse.warehouses.get(id).unwrap();
        for (table, rows) in [("sales_schema.store_sales", 4), ("finance_schema.revenue", 4)] {
            assert_eq!(count(&warehouse, &format!("SELECT count(*) FROM {table}")).await, rows, "{table}");
        }
        assert_eq!(count(&warehouse, "SELECT count(*) FROM svv_roles WHERE role_name LIKE 'awsidc:%'").await, 2);
        assert_eq!(count(&warehouse, "SELECT count(*) FROM svv_identity_providers").await, 1);
    }
    assert!(data.file("demo.done").exists());
}

#[tokio::test]
async fn the_demo_is_made_once_and_kept() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open_with(&data, Arc::new(SystemClock)).await;
    let password = ensure(&gatehouse, &data).await.unwrap();
    check(&gatehouse, &data).await;
    // what the administrator changed afterwards stays changed
    let nina = gatehouse.directory.user_by_name("nina").unwrap();
    gatehouse.directory.delete_user(&nina.id, None).await.unwrap();
    assert_eq!(ensure(&gatehouse, &data).await.unwrap().expose(), password.expose());
    assert!(gatehouse.directory.user_by_name("nina").is_none());
}

/// Killed after each step of a first start, the next start completes it.
#[tokio::test]
async fn an_interrupted_start_is_completed_by_the_next() {
    for steps in 0..=4 {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        {
            let gatehouse = open_with(&data, Arc::new(SystemClock)).await;
            let password = data.secret("demo-password", || "Demo-12345".into()).unwrap();
            if steps >= 1 {
                people(&gatehouse.directory, &password).await.unwrap();
            }
            if steps >= 2 {
                aws::ensure_idc_role(&gatehouse.iam).await.unwrap();
                let application = application(&gatehouse).await.unwrap();
                if steps >= 3 {
                    let made = warehouses(&gatehouse, &data, &application).await.unwrap();
                    if steps >= 4 {
                        tables(&made[0], &application).await.unwrap();
                    }
                }
            }
            gatehouse.close().await;
        }
        let gatehouse = open_with(&data, Arc::new(SystemClock)).await;
        let password = ensure(&gatehouse, &data).await.unwrap_or_else(|error| panic!("after {steps} steps: {error:#}"));
        check(&gatehouse, &data).await;
        let source = std::net::IpAddr::from([127, 0, 0, 1]);
        gatehouse.directory.verify_password("ethan", &password, source).await.unwrap();
    }
}

/// The walkthrough's own way: a cluster that has no connection gets it by SQL.
#[tokio::test]
async fn a_cluster_that_was_there_before_the_demo_is_connected_too() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
    ensure(&gatehouse, &data).await.unwrap();
    check(&gatehouse, &data).await;
}
