//! One way to prove oneself at a time.

use super::*;

fn read(authorization: Option<&str>, form: &str) -> Result<(String, Option<String>), OAuthError> {
    let read = PresentedClient::read(authorization, &Parameters::parse(form.as_bytes()));
    read.map(|client| (client.id, client.secret.map(Secret::into_exposed))).map_err(|refusal| refusal.error)
}

fn header(text: &str) -> String {
    format!("Basic {}", STANDARD.encode(text))
}

#[test]
fn header_and_form_are_read() {
    let pair = |secret: Option<&str>| Ok(("c 1".to_owned(), secret.map(str::to_owned)));
    assert_eq!(read(Some(&header("c+1:s%3A%26=%C3%A9")), ""), pair(Some("s:&=é")));
    assert_eq!(read(Some(&header("c%201:s").replace("Basic", "bAsIc")), "client_id=c+1"), pair(Some("s")));
    assert_eq!(read(Some(&header("c+1:")), ""), pair(None));
    assert_eq!(read(None, "client_id=c+1&client_secret=s"), pair(Some("s")));
    assert_eq!(read(None, "client_id=c+1"), pair(None));
}

#[test]
fn two_ways_at_once_and_none_are_refused() {
    let basic = header("c:s");
    assert_eq!(read(Some(&basic), "client_secret=s"), Err(OAuthError::InvalidRequest));
    assert_eq!(read(Some(&basic), "client_id=d"), Err(OAuthError::InvalidRequest));
    assert_eq!(read(None, "client_secret=s"), Err(OAuthError::InvalidRequest));
}

#[test]
fn jwt_client_authentication_is_refused_by_name() {
    let form = "client_id=c&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=x";
    let refusal = PresentedClient::read(None, &Parameters::parse(form.as_bytes())).unwrap_err();
    assert_eq!(refusal.error, OAuthError::InvalidClient);
    assert!(refusal.description.contains("private_key_jwt") && refusal.description.contains("client_secret_basic"));
}

#[test]
fn other_schemes_and_garbage_are_refused() {
    for header in ["Bearer abc", "Basic", "Basic !!!", &header("no colon"), "Negotiate x"] {
        assert_eq!(read(Some(header), "client_id=c"), Err(OAuthError::InvalidClient), "{header}");
    }
}
