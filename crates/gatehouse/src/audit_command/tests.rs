use tempfile::TempDir;

use super::{since_sequence, verify};
use crate::options::VerifyOptions;

#[tokio::test]
async fn a_directory_without_a_trail_is_an_error_and_stays_empty() {
    let folder = TempDir::new().unwrap();
    let options = VerifyOptions { data_dir: folder.path().to_owned(), since: None, json: false };
    let error = verify(options).await.unwrap_err().to_string();
    assert!(error.ends_with("isn't there; name the data directory with --data-dir"), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn since_is_a_sequence_and_a_hash() {
    assert_eq!(since_sequence("12:abc").unwrap(), 12);
    for text in ["12", "abc:12", "", ":abc"] {
        assert!(since_sequence(text).unwrap_err().to_string().contains("isn't SEQUENCE:HASH"), "{text}");
    }
}
