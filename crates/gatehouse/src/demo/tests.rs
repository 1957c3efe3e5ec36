use std::sync::Arc;

use base::SystemClock;
use query::{ReplyBody, Value};
use tempfile::TempDir;

use super::{GROUPS, PEOPLE, application, ensure, people, warehouse};
use crate::data_dir::DataDir;
use crate::wiring::{Gatehouse, SqlAddress};

async fn open(data: &DataDir) -> Gatehouse {
    let sql = SqlAddress { host: "127.0.0.1".to_owned(), port: 5439 };
    Gatehouse::open(data, Arc::new(SystemClock), &sql).await.unwrap()
}

/// The count that a query of the administrator answers.
async fn ask(gatehouse: &Gatehouse, text: &str) -> i64 {
    let mut connection = gatehouse.warehouse.open_as_administrator().await.unwrap();
    let prepared = connection.parse_one(text, &[]).unwrap();
    let ReplyBody::Rows { mut stream, tag: _ } = connection.execute(&prepared, &[]).await.unwrap().body else {
        panic!("{text} answered no rows")
    };
    let batch = stream.batches.recv().await.unwrap().unwrap();
    drop(stream);
    connection.finish_rows(Ok(1)).await.unwrap();
    connection.close().await;
    let Value::Int8(count) = batch[0][0] else { panic!("{text} answered {batch:?}") };
    count
}

/// Everything is there, once.
async fn check(gatehouse: &Gatehouse, data: &DataDir) {
    assert_eq!((gatehouse.directory.user_count(), gatehouse.directory.group_count()), (PEOPLE.len(), GROUPS.len()));
    let olivia = gatehouse.directory.user_by_name("olivia").unwrap();
    assert_eq!(gatehouse.directory.groups_of(&olivia.id).len(), 2);
    let applications = gatehouse.control.idc_applications(None, 100).items;
    assert_eq!(applications.len(), 1);
    assert_eq!(gatehouse.control.default_cluster().unwrap().idc_application.as_ref(), Some(&applications[0].arn));
    for (table, rows) in [("sales_schema.store_sales", 4), ("finance_schema.revenue", 4)] {
        assert_eq!(ask(gatehouse, &format!("SELECT count(*) FROM {table}")).await, rows, "{table}");
    }
    assert_eq!(ask(gatehouse, "SELECT count(*) FROM svv_roles WHERE role_name LIKE 'awsidc:%'").await, 2);
    assert!(data.file("demo.done").exists());
}

#[tokio::test]
async fn the_demo_is_made_once_and_kept() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    let gatehouse = open(&data).await;
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
    for steps in 0..=3 {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        {
            let gatehouse = open(&data).await;
            let password = data.secret("demo-password", || "Demo-12345".into()).unwrap();
            if steps >= 1 {
                people(&gatehouse.directory, &password).await.unwrap();
            }
            if steps >= 2 {
                let application = application(&gatehouse).await.unwrap();
                if steps >= 3 {
                    warehouse(&gatehouse, &application).await.unwrap();
                }
            }
            gatehouse.store.close().await;
        }
        let gatehouse = open(&data).await;
        let password = ensure(&gatehouse, &data).await.unwrap_or_else(|error| panic!("after {steps} steps: {error:#}"));
        check(&gatehouse, &data).await;
        let source = std::net::IpAddr::from([127, 0, 0, 1]);
        gatehouse.directory.verify_password("ethan", &password, source).await.unwrap();
    }
}
