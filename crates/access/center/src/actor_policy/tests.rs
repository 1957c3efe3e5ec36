use serde_json::{Value, json};

use super::{ActorPolicy, CREATE_TOKEN_ACTION};

const ACCOUNT: &str = "123456789012";
const ROLE: &str = "arn:aws:iam::123456789012:role/service/App";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/App/session";
const USER: &str = "arn:aws:iam::123456789012:user/ci";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const OTHER: &str = "arn:aws:iam::999999999999:user/ci";

fn statement(effect: &str, principal: &Value) -> Value {
    json!({"Effect": effect, "Principal": principal, "Action": CREATE_TOKEN_ACTION, "Resource": "*"})
}

fn policy(statements: &[Value]) -> ActorPolicy {
    ActorPolicy::parse(json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

fn allowed(policy: &ActorPolicy, caller: &str) -> bool {
    let account = if caller == OTHER { "999999999999" } else { ACCOUNT };
    policy.allows(caller, account, CREATE_TOKEN_ACTION).allowed
}

#[test]
fn who_is_named() {
    let table: [(Value, &[&str]); 11] = [
        (json!("*"), &[ROLE, SESSION, USER, ROOT, OTHER, "redshift.amazonaws.com"]),
        (json!({"AWS": "*"}), &[ROLE, SESSION, USER, ROOT, OTHER, "redshift.amazonaws.com"]),
        (json!({"AWS": ACCOUNT}), &[ROLE, SESSION, USER, ROOT, "redshift.amazonaws.com"]),
        (json!({"AWS": ROOT}), &[ROLE, SESSION, USER, ROOT, "redshift.amazonaws.com"]),
        (json!({"AWS": USER}), &[USER]),
        (json!({"AWS": ROLE}), &[ROLE, SESSION]),
        (json!({"AWS": SESSION}), &[SESSION]),
        (json!({"AWS": [USER, "999999999999"]}), &[USER, OTHER]),
        (json!({"AWS": "arn:aws:iam::999999999999:role/App"}), &[]),
        (json!({"Service": "redshift.amazonaws.com"}), &["redshift.amazonaws.com"]),
        (json!({"Service": "s3.amazonaws.com", "AWS": USER}), &[USER]),
    ];
    for (principal, expected) in table {
        let policy = policy(&[statement("Allow", &principal)]);
        for caller in [ROLE, SESSION, USER, ROOT, OTHER, "redshift.amazonaws.com"] {
            assert_eq!(allowed(&policy, caller), expected.contains(&caller), "{principal}: {caller}");
        }
    }
}

#[test]
fn a_session_is_one_of_the_role_by_its_whole_name() {
    let policy = policy(&[statement("Allow", &json!({"AWS": ROLE}))]);
    for caller in [
        "arn:aws:sts::123456789012:assumed-role/App2/session",
        "arn:aws:sts::123456789012:assumed-role/Ap/session",
        "arn:aws:sts::123456789012:assumed-role/App",
        "arn:aws:sts::1234567890123:assumed-role/App/session",
        "arn:aws:iam::123456789012:role/App",
        "",
    ] {
        assert!(!allowed(&policy, caller), "{caller}");
    }
}

#[test]
fn a_denial_wins_and_nothing_is_allowed_by_silence() {
    let (everybody, user) = (json!("*"), json!({"AWS": USER}));
    for statements in [
        [statement("Allow", &everybody), statement("Deny", &user)],
        [statement("Deny", &user), statement("Allow", &everybody)],
    ] {
        let policy = policy(&statements);
        let decision = policy.allows(USER, ACCOUNT, CREATE_TOKEN_ACTION);
        assert!(!decision.allowed && decision.reason.to_string().contains("denies"));
        assert!(allowed(&policy, ROLE));
    }
    let decision = policy(&[statement("Deny", &user)]).allows(ROLE, ACCOUNT, CREATE_TOKEN_ACTION);
    assert!(!decision.allowed);
    assert_eq!(decision.reason.to_string(), "no statement of the actor policy allows it");
}

#[test]
fn the_reason_names_the_statement() {
    let mut second = statement("Allow", &json!({"AWS": USER}));
    second["Sid"] = json!("Ci");
    let policy = policy(&[statement("Allow", &json!({"AWS": ROLE})), second]);
    let reason = |caller| policy.allows(caller, ACCOUNT, CREATE_TOKEN_ACTION).reason.to_string();
    assert_eq!(reason(ROLE), "statement 1 of the actor policy allows it");
    assert_eq!(reason(USER), "statement \"Ci\" of the actor policy allows it");
}

#[test]
fn which_actions_a_statement_is_about() {
    for (action, ours, others) in [
        (json!(CREATE_TOKEN_ACTION), true, false),
        (json!("SSO-OAUTH:createtokenwithiam"), true, false),
        (json!("sso-oauth:*"), true, true),
        (json!(["*"]), true, true),
    ] {
        let mut one = statement("Allow", &json!("*"));
        one["Action"] = action.clone();
        let policy = policy(&[one]);
        assert_eq!(policy.allows(USER, ACCOUNT, CREATE_TOKEN_ACTION).allowed, ours, "{action}");
        assert_eq!(policy.allows(USER, ACCOUNT, "sso-oauth:IntrospectTokenWithIAM").allowed, others, "{action}");
    }
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
fn what_is_not_carried_out_is_refused_by_name() {
    let table = [
        (json!("{}"), "it must be a JSON object"),
        (json!({"Statement": []}), "Version"),
        (json!({"Version": "2008-10-17", "Statement": []}), "Version"),
        (json!({"Version": "2012-10-17"}), "Statement is missing"),
        (json!({"Version": "2012-10-17", "Statement": []}), "Statement must not be empty"),
        (json!({"Version": "2012-10-17", "Statement": ["x"]}), "Statement must be a JSON object"),
        (json!({"Version": "2012-10-17", "Statement": [], "Extra": 1}), "Extra"),
        (with("Condition", json!({})), "Condition"),
        (with("NotPrincipal", json!("*")), "NotPrincipal"),
        (with("NotAction", json!("*")), "NotAction"),
        (with("NotResource", json!("*")), "NotResource"),
        (with("effect", json!("Allow")), "effect"),
        (with("Effect", json!("allow")), "Effect"),
        (with("Effect", Value::Null), "Effect"),
        (with("Principal", Value::Null), "Principal is missing"),
        (with("Principal", json!({})), "Principal must name somebody"),
        (with("Principal", json!("arn:aws:iam::123456789012:user/ci")), "Principal must be"),
        (with("Principal", json!({"Federated": "x"})), "Federated"),
        (with("Principal", json!({"CanonicalUser": "x"})), "CanonicalUser"),
        (with("Principal", json!({"AWS": []})), "AWS must not be empty"),
        (with("Principal", json!({"AWS": 123_456_789_012_u64})), "AWS must be a text"),
        (with("Principal", json!({"Service": "redshift"})), "\"redshift\""),
        (with("Principal", json!({"Service": "*"})), "\"*\""),
        (with("Action", Value::Null), "Action is missing"),
        (with("Action", json!("s3:GetObject")), "s3:GetObject"),
        (with("Action", json!("sso-oauth:Create*")), "sso-oauth:Create*"),
        (with("Resource", Value::Null), "Resource is missing"),
        (with("Resource", json!("arn:aws:sso::1:application/x")), "Resource must be"),
        (with("Sid", json!("a b")), "Sid"),
        (with("Sid", json!("x".repeat(30_000))), "20480"),
    ];
    for (document, message) in table {
        let error = ActorPolicy::parse(document.clone()).unwrap_err().to_string();
        assert!(error.starts_with("ActorPolicy is not valid: ") && error.contains(message), "{document}: {error}");
    }
    let error = ActorPolicy::parse(with("Action", json!("x".repeat(20_000)))).unwrap_err().to_string();
    assert!(error.len() < 500, "{error}");
    let twice = [with("Sid", json!("A"))["Statement"][0].clone(), with("Sid", json!("A"))["Statement"][0].clone()];
    assert!(ActorPolicy::parse(json!({"Version": "2012-10-17", "Statement": twice})).is_err());
}

#[test]
fn principals_that_name_nobody_are_refused() {
    for principal in [
        "",
        "ethan",
        "12345678901",
        "arn:aws:iam::123456789012:user/*",
        "arn:aws:iam::123456789012:user/",
        "arn:aws:iam::123456789012:user",
        "arn:aws:iam::123456789012:role//App",
        "arn:aws:iam::123456789012:root/x",
        "arn:aws:iam::123456789012:group/g",
        "arn:aws:iam:us-east-1:123456789012:user/ci",
        "arn:aws:iam::12345:user/ci",
        "arn:aws:iam::*:root",
        "arn:aws:sts::123456789012:assumed-role/App",
        "arn:aws:sts::123456789012:assumed-role/App/*",
        "arn:aws:sts::123456789012:assumed-role/a/b/c",
        "arn:aws-cn:iam::123456789012:user/ci",
    ] {
        let error = ActorPolicy::parse(with("Principal", json!({"AWS": principal}))).unwrap_err().to_string();
        assert!(error.contains(&format!("{principal:?}")), "{error}");
    }
}
