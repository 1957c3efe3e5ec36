use base::Clock as _;
use iam::{Holder, SamlProviderEdit};
use time::Duration;

use super::fixture::{ISSUER, KEY, NOW, OTHER_KEY, PROVIDER, RECIPIENT, ROLE, Said, World, metadata, peer, saml_trust};
use crate::strangers::{REFUSED_MAX, WINDOW};
use crate::{Ask, Peer};

const INVALID: &str = "InvalidIdentityToken";

#[tokio::test]
async fn an_assertion_gives_a_session_that_says_who_is_behind_it() {
    let world = World::new().await;
    let attempt = world.with_saml(&Said::new()).await;
    assert_eq!(attempt.checks.failed(), None);
    assert_eq!(attempt.person.as_deref(), Some("ethan@example.com"));
    let issued = attempt.outcome.unwrap();
    assert!(issued.access_key_id.starts_with("ASIA") && issued.access_key_id.len() == 20);
    assert_eq!(issued.expires, NOW + Duration::hours(1));
    let caller = world.caller(&issued).unwrap();
    let arn = "arn:aws:sts::123456789012:assumed-role/redshift-sso-role/ethan@example.com";
    assert_eq!(caller.principal().to_string(), arn);
    assert!(caller.user_id().starts_with("AROA") && caller.user_id().ends_with(":ethan@example.com"));
    assert_eq!(caller.person(), Some("ethan@example.com"));
    assert_eq!(caller.correlation().unwrap().as_str(), "call-1");
    let federated = caller.role_session().unwrap().federated.clone().unwrap();
    assert_eq!((federated.audience.as_str(), federated.issuer.as_str()), (RECIPIENT, ISSUER));
    assert_eq!(federated.subject_type, "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
    // echo -n 'https://sso.jumpcloud.example/saml2/redshift123456789012/redshift-sso' | openssl sha1 -binary | base64
    assert_eq!(federated.name_qualifier, "NPZyblZASR+Xi0+wGXZSwrLOT6g=");
}

#[tokio::test]
async fn each_audience_that_aws_knows_is_taken_and_no_other() {
    let world = World::new().await;
    for audience in ["urn:amazon:webservices", "https://signin.aws.amazon.com/saml", RECIPIENT] {
        world.session(&Said { audience: audience.to_owned(), ..Said::new() }).await;
    }
    let other = Said { audience: "https://gatehouse.example/saml".to_owned(), ..Said::new() };
    world.refused(&other, INVALID, "Response does not contain the required audience", "audience").await;
}

#[tokio::test]
async fn an_answer_to_a_request_of_somebody_s_is_taken() {
    let world = World::new().await;
    world.session(&Said { in_response_to: Some("_request".to_owned()), ..Said::new() }).await;
}

#[tokio::test]
async fn a_tampered_assertion_is_refused() {
    let world = World::new().await;
    let said = Said { spoil: |xml| xml.replace("ethan@example.com", "admin@example.com"), ..Said::new() };
    let error = world.refused(&said, INVALID, "Response signature invalid", "signature").await;
    assert!(!error.mend().is_empty());
}

#[tokio::test]
async fn an_unsigned_assertion_is_refused() {
    let world = World::new().await;
    let strip = |xml: String| {
        let (before, rest) = xml.split_once("<ds:Signature").unwrap();
        format!("{before}{}", rest.split_once("</ds:Signature>").unwrap().1)
    };
    world.refused(&Said { spoil: strip, ..Said::new() }, INVALID, "Response signature invalid", "signed").await;
}

#[tokio::test]
async fn only_the_provider_s_current_certificates_count() {
    let world = World::new().await;
    let foreign = Said { key: &OTHER_KEY, ..Said::new() };
    world.refused(&foreign, INVALID, "Response signature invalid", "signature").await;
    let edit =
        SamlProviderEdit { metadata: Some(metadata(ISSUER, &OTHER_KEY)), encryption_mode: None, private_key: false };
    world.iam.update_saml_provider(PROVIDER, edit).await.unwrap();
    world.session(&Said { key: &OTHER_KEY, ..Said::new() }).await;
    world.refused(&Said { key: &KEY, ..Said::new() }, INVALID, "Response signature invalid", "signature").await;
}

#[tokio::test]
async fn the_issuer_must_be_the_provider_s() {
    let world = World::new().await;
    let said = Said { issuer: "https://evil.example".to_owned(), ..Said::new() };
    world.refused(&said, INVALID, "Issuer not present in specified provider", "provider's issuer").await;
}

#[tokio::test]
async fn an_expired_assertion_is_refused_by_name() {
    let world = World::new().await;
    for age in [Duration::minutes(7), -Duration::minutes(7)] {
        let attempt = world.with_saml(&Said { age, ..Said::new() }).await;
        assert_eq!(attempt.outcome.unwrap_err().code(), "ExpiredTokenException", "{age}");
    }
    let ended = Said { session_ends: Some(NOW - Duration::minutes(2)), ..Said::new() };
    world.refused(&ended, "ExpiredTokenException", "validity window", "session not on or after").await;
}

#[tokio::test]
async fn another_recipient_is_refused_and_the_mend_names_both() {
    let world = World::new().await;
    let said = Said { recipient: "http://localhost:7891/redshift/".to_owned(), ..Said::new() };
    let not = "Not authorized to perform sts:AssumeRoleWithSAML";
    let error = world.refused(&said, "AccessDenied", not, "trust policy").await;
    assert!(error.mend().contains("http://localhost:7891/redshift/"), "{}", error.mend());
    assert!(error.mend().contains(RECIPIENT), "{}", error.mend());
    assert!(!base::Fault::public(&error).message.contains("7890"), "a stranger isn't told the trust policy");
}

#[tokio::test]
async fn an_assertion_counts_once_also_after_a_restart() {
    let world = World::new().await;
    let request = Said::new().request(NOW);
    world.sts.assume_role_with_saml(&request).await.outcome.unwrap();
    let again = world.sts.assume_role_with_saml(&request).await;
    assert_eq!(again.checks.failed().unwrap().check, "one use");
    let after = world.restarted().await.assume_role_with_saml(&request).await;
    assert_eq!(after.outcome.unwrap_err().code(), INVALID);
}

#[tokio::test]
async fn a_refused_attempt_uses_nothing_up() {
    let world = World::new().await;
    let said = Said::new();
    let long = Said { duration: Some(7200), ..said.clone() };
    let exceeds = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    world.refused(&long, "ValidationError", exceeds, "MaxSessionDuration").await;
    world.session(&said).await;
}

#[tokio::test]
async fn the_role_attribute_must_have_the_pair_in_either_order() {
    let world = World::new().await;
    world.session(&Said::new().with("Role", &["arn:x,arn:y", &format!("{PROVIDER} , {ROLE}")])).await;
    let not = "Not authorized to perform sts:AssumeRoleWithSAML";
    for values in
        [&[][..], &[ROLE], &["arn:aws:iam::123456789012:role/admin,arn:aws:iam::123456789012:saml-provider/x"]]
    {
        world.refused(&Said::new().with("Role", values), "AccessDenied", not, "Role attribute").await;
    }
}

#[tokio::test]
async fn the_session_s_name_must_be_there_once_and_well_formed() {
    let world = World::new().await;
    let required = "RoleSessionName is required in AuthnResponse";
    world.refused(&Said::new().with("RoleSessionName", &[]), INVALID, required, "RoleSessionName").await;
    for name in ["x", "ethan smith", "ethan/smith", &"x".repeat(65)] {
        let said = Said::new().with("RoleSessionName", &[name]);
        world.refused(&said, INVALID, "must match", "RoleSessionName").await;
    }
    let twice = Said::new().with("RoleSessionName", &["ethan", "admin"]);
    world.refused(&twice, INVALID, "exactly one value", "RoleSessionName").await;
}

#[tokio::test]
async fn a_provider_or_a_role_that_is_not_there_is_refused() {
    let world = World::new().await;
    let provider = "arn:aws:iam::123456789012:saml-provider/other";
    let said = Said { provider: provider.to_owned(), ..Said::new() };
    world.refused(&said, INVALID, "Specified provider doesn't exist", "SAML provider").await;
    let role = "arn:aws:iam::123456789012:role/nobody";
    let said = Said { role: role.to_owned(), ..Said::new() }.with("Role", &[&format!("{role},{PROVIDER}")]);
    world.refused(&said, "AccessDenied", "Not authorized", "role").await;
}

#[tokio::test]
async fn durations_are_bounded_by_all_that_bounds_them() {
    let world = World::new().await;
    for seconds in [899, 43_201] {
        let said = Said { duration: Some(seconds), ..Said::new() };
        world.refused(&said, "ValidationError", "durationSeconds", "").await;
    }
    let shorter = world.session(&Said { duration: Some(900), ..Said::new() }).await;
    assert_eq!(shorter.expires, NOW + Duration::minutes(15));
    let said = Said::new().with("SessionDuration", &["1800"]);
    assert_eq!(world.session(&said).await.expires, NOW + Duration::minutes(30));
    let longer = Said::new().with("SessionDuration", &["43200"]);
    assert_eq!(world.session(&longer).await.expires, NOW + Duration::hours(1));
    let ends = Said { session_ends: Some(NOW + Duration::minutes(20)), ..Said::new() };
    assert_eq!(world.session(&ends).await.expires, NOW + Duration::minutes(20));
    let over = Said { session_ends: Some(NOW - Duration::seconds(30)), ..Said::new() };
    world.refused(&over, "ExpiredTokenException", "validity window", "session duration").await;
    let bad = Said::new().with("SessionDuration", &["899"]);
    world.refused(&bad, INVALID, "SessionDuration", "SessionDuration").await;
}

#[tokio::test]
async fn tags_and_a_source_identity_need_to_be_allowed_by_the_trust_policy() {
    let world = World::new().await;
    let tagged = || {
        Said::new()
            .with("PrincipalTag:RedshiftDbRoles", &["analyst:reader"])
            .with("TransitiveTagKeys", &["RedshiftDbRoles"])
            .with("SourceIdentity", &["ethan"])
    };
    let caller = world.caller(&world.session(&tagged()).await).unwrap();
    assert_eq!(caller.tag("redshiftdbroles"), Some("analyst:reader"));
    assert_eq!(caller.source_identity(), Some("ethan"));
    assert!(caller.role_session().unwrap().transitive.contains("RedshiftDbRoles"));
    let trust = saml_trust("").replace(r#","sts:TagSession","sts:SetSourceIdentity""#, "");
    world.iam.update_trust("redshift-sso-role", &trust).await.unwrap();
    let error = world.refused(&tagged(), "AccessDenied", "Not authorized", "trust policy").await;
    assert!(error.to_string().contains("sts:TagSession"), "{error}");
    let identified = Said::new().with("SourceIdentity", &["ethan"]);
    let error = world.refused(&identified, "AccessDenied", "Not authorized", "trust policy").await;
    assert!(error.to_string().contains("sts:SetSourceIdentity"), "{error}");
}

#[tokio::test]
async fn malformed_tags_and_identities_are_refused() {
    let world = World::new().await;
    let cases: [(&str, &[&str], &str); 5] = [
        ("PrincipalTag:a", &["1", "2"], "PrincipalTag"),
        ("PrincipalTag:aws:x", &["1"], "PrincipalTag"),
        ("TransitiveTagKeys", &["absent"], "TransitiveTagKeys"),
        ("SourceIdentity", &["aws:x"], "SourceIdentity"),
        ("SourceIdentity", &["a b"], "SourceIdentity"),
    ];
    for (name, values, check) in cases {
        world.refused(&Said::new().with(name, values), INVALID, "", check).await;
    }
    let twice = Said::new().with("PrincipalTag:team", &["a"]).with("PrincipalTag:TEAM", &["b"]);
    world.refused(&twice, INVALID, "Duplicate tag keys", "PrincipalTag").await;
}

#[tokio::test]
async fn the_trust_policy_may_ask_for_what_the_assertion_says() {
    let world = World::new().await;
    let trust = saml_trust(&format!(
        r#","saml:sub":"ethan@example.com","saml:iss":"{ISSUER}","saml:doc":"123456789012/redshift-sso","saml:edupersonaffiliation":"staff""#
    ));
    world.iam.update_trust("redshift-sso-role", &trust).await.unwrap();
    let mut said = Said::new();
    world.refused(&said, "AccessDenied", "Not authorized", "trust policy").await;
    said.attributes.push(("urn:oid:1.3.6.1.4.1.5923.1.1.1.1".to_owned(), vec!["staff".to_owned()]));
    world.session(&said).await;
}

#[tokio::test]
async fn what_is_no_response_is_refused_with_its_reason() {
    let world = World::new().await;
    for (assertion, code) in [("no base64!", INVALID), ("PHg+PC94Pg==", INVALID), ("abc", "ValidationError")] {
        let mut request = Said::new().request(NOW);
        request.assertion = assertion.to_owned();
        assert_eq!(world.sts.assume_role_with_saml(&request).await.outcome.unwrap_err().code(), code, "{assertion}");
    }
    let mut request = Said::new().request(NOW);
    request.assertion = "A".repeat(100_001);
    assert_eq!(world.sts.assume_role_with_saml(&request).await.outcome.unwrap_err().code(), "ValidationError");
}

#[tokio::test]
async fn session_policies_narrow_the_session() {
    let world = World::new().await;
    let all = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:*","Resource":"*"}]}"#;
    world.allow(Holder::Role("redshift-sso-role"), all).await;
    let only =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"redshift:Describe*","Resource":"*"}]}"#;
    let issued = world.session(&Said { policy: Some(only.to_owned()), ..Said::new() }).await;
    assert_eq!(issued.packed_policy_size, Some(2));
    let caller = world.caller(&issued).unwrap();
    assert!(world.sts.authorize(&caller, &[Ask::new("redshift:DescribeClusters", "*")], peer()).allowed);
    let denied = world.sts.authorize(&caller, &[Ask::new("redshift:DeleteCluster", "*")], peer());
    assert_eq!(denied.because, "because no session policy allows the redshift:DeleteCluster action");
    let broken = Said { policy: Some("{}".to_owned()), ..Said::new() };
    world.refused(&broken, "MalformedPolicyDocument", "", "").await;
    let managed =
        Said { policy_arns: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned(); 11], ..Said::new() };
    world.refused(&managed, "ValidationError", "policyArns", "").await;
    let tags: Vec<String> = (0..50).map(|number| format!("PrincipalTag:{number:0100}")).collect();
    let long = "x".repeat(200);
    let many = tags.iter().fold(Said::new(), |said, name| said.with(name, &[&long]));
    world.refused(&many, "PackedPolicyTooLarge", "of allotted space", "").await;
}

#[tokio::test]
async fn an_address_that_was_refused_too_often_is_throttled_and_no_other() {
    let world = World::new().await;
    let wrong = Said { audience: "urn:other".to_owned(), ..Said::new() };
    let now = world.clock.now();
    let wrong = wrong.request(now);
    for _ in 0..REFUSED_MAX {
        let error = world.sts.assume_role_with_saml(&wrong).await.outcome.unwrap_err();
        assert_eq!(error.code(), "InvalidIdentityToken");
    }
    world.refused(&Said::new(), "Throttling", "Rate exceeded", "refusals of the address").await;
    let elsewhere = Peer { address: Some("192.0.2.8".parse().unwrap()), ..peer() };
    world.session(&Said { peer: elsewhere, ..Said::new() }).await;
    world.clock.advance(WINDOW);
    for _ in 0..2 {
        world.session(&Said::new()).await;
    }
}
