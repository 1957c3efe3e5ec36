//! The three ways to prove a temporary password, and which of several it is.

use aws_lc_rs::digest;
use md5::{Digest as _, Md5};

use super::*;
use crate::Challenge;

fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest::digest(&digest::SHA256, &parts.concat()).as_ref().to_vec()
}

/// As a client answers that has this password.
fn answer(challenge: &Challenge, login_name: &str, password: &Secret<String>) -> ChallengeAnswer {
    let clear = password.expose();
    match challenge {
        Challenge::Digest { salt, server_nonce } => {
            let client_nonce = b"1767323045000".to_vec();
            let inner = sha256(&[clear.as_bytes(), salt]);
            ChallengeAnswer::Digest { digest: sha256(&[&inner, server_nonce, &client_nonce]), client_nonce }
        }
        Challenge::Md5 { salt } => {
            let inner = hex::encode(Md5::digest(format!("{clear}{login_name}")));
            let mut hasher = Md5::new();
            hasher.update(inner.as_bytes());
            hasher.update(salt);
            ChallengeAnswer::Md5(Secret::new(format!("md5{}", hex::encode(hasher.finalize()))))
        }
        Challenge::Cleartext => ChallengeAnswer::Cleartext(password.clone()),
        Challenge::Token => panic!("nobody asked for a token"),
    }
}

/// Digest of a Redshift driver, clear text of psql with TLS, md5 of psql without.
const CLIENTS: [(&str, bool, bool); 3] = [("digest", true, true), ("clear text", false, true), ("md5", false, false)];

async fn prove(
    world: &World,
    (driver, encrypted): (bool, bool),
    login_name: &str,
    password: &Secret<String>,
) -> Result<DbConnection, QueryError> {
    let mut request = startup(&[("user", login_name)]);
    request.encrypted = encrypted;
    if driver {
        request.parameters.push(("driver_version".to_owned(), "Redshift Python Driver 2.1".to_owned()));
    }
    let pending = world.gate().begin_login(request, None).await?;
    let answer = answer(pending.challenge(), login_name, password);
    pending.finish(answer).await
}

#[tokio::test]
async fn digest_md5_and_clear_text_prove_the_password() {
    let world = World::new().await;
    let minted = mint(&world, existing("bob")).await;
    for (name, driver, encrypted) in CLIENTS {
        let connection = prove(&world, (driver, encrypted), "IAM:bob", &minted.password).await;
        assert_eq!(connection.unwrap().current_user(), "bob", "{name}");
        let error = prove(&world, (driver, encrypted), "IAM:bob", &Secret::from("x")).await.unwrap_err();
        assert_eq!(brief(&error), "28000 password authentication failed for user \"IAM:bob\"", "{name}");
    }
}

/// Each proof selects its own credential: its groups, and the person behind it.
#[tokio::test]
async fn several_of_one_name_are_told_apart_by_their_proof() {
    let world = World::new().await;
    world.define(&["CREATE GROUP sales", "CREATE GROUP finance"]).await;
    let sales = mint(&world, Wish { groups: &["sales"], ..existing("bob") }).await;
    let finance = mint_for(&world, Wish { groups: &["finance"], ..existing("bob") }, &world.cloud.alice).await;
    for (_, driver, encrypted) in CLIENTS {
        for (minted, group, principal) in [
            (&sales, "sales", "arn:aws:sts::123456789012:assumed-role/Analysts/ethan"),
            (&finance, "finance", "arn:aws:iam::123456789012:user/alice"),
        ] {
            world.forget();
            prove(&world, (driver, encrypted), "IAM:bob", &minted.password).await.unwrap();
            let record = record(&world);
            assert_eq!((field(&record, "db_groups"), record.principal.to_string().as_str()), (group, principal));
        }
    }
}

/// The same challenge, with the same salt every time, whether there are credentials of this name or not.
#[tokio::test]
async fn unknown_names_are_asked_the_same_as_known_ones() {
    let world = World::new().await;
    mint(&world, existing("bob")).await;
    for (name, driver, encrypted) in CLIENTS {
        let mut asked = Vec::new();
        for user in ["IAM:bob", "IAM:nobody", "IAMA:bob", "IAMR:Analysts", "IAM:"] {
            let mut request = startup(&[("user", user)]);
            request.encrypted = encrypted;
            if driver {
                request.parameters.push(("client_protocol_version".to_owned(), "2".to_owned()));
            }
            let salt = |challenge: &Challenge| match challenge {
                Challenge::Digest { salt, .. } => salt.clone(),
                Challenge::Md5 { .. } | Challenge::Cleartext | Challenge::Token => Vec::new(),
            };
            let first = world.gate().begin_login(request.clone(), None).await.unwrap();
            let second = world.gate().begin_login(request, None).await.unwrap();
            assert_eq!(salt(first.challenge()), salt(second.challenge()), "{name} {user}");
            asked.push(std::mem::discriminant(first.challenge()));
        }
        assert!(asked.windows(2).all(|pair| pair[0] == pair[1]), "{name}");
    }
}

#[tokio::test]
async fn another_name_than_the_issued_one_proves_nothing() {
    let world = World::new().await;
    let minted = mint(&world, existing("bob")).await;
    for name in ["IAMA:bob", "IAMR:bob", "IAM:Bob", "IAM:bob ", "iam:bob"] {
        for (_, driver, encrypted) in CLIENTS {
            let refused = prove(&world, (driver, encrypted), name, &minted.password).await.unwrap_err();
            assert_eq!(refused.sqlstate, "28000", "{name}: {refused:?}");
        }
    }
}

#[tokio::test]
async fn an_expired_password_is_told_to_who_proves_it_and_to_nobody_else() {
    let world = World::new().await;
    let minted = mint(&world, existing("bob")).await;
    world.clock.advance(Duration::seconds(899));
    let open = connect(&world, &minted).await.unwrap();
    world.clock.advance(Duration::SECOND);
    world.forget();
    let error = connect(&world, &minted).await.unwrap_err();
    assert_eq!(brief(&error), "28000 the temporary password has expired");
    assert!(error.message.hint.as_deref().unwrap().contains("GetClusterCredentials"));
    let checks = base::Checks::from_json(field(&record(&world), "checks")).unwrap();
    assert_eq!(checks.failed().unwrap().check, "expiry");
    let stranger = Minted { password: Secret::from("wrong"), ..minted };
    let error = connect(&world, &stranger).await.unwrap_err();
    assert_eq!(brief(&error), "28000 password authentication failed for user \"IAM:bob\"");
    assert!(open.handle.reason().is_none(), "an open session stays");
}
