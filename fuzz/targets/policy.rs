//! Policy documents, as bytes from nowhere: read, asked, written anew and asked again.
//!
//! The first byte says where the document stands, the first line which action is asked; the rest is the document.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use policy::{
    Context, Decision, Document, DocumentKind, NamedPolicy, Policies, Request, Subject, SubjectKind, evaluate,
};

const RESOURCE: &str = "arn:aws:redshift:us-east-1:123456789012:dbuser:testcluster/ethan";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((head, text)) = text.split_once('\n') else { return };
    let (kind, action) = match head.as_bytes().first() {
        Some(b'i') => (DocumentKind::Identity, &head[1..]),
        Some(b't') => (DocumentKind::Trust, &head[1..]),
        Some(b'r') => (DocumentKind::Resource, &head[1..]),
        _ => return,
    };
    let document = match Document::parse(text, kind) {
        Ok(document) => document,
        Err(error) => {
            assert!(error.to_string().len() < 4000 && !error.place.is_empty() && !error.reason.is_empty());
            return;
        }
    };
    let value: serde_json::Value = serde_json::from_str(text).expect("it was read");
    let anew = Document::parse(&value.to_string(), kind).expect("the same document");
    assert_eq!(document.context_keys(), anew.context_keys());
    let (document, anew) = (named(document), named(anew));
    for subject in subjects() {
        let decision = ask(&subject, action, &document);
        assert_eq!(decision, ask(&subject, action, &anew));
        assert!(decision.explain().len() <= 12);
        assert_eq!(decision.allowed(), decision.because(action).is_empty());
        if decision.allowed() && subject.kind != SubjectKind::Root {
            assert!(decision.statements.iter().any(|one| one.effect == policy::Effect::Allow));
        }
        assert!(!decision.allowed() || decision.statements.iter().all(|one| one.effect == policy::Effect::Allow));
    }
});

fn named(document: Document) -> NamedPolicy {
    NamedPolicy { name: "p".into(), document: Arc::new(document) }
}

fn subjects() -> [Subject; 5] {
    let text = str::to_owned;
    [
        SubjectKind::Root,
        SubjectKind::User { arn: text("arn:aws:iam::123456789012:user/ci"), id: text("AIDAAAAAAAAAAAAAAAAAA") },
        SubjectKind::Role {
            role_arn: text("arn:aws:iam::123456789012:role/app"),
            role_id: text("AROAAAAAAAAAAAAAAAAAA"),
            session_arn: text("arn:aws:sts::123456789012:assumed-role/app/s"),
            session_name: text("s"),
        },
        SubjectKind::Federated { provider: text("arn:aws:iam::123456789012:saml-provider/redshift-sso") },
        SubjectKind::Service { name: text("redshift.amazonaws.com") },
    ]
    .map(|kind| Subject { account: text("123456789012"), kind })
}

fn ask(subject: &Subject, action: &str, policy: &NamedPolicy) -> Decision {
    let mut context = Context::new();
    context.set("redshift:DbUser", "ethan");
    context.set("aws:SourceIp", "203.0.113.9");
    context.set("aws:CurrentTime", "2026-11-22T10:00:00Z");
    context.set("saml:aud", "http://localhost:7890/redshift/");
    context.set_all("aws:TagKeys", ["a", "b"]);
    let request = Request { subject, action, resource: RESOURCE, context: &context };
    let policies = match policy.document.kind() {
        DocumentKind::Identity => Policies { identity: std::slice::from_ref(policy), ..Policies::default() },
        DocumentKind::Trust => Policies { resource: Some(policy), resource_must_allow: true, ..Policies::default() },
        DocumentKind::Resource => Policies { resource: Some(policy), ..Policies::default() },
    };
    evaluate(&request, &policies)
}
