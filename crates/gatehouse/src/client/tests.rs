use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Client, GATEHOUSE, not_found};

fn write(folder: &Path, http: &str) {
    let lines = format!(
        "GATEHOUSE_HTTP={http}\nGATEHOUSE_HTTPS=https://localhost:8443/\nSCIM_URL=https://localhost:8443/scim/v2\n\
         AWS_REGION=us-east-1\nAWS_ACCESS_KEY_ID=AKIAEXAMPLE\nAWS_SECRET_ACCESS_KEY=secret\n"
    );
    std::fs::write(folder.join("endpoints.env"), lines).unwrap();
}

/// Answers one request with these bytes, and gives the request back.
async fn answering(reply: &'static str) -> (TempDir, tokio::sync::oneshot::Receiver<String>) {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    write(folder.path(), &format!("http://{}", listener.local_addr().unwrap()));
    let (sender, received) = tokio::sync::oneshot::channel();
    base::task::spawn("one answer", async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}") {
            assert!(stream.read_buf(&mut request).await.unwrap() > 0, "the request ended early");
        }
        stream.write_all(reply.as_bytes()).await.unwrap();
        sender.send(String::from_utf8(request).unwrap()).unwrap();
    });
    (folder, received)
}

async fn call(folder: &TempDir) -> anyhow::Result<Value> {
    Client::open(folder.path())?.call(GATEHOUSE, "ListScimTokens", &json!({"MaxResults": 1})).await
}

#[tokio::test]
async fn a_call_is_signed_and_answered() {
    let (folder, received) = answering("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"Tokens\":[]}").await;
    assert_eq!(call(&folder).await.unwrap(), json!({"Tokens": []}));
    let request = received.await.unwrap();
    assert!(request.starts_with("POST / HTTP/1.1\r\n"), "{request}");
    for part in [
        "x-amz-target: Gatehouse.ListScimTokens\r\n",
        "/us-east-1/gatehouse/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=",
        "{\"MaxResults\":1}",
    ] {
        assert!(request.contains(part), "{part} isn't in {request}");
    }
    assert_eq!(Client::open(folder.path()).unwrap().public_url(), "https://localhost:8443");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words() {
    let reply = "HTTP/1.1 400 Bad Request\r\ncontent-length: 57\r\n\r\n\
                 {\"__type\":\"ResourceNotFoundException\",\"Message\":\"No x.\"} ";
    let (folder, _received) = answering(reply).await;
    let error = call(&folder).await.unwrap_err();
    assert_eq!(error.to_string(), "No x. (ResourceNotFoundException)");
    assert_eq!(not_found(error, || "list them".to_owned()).to_string(), "list them");
    let other = anyhow::anyhow!("not its refusal");
    assert_eq!(not_found(other, || "list them".to_owned()).to_string(), "not its refusal");
    let (folder, _received) = answering("HTTP/1.1 404 Not Found\r\ncontent-length: 4\r\n\r\nnope").await;
    let error = call(&folder).await.unwrap_err().to_string();
    assert!(
        error.contains("not this server (HTTP status 404)") && error.contains("gatehouse up --data-dir"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_with_the_command_that_starts_it() {
    let folder = TempDir::new().unwrap();
    let start = format!(
        "gatehouse up --data-dir {}\nor name the folder of a running one with --data-dir",
        folder.path().display()
    );
    let error = call(&folder).await.unwrap_err().to_string();
    assert!(error.starts_with("no server has run in") && error.ends_with(&start), "{error}");

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    write(folder.path(), &format!("http://{closed}"));
    let error = call(&folder).await.unwrap_err().to_string();
    assert!(error.starts_with(&format!("no server answers at {closed}")) && error.ends_with(&start), "{error}");

    let file = folder.path().join("endpoints.env");
    let error = Client::open(&file).unwrap_err().to_string();
    assert!(error.starts_with("no server has run in"), "a file is no data directory: {error}");

    std::fs::write(&file, "GATEHOUSE_HTTP=http://127.0.0.1:1\n").unwrap();
    let error = call(&folder).await.unwrap_err().to_string();
    assert!(error.contains("has no AWS_REGION; restart the server"), "{error}");
}
