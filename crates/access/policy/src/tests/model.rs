//! Whatever policies and requests there are: the answer is the one of an evaluator that knows nothing of ours. It reads the JSON text
//! by text, word for word after IAM's documentation.

mod generated;
mod naive;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;

use super::{ACCOUNT, context, subject, wrapped};
use crate::{DocumentKind, NamedPolicy, Policies, Request, evaluate};
use generated::Question;

fn policies(name: &str, documents: &[serde_json::Value], kind: DocumentKind) -> Vec<NamedPolicy> {
    documents.iter().map(|document| super::named(name, &wrapped(document.clone()), kind)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn decisions_are_those_of_a_naive_evaluator(question in generated::question()) {
        let Question { who, action, resource, keys, identity, boundary, session, own, must_allow } = &question;
        let subject = subject(who);
        let context = context(keys);
        let identity_policies = policies("identity", identity, DocumentKind::Identity);
        let boundary_policies = policies("boundary", boundary.as_slice(), DocumentKind::Identity);
        let session_policies = session.as_ref().map(|session| policies("session", session, DocumentKind::Identity));
        let resource_policies = policies("resource", own.as_slice(), DocumentKind::Resource);
        let request = Request { subject: &subject, action, resource, context: &context };
        let policies = Policies {
            identity: &identity_policies,
            boundary: boundary_policies.first(),
            session: session_policies.as_deref(),
            resource: resource_policies.first(),
            resource_must_allow: *must_allow,
        };
        let decision = evaluate(&request, &policies);
        prop_assert_eq!(decision.allowed(), naive::allowed(&question), "{:?}\n{:?}", decision, question);
        let told = decision.explain();
        prop_assert!(told.len() <= 12 && (decision.allowed() || !told.is_empty()));
        // Written anew, the policies mean the same.
        let anew: Vec<NamedPolicy> = identity_policies.iter().map(written_anew).collect();
        prop_assert_eq!(evaluate(&request, &Policies { identity: &anew, ..policies }), decision);
    }
}

fn written_anew(policy: &NamedPolicy) -> NamedPolicy {
    let value: serde_json::Value = serde_json::from_str(policy.document.text()).unwrap();
    super::named(&policy.name, &serde_json::to_string_pretty(&value).unwrap(), policy.document.kind())
}

#[test]
fn the_generator_makes_what_is_allowed_and_what_is_denied() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut allowed, mut denied) = (0, 0);
    for _ in 0..500 {
        let question = generated::question().new_tree(&mut runner).unwrap().current();
        if naive::allowed(&question) { allowed += 1 } else { denied += 1 }
    }
    assert!(allowed > 75 && denied > 75, "{allowed} allowed, {denied} denied in {ACCOUNT}");
}
