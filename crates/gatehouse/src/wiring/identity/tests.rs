use std::fs;

use base::{Sealer, Secret};
use store::Store;
use tempfile::TempDir;

use super::{IDP_FILE, check_sealing_key, sealing_key};
use crate::data_dir::DataDir;

/// The key is read and checked as at a start.
async fn start(data: &DataDir) -> anyhow::Result<()> {
    let key = sealing_key(data)?;
    let store = Store::open_idp(&data.private_file(IDP_FILE)?).await?;
    let checked = check_sealing_key(&store, &Sealer::new(&key)?).await;
    store.close().await;
    checked
}

async fn refusal(data: &DataDir) -> String {
    format!("{:#}", start(data).await.unwrap_err())
}

#[tokio::test]
async fn another_sealing_key_is_refused_and_nothing_is_made_in_its_place() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    start(&data).await.unwrap();
    start(&data).await.unwrap();
    let file = data.path().join("secrets/sealing-key");
    let right = fs::read_to_string(&file).unwrap();

    data.write_secret("sealing-key", &Secret::new("ab".repeat(32))).unwrap();
    let message = refusal(&data).await;
    assert!(message.contains("isn't the key") && message.contains("restore it"), "{message}");

    data.write_secret("sealing-key", &Secret::from("abc")).unwrap();
    assert!(refusal(&data).await.contains("64 hexadecimal digits"));

    fs::remove_file(&file).unwrap();
    let message = refusal(&data).await;
    assert!(message.contains("is missing") && message.contains("restore it"), "{message}");
    assert!(!file.exists(), "a new key would only hide what is wrong");

    fs::write(&file, right).unwrap();
    start(&data).await.unwrap();
}
