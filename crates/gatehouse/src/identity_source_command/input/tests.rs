use std::io::Write as _;

use clap::Parser as _;
use serde_json::json;

use super::*;
use crate::options::{AddSource, Command, IdentitySourceCommand, Options};

fn parse(words: &[&str]) -> IdentitySourceCommand {
    let words = ["gatehouse", "identity-source"].iter().chain(words);
    let Command::IdentitySource { command } = Options::try_parse_from(words).unwrap().command else {
        panic!("identity-source was expected")
    };
    command
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn input_of(words: &[&str]) -> anyhow::Result<Value> {
    let command = parse(words);
    let input = if let IdentitySourceCommand::Set(options) = &command {
        set(options)
    } else if let IdentitySourceCommand::Add { command: AddSource::Saml(options) } = &command {
        saml(options)
    } else if let IdentitySourceCommand::Add { command: AddSource::Oidc(options) } = &command {
        oidc(options)
    } else {
        panic!("set or add was expected")
    };
    input.map(Value::Object)
}

#[test]
fn a_saml_source_is_safe_by_default_and_its_metadata_is_read_here_or_there() {
    let metadata = file("<EntityDescriptor/>");
    let path = metadata.path().to_str().unwrap();
    assert_eq!(
        input_of(&["add", "saml", "Okta", "--metadata", path]).unwrap(),
        json!({
            "Name": "Okta", "Type": "SAML", "Domains": [], "JustInTime": false, "PrivateNetwork": false,
            "Metadata": "<EntityDescriptor/>", "IdpInitiated": true, "ForceAuthn": false, "SignRequests": false,
        })
    );
    let line = "add saml Okta --metadata https://idp.example.com/m --domain a.example.com --domain b.example.com --match email \
                --subject attribute:mail --just-in-time --groups-claim groups --contact it --no-idp-initiated --force-authn \
                --sign-requests --private-network";
    assert_eq!(
        input_of(&line.split_whitespace().collect::<Vec<_>>()).unwrap(),
        json!({
            "Name": "Okta", "Type": "SAML", "Domains": ["a.example.com", "b.example.com"], "MatchBy": "email",
            "Subject": "attribute:mail", "JustInTime": true, "GroupsClaim": "groups", "Contact": "it", "PrivateNetwork": true,
            "MetadataUrl": "https://idp.example.com/m", "IdpInitiated": false, "ForceAuthn": true, "SignRequests": true,
        })
    );
    let missing = input_of(&["add", "saml", "Okta", "--metadata", "/no/such/file"]).unwrap_err();
    assert!(format!("{missing:#}").contains("/no/such/file"), "{missing:#}");
}

#[test]
fn a_clients_secret_comes_from_a_file_only() {
    let secret = file("s3cret value\n");
    let path = secret.path().to_str().unwrap();
    let mut words = vec!["add", "oidc", "Entra", "--issuer", "https://login.example.com", "--client-id", "c-1"];
    assert_eq!(input_of(&words).unwrap().get("ClientSecret"), None);
    words.extend(["--client-secret-file", path, "--scope", "email", "--scope", "profile"]);
    let input = input_of(&words).unwrap();
    assert_eq!(input["ClientSecret"], "s3cret value");
    assert_eq!(input["Scopes"], json!(["email", "profile"]));
    let empty = file("\n");
    words[8] = empty.path().to_str().unwrap();
    assert!(format!("{:#}", input_of(&words).unwrap_err()).contains("is empty"));
    assert!(
        Options::try_parse_from(["gatehouse", "identity-source", "add", "oidc", "E", "--client-secret", "x"]).is_err()
    );
}

#[test]
fn a_change_names_only_what_changes() {
    let cases = [
        (vec!["--disable"], json!({ "Enabled": false })),
        (vec!["--enable", "--just-in-time"], json!({ "Enabled": true, "JustInTime": true })),
        (vec!["--just-in-time=false", "--idp-initiated=false"], json!({ "JustInTime": false, "IdpInitiated": false })),
        (vec!["--no-domains", "--no-contact"], json!({ "Domains": [], "Contact": "" })),
        (
            vec!["--subject", "name-id", "--match", "external-id"],
            json!({ "Subject": "name-id", "MatchBy": "externalId" }),
        ),
        (vec!["--no-client-secret", "--scope", "email"], json!({ "ClientSecret": "", "Scopes": ["email"] })),
    ];
    for (words, expected) in cases {
        let line: Vec<&str> = ["set", "ids-1"].into_iter().chain(words).collect();
        assert_eq!(input_of(&line).unwrap(), expected, "{line:?}");
    }
    assert!(input_of(&["set", "ids-1"]).unwrap_err().to_string().starts_with("nothing is to be changed"));
    for words in [
        ["set", "ids-1", "--enable", "--disable"].as_slice(),
        &["set", "ids-1", "--contact", "x", "--no-contact"],
        &["set", "ids-1", "--subject", "attribute:"],
        &["set", "ids-1", "--subject", "email"],
        &["add", "saml", "Okta"],
        &["add", "oidc", "Entra", "--issuer", "https://x"],
    ] {
        let words = ["gatehouse", "identity-source"].iter().chain(words);
        assert!(Options::try_parse_from(words.clone()).is_err(), "{:?}", words.collect::<Vec<_>>());
    }
}
