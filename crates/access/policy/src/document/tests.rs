use crate::{Document, DocumentKind};

const TEXT: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "One",
            "Effect": "Allow",
            "Principal": {
                "AWS": ["123456789012", "arn:aws:iam::123456789012:user/u", "AROAAAAAAAAAAAAAAAAAA", "*"],
                "Federated": ["arn:aws:iam::123456789012:oidc-provider/idp.example.com/a", "accounts.google.com"],
                "Service": "redshift.amazonaws.com"
            },
            "Action": ["a:B", "c:*"],
            "Resource": "arn:aws:s3:::x/${a:Res}",
            "Condition": {"StringLike": {"a:Key": "${A:var}*"}, "Null": {"b:K": "true"}}
        },
        {
            "Effect": "Deny",
            "NotPrincipal": {"Service": "s3.amazonaws.com"},
            "NotAction": "d:E",
            "NotResource": "*"
        }
    ]
}"#;

#[test]
fn a_document_tells_what_it_names() {
    let document = Document::parse(TEXT, DocumentKind::Resource).unwrap();
    assert_eq!(document.text(), TEXT);
    assert_eq!(document.len_without_whitespace(), TEXT.split_whitespace().map(str::len).sum::<usize>());
    assert_eq!(document.context_keys().into_iter().collect::<Vec<_>>(), ["a:key", "a:res", "a:var", "b:k"]);
    let aws: Vec<&str> = document.aws_principals().collect();
    assert_eq!(aws, ["arn:aws:iam::123456789012:user/u", "AROAAAAAAAAAAAAAAAAAA"]);
    let federated: Vec<&str> = document.federated_principals().collect();
    assert_eq!(federated, ["arn:aws:iam::123456789012:oidc-provider/idp.example.com/a", "accounts.google.com"]);
    assert!(document.names_service("redshift.amazonaws.com"));
    assert!(!document.names_service("s3.amazonaws.com"), "named by a deny");
}

#[test]
fn statements_are_found_by_the_service_of_the_action() {
    let document = Document::parse(TEXT, DocumentKind::Resource).unwrap();
    let labels = |service: &str| document.statements_for(service).map(|one| one.label.to_string()).collect::<Vec<_>>();
    assert_eq!(labels("a"), ["One", "2"]);
    assert_eq!(labels("c"), ["One", "2"]);
    assert_eq!(labels("d"), ["2"]);
    assert_eq!(labels(""), ["2"]);
}

#[test]
fn documents_are_compared_by_text_and_kind() {
    let read = |text: &str, kind| Document::parse(text, kind).unwrap();
    assert_eq!(read(TEXT, DocumentKind::Resource), read(TEXT, DocumentKind::Resource));
    assert_ne!(read(TEXT, DocumentKind::Resource), read(&TEXT.replace("One", "Two"), DocumentKind::Resource));
}
