use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base::Secret;
use tempfile::TempDir;

use super::{DataDir, write_private};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_for_its_owner_only() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(&folder.path().join("a/b")).unwrap();
    let secret = data.secret("password", || Secret::from("x")).unwrap();
    assert_eq!(secret.expose(), "x");
    data.private_file("control.sqlite").unwrap();
    write_private(&data.file("endpoints.env"), b"A=1\n").unwrap();
    assert_eq!(mode(&folder.path().join("a/b")), 0o700);
    assert_eq!(mode(&data.file("secrets")), 0o700);
    for name in ["lock", "secrets/password", "control.sqlite", "endpoints.env"] {
        assert_eq!(mode(&data.file(name)), 0o600, "{name}");
    }
}

#[test]
fn a_directory_that_others_can_read_is_closed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("data");
    fs::create_dir(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    let _data = DataDir::open(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
}

#[test]
fn one_server_at_a_time() {
    let folder = TempDir::new().unwrap();
    let first = DataDir::open(folder.path()).unwrap();
    let error = DataDir::open(folder.path()).unwrap_err().to_string();
    assert!(error.starts_with("another gatehouse uses ") && error.contains("--data-dir"), "{error}");
    drop(first);
    DataDir::open(folder.path()).unwrap();
}

#[test]
fn a_secret_is_made_once() {
    let folder = TempDir::new().unwrap();
    for made in ["first", "second"] {
        let data = DataDir::open(folder.path()).unwrap();
        assert_eq!(data.secret("password", || Secret::from(made)).unwrap().expose(), "first");
        assert!(data.existing_secret("other").unwrap().is_none());
    }
    // an editor's newline is not a part of it
    let data = DataDir::open(folder.path()).unwrap();
    fs::write(data.file("secrets/password"), "mine\n").unwrap();
    assert_eq!(data.existing_secret("password").unwrap().unwrap().expose(), "mine");
    fs::remove_file(data.file("secrets/password")).unwrap();
    fs::create_dir(data.file("secrets/password")).unwrap();
    assert!(data.secret("password", || Secret::from("x")).is_err(), "unreadable isn't absent");
}

#[test]
fn a_file_is_replaced_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, "an old and longer text").unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    // left by a start that was killed
    fs::write(folder.path().join("f.new"), "half of some longer text").unwrap();
    write_private(&path, b"new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(mode(&path), 0o600);
    assert!(!folder.path().join("f.new").exists());
    let error = write_private(&folder.path().join("nowhere/f"), b"x").unwrap_err();
    assert!(error.to_string().ends_with("can't be written"), "{error}");
}

#[test]
fn an_existing_file_keeps_its_content() {
    let folder = TempDir::new().unwrap();
    let data = DataDir::open(folder.path()).unwrap();
    fs::write(data.private_file("control.sqlite").unwrap(), "rows").unwrap();
    assert_eq!(fs::read_to_string(data.private_file("control.sqlite").unwrap()).unwrap(), "rows");
}
