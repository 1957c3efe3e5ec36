use std::path::PathBuf;
use std::process::Command;

use base::Secret;
use tempfile::TempDir;

use super::{Endpoints, quoted};
use crate::data_dir::DataDir;

fn endpoints(demo: bool) -> Endpoints {
    Endpoints {
        http: "http://127.0.0.1:1".to_owned(),
        https: "https://127.0.0.1:2".to_owned(),
        ca_file: PathBuf::from("/a folder/it's here/ca.pem"),
        scim_url: "https://127.0.0.1:2/scim/v2".to_owned(),
        scim_token: Secret::from("scim"),
        idp_url: "https://localhost:2/idp".to_owned(),
        idp_api_token: Secret::from("idp"),
        region: "us-east-1".to_owned(),
        access_key_id: "AKIA".to_owned(),
        secret_access_key: Secret::from("a/b+c="),
        sql_host: "127.0.0.1".to_owned(),
        sql_port: 3,
        sql_database: "dev".to_owned(),
        sql_admin: Some(("awsuser".to_owned(), Secret::from("$HOME `id` \"x\""))),
        issuer_url: "https://issuer".to_owned(),
        instance_arn: "arn:aws:sso:::instance/ssoins-1".to_owned(),
        application_arn: demo.then(|| "arn:aws:sso::1:application/ssoins-1/apl-1".to_owned()),
        demo_password: demo.then(|| Secret::from("Demo-1")),
    }
}

/// What a shell that sourced the file has.
fn sourced(file: &PathBuf, name: &str) -> String {
    let script = format!("set -eu; set -a; . \"$1\"; set +a; printf %s \"${name}\"");
    let output = Command::new("sh").args(["-c", &script, "sh"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{name}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names of the design, section 8.
#[test]
fn the_file_has_every_promised_name_as_a_shell_reads_it() {
    let folder = TempDir::new().unwrap();
    let file = endpoints(true).write(&DataDir::open(folder.path()).unwrap()).unwrap();
    for (name, value) in [
        ("GATEHOUSE_HTTP", "http://127.0.0.1:1"),
        ("GATEHOUSE_HTTPS", "https://127.0.0.1:2"),
        ("GATEHOUSE_CA", "/a folder/it's here/ca.pem"),
        ("SCIM_URL", "https://127.0.0.1:2/scim/v2"),
        ("SCIM_TOKEN", "scim"),
        ("IDP_URL", "https://localhost:2/idp"),
        ("IDP_API_TOKEN", "idp"),
        ("AWS_ENDPOINT_URL", "https://127.0.0.1:2"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "a/b+c="),
        ("AWS_CA_BUNDLE", "/a folder/it's here/ca.pem"),
        ("SQL_HOST", "127.0.0.1"),
        ("SQL_PORT", "3"),
        ("SQL_DATABASE", "dev"),
        ("SQL_ADMIN_USER", "awsuser"),
        ("SQL_ADMIN_PASSWORD", "$HOME `id` \"x\""),
        ("IDC_ISSUER_URL", "https://issuer"),
        ("IDC_INSTANCE_ARN", "arn:aws:sso:::instance/ssoins-1"),
        ("IDC_APPLICATION_ARN", "arn:aws:sso::1:application/ssoins-1/apl-1"),
        ("DEMO_PASSWORD", "Demo-1"),
    ] {
        assert_eq!(sourced(&file, name), value, "{name}");
    }
}

#[test]
fn without_the_demo_its_names_are_absent() {
    let lines = endpoints(false).lines();
    assert!(!lines.contains("DEMO_PASSWORD") && !lines.contains("IDC_APPLICATION_ARN"), "{lines}");
}

#[test]
fn without_the_first_cluster_the_listener_is_still_named() {
    let lines = Endpoints { sql_admin: None, ..endpoints(true) }.lines();
    assert!(lines.contains("SQL_HOST=") && lines.contains("SQL_PORT=") && !lines.contains("SQL_ADMIN"), "{lines}");
}

#[test]
fn no_secret_is_in_the_debug_form() {
    let text = format!("{:?}", endpoints(true));
    assert!(!text.contains("a/b+c=") && !text.contains("Demo-1") && !text.contains("$HOME"), "{text}");
}

#[test]
fn values_survive_a_shell() {
    for value in ["plain", "with space", "it's", "$HOME `id` \"x\"", "", "a\nb", "~", "#x"] {
        let script = format!("V={}; printf %s \"$V\"", quoted(value));
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), value);
    }
}
