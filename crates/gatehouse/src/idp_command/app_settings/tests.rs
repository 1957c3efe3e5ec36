use clap::Parser as _;
use serde_json::{Value, json};

use super::configuration;
use crate::options::{AppCommand, Command, IdpCommand, Options};

/// What this command line makes of a configuration.
fn check(line: &[&str], present: &Value) -> Result<Value, String> {
    let line = ["gatehouse", "idp", "app", "add"].iter().chain(line);
    let Command::Idp { command: IdpCommand::App { command: AppCommand::Add(options) } } =
        Options::try_parse_from(line).unwrap().command
    else {
        panic!("another command");
    };
    let is_openid = options.connector == crate::options::ConnectorName::Oidc;
    configuration(&options.settings, present, is_openid).map(Value::Object).map_err(|error| error.to_string())
}

#[test]
fn nothing_named_changes_nothing() {
    assert_eq!(check(&["saml", "Wiki"], &json!({"user_attributes": [{"name": "a", "from": "id"}]})), Ok(json!({})));
}

#[test]
fn a_constant_takes_the_place_of_the_templates() {
    let present =
        json!({"constant_attributes": [{"name": "Duration", "value": "900"}, {"name": "Auto", "value": "true"}]});
    assert_eq!(
        check(
            &["redshift", "R", "--constant", "Duration=3600", "--constant", "Role=a=b", "--constant", "Role=c"],
            &present
        ),
        Ok(json!({"constant_attributes": [
            {"name": "Auto", "value": "true"}, {"name": "Duration", "value": "3600"},
            {"name": "Role", "value": "a=b"}, {"name": "Role", "value": "c"},
        ]}))
    );
    assert_eq!(
        check(&["redshift", "R", "--no-attribute", "Auto"], &present),
        Ok(json!({"constant_attributes": [{"name": "Duration", "value": "900"}]}))
    );
}

#[test]
fn groups_begin_with_the_template() {
    assert_eq!(
        check(&["saml", "Wiki", "--group-attribute", "memberOf"], &json!({"group_attribute": null})),
        Ok(json!({"group_attribute": {"name": "memberOf", "which": "of-application", "prefix": null}}))
    );
    let present = json!({"groups_claim": {"name": "groups", "which": "of-person", "prefix": "aws"}});
    assert_eq!(
        check(&["oidc", "App", "--groups-sent", "of-application", "--group-prefix", ""], &present),
        Ok(json!({"groups_claim": {"name": "groups", "which": "of-application", "prefix": null}}))
    );
    assert_eq!(check(&["oidc", "App", "--group-claim", ""], &present), Ok(json!({"groups_claim": null})));
}

#[test]
fn what_belongs_to_the_other_kind_is_refused_by_name() {
    for (line, name) in [
        (&["oidc", "App", "--acs", "https://a.example"], "--acs"),
        (&["oidc", "App", "--constant", "a=b"], "--constant"),
        (&["saml", "App", "--redirect-uri", "https://a.example"], "--redirect-uri"),
        (&["identity-center", "App", "--grant", "device_code"], "--grant"),
    ] {
        let told = check(line, &json!({})).unwrap_err();
        assert!(told.starts_with(&format!("{name} is only for")), "{told}");
    }
}
