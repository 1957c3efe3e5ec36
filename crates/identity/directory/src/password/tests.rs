use super::*;

#[tokio::test]
async fn a_hash_is_argon2id_with_the_stated_cost_and_verifies() {
    let passwords = Passwords::open().await.unwrap();
    let hashed = passwords.hash(Secret::from("correct horse")).await.unwrap();
    let phc = hashed.0.expose();
    assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
    assert!(passwords.verify(Secret::from("correct horse"), Some(hashed.0.clone())).await.unwrap());
    assert!(!passwords.verify(Secret::from("correct horsf"), Some(hashed.0.clone())).await.unwrap());
    assert!(!passwords.verify(Secret::from("correct horse"), None).await.unwrap());
}

#[test]
fn lengths_are_counted_in_bytes() {
    for (password, accepted) in [
        ("1234567".to_owned(), false),
        ("12345678".to_owned(), true),
        ("éééé".to_owned(), true),
        ("x".repeat(1024), true),
        ("x".repeat(1025), false),
    ] {
        assert_eq!(check(&Secret::new(password.clone())).is_ok(), accepted, "{password}");
    }
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused() {
    let passwords = Passwords::open().await.unwrap();
    let all = Arc::clone(&passwords.queue).try_acquire_many_owned(u32::try_from(IN_QUEUE).unwrap()).unwrap();
    assert_eq!(passwords.hash(Secret::from("correct horse")).await.unwrap_err(), DirectoryError::Busy);
    drop(all);
    assert!(passwords.hash(Secret::from("correct horse")).await.is_ok());
}
