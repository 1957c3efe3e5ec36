use crate::rows;
use crate::testing::Bench;

const ISSUER: &str = "https://login.microsoftonline.com/11111111-2222/v2.0";

fn create(parameters: &str) -> String {
    format!("CREATE IDENTITY PROVIDER az TYPE azure NAMESPACE 'aad' PARAMETERS '{parameters}'")
}

fn whole() -> String {
    format!(
        "{{\"issuer\": \"{ISSUER}\", \"client_id\": \"c-1\", \"client_secret\": \"S3cret\", \"audience\": [\"api://a\"]}}"
    )
}

#[test]
fn parameters_are_refused_by_name_and_never_repeated() {
    let with = |from: &str, to: &str| create(&whole().replace(from, to));
    let cases = [
        (create("no json"), "22023 PARAMETERS is not a JSON object in which each name is given once"),
        (with("\"client_id\"", "\"issuer\""), "22023 PARAMETERS is not a JSON object in which each name is given once"),
        (with("issuer", "tenant"), "22023 PARAMETERS of an identity provider of type azure needs \"issuer\""),
        (with("client_id", "id"), "22023 PARAMETERS of an identity provider of type azure needs \"client_id\""),
        (with("audience", "aud"), "22023 PARAMETERS of an identity provider of type azure needs \"audience\""),
        (with("client_secret", "secret"), "22023 an identity provider of type azure has no parameter \"secret\""),
        (with("[\"api://a\"]", "\"api://a\""), "22023 the parameter \"audience\" must be a list of texts"),
        (with("[\"api://a\"]", "[]"), "22023 the parameter \"audience\" must have 1 to 20 texts"),
        (with("\"S3cret\"", "5"), "22023 the parameter \"client_secret\" must be a text"),
        (
            with("https://", "ftp://"),
            "22023 the parameter \"issuer\" must be an https address without query and fragment",
        ),
        (with("c-1", "c 1"), "22023 the parameter \"client_id\" must be text of 1 to 512 bytes without spaces"),
        (
            create(&whole()).replace(" PARAMETERS", " IAM_ROLE default PARAMETERS"),
            "42601 IAM_ROLE is only possible with TYPE AWSIDC",
        ),
        (
            "CREATE IDENTITY PROVIDER az TYPE azure NAMESPACE 'aad'".to_owned(),
            "22023 an identity provider of type azure needs PARAMETERS",
        ),
    ];
    for (statement, expected) in cases {
        let refusal = Bench::new().refusal(&statement);
        assert_eq!(refusal, expected, "{statement}");
        assert!(!refusal.contains("S3cret"));
    }
}

/// The stored row opens again, without the secret; a row of an earlier version is of type AWSIDC.
#[test]
fn a_provider_is_stored_without_its_secret_and_read_back() {
    let mut bench = Bench::with_provider();
    let made = bench.run(&create(&whole()));
    assert!(made.notices[0].message.message.starts_with("client_secret isn't kept"), "{:?}", made.notices);
    let stored = bench.rows();
    assert!(!format!("{stored:?} {:?}", bench.catalog).contains("S3cret"));
    let opened = rows::load(stored).unwrap();
    let (az, idp) = (opened.provider_by_name("az").unwrap(), opened.provider_by_name("idp").unwrap());
    assert_eq!(Some(az), bench.catalog.provider_by_name("az"));
    assert_eq!((az.type_name(), az.instance_id(), az.auto_create_roles.enabled), ("azure", "11111111-2222", true));
    assert_eq!(az.azure().unwrap().audiences().collect::<Vec<_>>(), ["api://a", "c-1"]);
    assert_eq!(
        (idp.type_name(), idp.application_arn().is_some(), idp.auto_create_roles.enabled),
        ("awsidc", true, false)
    );
}

#[test]
fn new_parameters_replace_all_and_a_type_keeps_its_clauses() {
    let mut bench = Bench::with_provider();
    bench.run(&create(&whole()));
    let other = "{\"issuer\": \"https://idp.example\", \"client_id\": \"c-2\", \"audience\": [\"b\"]}";
    bench.run(&format!("ALTER IDENTITY PROVIDER az PARAMETERS '{other}'"));
    let az = bench.catalog.provider_by_name("az").unwrap();
    assert_eq!((az.instance_id(), az.azure().unwrap().client_id.as_str()), ("https://idp.example", "c-2"));
    assert!(bench.refusal("ALTER IDENTITY PROVIDER az IAM_ROLE default").starts_with("0A000 IAM_ROLE"));
    assert!(
        bench.refusal(&format!("ALTER IDENTITY PROVIDER idp PARAMETERS '{other}'")).starts_with("0A000 PARAMETERS")
    );
    bench.run("DROP IDENTITY PROVIDER az");
}
