//! A whole server for tests, without its listeners.

use std::net::SocketAddr;
use std::sync::Arc;

use base::{Clock, Secret, SystemClock};
use query::{DbConnection, ReplyBody, Value, Warehouse};
use tokio::sync::watch;

use super::{Gatehouse, PublicUrls, SqlListening};
use crate::data_dir::DataDir;
use crate::tls::{self, Names};

/// A listener that nobody serves. Its port is no real one.
pub(crate) fn listening(data: &DataDir) -> SqlListening {
    let tls = tls::prepare(data, &[], &Names { sql_domain: "localhost", public: &[] }, SystemClock.now()).unwrap();
    let (stop, shutdown) = watch::channel(false);
    // A sender that is gone says stop as well.
    std::mem::forget(stop);
    SqlListening {
        address: SocketAddr::from(([127, 0, 0, 1], 5439)),
        host: "127.0.0.1".to_owned(),
        domain: "localhost".to_owned(),
        tls: tls.server,
        shutdown,
    }
}

pub(crate) async fn open_with(data: &DataDir, clock: Arc<dyn Clock>) -> Gatehouse {
    let urls = PublicUrls {
        center: "https://127.0.0.1:8443".to_owned(),
        idp: "https://localhost:8443".to_owned(),
        providers: oidc::Network::Public,
    };
    Gatehouse::open(data, clock, &listening(data), &urls).await.unwrap()
}

/// With its first cluster.
pub(crate) async fn open(data: &DataDir) -> Gatehouse {
    let gatehouse = open_with(data, Arc::new(SystemClock)).await;
    gatehouse.ensure_first_cluster(data, None).await.unwrap();
    gatehouse
}

/// The rows of the administrator's statements, the last one's.
pub(crate) async fn ask(warehouse: &Arc<Warehouse>, text: &str) -> Vec<Vec<Value>> {
    let mut connection = warehouse.open_as_administrator().await.unwrap();
    let rows = ask_as(&mut connection, text).await;
    connection.close().await;
    rows
}

async fn ask_as(connection: &mut DbConnection, text: &str) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for prepared in connection.parse_script(text).unwrap() {
        rows.clear();
        let reply = connection.execute(&prepared, &[]).await.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        if let ReplyBody::Rows { mut stream, tag: _ } = reply.body {
            while let Some(batch) = stream.batches.recv().await {
                rows.extend(batch.unwrap());
            }
            drop(stream);
            connection.finish_rows(Ok(0)).await.unwrap();
        }
    }
    rows
}

pub(crate) fn password(text: &str) -> Secret<String> {
    Secret::from(text)
}
