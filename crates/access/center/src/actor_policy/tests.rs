use policy::{Context, Subject, SubjectKind};
use serde_json::{Value, json};

use super::{ActorPolicy, CREATE_TOKEN_ACTION};

const ACCOUNT: &str = "123456789012";
const APPLICATION: &str = "arn:aws:sso::123456789012:application/ssoins-1/apl-1";
const ROLE: &str = "arn:aws:iam::123456789012:role/service/App";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/App/session";
const USER: &str = "arn:aws:iam::123456789012:user/ci";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const OTHER: &str = "arn:aws:iam::999999999999:user/ci";
const SERVICE: &str = "redshift.amazonaws.com";

fn subject(caller: &str) -> Subject {
    let user = |arn: &str| SubjectKind::User { arn: arn.to_owned(), id: "AIDAAAAAAAAAAAAAAAAAA".to_owned() };
    let (account, kind) = match caller {
        ROOT => (ACCOUNT, SubjectKind::Root),
        SESSION => {
            let kind = SubjectKind::Role {
                role_arn: ROLE.to_owned(),
                role_id: "AROAAAAAAAAAAAAAAAAAA".to_owned(),
                session_arn: SESSION.to_owned(),
                session_name: "session".to_owned(),
            };
            (ACCOUNT, kind)
        }
        OTHER => ("999999999999", user(OTHER)),
        SERVICE => ("", SubjectKind::Service { name: SERVICE.to_owned() }),
        arn => (ACCOUNT, user(arn)),
    };
    Subject { account: account.to_owned(), kind }
}

fn statement(effect: &str, principal: &Value) -> Value {
    json!({"Effect": effect, "Principal": principal, "Action": CREATE_TOKEN_ACTION, "Resource": "*"})
}

fn policy(statements: &[Value]) -> ActorPolicy {
    ActorPolicy::parse(json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

fn decide(policy: &ActorPolicy, caller: &str) -> super::ActorDecision {
    policy.allows(&subject(caller), CREATE_TOKEN_ACTION, APPLICATION, &Context::new())
}

fn allowed(policy: &ActorPolicy, caller: &str) -> bool {
    decide(policy, caller).allowed
}

#[test]
fn who_is_named() {
    let table: [(Value, &[&str]); 12] = [
        (json!("*"), &[SESSION, USER, ROOT, OTHER, SERVICE]),
        (json!({"AWS": "*"}), &[SESSION, USER, ROOT, OTHER, SERVICE]),
        (json!({"AWS": ACCOUNT}), &[SESSION, USER, ROOT]),
        (json!({"AWS": ROOT}), &[SESSION, USER, ROOT]),
        (json!({"AWS": USER}), &[USER]),
        (json!({"AWS": ROLE}), &[SESSION]),
        (json!({"AWS": "arn:aws:iam::123456789012:role/App"}), &[]),
        (json!({"AWS": SESSION}), &[SESSION]),
        (json!({"AWS": [USER, "999999999999"]}), &[USER, OTHER]),
        (json!({"AWS": "arn:aws:iam::999999999999:role/App"}), &[]),
        (json!({"Service": SERVICE}), &[SERVICE]),
        (json!({"Service": "s3.amazonaws.com", "AWS": USER}), &[USER]),
    ];
    for (principal, expected) in table {
        let policy = policy(&[statement("Allow", &principal)]);
        for caller in [SESSION, USER, ROOT, OTHER, SERVICE] {
            assert_eq!(allowed(&policy, caller), expected.contains(&caller), "{principal} and {caller}");
        }
    }
}

#[test]
fn a_deny_wins_and_the_reason_names_the_statement() {
    let mut deny = statement("Deny", &json!({"AWS": USER}));
    deny["Sid"] = json!("NotCi");
    let policy = policy(&[statement("Allow", &json!({"AWS": ACCOUNT})), deny]);
    let decision = decide(&policy, USER);
    assert!(!decision.allowed);
    assert_eq!(decision.reason.to_string(), "statement \"NotCi\" of the actor policy denies it");
    assert_eq!(decide(&policy, ROOT).reason.to_string(), "statement \"1\" of the actor policy allows it");
    let reason = decide(&policy, OTHER).reason.to_string();
    assert!(reason.starts_with("no statement of the actor policy allows it: statement \"1\""), "{reason}");
}

#[test]
fn actions_are_compared_as_in_iam() {
    for (action, ours, others) in [
        (json!("*"), true, true),
        (json!("sso-oauth:*"), true, true),
        (json!("SSO-OAuth:createtokenwithiam"), true, false),
        (json!("sso-oauth:Create*"), true, false),
        (json!(["sso-oauth:Introspect*", CREATE_TOKEN_ACTION]), true, true),
        (json!("sso-oauth:Introspect*"), false, true),
    ] {
        let mut one = statement("Allow", &json!("*"));
        one["Action"] = action.clone();
        let policy = policy(&[one]);
        let asked = |action| policy.allows(&subject(USER), action, APPLICATION, &Context::new()).allowed;
        assert_eq!(asked(CREATE_TOKEN_ACTION), ours, "{action}");
        assert_eq!(asked("sso-oauth:IntrospectTokenWithIAM"), others, "{action}");
    }
}

#[test]
fn the_application_is_the_resource() {
    for (resource, expected) in [
        (APPLICATION, true),
        ("arn:aws:sso::123456789012:application/ssoins-1/*", true),
        ("arn:aws:sso::123456789012:application/ssoins-1/apl-2", false),
    ] {
        let mut one = statement("Allow", &json!("*"));
        one["Resource"] = json!(resource);
        assert_eq!(allowed(&policy(&[one]), USER), expected, "{resource}");
    }
}

#[test]
fn conditions_count() {
    let mut one = statement("Allow", &json!({"AWS": ACCOUNT}));
    one["Condition"] = json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}});
    let policy = policy(&[one]);
    let from = |address: &str| {
        let mut context = Context::new();
        context.set("aws:SourceIp", address);
        policy.allows(&subject(USER), CREATE_TOKEN_ACTION, APPLICATION, &context)
    };
    assert!(from("10.1.2.3").allowed);
    let refused = from("192.0.2.1");
    assert!(!refused.allowed);
    let reason = refused.reason.to_string();
    assert!(
        reason.contains("its condition IpAddress aws:SourceIp wants \"10.0.0.0/8\" and it is \"192.0.2.1\""),
        "{reason}"
    );
}

#[test]
fn not_principal_denies_the_others() {
    let mut deny = statement("Deny", &Value::Null);
    deny.as_object_mut().unwrap().remove("Principal");
    deny["NotPrincipal"] = json!({"AWS": [ACCOUNT, USER]});
    let policy = policy(&[statement("Allow", &json!({"AWS": ACCOUNT})), deny]);
    assert!(allowed(&policy, USER));
    assert!(!allowed(&policy, SESSION));
}

#[test]
fn the_document_is_kept_as_it_was_given() {
    let document =
        json!({"Version": "2012-10-17", "Id": "one", "Statement": statement("Allow", &json!({"AWS": [USER]}))});
    assert_eq!(*ActorPolicy::parse(document.clone()).unwrap().document(), document);
}

/// A right statement with one element replaced, or taken away by `null`.
fn with(element: &str, value: Value) -> Value {
    let mut one = statement("Allow", &json!({"AWS": USER}));
    if value.is_null() {
        one.as_object_mut().unwrap().remove(element);
    } else {
        one[element] = value;
    }
    json!({"Version": "2012-10-17", "Statement": [one]})
}

#[test]
fn what_is_not_a_resource_policy_is_refused_by_name() {
    let table = [
        (json!("{}"), "it must be a JSON object"),
        (json!({}), "Statement is missing"),
        (json!({"Version": "2012-10-18", "Statement": []}), "Version"),
        (json!({"Version": "2012-10-17", "Statement": []}), "Statement: it must have at least one"),
        (json!({"Version": "2012-10-17", "Statement": ["x"]}), "Statement[0]: it must be a JSON object"),
        (json!({"Version": "2012-10-17", "Statement": [], "Extra": 1}), "Extra"),
        (with("Condition", json!({"StringMatches": {}})), "StringMatches"),
        (with("NotPrincipal", json!("*")), "NotPrincipal"),
        (with("NotAction", json!("*")), "NotAction"),
        (with("NotResource", json!("*")), "NotResource"),
        (with("effect", json!("Allow")), "effect"),
        (with("Effect", json!("allow")), "Effect"),
        (with("Effect", Value::Null), "Effect"),
        (with("Principal", Value::Null), "Principal is missing"),
        (with("Principal", json!({})), "Principal: it must name somebody"),
        (with("Principal", json!("arn:aws:iam::123456789012:user/ci")), "Principal: it must be"),
        (with("Principal", json!({"Federated": "x"})), "Federated"),
        (with("Principal", json!({"CanonicalUser": "x"})), "CanonicalUser"),
        (with("Principal", json!({"AWS": []})), "AWS: it must not be an empty list"),
        (with("Principal", json!({"Service": "redshift"})), "\"redshift\""),
        (with("Action", Value::Null), "must contain actions"),
        (with("Action", json!("s3:GetObject")), "\"s3:GetObject\" has no meaning"),
        (with("Action", json!([CREATE_TOKEN_ACTION, "s3:*"])), "\"s3:*\" has no meaning"),
        (with("Resource", Value::Null), "must contain resources"),
        (with("Resource", json!("apl-1")), "ARN format"),
        (with("Sid", json!("a b")), "Sid"),
        (with("Sid", json!("x".repeat(30_000))), "20480"),
    ];
    for (document, message) in table {
        let error = ActorPolicy::parse(document.clone()).unwrap_err().to_string();
        assert!(error.starts_with("ActorPolicy is not valid: ") && error.contains(message), "{document}: {error}");
    }
    let error = ActorPolicy::parse(with("Action", json!(format!("s3:{}", "x".repeat(20_000))))).unwrap_err();
    assert!(error.to_string().len() < 500, "{error}");
}
