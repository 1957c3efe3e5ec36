use aws_lc_rs::hmac;
use base::Secret;
use base::id::DbUserId;
use catalog::{ADMIN_USER, Catalog, CatalogOp, DbUser, PasswordVerifier, PrincipalName};

use super::plan;
use crate::login::{Challenge, StartupRequest};
use crate::testing::startup;

fn key() -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, &[7; 32])
}

/// `awsuser` has a SHA-256 password, `mia` an md5 one, `nopass` none.
fn catalog() -> Catalog {
    let sha256 = PasswordVerifier::from_clear(&Secret::from("Passw0rd1"), [1; 32]);
    let catalog = Catalog::bootstrap("dev", "awsuser", sha256).unwrap();
    let like = catalog.user(ADMIN_USER).unwrap().clone();
    let put = |id, name: &str, password| {
        let name = PrincipalName::Local(name.to_owned());
        CatalogOp::PutUser(Box::new(DbUser { id: DbUserId(id), name, password, ..like.clone() }))
    };
    let md5 = PasswordVerifier::Md5(Secret::from("0123456789abcdef0123456789abcdef"));
    catalog.apply_all(&[put(200, "mia", Some(md5)), put(201, "nopass", None)]).unwrap()
}

fn ask(request: &StartupRequest) -> Result<Challenge, String> {
    let planned = plan(request, &catalog(), &key());
    planned.map(|plan| plan.challenge).map_err(|error| format!("{} {}", error.sqlstate, error.message.message))
}

/// The authentication code, or the refusal. `over` is `tls` or `plain`.
#[track_caller]
fn check(over: &str, parameters: &[(&str, &str)], expected: Result<u8, &str>) {
    let request = StartupRequest { encrypted: over == "tls", ..startup(parameters) };
    let asked = ask(&request).map(|challenge| match challenge {
        Challenge::Token => 14,
        Challenge::Digest { .. } => 13,
        Challenge::Md5 { .. } => 5,
        Challenge::Cleartext => 3,
    });
    assert_eq!(asked.as_ref().map_err(String::as_str).copied(), expected, "{over} {parameters:?}");
}

#[test]
fn the_proof_is_chosen_by_client_and_verifier() {
    let driver = ("driver_version", "Redshift JDBC Driver 2.1");
    let protocol = ("client_protocol_version", "2");
    for over in ["tls", "plain"] {
        check(over, &[("user", "awsuser"), driver], Ok(13));
        check(over, &[("user", "awsuser"), protocol], Ok(13));
        check(over, &[("user", "mia")], Ok(5));
        check(over, &[("user", "mia"), driver], Ok(5));
    }
    check("tls", &[("user", "awsuser")], Ok(3));
    let refusal = "28000 this user's password is accepted only over an encrypted connection";
    check("plain", &[("user", "awsuser")], Err(refusal));
}

#[test]
fn a_user_that_is_not_there_or_has_no_password_is_asked_like_one_that_has() {
    let driver = ("driver_version", "x");
    for user in ["nobody", "nopass"] {
        check("tls", &[("user", user), driver], Ok(13));
        check("plain", &[("user", user), driver], Ok(13));
        check("tls", &[("user", user)], Ok(3));
        let refusal = "28000 this user's password is accepted only over an encrypted connection";
        check("plain", &[("user", user)], Err(refusal));
    }
}

fn digest(user: &str) -> (Vec<u8>, Vec<u8>) {
    match ask(&startup(&[("user", user), ("driver_version", "x")])) {
        Ok(Challenge::Digest { salt, server_nonce }) => (salt, server_nonce),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_unknown_user_has_a_salt_of_its_own_that_stays() {
    let (known, nobody) = (digest("awsuser"), digest("nobody"));
    assert_eq!((known.0.len(), known.1.len()), (nobody.0.len(), nobody.1.len()));
    assert_eq!(nobody.0, digest("nobody").0);
    assert_ne!(nobody.0, digest("somebody").0);
    assert_ne!(nobody.1, digest("nobody").1, "a nonce is fresh");
    let elsewhere = hmac::Key::new(hmac::HMAC_SHA256, &[8; 32]);
    let other = plan(&startup(&[("user", "nobody"), ("driver_version", "x")]), &catalog(), &elsewhere).unwrap();
    assert_ne!(other.challenge, Challenge::Digest { salt: nobody.0, server_nonce: nobody.1 });
}

#[test]
fn an_identity_provider_type_asks_for_a_token() {
    check("tls", &[("idp_type", "AwsIdc")], Ok(14));
    check("tls", &[("idp_type", "awsidc"), ("token_type", "ACCESS_TOKEN"), ("user", "awsuser")], Ok(14));
    let refusal = "28000 token type \"EXT_JWT\" is not supported";
    check("tls", &[("idp_type", "AwsIdc"), ("token_type", "EXT_JWT")], Err(refusal));
    check("tls", &[("idp_type", "Okta")], Err("28000 identity provider type \"Okta\" is not supported"));
    let refusal = "28000 an access token is accepted only over an encrypted connection";
    check("plain", &[("idp_type", "AwsIdc")], Err(refusal));
}

#[test]
fn without_a_name_nobody_is_asked() {
    let refusal = "28000 no PostgreSQL user name specified in startup packet";
    check("tls", &[], Err(refusal));
    check("tls", &[("user", ""), ("idp_type", "")], Err(refusal));
}

#[test]
fn in_clear_nobody_comes_from_another_machine() {
    let peer = "192.0.2.1:40000".parse().unwrap();
    let request = StartupRequest { encrypted: false, peer, ..startup(&[("user", "mia")]) };
    let refused = ask(&request).unwrap_err();
    assert_eq!(refused, "28000 a login from another machine is accepted only over an encrypted connection");
}
